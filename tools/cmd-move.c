// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands remap, unmap and verify: jobs of the module (src/kernel/job.h).
 * They are asked for, then watched.
 */
#include "cmd.h"
#include "job.h"
#include "live.h"
#include "say.h"

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

static int outcome(const char *name, const struct job *j)
{
	say_info("%s: %s %s: %ju of %ju blocks, %ju of them could not be done.", name, j->verb,
		 j->state, j->done, j->total, j->failed);
	if (job_is(j, DMR_JOB_DONE))
		return 0;
	if (job_is(j, DMR_JOB_CANCELLED))
		say_err("%s: somebody cancelled it; what was done stays done", name);
	else
		say_err("%s: not all could be done; dmremap status %s and dmesg may say why", name,
			name);
	return EXIT_DEVICE;
}

static int run(const char *name, const char *text)
{
	struct job j;
	int code = job_run(name, text, &j);

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
