/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load-read: table blocks of all copies, in large reads.
 *
 * A chunk is what one large read of each copy brings: consecutive table blocks, by every
 * copy in parallel. A load of many has two, so that the disk is at one while the other
 * is decoded: 2.5 MiB with five copies, whatever the size of the table.
 *
 * A large read that fails says nothing of its blocks: each is read by itself then, which
 * is its second try, and those that can be read are as good as any.
 */
#ifndef REMAP_LOAD_READ_H
#define REMAP_LOAD_READ_H

#include "bio.h"

#define REMAP_CHUNK_BLK		64	/* 256 KiB of each copy */

/**
 * struct remap_chunk - up to REMAP_CHUNK_BLK table blocks, as every copy has them
 * @first, @n: which; 0 of them: nothing was asked for
 * @pending: the reads are under way
 */
struct remap_chunk {
	u32 first;
	u32 n;
	bool pending;
	struct remap_batch batch;
	struct remap_child child[DMR_COPIES_MAX];
	struct bio_vec vec[DMR_COPIES_MAX][REMAP_CHUNK_BLK];
	struct page *page[DMR_COPIES_MAX][REMAP_CHUNK_BLK];
};

/**
 * remap_chunk_alloc() - room for @blks table blocks of each of @copies copies
 * Context: may sleep. Return: NULL without memory.
 */
struct remap_chunk *remap_chunk_alloc(u32 copies, u32 blks);

/** remap_chunk_free() - @k may be NULL, and its reads under way: they are waited for */
void remap_chunk_free(struct remap_chunk *k);

/**
 * remap_chunk_submit() - begin to read @n blocks from @first on
 * @n: as many as there is room for; 0: there is nothing left
 */
void remap_chunk_submit(struct remap *r, struct remap_chunk *k, u32 first, u32 n);

void remap_chunk_wait(struct remap_chunk *k);

/**
 * remap_chunk_block() - block @first + @i as copy @c has it
 * Context: after remap_chunk_wait(), once for each; may sleep. Return: NULL: it cannot be read.
 */
const void *remap_chunk_block(struct remap *r, struct remap_chunk *k, u32 c, u32 i);

#endif
