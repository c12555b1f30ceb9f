// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps: what the module sent to the spare's metadata, in the words of the
 * simulation (tests/sim/steps.h). It has to be a chain of runs of the protocol
 * that the simulation has made, too. And a round is flushed before anything else
 * is written: no write of metadata and no flush are under way together.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "../sim/steps.h"
#include "replay.h"

#define RUNS_MAX	16384u
#define LINE_MAX_LEN	4096

/* Words with a space before each, of the runs and of the record. */
static char *runs[RUNS_MAX];
static uint32_t nr_runs;
static char *words;
static size_t len;

static void read_runs(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[LINE_MAX_LEN];

	if (!f)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		char *text;

		line[strcspn(line, "\n")] = 0;
		if (strtoul(line, &text, 10) != meta_copies())
			continue;
		if (nr_runs == RUNS_MAX)
			errx(1, "%s: too many runs", path);
		runs[nr_runs] = strdup(text);
		if (!runs[nr_runs++])
			errx(1, "out of memory");
	}
	fclose(f);
	if (!nr_runs)
		errx(1, "%s: no run with %u copies", path, meta_copies());
}

/* The words of the record. False: two things at once. */
static bool write_words(struct steps *st)
{
	uint32_t in_flight = 0, flushes = 0, i;

	for (i = 0; i < trace.nr_events; i++) {
		const struct event *e = &trace.event[i];
		const struct io *io = &trace.io[e->io];
		char word[STEPS_WORD];
		bool is_word = true;

		if (io->dev != DEV_SPARE || (io->op != 'F' &&
					     (io->op != 'W' || !meta_is(io))))
			continue;
		if (e->end) {
			*(io->op == 'F' ? &flushes : &in_flight) -= 1;
			continue;
		}
		*(io->op == 'F' ? &flushes : &in_flight) += 1;
		if (flushes && in_flight) {
			printf("a flush of the spare and a write of metadata at once:\n");
			trace_print(i);
			return false;
		}
		if (io->op == 'F')
			steps_flush(st, !io->ok, word);
		else
			is_word = meta_word(st, io, word);
		if (is_word)
			len += (size_t)sprintf(words + len, " %s", word);
	}
	return true;
}

/* How far a chain of runs reaches; all of it: @len. */
static size_t reach(void)
{
	bool *ends = calloc(len + 1, sizeof(*ends));
	size_t at, far = 0;
	uint32_t i;

	if (!ends)
		errx(1, "out of memory");
	ends[0] = true;
	for (at = 0; at < len; at++) {
		for (i = 0; ends[at] && i < nr_runs; i++) {
			const size_t n = strlen(runs[i]);

			if (strncmp(words + at, runs[i], n))
				continue;
			if (words[at + n] && words[at + n] != ' ')
				continue;
			ends[at + n] = true;
			far = at + n > far ? at + n : far;
		}
	}
	free(ends);
	return far;
}

bool steps_known(const char *path)
{
	struct steps st = {};
	size_t far;

	read_runs(path);
	words = calloc(trace.nr_io + 1, STEPS_WORD + 1);
	if (!words)
		errx(1, "out of memory");
	meta_newest(&st);
	if (!write_words(&st))
		return false;
	far = reach();
	if (far != len)
		printf("a run that the simulation does not know: after\n  ...%.*s\ncame\n %.200s\n",
		       (int)(far < 120 ? far : 120), words + (far < 120 ? 0 : far - 120),
		       words + far);
	free(words);
	return far == len;
}
