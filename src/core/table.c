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
 *       a block is in room exactly when it has one of them.
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

void dmr_table_use_room(struct dmr_table *t, u64 *words)
{
	dmr_room_init(&t->room, t->sb->table_blk, words);
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
		left++;
	}
	t->left += left;
	if (left && dmr_room_in_use(&t->room))
		dmr_room_set(&t->room, index);
}

static bool page_full(const struct dmr_table_page *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p->taken); i++)
		if (~p->taken[i])
			return false;
	return true;
}

void dmr_table_take(struct dmr_table *t, struct dmr_slot s)
{
	const u32 blk = dmr_table_blk_of(s);
	struct dmr_table_page *p = t->page[blk];
	const u32 i = (u32)(s.v % DMR_ENTRIES_PER_BLK);

	if (p->taken[i / 64] >> (i % 64) & 1)
		return;
	p->taken[i / 64] |= BIT_ULL(i % 64);
	t->left--;
	if (dmr_room_in_use(&t->room) && page_full(p))
		dmr_room_clear(&t->room, blk);
}

void dmr_table_set(struct dmr_table *t, struct dmr_slot s, u64 word)
{
	struct dmr_table_page *p = t->page[dmr_table_blk_of(s)];
	const u32 i = (u32)(s.v % DMR_ENTRIES_PER_BLK);

	sums_move(&t->sums, p->word[i], word);
	/* Taken before published: a reader that sees the entry never sees its slot on offer. */
	if (word)
		dmr_table_take(t, s);
	WRITE_ONCE(p->word[i], word);
}
