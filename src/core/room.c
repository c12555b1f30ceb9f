// SPDX-License-Identifier: GPL-2.0-only
/*
 * Room: which table blocks have a free slot: a list of them.
 *
 * Decisions: numbers instead of pointers, half the memory; a ring with one
 * link more than there are blocks, so that neither end is a special case.
 *
 * Invariant: a block is in the list once, or links to itself.
 */
#include "room.h"

void dmr_room_init(struct dmr_room *r, u32 blks, void *mem)
{
	u32 i;

	static_assert(sizeof(struct dmr_room_link) == sizeof(u64), "link");
	r->link = mem;
	r->blks = blks;
	for (i = 0; i <= blks; i++)
		r->link[i] = (struct dmr_room_link){ i, i };
}

void dmr_room_set(struct dmr_room *r, u32 blk)
{
	struct dmr_room_link *l = &r->link[blk];
	struct dmr_room_link *ends = &r->link[r->blks];

	if (l->next != blk)
		return;
	l->next = r->blks;
	l->prev = ends->prev;
	r->link[l->prev].next = blk;
	ends->prev = blk;
}

void dmr_room_clear(struct dmr_room *r, u32 blk)
{
	struct dmr_room_link *l = &r->link[blk];

	r->link[l->prev].next = l->next;
	r->link[l->next].prev = l->prev;
	*l = (struct dmr_room_link){ blk, blk };
}
