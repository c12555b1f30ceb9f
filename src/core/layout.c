// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layout: where the copies lie.
 *
 * Decisions: places follow from the number of whole slots alone, with integer
 * division rounding down. Geometric places crowd the first half, so that the
 * second half is one long run of data slots but for one copy. Linear places
 * are the quarters: the very end, which partition tables and RAID like to
 * overwrite, holds a copy only where a spare is too small to avoid it.
 *
 * What is implied follows from the anchors alone: a place that a copy moves to
 * has its entries in the table like any other, so that nothing has to appear or
 * vanish when it does.
 *
 * Invariants: extents lie inside the spare and do not overlap, for every size
 * that is not refused.
 */
#include "layout.h"

#define LINEAR_MIN_SLOTS	128u	/* 512 KiB */
#define GEOMETRIC_MIN_SLOTS	1024u	/* 4 MiB */

static void place_minimal(struct dmr_layout *l)
{
	l->strategy = DMR_STRATEGY_MINIMAL;
	l->copies = 2;
	l->copy_slot[1] = dmr_slot(l->slots - l->copy_len);
}

static void place_linear(struct dmr_layout *l)
{
	u32 i;

	l->strategy = DMR_STRATEGY_LINEAR;
	l->copies = 4;
	for (i = 1; i < 4; i++)
		l->copy_slot[i] = dmr_slot(l->slots * i / 4);
}

static void place_geometric(struct dmr_layout *l)
{
	u32 i;

	l->strategy = DMR_STRATEGY_GEOMETRIC;
	l->copies = 5;
	for (i = 1; i < 5; i++)
		l->copy_slot[i] = dmr_slot(l->slots >> (5 - i));
}

int dmr_layout_compute(u64 spare_sect, struct dmr_layout *out)
{
	const u64 slots = spare_sect / DMR_BLK_SECTS;
	/* Not rounded up by adding first: that could wrap. */
	const u64 table_blk = slots / DMR_ENTRIES_PER_BLK + !!(slots % DMR_ENTRIES_PER_BLK);

	if (slots < DMR_SPARE_MIN_SLOTS)
		return -ENOSPC;
	if (table_blk > ~0u - 2)
		return -EFBIG;

	memset(out, 0, sizeof(*out));
	out->slots = slots;
	out->table_blk = (u32)table_blk;
	out->copy_len = out->table_blk + 2;
	if (slots < LINEAR_MIN_SLOTS)
		place_minimal(out);
	else if (slots < GEOMETRIC_MIN_SLOTS)
		place_linear(out);
	else
		place_geometric(out);
	return 0;
}

const char *dmr_layout_strategy_name(u32 strategy)
{
	switch (strategy) {
	case DMR_STRATEGY_MINIMAL:
		return "minimal";
	case DMR_STRATEGY_LINEAR:
		return "linear";
	case DMR_STRATEGY_GEOMETRIC:
		return "geometric";
	}
	return "unknown";
}

struct dmr_slot dmr_layout_anchor(const struct dmr_super *sb, u32 copy)
{
	if (!copy)
		return dmr_slot(0);
	if (sb->slots < LINEAR_MIN_SLOTS)
		return dmr_slot(sb->slots - dmr_layout_copy_len(sb));
	if (sb->slots < GEOMETRIC_MIN_SLOTS)
		return dmr_slot(sb->slots * copy / 4);
	return dmr_slot(sb->slots >> (5 - copy));
}

struct dmr_slot dmr_layout_alternate(u64 slots, u32 k)
{
	struct dmr_layout l;
	u64 at, c;
	u32 i;

	if (dmr_layout_compute(slots * DMR_BLK_SECTS, &l) || slots / l.copy_len < k + 1)
		return DMR_SLOT_NONE;
	at = slots - (k + 1) * (u64)l.copy_len;
	for (i = 0; i < l.copies; i++) {
		c = l.copy_slot[i].v;
		if ((at > c ? at - c : c - at) < l.copy_len)
			return DMR_SLOT_NONE;
	}
	return dmr_slot(at);
}

bool dmr_layout_is_meta(const struct dmr_super *sb, struct dmr_slot s)
{
	const u32 len = dmr_layout_copy_len(sb);
	u32 i;

	/* Below the extent the difference wraps to something huge. */
	for (i = 0; i < sb->copies; i++)
		if (s.v - sb->copy_slot[i].v < len || s.v - dmr_layout_anchor(sb, i).v < len)
			return true;
	return false;
}

