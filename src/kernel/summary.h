/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Summary: the worst regions of main, kept in the auxiliary blocks (doc/health.md).
 *
 * r->aux is what they say, or are to say; under map_lock.
 */
#ifndef REMAP_SUMMARY_H
#define REMAP_SUMMARY_H

#include "target.h"

/** remap_summary_seen() - one was found at load: the newest counts. Context: load. */
void remap_summary_seen(struct remap *r, const struct dmr_aux *seen);

/** remap_summary_restore() - into the empty map. Context: load. */
void remap_summary_restore(struct remap *r);

/**
 * remap_summary_encode() - the auxiliary block of copy @copy, for slot @at
 * Context: map_lock.
 */
void remap_summary_encode(struct remap *r, void *blk, const struct dmr_gen *gen, u32 copy,
			  struct dmr_slot at);

/**
 * remap_summary_write() - if something has happened since, to all copies in sync; not durable
 *
 * Leaves off when a commit is wanted, and goes on next time. Context: as remap_exec_run().
 */
void remap_summary_write(struct remap *r);

/** remap_summary_work() - now and then, in the commit worker's turn */
void remap_summary_work(struct work_struct *work);

/** remap_summary_arm() - some time from now */
void remap_summary_arm(struct remap *r);

#endif
