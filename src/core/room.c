// SPDX-License-Identifier: GPL-2.0-only
/*
 * Room: which table blocks have a free slot: a list of them.
 *
 * Decisions: numbers instead of pointers, half the memory, and the list can be
 * copied; a ring with one link more than there are blocks, so that neither end
 * is a special case, and that link first, so that it stays when blocks come.
 *
 * Invariant: a block is in the list once, or links to itself.
 */
#include "room.h"

static void room_empty(struct dmr_room *r, u32 from)
{
	u32 i;

	for (i = from; i <= r->blks; i++)
		r->link[i] = (struct dmr_room_link){ i, i };
}

void dmr_room_init(struct dmr_room *r, u32 blks, void *mem)
{
	static_assert(sizeof(struct dmr_room_link) == sizeof(u64), "link");
	r->link = mem;
	r->blks = blks;
	room_empty(r, 0);
}

void dmr_room_grow(struct dmr_room *r, u32 blks, void *mem)
{
	const u32 had = r->blks + 1;

	memcpy(mem, r->link, had * sizeof(*r->link));
	r->link = mem;
	r->blks = blks;
	room_empty(r, had);
}

void dmr_room_set(struct dmr_room *r, u32 blk)
{
	const u32 i = blk + 1;
	struct dmr_room_link *l = &r->link[i];

	if (l->next != i)
		return;
	l->next = 0;
	l->prev = r->link[0].prev;
	r->link[l->prev].next = i;
	r->link[0].prev = i;
}

void dmr_room_clear(struct dmr_room *r, u32 blk)
{
	const u32 i = blk + 1;
	struct dmr_room_link *l = &r->link[i];

	r->link[l->prev].next = l->next;
	r->link[l->next].prev = l->prev;
	*l = (struct dmr_room_link){ i, i };
}
