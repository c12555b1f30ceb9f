/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grow: a larger index, built beside the one in use.
 *
 * The index has room for more table blocks than the mark has reached: a fifth
 * more, and three chunks. When less than two chunks are left, or too many of its
 * cells are stale, a work item that nobody waits for takes the memory and enters
 * what the table says, one table block at a time under map_lock; what is
 * published meanwhile is entered in both. The commit worker then switches. So
 * neither a raise nor a commit costs more the more remaps there are, and memory
 * grows by a fifth, not by the next power of two.
 *
 * Only the commit worker switches, so that it may use the table's arrays without
 * map_lock between two steps of its own. If the mark gets to the end before the
 * new index is ready it finishes the building itself.
 *
 * Rejected: to build under map_lock when the mark is raised (60 ms for a million
 * entries, and as often as the mark is raised by a chunk: every 4,032 remaps);
 * growing in place (a reader would miss what is being moved, A16).
 */
#ifndef REMAP_GROW_H
#define REMAP_GROW_H

#include "target.h"

/**
 * remap_grow_first() - the first index, and empty pages for all blocks below @blks
 * Context: load; may sleep. Return: 0 or -ENOMEM.
 */
int remap_grow_first(struct remap *r, u32 blks);

/**
 * remap_grow_ahead() - switch when a larger index is ready; have one built when it is time
 * Context: commit worker.
 */
void remap_grow_ahead(struct remap *r);

/**
 * remap_grow_now() - have room for @blks table blocks, waiting for nobody
 * Context: commit worker; may sleep; O(remaps), for when building ahead came too late.
 * Return: 0 or -ENOMEM.
 */
int remap_grow_now(struct remap *r, u32 blks);

/**
 * remap_grow_pages() - pages, empty, for the table blocks from @from to @to that have none
 * Context: commit worker, load; may sleep. Return: 0 or -ENOMEM: those that were had are kept.
 */
int remap_grow_pages(struct remap *r, u32 from, u32 to);

/** remap_grow_enter() - make an entry findable that was published. Context: map_lock. */
void remap_grow_enter(struct remap *r, struct dmr_mblk b, struct dmr_slot slot);

/** remap_grow_forget() - stop building, throw away what there is. Context: no I/O; may sleep. */
void remap_grow_forget(struct remap *r);

void remap_grow_work(struct work_struct *work);

#endif
