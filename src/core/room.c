// SPDX-License-Identifier: GPL-2.0-only
/*
 * Room: which table blocks have a free slot, as a tree of bits.
 *
 * Invariant: bit i of a level is set exactly when word i of the level below is
 * not 0. So a change climbs only as far as a word turns from or to 0, and a
 * search never comes down into an empty word.
 */
#include "room.h"

/* Words of the level whose bits stand for @n things. */
static u64 words_for(u64 n)
{
	return (n + 63) / 64;
}

u64 dmr_room_words(u32 blks)
{
	u64 n = blks, sum = 0;

	do {
		n = words_for(n);
		sum += n;
	} while (n > 1);
	return sum;
}

void dmr_room_init(struct dmr_room *r, u32 blks, u64 *words)
{
	u64 n = blks;

	memset(r, 0, sizeof(*r));
	memset(words, 0, dmr_room_words(blks) * sizeof(*words));
	r->blks = blks;
	do {
		n = words_for(n);
		r->level[r->levels++] = words;
		words += n;
	} while (n > 1);
}

void dmr_room_set(struct dmr_room *r, u32 blk)
{
	u32 i;

	for (i = 0; i < r->levels; i++) {
		u64 *w = &r->level[i][blk / 64];
		const bool was_empty = !*w;

		*w |= BIT_ULL(blk % 64);
		if (!was_empty)
			return;
		blk /= 64;
	}
}

void dmr_room_clear(struct dmr_room *r, u32 blk)
{
	u32 i;

	for (i = 0; i < r->levels; i++) {
		u64 *w = &r->level[i][blk / 64];

		*w &= ~BIT_ULL(blk % 64);
		if (*w)
			return;
		blk /= 64;
	}
}

static u32 come_down(const struct dmr_room *r, u32 level, u32 pos)
{
	while (level--)
		pos = pos * 64 + dmr_plat_ctz64(r->level[level][pos]);
	return pos;
}

u32 dmr_room_next(const struct dmr_room *r, u32 from)
{
	u64 size = r->blks;
	u64 pos = from;
	u32 i;

	for (i = 0; i < r->levels; i++) {
		u64 w;

		if (pos >= size)
			return DMR_ROOM_NONE;
		w = r->level[i][pos / 64] & (~0ull << (pos % 64));
		if (w)
			return come_down(r, i, (u32)(pos / 64 * 64) + dmr_plat_ctz64(w));
		pos = pos / 64 + 1;
		size = words_for(size);
	}
	return DMR_ROOM_NONE;
}
