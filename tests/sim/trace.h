/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace: the runs of the protocol, collected.
 */
#ifndef TRACE_H
#define TRACE_H

#include "sim.h"

/** sim_tracing - no power is cut: the runs of the protocol are collected */
extern bool sim_tracing;
void sim_trace_begin(struct sim *s);
void sim_trace_write(struct sim *s, u64 slot, const void *blk, bool failed);
void sim_trace_flush(struct sim *s, bool failed);
void sim_trace_end(bool well);
/** sim_trace_print() - and forget them */
void sim_trace_print(u32 copies);

/**
 * enum sim_when - in a commit of data, in one of notes, in a thaw, while copies that were left
 * behind move, closed and opened
 */
enum sim_when {
	SIM_WHEN_WRITE,
	SIM_WHEN_LAZY,
	SIM_WHEN_THAW,
	SIM_WHEN_MOVE,
	SIM_WHEN_OPEN,
	SIM_WHENS,
};

/** sim_trace_copy_fails() - copy @c, if there is one, takes no write, flush @k fails; 0: none */
void sim_trace_copy_fails(struct sim *s, u32 c, u32 k, enum sim_when when);

#endif
