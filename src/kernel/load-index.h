/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load-index: the entries of a chunk enter the index.
 *
 * The places of scattered blocks in the index are scattered, too, over megabytes: one by
 * one each would be a miss of the caches and of the TLB. So the entries of a chunk are put
 * in the order of their places first: 256 parts of the index, of which each fits into the
 * first cache. That takes 64 KiB while it lasts, and no entry is moved.
 */
#ifndef REMAP_LOAD_INDEX_H
#define REMAP_LOAD_INDEX_H

#include "load-read.h"

#define REMAP_PARTS	256	/* of the index: by the highest byte of the hash */

/** struct remap_doubles - main blocks that have two entries; a third is refused */
struct remap_doubles {
	u64 *mblk;
	u32 n;
	u32 room;
};

/**
 * struct remap_entering - entries of a chunk in order
 * @ref: table block within the chunk, shifted, and the entry in it
 * @end: behind the last one of each part
 */
struct remap_entering {
	struct remap_doubles doubles;
	u32 end[REMAP_PARTS];
	u16 ref[REMAP_CHUNK_BLK * DMR_ENTRIES_PER_BLK];
};

/**
 * remap_load_enter() - the entries of @n table blocks from @first on, which are in the table
 * Context: load; may sleep. Return: 0; -ENOMEM; -EUCLEAN, with a line in the log: nothing says
 * which of two entries counts.
 */
int remap_load_enter(struct remap *r, struct remap_entering *e, u32 first, u32 n);

/** remap_load_doubles() - has a block more than two? Frees @d. Return: 0 or -EUCLEAN. */
int remap_load_doubles(struct remap *r, struct remap_doubles *d);

#endif
