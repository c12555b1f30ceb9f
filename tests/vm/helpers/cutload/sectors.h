/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each sector may hold, and the reading that looks.
 *
 * A sector has one writer at a time and is written with increasing sequence
 * numbers. What must survive a cut is, per sector, the newest write that was
 *   - acknowledged by RWF_DSYNC, or
 *   - acknowledged before a flush began that succeeded, or
 *   - acknowledged, and remapped: main's block was bad all the time, or the
 *     sector was in a slot already;
 * it may hold anything newer that was submitted. What was read after a cut
 * stays: of the writes before that cut, none may turn up later.
 */
#ifndef CUTLOAD_SECTORS_H
#define CUTLOAD_SECTORS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "cutload.h"

/* Its writer alone writes to it, but for durable. */
struct sector {
	uint32_t base;		/* what was read after the last cut */
	uint32_t since;		/* the last write before that cut */
	uint32_t sent;
	_Atomic uint32_t acked;
	_Atomic uint32_t durable;
	bool slot;		/* known to live in a slot */
};

extern struct sector *sectors;

/* lost: too old; wrong: no such write, an error; stale: the same, while it was up. */
extern unsigned int sectors_lost, sectors_wrong;
extern _Atomic unsigned int sectors_stale;

void sectors_setup(void);

/* After a cut: read [first, end), count what is not as it must be, and begin anew from there. */
void sectors_verify(uint64_t first, uint64_t end);

/* While it is up: sector @s was read by its writer, and @p is what came. */
void sectors_seen(uint64_t s, const struct pattern *p);

#endif
