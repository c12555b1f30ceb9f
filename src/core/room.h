/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Room: which table blocks have a free slot: a list of them.
 *
 * A full spare of 1 TiB has half a million table blocks; with one free slot at
 * the far end a walk over them would take a millisecond for each remap. The
 * list costs 8 bytes for each block below the mark, beside the 4 KiB of the
 * block itself, and every operation on it is a few instructions at any fill.
 *
 * Context: the one writer of the table.
 */
#ifndef DMR_ROOM_H
#define DMR_ROOM_H

#include "plat.h"

#define DMR_ROOM_NONE		(~0u)

/** struct dmr_room_link - neighbours in the list; itself twice: not in it */
struct dmr_room_link {
	u32 next;
	u32 prev;
};

/** struct dmr_room - the list, in order of arrival; @link is NULL when not in use */
struct dmr_room {
	struct dmr_room_link *link;	/* link[0]: the list's ends; block b has link[b + 1] */
	u32 blks;
};

/** dmr_room_words() - u64 words of memory that @blks blocks need */
static inline u64 dmr_room_words(u32 blks)
{
	return (u64)blks + 1;
}

/** dmr_room_init() - @mem: dmr_room_words(@blks) words; no block has room yet */
void dmr_room_init(struct dmr_room *r, u32 blks, void *mem);

/** dmr_room_grow() - the same list in other memory, for at least as many blocks */
void dmr_room_grow(struct dmr_room *r, u32 blks, void *mem);

static inline bool dmr_room_in_use(const struct dmr_room *r)
{
	return r->link;
}

/** dmr_room_set() - block @blk has a free slot; new ones go to the end of the list */
void dmr_room_set(struct dmr_room *r, u32 blk);

/** dmr_room_clear() - block @blk has no free slot any more */
void dmr_room_clear(struct dmr_room *r, u32 blk);

/** dmr_room_first() - the block that has had room for the longest time; DMR_ROOM_NONE if none */
static inline u32 dmr_room_first(const struct dmr_room *r)
{
	/* nothing in it: 0 - 1 */
	return r->link[0].next - 1;
}

#endif
