/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Job: long work that a message asks for, in the background.
 *
 * A message holds off a suspend, so it queues and answers with a number (B11).
 * One job runs at a time, a step after another; between steps it may be
 * cancelled, and it stops for a suspend and goes on after it. The last
 * REMAP_JOBS are remembered until the device goes, and so is no more than that
 * of what was asked for: REMAP_JOBS times DMR_RANGES_MAX ranges.
 *
 *   carry.c    remap: readable blocks of main, to slots; unmap: back
 *   verify.c   compare the copies of the metadata, rewrite what differs
 */
#ifndef REMAP_JOB_H
#define REMAP_JOB_H

#include "target.h"

/**
 * remap_job_add() - queue one
 * @range: @ranges of them, not empty, ascending; two or more: from kvmalloc(), not the caller's
 *	   any more
 * @total: blocks in them
 *
 * Takes map_lock. Return: its number; -EBUSY when too many wait.
 */
int remap_job_add(struct remap *r, enum dmr_job_verb verb, struct dmr_range *range, u32 ranges,
		  u64 total);

/** remap_job_cancel() - Return: 0; -ENOENT when none of that number waits or runs */
int remap_job_cancel(struct remap *r, u32 id);

/** remap_job_list() - a line each, the newest last. Takes map_lock. */
void remap_job_list(struct remap *r, char *buf, unsigned int size);

/** remap_job_status() - the fields of the status line. Context: map_lock. */
void remap_job_status(struct remap *r, struct dmr_status *s);

void remap_job_work(struct work_struct *work);

/** remap_job_stop() - wait for the step that runs, then rest. Context: presuspend. */
void remap_job_stop(struct remap *r);

/** remap_job_go() - go on with what waits. Context: resume. */
void remap_job_go(struct remap *r);

/** remap_job_forget() - free what they hold. Context: the device goes away. */
void remap_job_forget(struct remap *r);

/**
 * remap_carry_blocks() - a step of @j: blocks from where it is on, to slots or back to main
 * @n: how many were looked at: what one commit takes, fewer when it took long, memory is short,
 *     or somebody waits for the job to stop
 * @failed: incremented for each that stayed where it was
 *
 * Quiesces these blocks alone: I/O to them waits, all other goes on.
 * Context: the job worker. Return: 0; -errno when no block at all can be moved now.
 */
int remap_carry_blocks(struct remap *r, struct remap_job *j, u64 *n, u64 *failed);

/**
 * remap_verify_blocks() - compare the copies of @n table blocks from @first on
 *
 * @last: after these, superblocks and auxiliary blocks, too
 *
 * What differs is rewritten. Context: the job worker; the work itself is the
 * commit worker's.
 */
int remap_verify_blocks(struct remap *r, u64 first, u32 n, bool last, u64 *failed);

/** remap_verify_run() - do what remap_verify_blocks() asked for. Context: the commit worker. */
void remap_verify_run(struct remap *r);

#endif
