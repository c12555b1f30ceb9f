/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second reader, written from doc/format.md alone: it takes bytes at their
 * offsets and nothing from the core, so that the core can be wrong.
 *
 * It reads one copy. Which one is to be believed is the caller's affair.
 */
#ifndef SWEEP_RULES_H
#define SWEEP_RULES_H

#include "golden.h"

/**
 * struct rules_map - where the blocks of main are
 * @refused: the copy says what cannot be, or what does not fit the devices
 * @hwm_blk: table blocks that count
 * @word: the entry of each block; 0: it is on main
 * @slot: and of which slot it is
 */
struct rules_map {
	bool refused;
	u32 hwm_blk;
	u64 word[GOLDEN_BLOCKS];
	u64 slot[GOLDEN_BLOCKS];
};

/** rules_super() - section 6: is the content of this superblock possible? */
bool rules_super(const u8 *blk);

/** rules_table() - section 8: are all entries of table block @index, by superblock @super? */
bool rules_table(const u8 *super, const u8 *blk, u32 index);

/** rules_same() - do two images of table block @index have the same entries, settled? */
bool rules_same(const u8 *super, const u8 *a, const u8 *b, u32 index);

/** rules_read() - what copy @copy of @image says */
void rules_read(const struct golden *g, const u8 *image, u32 copy, struct rules_map *m);

#endif
