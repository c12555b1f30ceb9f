/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Glue: from the model's ints to the core and back.
 *
 * The order of steps, the law of rounds and the choice between copies are not
 * modelled: the model asks src/core itself. What lies between an int of
 * image.h and the core's structs is here, and nothing else.
 */
#ifndef GLUE_H
#define GLUE_H

#include "copies.h"
#include "protocol.h"
#include "search.h"

#define GLUE_TABLES	2
#define GLUE_SLOTS	4
#define GLUE_GAP	8
#define GLUE_SPARE_SLOTS 1024	/* the least that has as many copies as there may be */

/**
 * struct glue_spare - what there is to read
 * @copies: how many
 * @slots: how many slots for data
 * @per_blk: how many of them a table block describes
 * @img: one for each place, as reading gives it; after those of the copies, in their anchors,
 *	 those of the alternate
 * @alternate: there is one
 * @unread: places that give an I/O error
 * @believe: a mistake: copies need no other superblock that names them
 * @anchors_only: a mistake: alternates are not looked at
 */
struct glue_spare {
	u32 copies;
	u32 slots;
	u32 per_blk;
	const int *img;
	bool alternate;
	u32 unread;
	bool believe;
	bool anchors_only;
};

/**
 * struct glue_loaded - what loading makes of it
 * @err: as dmr_copies_judge() or dmr_copies_pick() or dmr_check_winner() gave it; else nothing
 *	 below is meant
 * @super: image of the superblock that speaks
 * @best: copy that has it
 * @spot: where each copy is: its anchor, which has the same number, or the alternate
 * @same: copies that hold the chosen image of a table block
 * @img: that image
 * @entry: entries of the slots, losers of a replacement taken out
 * @taken: slots that are not offered: those of the losers, too
 * @dirty: table blocks that had a loser
 */
struct glue_loaded {
	int err;
	int super;
	u32 best;
	u32 spot[DMR_COPIES_MAX];
	u32 candidates;
	u32 rebuild;
	u32 unread;
	u32 same[GLUE_TABLES];
	int img[GLUE_TABLES];
	u8 entry[GLUE_SLOTS];
	u32 taken;
	u32 dirty;
};

/** glue_load() - search, judge, choose, resolve, as src/kernel/load.c and load-table.c do */
void glue_load(const struct glue_spare *sp, struct glue_loaded *out);

/**
 * glue_epoch() - the epoch after @epoch, as small as images have them
 *
 * A step over a copy that cannot be read is GLUE_GAP there: like the real one more
 * than any number of activations that die in one run.
 */
int glue_epoch(int epoch, u32 unread);

#endif
