// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace: the different runs of the protocol that ended well, as steps.h writes
 * them, a line each with the number of copies before it. The replay of the real
 * module fails on a run that is not among them.
 */
#include <stdlib.h>

#include "trace.h"

#define RUN_MAX		2048u

bool sim_tracing;

static struct {
	char text[RUN_MAX];
	u32 len;
	bool on;
} run;

static struct {
	char **text;
	u32 nr;
	u32 room;
} runs;

void sim_trace_begin(struct sim *s)
{
	run.on = sim_tracing;
	s->steps.op = 0;
	run.len = 0;
	run.text[0] = 0;
}

static void word(const char *w)
{
	const int n = snprintf(run.text + run.len, RUN_MAX - run.len, " %s", w);

	if (n < 0 || (u32)n >= RUN_MAX - run.len)
		abort();
	run.len += (u32)n;
}

void sim_trace_write(struct sim *s, u64 slot, const void *blk, bool failed)
{
	char w[STEPS_WORD];

	if (sim_tracing && steps_write(&s->steps, &sim_format_sb, slot, blk, failed, w) && run.on)
		word(w);
}

void sim_trace_flush(struct sim *s, bool failed)
{
	char w[STEPS_WORD];

	if (!run.on)
		return;
	steps_flush(&s->steps, failed, w);
	word(w);
}

void sim_trace_end(bool well)
{
	u32 i;

	if (!run.on || !well || !run.len) {
		run.on = false;
		return;
	}
	run.on = false;
	snprintf(run.text + run.len, RUN_MAX - run.len, "\n");
	for (i = 0; i < runs.nr; i++)
		if (!strcmp(runs.text[i], run.text))
			return;
	if (runs.nr == runs.room) {
		runs.room = runs.room ? 2 * runs.room : 64;
		runs.text = realloc(runs.text, runs.room * sizeof(*runs.text));
		if (!runs.text)
			abort();
	}
	runs.text[runs.nr] = strdup(run.text);
	if (!runs.text[runs.nr++])
		abort();
}

void sim_trace_print(u32 copies)
{
	u32 i;

	for (i = 0; i < runs.nr; i++) {
		printf("%u%s", copies, runs.text[i]);
		free(runs.text[i]);
	}
	runs.nr = 0;
}

/* ---- runs with a copy or a flush that fails ---- */

static void copy_fails(struct sim *s, u32 c)
{
	const struct sim_fault f = {
		.first = s->v.sb.copy_slot[c].v,
		.n = dmr_layout_copy_len(&sim_format_sb),
		.write = true,
		.keep = SIM_KEEP_OLD,
	};

	sim_fault_add(s, f);
}

void sim_trace_copy_fails(struct sim *s, u32 c, u32 k, enum sim_when when)
{
	if (when == SIM_WHEN_LAZY)
		sim_read_error(s, 1, c);
	if (c < sim_format_sb.copies)
		copy_fails(s, c);
	s->d.flush_fail_in = k;
	switch (when) {
	case SIM_WHEN_WRITE:
		sim_write(s, 0, 2 + c, 1, false);
		break;
	case SIM_WHEN_LAZY:
		if (s->v.mode == DMR_MODE_RW)
			sim_commit_lazies(s);
		break;
	case SIM_WHEN_THAW:
		sim_thaw(s);
		break;
	case SIM_WHEN_MOVE:
		sim_rebuild(s);
		break;
	default:
		sim_close(s);
		sim_load(s, true);
	}
	sim_fault_heal(s);
}
