/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pending: sectors that cannot be read on main, as hints in the table.
 *
 * A hint is published in memory at once and written lazily; losing one costs
 * nothing but a retry. The caller holds the range of the block.
 */
#ifndef REMAP_PENDING_H
#define REMAP_PENDING_H

#include "commit.h"
#include "index.h"

/** remap_find() - entry of block @b. Context: any but map_lock's writers in between. */
bool remap_find(struct remap *r, struct dmr_mblk b, struct remap_hit *hit);

/** remap_pending_note() - sectors @mask (by logical sector) of block @b are unreadable on main */
void remap_pending_note(struct remap *r, struct dmr_mblk b, u32 mask);

/**
 * remap_pending_clear() - logical sectors @first..@first+@n of @b are readable or rewritten on main
 */
void remap_pending_clear(struct remap *r, struct dmr_mblk b, u32 first, u32 n);

/**
 * remap_pending_may_try() - may logical sectors @mask be tried on main now?
 *
 * Each at most once a second. @slot: that of the block's entry.
 */
bool remap_pending_may_try(struct remap *r, struct dmr_slot slot, u32 mask);

/**
 * remap_pending_slot() - a free slot, or that of a hint when none is left (B14)
 * Context: map_lock. Return: a slot in hand whose word is free, or DMR_SLOT_NONE.
 */
struct dmr_slot remap_pending_slot(struct remap *r);

#endif
