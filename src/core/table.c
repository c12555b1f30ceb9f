// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table: the entries in memory, the sums over them, the slots in hand.
 *
 * Decisions: the sums start as those of an empty table and every word that is
 * loaded or set only moves them, so they are exact at any time and nothing is
 * ever counted again.
 *
 * Invariants:
 *   (1) total = free + meta + used + pending + bad.
 *   (2) A word that is not free has its taken bit set.
 *   (3) left = number of clear taken bits of slots that exist below the mark;
 *       a block is in room exactly when it has one of them, and a word of taken
 *       bits is marked full exactly when it has none.
 */
#include "table.h"

static unsigned int count_states(u32 states, enum dmr_state st)
{
	const u32 x = states ^ (st * 0x5555u);

	return hweight32(~x & (~x >> 1) & 0x5555u);
}

static u64 *sum_of_kind(struct dmr_table_sums *s, u64 word)
{
	switch (dmr_entry_kind(word)) {
	case DMR_KIND_META:
		return &s->meta;
	case DMR_KIND_USED:
		return &s->used;
	case DMR_KIND_PENDING:
		return &s->pending;
	case DMR_KIND_BAD:
		return &s->bad;
	default:
		return &s->free;
	}
}

static void sums_move(struct dmr_table_sums *s, u64 old, u64 word)
{
	const u32 was = dmr_entry_states(old);
	const u32 is = dmr_entry_states(word);

	--*sum_of_kind(s, old);
	++*sum_of_kind(s, word);
	s->lost_sect -= count_states(was, DMR_STATE_LOST);
	s->lost_sect += count_states(is, DMR_STATE_LOST);
	s->pending_sect -= count_states(was, DMR_STATE_PENDING);
	s->pending_sect += count_states(is, DMR_STATE_PENDING);
}

void dmr_table_init(struct dmr_table *t, const struct dmr_super *sb, struct dmr_table_page **page)
{
	memset(t, 0, sizeof(*t));
	t->sb = sb;
	t->page = page;
	t->sums.total = sb->slots;
	t->sums.meta = (u64)sb->copies * dmr_layout_copy_len(sb);
	t->sums.free = t->sums.total - t->sums.meta;
}

void dmr_table_use_room(struct dmr_table *t, u32 blks, u64 *words)
{
	dmr_room_init(&t->room, blks, words);
}

void dmr_table_load_block(struct dmr_table *t, u32 index)
{
	struct dmr_table_page *p = t->page[index];
	const u64 first = (u64)index * DMR_ENTRIES_PER_BLK;
	u32 left = 0;
	unsigned int i;

	/* Slots that do not exist stay taken: they are never offered. */
	memset(p->taken, 0xff, sizeof(p->taken));
	for (i = 0; i < DMR_ENTRIES_PER_BLK && first + i < t->sb->slots; i++) {
		const u64 empty = dmr_layout_computed_word(t->sb, dmr_slot(first + i));

		sums_move(&t->sums, empty, p->word[i]);
		if (p->word[i])
			continue;
		p->taken[i / 64] &= ~BIT_ULL(i % 64);
		p->taken[7] &= ~BIT_ULL(DMR_TAKEN_FULL_SHIFT + i / 64);
		left++;
	}
	t->left += left;
	if (left && dmr_room_in_use(&t->room))
		dmr_room_set(&t->room, index);
}

void dmr_table_take(struct dmr_table *t, u32 blk, u32 i)
{
	struct dmr_table_page *p = t->page[blk];
	u64 *w = &p->taken[i / 64];

	if (*w >> (i % 64) & 1)
		return;
	t->left--;
	*w |= BIT_ULL(i % 64);
	if (~(*w | DMR_TAKEN_SPARE(i / 64)))
		return;
	p->taken[7] |= BIT_ULL(DMR_TAKEN_FULL_SHIFT + i / 64);
	if (dmr_table_page_full(p) && dmr_room_in_use(&t->room))
		dmr_room_clear(&t->room, blk);
}

void dmr_table_give(struct dmr_table *t, struct dmr_slot s)
{
	const u32 blk = dmr_table_blk_of(s);
	struct dmr_table_page *p = t->page[blk];
	const u32 i = (u32)(s.v - (u64)blk * DMR_ENTRIES_PER_BLK);

	t->left++;
	p->taken[i / 64] &= ~BIT_ULL(i % 64);
	p->taken[7] &= ~BIT_ULL(DMR_TAKEN_FULL_SHIFT + i / 64);
	if (dmr_room_in_use(&t->room))
		dmr_room_set(&t->room, blk);
}

void dmr_table_set(struct dmr_table *t, struct dmr_slot s, u64 word)
{
	const u32 blk = dmr_table_blk_of(s);
	struct dmr_table_page *p = t->page[blk];
	const u32 i = (u32)(s.v - (u64)blk * DMR_ENTRIES_PER_BLK);

	sums_move(&t->sums, p->word[i], word);
	/* Taken before published: a reader that sees the entry never sees its slot on offer. */
	if (word)
		dmr_table_take(t, blk, i);
	WRITE_ONCE(p->word[i], word);
}
