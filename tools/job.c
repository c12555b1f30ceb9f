// SPDX-License-Identifier: GPL-2.0-only
/*
 * Job: by the messages of src/kernel/job.h. A job answers with its number; what
 * becomes of it stands in the answer to the message jobs.
 */
#include <unistd.h>

#include "job.h"
#include "live.h"
#include "say.h"

#define STEP_MS	100

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

static void show_progress(const struct job *j, bool last)
{
	if (!isatty(STDOUT_FILENO))
		return;
	printf("\r%ju of %ju blocks (%ju %%)%s", j->done, j->total,
	       j->total ? j->done * 100 / j->total : 100, last ? "\n" : "");
	fflush(stdout);
}

/* Often at first: most jobs are short. */
static int watch(const char *name, u32 id, bool show, struct job *j)
{
	u32 ms;

	for (ms = 1;; ms = 2 * ms < STEP_MS ? 2 * ms : STEP_MS) {
		int code = find_job(name, id, j);

		if (code)
			return code;
		if (show)
			show_progress(j, over(j));
		if (over(j))
			return 0;
		usleep(ms * 1000);
	}
}

int job_run(const char *name, const char *text, bool show, struct job *j)
{
	char *answer;
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
	return code ? code : watch(name, (u32)id, show, j);
}
