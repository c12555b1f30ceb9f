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

bool dmr_layout_is_meta(const struct dmr_super *sb, struct dmr_slot s)
{
	const u32 len = dmr_layout_copy_len(sb);
	u32 i;

	/* Below the extent the difference wraps to something huge. */
	for (i = 0; i < sb->copies; i++)
		if (s.v - sb->copy_slot[i].v < len)
			return true;
	return false;
}

u64 dmr_layout_computed_word(const struct dmr_super *sb, struct dmr_slot s)
{
	return dmr_layout_is_meta(sb, s) ? dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0) : 0;
}

void dmr_layout_empty_block(const struct dmr_super *sb, u32 index, u64 *word)
{
	const u64 first = (u64)index * DMR_ENTRIES_PER_BLK;
	unsigned int i;

	/* No extent reaches past the end, so slots that do not exist come out as 0. */
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
		word[i] = dmr_layout_computed_word(sb, dmr_slot(first + i));
}
