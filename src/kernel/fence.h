/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fence: which bios must wait for which blocks.
 *
 * A *range* is held by an error worker for all blocks of its bio: errors in
 * flight for the same block join by queueing behind it and looking the block
 * up again when their turn comes.
 *
 * A *fence* keeps map() from sending bios to a block: writes while a commit
 * changes its entry (R13), everything while its slot is moved (A9). A bio
 * that meets a fence is handed to the error workers, where it waits; in a
 * fence in doubt it fails.
 */
#ifndef REMAP_FENCE_H
#define REMAP_FENCE_H

#include "target.h"

/** enum remap_fence_mode - what a fence stops */
enum remap_fence_mode {
	REMAP_FENCE_WRITES,
	REMAP_FENCE_ALL,
	REMAP_FENCE_DOUBT,	/* writes fail until the commit is settled */
};

/** struct remap_fence - on one block; lives in the request that needs it */
struct remap_fence {
	struct list_head list;
	u64 blk;
	enum remap_fence_mode mode;
};

/**
 * remap_fence_add() - from now on map() sends no bio that @mode stops to block @b
 *
 * Bios already past map() are not waited for: a write among them was in flight
 * together with the one that made us fence, so either order is theirs.
 * Context: map_lock held (the filter bit is set with it).
 */
void remap_fence_add(struct remap *r, struct remap_fence *f, struct dmr_mblk b,
		     enum remap_fence_mode mode);
void remap_fence_remove(struct remap *r, struct remap_fence *f);
void remap_fence_change(struct remap *r, struct remap_fence *f, enum remap_fence_mode mode);

u64 remap_fence_search(struct remap *r, u64 first, u64 last, bool write,
		       enum remap_fence_mode *mode);

/**
 * remap_fence_first() - first block in [@first, @last] with a fence that stops the bio
 * @mode: that of the fence found
 * Context: any. Return: block, or @last + 1.
 */
static inline u64 remap_fence_first(struct remap *r, u64 first, u64 last, bool write,
				    enum remap_fence_mode *mode)
{
	/* nearly always; what is added right now is as if it came a moment later */
	if (list_empty(&r->fences))
		return last + 1;
	return remap_fence_search(r, first, last, write, mode);
}

/** remap_fence_mark_all() - set the filter bits of all fences in a new index. Context: map_lock. */
struct remap_index;
void remap_fence_mark_all(struct remap *r, struct remap_index *idx);

/**
 * remap_range_enter() - wait until no earlier held bio covers any block of @io's, then hold them
 */
void remap_range_enter(struct remap *r, struct remap_io *io);
void remap_range_leave(struct remap *r, struct remap_io *io);

#endif
