/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slot: reads and writes of slots by the error workers, and the verdict on one.
 */
#ifndef REMAP_SLOT_H
#define REMAP_SLOT_H

#include "commit.h"
#include "index.h"

/** remap_part_states() - logical sectors covered by @p that are in state @st in @word, as a mask */
u32 remap_part_states(struct remap *r, const struct remap_part *p, u64 word, enum dmr_state st);

/** remap_part_mask() - logical sectors covered by @p, as a mask */
u32 remap_part_mask(struct remap *r, const struct remap_part *p);

/**
 * remap_slot_sect() - sector on the spare of sector @sect of main, when its block lives in @slot
 */
static inline u64 remap_slot_sect(struct dmr_slot slot, u64 sect)
{
	return dmr_slot_sect(slot) + sect % DMR_BLK_SECTS;
}

/**
 * enum remap_slot_verdict - what a failed write to the spare means
 * @REMAP_SLOT_OK: succeeded when tried again
 * @REMAP_SLOT_BAD: it fails, another slot does not
 * @REMAP_SLOT_GONE: no verdict: the spare does not answer, or the error is not about the place
 */
enum remap_slot_verdict {
	REMAP_SLOT_OK,
	REMAP_SLOT_BAD,
	REMAP_SLOT_GONE,
};

/**
 * remap_slot_judge() - a write to the spare failed with @status: evidence, then again
 * @c: the attempt, run once more by this; @io may be NULL when it carries a page
 *
 * On GONE the mode becomes fail. Context: may sleep.
 */
enum remap_slot_verdict remap_slot_judge(struct remap *r, struct remap_io *io,
					 struct remap_child *c, blk_status_t status);

/**
 * remap_slot_write() - durable write of sectors that live in the slot
 *
 * Ends the part (DONE, status); or, when the slot has a verdict against it and
 * the map may change, leaves it BAD with @p->move set: to be relocated.
 */
void remap_slot_write(struct remap *r, struct remap_io *io, struct remap_part *p,
		      const struct remap_hit *hit);

/** remap_slot_read() - read sectors that live in the slot; tried twice */
blk_status_t remap_slot_read(struct remap *r, struct remap_io *io, struct remap_part *p,
			     const struct remap_hit *hit);

/** remap_slot_retire() - an empty slot in hand is bad: never offered again. Takes map_lock. */
void remap_slot_retire(struct remap *r, struct dmr_slot s);

#endif