/* Set the bits of those slots of block @blk that lie in the place that begins at @at. */
static bool mask_place(const struct dmr_super *sb, u32 blk, struct dmr_slot at, u64 *mask)
{
	const u64 first = (u64)blk * DMR_ENTRIES_PER_BLK;
	const u64 end = at.v + dmr_layout_copy_len(sb);
	u64 i = at.v > first ? at.v - first : 0;

	if (end <= first || i >= DMR_ENTRIES_PER_BLK)
		return false;
	for (; i < DMR_ENTRIES_PER_BLK && first + i < end; i++)
		mask[i / 64] |= BIT_ULL(i % 64);
	return true;
}

bool dmr_layout_meta_mask(const struct dmr_super *sb, u32 blk, u64 *mask)
{
	bool any = false;
	u32 i;

	memset(mask, 0, DMR_MASK_WORDS * sizeof(*mask));
	for (i = 0; i < sb->copies; i++) {
		any |= mask_place(sb, blk, sb->copy_slot[i], mask);
		if (dmr_layout_moved(sb, i))
			any |= mask_place(sb, blk, dmr_layout_anchor(sb, i), mask);
	}
	return any;
}

u64 dmr_layout_computed_word(const struct dmr_super *sb, struct dmr_slot s)
{
	return dmr_layout_is_meta(sb, s) ? dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0) : 0;
}

void dmr_layout_empty_block(const struct dmr_super *sb, u32 index, u64 *word)
{
	u64 meta[DMR_MASK_WORDS];
	bool any = dmr_layout_meta_mask(sb, index, meta);
	unsigned int i;

	/* No extent reaches past the end, so slots that do not exist come out as 0. */
	memset(word, 0, DMR_ENTRIES_PER_BLK * sizeof(*word));
	for (i = 0; any && i < DMR_ENTRIES_PER_BLK; i++)
		if (dmr_layout_masked(meta, i))
			word[i] = dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0);
}

/* Blocks [@lo, @hi) lie whole in the anchor of copy @c; as places do, these never overlap. */
static void implied_by(const struct dmr_super *sb, u32 c, u32 *lo, u32 *hi)
{
	const u64 at = dmr_layout_anchor(sb, c).v;
	const u64 end = at + dmr_layout_copy_len(sb);

	*lo = (u32)((at + DMR_ENTRIES_PER_BLK - 1) / DMR_ENTRIES_PER_BLK);
	/* the last block may be shorter than the others */
	*hi = end == sb->slots ? sb->table_blk : (u32)(end / DMR_ENTRIES_PER_BLK);
	if (*hi < *lo)
		*hi = *lo;
}

bool dmr_layout_implied(const struct dmr_super *sb, u32 blk)
{
	u32 lo, hi, c;

	for (c = 0; c < sb->copies; c++) {
		implied_by(sb, c, &lo, &hi);
		if (blk - lo < hi - lo)
			return true;
	}
	return false;
}

u32 dmr_layout_written(const struct dmr_super *sb, u32 blks)
{
	u32 lo, hi, c, n = blks;

	for (c = 0; c < sb->copies; c++) {
		implied_by(sb, c, &lo, &hi);
		if (lo < blks)
			n -= (hi < blks ? hi : blks) - lo;
	}
	return n;
}

u32 dmr_layout_nth(const struct dmr_super *sb, u32 n)
{
	u32 blk = n, was = ~0u;
	u32 lo, hi, c;

	/* each round adds what lies below; at most one round for each copy */
	while (blk != was) {
		was = blk;
		blk = n;
		for (c = 0; c < sb->copies; c++) {
			implied_by(sb, c, &lo, &hi);
			if (lo <= was)
				blk += hi - lo;
		}
	}
	return blk;
}

u32 dmr_layout_skip(const struct dmr_super *sb, u32 blk)
{
	const u32 n = dmr_layout_written(sb, blk);

	return n < dmr_layout_written(sb, sb->table_blk) ? dmr_layout_nth(sb, n) : sb->table_blk;
}

u32 dmr_layout_raised_by(const struct dmr_super *sb, u32 mark, u32 blks)
{
	const u64 want = (u64)dmr_layout_written(sb, mark) + blks;

	if (want >= dmr_layout_written(sb, sb->table_blk))
		return sb->table_blk;
	return dmr_layout_nth(sb, (u32)want - 1) + 1;
}

u32 dmr_layout_raised(const struct dmr_super *sb, u32 mark)
{
	return dmr_layout_raised_by(sb, mark, DMR_HWM_CHUNK_BLK);
}
