// SPDX-License-Identifier: GPL-2.0-only
/*
 * Job: by the messages of src/kernel/job.h. A job answers with its number; what
 * becomes of it stands in the answer to the message jobs.
 */
#include <errno.h>
#include <unistd.h>

#include "job.h"
#include "live.h"
#include "say.h"

#define STEP_MS	250

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

bool job_is(const struct job *j, int state)
{
	return !strcmp(j->state, dmr_status_job_name((enum dmr_job_state)state));
}

static bool over(const struct job *j)
{
	return !job_is(j, DMR_JOB_QUEUED) && !job_is(j, DMR_JOB_RUNNING);
}

static void show_progress(const struct job_watch *w, const struct job *j, bool last)
{
	const u64 done = w->before + j->done;
	const u64 total = w->total ? w->total : j->total;

	if (!w->show || !isatty(STDOUT_FILENO))
		return;
	printf("\r%ju of %ju blocks (%ju %%)%s", done, total, total ? done * 100 / total : 100,
	       last && done == total ? "\n" : "");
	fflush(stdout);
}

int job_start(const char *name, const char *text, u32 *id, bool *full)
{
	char *answer;
	int code = 0, err = dm_try_ask(name, text, &answer);
	u64 nr;

	if (full)
		*full = err == -EBUSY;
	if (full && *full)
		return 0;
	/* once more, for what it says */
	if (err)
		code = dm_ask(name, text, &answer);
	if (code)
		return code;
	answer[strcspn(answer, "\n")] = '\0';
	if (dmr_plat_parse_u64(answer, &nr)) {
		say_err("%s: the module's answer \"%s\" is not understood; module and tool are of different versions, update the older one",
			name, answer);
		code = EXIT_DEVICE;
	}
	*id = (u32)nr;
	free(answer);
	return code;
}

/* Often at first: most jobs are short. The next one is taken to be like the last. */
int job_watch(struct job_watch *w, u32 id, struct job *j)
{
	u32 ms = w->ms / 2 ? w->ms / 2 : 1;

	for (;; ms = 2 * ms < STEP_MS ? 2 * ms : STEP_MS) {
		int code = find_job(w->name, id, j);

		if (code)
			return code;
		show_progress(w, j, over(j));
		w->ms = ms;
		if (over(j))
			return 0;
		usleep(ms * 1000);
	}
}

int job_run(const char *name, const char *text, struct job *j)
{
	struct job_watch w = { .name = name, .show = true };
	u32 id;
	int code = job_start(name, text, &id, NULL);

	return code ? code : job_watch(&w, id, j);
}
