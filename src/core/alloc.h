/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Alloc: choosing a slot. Next fit from a cursor within its table block, then
 * on to a block with a free slot, so that consecutive failures get consecutive
 * slots. Only slots below the high-water mark are offered, which keeps the used
 * part of the table dense.
 *
 * Context: the one writer of the table.
 */
#ifndef DMR_ALLOC_H
#define DMR_ALLOC_H

#include "table.h"

/**
 * dmr_alloc_take() - choose a free slot and take it
 *
 * Return: the slot, its taken bit set; DMR_SLOT_NONE when none is free below the mark.
 */
struct dmr_slot dmr_alloc_take(struct dmr_table *t);

/**
 * dmr_alloc_hint() - a pending entry whose slot may be reused because slots ran out (B14)
 *
 * The first found is as good as any, a hint is only a hint; each call looks on
 * from where the last one stopped, so that one that cannot be had now does not
 * come up again at once.
 *
 * Return: a slot with an entry of kind pending; DMR_SLOT_NONE when there is none.
 */
struct dmr_slot dmr_alloc_hint(struct dmr_table *t);

/**
 * dmr_alloc_release() - give back a slot in hand (R11)
 *
 * Its word is free and nothing is in flight to it. Does nothing for a slot whose
 * word is not free, or that was not taken.
 */
void dmr_alloc_release(struct dmr_table *t, struct dmr_slot s);

/**
 * dmr_alloc_run_free() - are these @len slots free, and in nobody's hand?
 *
 * Above the mark every slot that is not metadata is.
 */
bool dmr_alloc_run_free(const struct dmr_table *t, struct dmr_slot at, u64 len);

/** dmr_alloc_take_run() - take those of these slots that lie below the mark; again after a raise */
void dmr_alloc_take_run(struct dmr_table *t, struct dmr_slot at, u64 len);

/** dmr_alloc_release_run() - as dmr_alloc_release(), for each of these slots */
void dmr_alloc_release_run(struct dmr_table *t, struct dmr_slot at, u64 len);

/** dmr_alloc_taken() - is the taken bit set? Always for metadata, used, pending and bad slots. */
bool dmr_alloc_taken(const struct dmr_table *t, struct dmr_slot s);

/** dmr_alloc_left_below_mark() - slots that dmr_alloc_take() could still give */
u64 dmr_alloc_left_below_mark(const struct dmr_table *t);

/**
 * dmr_alloc_want_raise() - time to raise the mark ahead of need?
 *
 * True when the mark is below the table's end and fewer than half a chunk
 * (DMR_HWM_CHUNK_BLK * DMR_ENTRIES_PER_BLK / 2) free slots are left below it.
 */
bool dmr_alloc_want_raise(const struct dmr_table *t);

#endif
