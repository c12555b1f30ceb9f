/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout: where the copies of the metadata lie, from the size of the spare alone.
 *
 * These places are the anchors. They stay metadata for as long as the set
 * lives, so that a reader who knows nothing but the size finds every copy; one
 * that had to move to another place leaves a tombstone in its anchor.
 */
#ifndef DMR_LAYOUT_H
#define DMR_LAYOUT_H

#include "codec.h"

enum dmr_strategy {
	DMR_STRATEGY_MINIMAL = 1,	/* [36 KiB, 512 KiB): 2 copies, both ends */
	DMR_STRATEGY_LINEAR = 2,	/* [512 KiB, 4 MiB): 4 copies, evenly spread */
	DMR_STRATEGY_GEOMETRIC = 3,	/* from 4 MiB: 5 copies, at 0, 1/16, 1/8, 1/4, 1/2 */
};

#define DMR_SPARE_MIN_SLOTS	9u	/* 36 KiB: 6 metadata, 3 data */

/**
 * struct dmr_layout - what follows from a spare's size
 * @slots: whole slots on the spare
 * @table_blk: table blocks of one copy
 * @copy_len: slots of one copy: superblock, table blocks, auxiliary block
 */
struct dmr_layout {
	u64 slots;
	enum dmr_strategy strategy;
	u32 table_blk;
	u32 copy_len;
	u32 copies;
	struct dmr_slot copy_slot[DMR_COPIES_MAX];
};

/**
 * dmr_layout_compute() - the layout of a spare of @spare_sect sectors
 *
 * Return: 0; -ENOSPC below DMR_SPARE_MIN_SLOTS; -EFBIG when the
 * table blocks of a copy would not fit their on-disk field.
 */
int dmr_layout_compute(u64 spare_sect, struct dmr_layout *out);

/** dmr_layout_strategy_name() - "minimal", "linear", "geometric" or "unknown" */
const char *dmr_layout_strategy_name(u32 strategy);

/* ---- places inside a copy; @sb is trusted (decoded) ---- */

static inline u32 dmr_layout_copy_len(const struct dmr_super *sb)
{
	return sb->table_blk + 2;
}

static inline struct dmr_slot dmr_layout_super_slot(const struct dmr_super *sb, u32 copy)
{
	return sb->copy_slot[copy];
}

static inline struct dmr_slot dmr_layout_table_slot(const struct dmr_super *sb, u32 copy, u32 blk)
{
	return dmr_slot(sb->copy_slot[copy].v + 1 + blk);
}

static inline struct dmr_slot dmr_layout_aux_slot(const struct dmr_super *sb, u32 copy)
{
	return dmr_slot(sb->copy_slot[copy].v + 1 + sb->table_blk);
}

/** dmr_layout_anchor() - first slot of the place that follows from the size for copy @copy */
struct dmr_slot dmr_layout_anchor(const struct dmr_super *sb, u32 copy);

/** dmr_layout_moved() - does copy @copy lie somewhere else than in its anchor? */
static inline bool dmr_layout_moved(const struct dmr_super *sb, u32 copy)
{
	return sb->copy_slot[copy].v != dmr_layout_anchor(sb, copy).v;
}

#define DMR_ALTERNATES	32u

/**
 * dmr_layout_alternate() - where a copy may go that cannot stay in its anchor
 * @k: below DMR_ALTERNATES
 *
 * Places beside each other from the end of the spare downwards: the table reaches
 * them last. They follow from the size, so that a copy is found there even when
 * no tombstone could be written.
 *
 * Return: first slot; DMR_SLOT_NONE when that place does not exist or is an anchor's.
 */
struct dmr_slot dmr_layout_alternate(u64 slots, u32 k);

/** dmr_layout_is_meta() - does slot @s lie in a copy of @sb, or in an anchor? */
bool dmr_layout_is_meta(const struct dmr_super *sb, struct dmr_slot s);

#define DMR_MASK_WORDS	8u	/* a bit for each entry of a table block */

/**
 * dmr_layout_meta_mask() - dmr_layout_is_meta() of all slots of table block @blk at once
 * @mask: DMR_MASK_WORDS words
 *
 * Return: is there any? Most blocks have none.
 */
bool dmr_layout_meta_mask(const struct dmr_super *sb, u32 blk, u64 *mask);

static inline bool dmr_layout_masked(const u64 *mask, u32 i)
{
	return mask[i / 64] >> (i % 64) & 1;
}

/** dmr_layout_computed_word() - entry of @s above the high-water mark: free or metadata */
u64 dmr_layout_computed_word(const struct dmr_super *sb, struct dmr_slot s);

/**
 * dmr_layout_empty_block() - words of table block @index when nothing is mapped yet
 *
 * Slots past the end of the spare are 0.
 */
void dmr_layout_empty_block(const struct dmr_super *sb, u32 index, u64 *word);

/*
 * ---- implied table blocks ----
 *
 * A copy on a spare of 1 TiB is 2 GiB long: a thousand table blocks would say
 * "metadata" 504 times each, before the first that has a slot to give. A block
 * whose slots all lie in one anchor is implied: never written, never
 * read, without memory. The high-water mark counts it like any other.
 */

/** dmr_layout_implied() - does table block @blk follow from the size of the spare? */
bool dmr_layout_implied(const struct dmr_super *sb, u32 blk);

/** dmr_layout_skip() - the first block from @blk on that is not implied; table_blk: none */
u32 dmr_layout_skip(const struct dmr_super *sb, u32 blk);

/** dmr_layout_written() - how many of the first @blks table blocks are not implied */
u32 dmr_layout_written(const struct dmr_super *sb, u32 blks);

/** dmr_layout_nth() - the @n-th block, from 0, that is not implied; @n < dmr_layout_written() */
u32 dmr_layout_nth(const struct dmr_super *sb, u32 n);

#define DMR_HWM_CHUNK_BLK	8u

/** dmr_layout_raised_by() - the mark after @mark with @blks more blocks that are not implied */
u32 dmr_layout_raised_by(const struct dmr_super *sb, u32 mark, u32 blks);

/**
 * dmr_layout_raised() - the mark after @mark: a chunk of blocks that are not implied more
 *
 * From 0: the mark that format sets. Return: table_blk when there are fewer.
 */
u32 dmr_layout_raised(const struct dmr_super *sb, u32 mark);

#endif
