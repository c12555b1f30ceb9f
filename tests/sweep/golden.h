/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Golden images: spares as they are found after a close, a crash, a lost copy.
 *
 * Main is small: GOLDEN_MAIN_SECT sectors, a short block at the end of it if its
 * logical blocks allow that. The maps name every kind of entry and every state.
 */
#ifndef SWEEP_GOLDEN_H
#define SWEEP_GOLDEN_H

#include "fields.h"
#include "layout.h"

#define GOLDEN_BLOCKS	24u	/* of main */
#define GOLDEN_TABLES	3u	/* most table blocks of a golden image */

/**
 * enum golden_state - how the set was left
 * @GOLDEN_CLOSED: in order; all copies agree; the witness counts
 * @GOLDEN_CRASHED: in use, a commit had reached copy 0 only, a block was on its way from
 *		    one slot to another, and the last table block is above the mark
 * @GOLDEN_BEHIND: the last copy was left behind, and its superblock could not be told
 */
enum golden_state {
	GOLDEN_CLOSED,
	GOLDEN_CRASHED,
	GOLDEN_BEHIND,
};

/**
 * struct golden - one golden image
 * @sb: what its superblocks say; copy 0's, that is
 * @insync: copies that have all there is
 * @ahead: GOLDEN_CRASHED: table block 0 of copy 0 is newer than all others
 * @word: the entries of each table block, as the newest copy in sync has them
 * @bytes: the spare, all of it
 */
struct golden {
	const char *name;
	u64 spare_sect;
	u32 lbs_bytes;
	enum golden_state state;
	u64 main_sect;
	struct dmr_super sb;
	u32 insync;
	bool ahead;
	u64 word[GOLDEN_TABLES][DMR_ENTRIES_PER_BLK];
	u8 *bytes;
	size_t size;
};

/** golden_count() - how many there are; golden_make(): number @i of them */
u32 golden_count(void);
void golden_make(struct golden *g, u32 i);
void golden_free(struct golden *g);

/** golden_at() - the block at @s */
static inline u8 *golden_at(const struct golden *g, struct dmr_slot s)
{
	return g->bytes + s.v * DMR_BLK_BYTES;
}

/** golden_slot() - where block @blk (of its kind) of @copy is */
struct dmr_slot golden_slot(const struct golden *g, enum block_kind kind, u32 copy, u32 blk);

/** golden_main() - what sector @sect of main holds; 512 bytes */
void golden_main(u64 sect, void *to);

#endif
