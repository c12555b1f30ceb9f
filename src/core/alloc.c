// SPDX-License-Identifier: GPL-2.0-only
/*
 * Alloc: choosing a slot: the next one in the cursor's block, else the first
 * one of a block that has any.
 *
 * Decisions: the taken bits are the only truth about what may be given away;
 * words say nothing (a pinned slot's word is still free). A released slot does
 * not pull the cursor back, so neighbours in time stay neighbours in place, and
 * a slot that just made trouble is not the next to be tried. Blocks come in the
 * order in which they were loaded or got a slot back.
 *
 * Invariant: only slots below the mark are given, each to one taker at a time.
 */
#include "alloc.h"

/* A block that has a free slot, below the mark; the mark if there is none. */
static u32 blk_with_room(const struct dmr_table *t)
{
	const u32 end = t->sb->hwm_blk;
	u32 blk = 0;

	if (dmr_room_in_use(&t->room)) {
		blk = dmr_room_first(&t->room);
		return blk < end ? blk : end;
	}
	while (blk < end && dmr_table_page_full(t->page[blk]))
		blk++;
	return blk;
}

/* The first slot on offer from @from on; DMR_ENTRIES_PER_BLK if none. */
static u32 page_next(const struct dmr_table_page *p, u32 from)
{
	u32 i = from / 64;
	u64 clear = ~(p->taken[i] | DMR_TAKEN_SPARE(i)) & (~0ull << (from % 64));

	if (!clear) {
		/* words behind this one that have a clear bit */
		const u64 words = ~(p->taken[7] >> DMR_TAKEN_FULL_SHIFT) & (0xfeull << i) & 0xff;

		if (!words)
			return DMR_ENTRIES_PER_BLK;
		i = dmr_plat_ctz64(words);
		clear = ~(p->taken[i] | DMR_TAKEN_SPARE(i));
	}
	return i * 64 + dmr_plat_ctz64(clear);
}

struct dmr_slot dmr_alloc_take(struct dmr_table *t)
{
	const u32 end = t->sb->hwm_blk;
	u32 blk = (u32)(t->cursor / DMR_ENTRIES_PER_BLK);
	u32 i = DMR_ENTRIES_PER_BLK;

	if (!t->left)
		return DMR_SLOT_NONE;
	if (blk < end && !dmr_table_page_full(t->page[blk]))
		i = page_next(t->page[blk],
			      (u32)(t->cursor - (u64)blk * DMR_ENTRIES_PER_BLK));
	if (i == DMR_ENTRIES_PER_BLK) {
		blk = blk_with_room(t);
		if (blk == end)
			return DMR_SLOT_NONE;
		i = page_next(t->page[blk], 0);
	}
	dmr_table_take(t, blk, i);
	t->cursor = (u64)blk * DMR_ENTRIES_PER_BLK + i + 1;
	return dmr_slot(t->cursor - 1);
}

struct dmr_slot dmr_alloc_hint(struct dmr_table *t)
{
	const u64 end = (u64)t->sb->hwm_blk * DMR_ENTRIES_PER_BLK;
	u64 n;

	if (!t->sums.pending)
		return DMR_SLOT_NONE;
	for (n = 0; n < end; n++) {
		struct dmr_slot s;

		if (t->hint >= end)
			t->hint = 0;
		s = dmr_slot(t->hint++);
		if (!dmr_table_below_mark(t, s)) {
			/* implied: on to the next block, and the same way in one step */
			t->hint += DMR_ENTRIES_PER_BLK - 1 - s.v % DMR_ENTRIES_PER_BLK;
			n += DMR_ENTRIES_PER_BLK - 1 - s.v % DMR_ENTRIES_PER_BLK;
			continue;
		}
		if (dmr_entry_kind(dmr_table_get(t, s)) == DMR_KIND_PENDING)
			return s;
	}
	return DMR_SLOT_NONE;
}

void dmr_alloc_release(struct dmr_table *t, struct dmr_slot s)
{
	const u32 i = (u32)(s.v % DMR_ENTRIES_PER_BLK);
	const struct dmr_table_page *p;

	if (!dmr_table_below_mark(t, s))
		return;
	p = t->page[dmr_table_blk_of(s)];
	if (p->word[i] || !(p->taken[i / 64] >> (i % 64) & 1))
		return;
	dmr_table_give(t, s);
}

bool dmr_alloc_taken(const struct dmr_table *t, struct dmr_slot s)
{
	const u32 i = (u32)(s.v % DMR_ENTRIES_PER_BLK);

	if (s.v >= t->sb->slots)
		return true;
	if (!dmr_table_below_mark(t, s))
		return dmr_layout_is_meta(t->sb, s);
	return t->page[dmr_table_blk_of(s)]->taken[i / 64] >> (i % 64) & 1;
}

bool dmr_alloc_run_free(const struct dmr_table *t, struct dmr_slot at, u64 len)
{
	u64 s;

	for (s = at.v; s < at.v + len; s++)
		if (dmr_table_get(t, dmr_slot(s)) || dmr_alloc_taken(t, dmr_slot(s)))
			return false;
	return true;
}

void dmr_alloc_take_run(struct dmr_table *t, struct dmr_slot at, u64 len)
{
	u64 s;

	for (s = at.v; s < at.v + len; s++)
		if (dmr_table_below_mark(t, dmr_slot(s)))
			dmr_table_take(t, dmr_table_blk_of(dmr_slot(s)),
				       (u32)(s % DMR_ENTRIES_PER_BLK));
}

void dmr_alloc_release_run(struct dmr_table *t, struct dmr_slot at, u64 len)
{
	u64 s;

	for (s = at.v; s < at.v + len; s++)
		dmr_alloc_release(t, dmr_slot(s));
}

u64 dmr_alloc_left_below_mark(const struct dmr_table *t)
{
	return t->left;
}

bool dmr_alloc_want_raise(const struct dmr_table *t)
{
	return t->sb->hwm_blk < t->sb->table_blk &&
	       t->left < DMR_HWM_CHUNK_BLK * DMR_ENTRIES_PER_BLK / 2;
}
