/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading, as doc/format.md section 13 has it, with the same core the module
 * loads with: which spares are taken, and what map comes of it.
 */
#ifndef SWEEP_LOAD_H
#define SWEEP_LOAD_H

#include "check.h"
#include "golden.h"
#include "search.h"

#define LOAD_MAPS	(GOLDEN_TABLES * DMR_ENTRIES_PER_BLK)

/**
 * struct load - what came of it
 * @err: 0, or why it is refused
 * @by_devices: refused because of the devices: main is another one, or a size is
 * @table: entries of the blocks below the mark, as chosen
 * @map: used and pending entries that count, by block of main
 */
struct load {
	int err;
	bool by_devices;
	struct dmr_super sb;
	u64 table[GOLDEN_TABLES][DMR_ENTRIES_PER_BLK];
	struct dmr_check_map map[LOAD_MAPS];
	u32 maps;
};

/** load_image() - @bytes: a spare of the size of @g's, to go with @g's main */
void load_image(struct load *l, const struct golden *g, const u8 *bytes);

/** load_find() - the entry that counts for a block of main; 0: it is on main, all of it */
u64 load_find(const struct load *l, u64 mblk, u64 *slot);

#endif
