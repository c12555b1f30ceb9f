// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands remap, unmap and verify: jobs of the module (src/kernel/job.h).
 * They are asked for, then watched: interrupting the command does not stop them.
 */
#include <unistd.h>

#include "cmd.h"
#include "live.h"
#include "say.h"

#define MOVE_STEP_MS	100

/** struct job - a line of the message jobs */
struct job {
	char verb[16];
	char state[16];
	uintmax_t done;
	uintmax_t total;
	uintmax_t failed;
};

/* ---- which blocks ---- */

/** struct blocks - what was asked for, widened */
struct blocks {
	u64 first;
	u64 count;
};

static int bad_number(const char *word, const char *what)
{
	say_err("\"%s\" is no %s: a number in decimal digits", word, what);
	return EXIT_ARGS;
}

/* Sectors (or bytes) of main to the blocks of 4 KiB that they touch. */
static int parse_blocks(const struct cmd_opts *o, int argc, char **argv, u64 main_sect,
			struct blocks *b)
{
	const u64 unit = o->bytes ? DMR_BLK_BYTES : DMR_BLK_SECTS;
	const u64 end = o->bytes ? main_sect * DMR_SECT_BYTES : main_sect;
	u64 first, count = 1;

	if (dmr_plat_parse_u64(argv[1], &first))
		return bad_number(argv[1], o->bytes ? "byte" : "sector");
	if (argc > 2 && (dmr_plat_parse_u64(argv[2], &count) || !count))
		return bad_number(argv[2], "count from 1 on");
	if (first >= end || count > end - first) {
		say_err("%s ends at %s %ju: nothing is done", argv[0], o->bytes ? "byte" : "sector",
			(uintmax_t)end);
		return EXIT_ARGS;
	}
	b->first = first / unit;
	b->count = (first + count - 1) / unit - b->first + 1;
	return 0;
}

/* ---- the job ---- */

static int find_job(const char *name, u32 id, struct job *j)
{
	char *answer, *line, *save = NULL;
	int code = dm_ask(name, "jobs", &answer);
	bool found = false;
	u32 seen;

	if (code)
		return code;
	for (line = strtok_r(answer, "\n", &save); line && !found;
	     line = strtok_r(NULL, "\n", &save))
		found = sscanf(line, "%u %15s %15s %ju %ju %ju", &seen, j->verb, j->state,
			       &j->done, &j->total, &j->failed) == 6 && seen == id;
	free(answer);
	if (found)
		return 0;
	say_err("%s: its job %u is not known any more", name, id);
	return EXIT_DEVICE;
}

static bool over(const struct job *j)
{
	return strcmp(j->state, dmr_status_job_name(DMR_JOB_QUEUED)) &&
	       strcmp(j->state, dmr_status_job_name(DMR_JOB_RUNNING));
}

static void show(const struct job *j, bool last)
{
	if (!isatty(STDOUT_FILENO))
		return;
	printf("\r%ju of %ju blocks (%ju %%)%s", j->done, j->total,
	       j->total ? j->done * 100 / j->total : 100, last ? "\n" : "");
	fflush(stdout);
}

static int watch(const char *name, u32 id, struct job *j)
{
	for (;;) {
		int code = find_job(name, id, j);

		if (code)
			return code;
		show(j, over(j));
		if (over(j))
			return 0;
		usleep(MOVE_STEP_MS * 1000);
	}
}

static int outcome(const char *name, const struct job *j)
{
	say_info("%s: %s %s: %ju of %ju blocks, %ju of them could not be done.", name, j->verb,
		 j->state, j->done, j->total, j->failed);
	if (!strcmp(j->state, dmr_status_job_name(DMR_JOB_DONE)))
		return 0;
	if (!strcmp(j->state, dmr_status_job_name(DMR_JOB_CANCELLED)))
		say_err("%s: somebody cancelled it; what was done stays done", name);
	else
		say_err("%s: not all could be done; dmremap status %s and dmesg may say why", name,
			name);
	return EXIT_DEVICE;
}

static int run(const char *name, const char *text)
{
	char *answer;
	struct job j;
	int code = dm_ask(name, text, &answer);
	u64 id;

	if (code)
		return code;
	answer[strcspn(answer, "\n")] = '\0';
	if (dmr_plat_parse_u64(answer, &id)) {
		say_err("%s: the module's answer \"%s\" is not understood; module and tool are of different versions, update the older one",
			name, answer);
		code = EXIT_DEVICE;
	}
	free(answer);
	if (!code)
		code = watch(name, (u32)id, &j);
	return code ? code : outcome(name, &j);
}

/* ---- the commands ---- */

static int move(const struct cmd_opts *o, int argc, char **argv, const char *verb)
{
	const char *name = live_name(argv[0]);
	struct blocks b;
	struct live l;
	char text[64];
	int code = live_get(name, &l);

	if (!code)
		code = parse_blocks(o, argc, argv, l.sect, &b);
	if (code)
		return code;
	say_info("%s: blocks %ju to %ju: sectors %ju to %ju", verb, (uintmax_t)b.first,
		 (uintmax_t)(b.first + b.count - 1), (uintmax_t)(b.first * DMR_BLK_SECTS),
		 (uintmax_t)((b.first + b.count) * DMR_BLK_SECTS - 1));
	snprintf(text, sizeof(text), "%s %ju %ju", verb, (uintmax_t)b.first, (uintmax_t)b.count);
	return run(name, text);
}

int cmd_remap(const struct cmd_opts *o, int argc, char **argv)
{
	return move(o, argc, argv, "remap");
}

int cmd_unmap(const struct cmd_opts *o, int argc, char **argv)
{
	return move(o, argc, argv, "unmap");
}

int cmd_verify(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name = live_name(argv[0]);
	struct live l;
	int code = live_get(name, &l);

	(void)o;
	(void)argc;
	return code ? code : run(name, "verify");
}
