/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Table: the entries in memory, the sums over them, and the slots in hand.
 *
 * One page per table block below the high-water mark: 504 words that readers
 * load without a lock, and 504 bits of "taken", which belong to the writer.
 * A slot is taken from the moment it is chosen until its entry is free again
 * *and* nothing is in flight to it (R11): a pinned or in-doubt slot is one
 * whose word still says free while its bit says taken.
 *
 * Context: dmr_table_get() from anywhere; everything else by the one writer
 * (the caller's lock).
 */
#ifndef DMR_TABLE_H
#define DMR_TABLE_H

#include "layout.h"
#include "room.h"

/**
 * struct dmr_table_page - one table block in memory, exactly 4 KiB
 * @word: entries
 * @taken: 504 bits; the 8 that are left over (the top byte of the last) say
 *	   which of these 8 words have no clear bit, so that a search needs no loop
 */
struct dmr_table_page {
	u64 word[DMR_ENTRIES_PER_BLK];
	u64 taken[8];
};

#define DMR_TAKEN_FULL_SHIFT	56

/** DMR_TAKEN_SPARE() - bits of taken[@i] that stand for no slot */
#define DMR_TAKEN_SPARE(i)	((i) == 7 ? 0xffull << DMR_TAKEN_FULL_SHIFT : 0)

static_assert(sizeof(struct dmr_table_page) == DMR_BLK_BYTES, "table page");

/** struct dmr_table_sums - slots by kind; total = the sum of all, everywhere */
struct dmr_table_sums {
	u64 total;
	u64 free;
	u64 meta;
	u64 used;
	u64 pending;
	u64 bad;
	u64 lost_sect;		/* logical sectors in state lost */
	u64 pending_sect;	/* logical sectors in state pending, in used entries too */
};

/**
 * struct dmr_table - all entries below the high-water mark
 * @sb: superblock in force; its hwm_blk is the mark; owned by the caller
 * @page: one pointer per table block below the mark, NULL for those that are
 *	  implied (layout.h); owned by the caller
 * @cursor: where the next search for a free slot begins
 * @hint: where the next search for a hint begins
 * @left: slots below the mark whose taken bit is clear
 * @room: which blocks have such slots; without memory of its own (see
 *	  dmr_table_use_room()) a search walks the blocks one by one
 */
struct dmr_table {
	const struct dmr_super *sb;
	struct dmr_table_page **page;
	struct dmr_table_sums sums;
	u64 cursor;
	u64 hint;
	u64 left;
	struct dmr_room room;
};

/** dmr_table_init() - an empty table over @page; sums as if nothing were loaded (all computed) */
void dmr_table_init(struct dmr_table *t, const struct dmr_super *sb, struct dmr_table_page **page);

/**
 * dmr_table_use_room() - give the search for free slots its memory
 * @blks: table blocks it is for: all that will be loaded, before dmr_room_grow()
 * @words: dmr_room_words(@blks) words, owned by the caller
 *
 * To be called right after dmr_table_init(), before any block is loaded.
 */
void dmr_table_use_room(struct dmr_table *t, u32 blks, u64 *words);

/**
 * dmr_table_load_block() - take the words of block @index (already in
 * page[index]->word) into sums and taken bits; once for each block
 *
 * The block lies below the mark: from here on its slots are on offer. Until then
 * all of page[index]->taken is to be set.
 */
void dmr_table_load_block(struct dmr_table *t, u32 index);

static inline u32 dmr_table_blk_of(struct dmr_slot s)
{
	return (u32)(s.v / DMR_ENTRIES_PER_BLK);
}

/** dmr_table_below_mark() - is the entry of @s on disk (true) or computed (false)? */
static inline bool dmr_table_below_mark(const struct dmr_table *t, struct dmr_slot s)
{
	return s.v < (u64)t->sb->hwm_blk * DMR_ENTRIES_PER_BLK && s.v < t->sb->slots &&
	       t->page[dmr_table_blk_of(s)];
}

/** dmr_table_get() - published word of slot @s, loaded once; computed above the mark */
static inline u64 dmr_table_get(const struct dmr_table *t, struct dmr_slot s)
{
	u32 blk = dmr_table_blk_of(s);

	if (blk >= t->sb->hwm_blk || !t->page[blk])
		return dmr_layout_computed_word(t->sb, s);
	return READ_ONCE(t->page[blk]->word[s.v - (u64)blk * DMR_ENTRIES_PER_BLK]);
}

/**
 * dmr_table_set() - publish @word for @s: sums follow, the taken bit does not
 *
 * @s must lie below the mark. The taken bit is set when the word is not free;
 * a slot that becomes free keeps its bit until dmr_alloc_release().
 */
void dmr_table_set(struct dmr_table *t, struct dmr_slot s, u64 word);

/**
 * dmr_table_reserve() - the @len slots from @at on become metadata, or free
 *
 * A copy has moved there, or away, and the superblock in force says so. Slots
 * above the mark have no entry: only the sums follow. Those that become free
 * keep their taken bits.
 */
void dmr_table_reserve(struct dmr_table *t, struct dmr_slot at, u64 len, bool meta);

/**
 * dmr_table_run() - slots from @s on whose entries are of one kind
 * @kind: which
 *
 * Return: the slot behind them. What is computed takes one step, however long it is.
 */
u64 dmr_table_run(const struct dmr_table *t, struct dmr_slot s, enum dmr_kind *kind);

/** dmr_table_page_full() - is there no slot on offer in this block? @p may be NULL: none */
static inline bool dmr_table_page_full(const struct dmr_table_page *p)
{
	return !p || p->taken[7] >> DMR_TAKEN_FULL_SHIFT == 0xff;
}

/** dmr_table_give() - clear the taken bit of @s, which lies below the mark and is set */
void dmr_table_give(struct dmr_table *t, struct dmr_slot s);

/** dmr_table_take() - set the taken bit of slot @i of block @blk, if it is clear */
void dmr_table_take(struct dmr_table *t, u32 blk, u32 i);

/**
 * dmr_table_write_allowed() - the one check of R3: may user data go to slot @s for block @b?
 * @word: the entry as loaded by the caller
 *
 * Data only goes to a slot whose entry maps @b, or (a slot in hand, chosen for
 * @b but not yet published) is free and taken. Metadata never.
 */
static inline bool dmr_table_write_allowed(u64 word, struct dmr_mblk b)
{
	return (dmr_entry_maps(word) && dmr_entry_mblk(word).v == b.v) || word == 0;
}

#endif
