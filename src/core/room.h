/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Room: which table blocks have a free slot, as a tree of bits.
 *
 * A full spare of 1 TiB has half a million table blocks; with one free slot at
 * the far end a walk over them would take a millisecond for each remap. Here a
 * set bit on one level stands for a word with a set bit on the level below, so
 * the next block with room is found in a few words at any fill.
 *
 * Context: the one writer of the table.
 */
#ifndef DMR_ROOM_H
#define DMR_ROOM_H

#include "plat.h"

#define DMR_ROOM_LEVELS		6	/* 64^6 > 2^32 blocks */
#define DMR_ROOM_NONE		(~0u)

/** struct dmr_room - @level[0] has a bit for each of @blks blocks; all NULL when not in use */
struct dmr_room {
	u32 blks;
	u32 levels;
	u64 *level[DMR_ROOM_LEVELS];
};

/** dmr_room_words() - u64 words of memory that @blks blocks need, all levels together */
u64 dmr_room_words(u32 blks);

/** dmr_room_init() - @words: dmr_room_words(@blks) of them, cleared here; no block has room yet */
void dmr_room_init(struct dmr_room *r, u32 blks, u64 *words);

static inline bool dmr_room_in_use(const struct dmr_room *r)
{
	return r->levels != 0;
}

/** dmr_room_set() - block @blk has a free slot */
void dmr_room_set(struct dmr_room *r, u32 blk);

/** dmr_room_clear() - block @blk has no free slot any more */
void dmr_room_clear(struct dmr_room *r, u32 blk);

/** dmr_room_next() - first block with room from @from on, not wrapping; DMR_ROOM_NONE if none */
u32 dmr_room_next(const struct dmr_room *r, u32 from);

#endif
