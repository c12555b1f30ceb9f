// SPDX-License-Identifier: GPL-2.0-only
/*
 * Alloc: choosing a slot, next fit from a cursor.
 *
 * Decisions: the taken bits are the only truth about what may be given away;
 * words say nothing (a pinned slot's word is still free). A released slot does
 * not pull the cursor back, so a slot that just made trouble is the last to be
 * tried again.
 *
 * Invariant: only slots below the mark are given, each to one taker at a time.
 */
#include "alloc.h"

/* First clear bit of the page from @from on; DMR_ENTRIES_PER_BLK if none. */
static u32 page_next(const struct dmr_table_page *p, u32 from)
{
	u32 i = from / 64;
	u64 clear = ~p->taken[i] & (~0ull << (from % 64));

	while (!clear) {
		if (++i == ARRAY_SIZE(p->taken))
			return DMR_ENTRIES_PER_BLK;
		clear = ~p->taken[i];
	}
	return i * 64 + dmr_plat_ctz64(clear);
}

/* First block from @blk on that has a free slot, below the mark; the mark if none. */
static u32 next_blk(const struct dmr_table *t, u32 blk)
{
	const u32 end = t->sb->hwm_blk;

	if (dmr_room_in_use(&t->room)) {
		blk = dmr_room_next(&t->room, blk);
		return blk < end ? blk : end;
	}
	while (blk < end && page_next(t->page[blk], 0) == DMR_ENTRIES_PER_BLK)
		blk++;
	return blk;
}

/* First free slot from @from on, below the mark. */
static struct dmr_slot find_from(const struct dmr_table *t, u64 from)
{
	u32 blk = (u32)(from / DMR_ENTRIES_PER_BLK);
	u32 i = DMR_ENTRIES_PER_BLK;

	if (blk < t->sb->hwm_blk)
		i = page_next(t->page[blk], (u32)(from % DMR_ENTRIES_PER_BLK));
	if (i == DMR_ENTRIES_PER_BLK) {
		blk = next_blk(t, blk + 1);
		if (blk >= t->sb->hwm_blk)
			return DMR_SLOT_NONE;
		i = page_next(t->page[blk], 0);
	}
	return dmr_slot((u64)blk * DMR_ENTRIES_PER_BLK + i);
}

struct dmr_slot dmr_alloc_take(struct dmr_table *t)
{
	struct dmr_slot s = DMR_SLOT_NONE;

	if (!t->left)
		return s;
	s = find_from(t, t->cursor);
	if (dmr_slot_is_none(s))
		s = find_from(t, 0);
	if (dmr_slot_is_none(s))
		return s;
	dmr_table_take(t, s);
	t->cursor = s.v + 1;
	return s;
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
		if (dmr_entry_kind(dmr_table_get(t, s)) == DMR_KIND_PENDING)
			return s;
	}
	return DMR_SLOT_NONE;
}

void dmr_alloc_release(struct dmr_table *t, struct dmr_slot s)
{
	const u32 i = (u32)(s.v % DMR_ENTRIES_PER_BLK);
	struct dmr_table_page *p;

	if (!dmr_table_below_mark(t, s))
		return;
	p = t->page[dmr_table_blk_of(s)];
	if (p->word[i] || !(p->taken[i / 64] >> (i % 64) & 1))
		return;
	p->taken[i / 64] &= ~BIT_ULL(i % 64);
	t->left++;
	if (dmr_room_in_use(&t->room))
		dmr_room_set(&t->room, dmr_table_blk_of(s));
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

u64 dmr_alloc_left_below_mark(const struct dmr_table *t)
{
	return t->left;
}

bool dmr_alloc_want_raise(const struct dmr_table *t)
{
	return t->sb->hwm_blk < t->sb->table_blk &&
	       t->left < DMR_HWM_CHUNK_BLK * DMR_ENTRIES_PER_BLK / 2;
}
