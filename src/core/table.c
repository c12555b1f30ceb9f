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
	u32 i;

	memset(t, 0, sizeof(*t));
	t->sb = sb;
	t->page = page;
	t->sums.total = sb->slots;
	for (i = 0; i < sb->copies; i++)
		t->sums.meta += (u64)(1 + dmr_layout_moved(sb, i)) * dmr_layout_copy_len(sb);
	t->sums.free = t->sums.total - t->sums.meta;
}

void dmr_table_use_room(struct dmr_table *t, u32 blks, u64 *words)
{
	dmr_room_init(&t->room, blks, words);
}

/* Words of one block by kind, and what their states say, in one go. */
static void sums_load(struct dmr_table_sums *s, const u64 *word, u32 n, u32 meta)
{
	u32 kind[8] = { 0 };
	u32 i;

	for (i = 0; i < n; i++) {
		const u32 states = dmr_entry_states(word[i]);

		kind[dmr_entry_kind(word[i])]++;
		/* pending or lost: the only states that are odd */
		if (!(states & 0x5555u))
			continue;
		s->lost_sect += count_states(states, DMR_STATE_LOST);
		s->pending_sect += count_states(states, DMR_STATE_PENDING);
	}
	/* until now they counted as an empty block's */
	s->meta -= meta;
	s->free -= n - meta;
	for (i = 0; i < ARRAY_SIZE(kind); i++)
		*sum_of_kind(s, dmr_entry_make((enum dmr_kind)i, dmr_mblk(0), 0, 0)) += kind[i];
}

void dmr_table_load_block(struct dmr_table *t, u32 index)
{
	struct dmr_table_page *p = t->page[index];
	const u64 below = t->sb->slots - (u64)index * DMR_ENTRIES_PER_BLK;
	const u32 n = below < DMR_ENTRIES_PER_BLK ? (u32)below : DMR_ENTRIES_PER_BLK;
	u64 mask[DMR_MASK_WORDS];
	u32 left = 0, meta = 0;
	u32 i, k;

	dmr_layout_meta_mask(t->sb, index, mask);
	for (i = 0; i < DMR_MASK_WORDS; i++)
		meta += hweight64(mask[i]);
	sums_load(&t->sums, p->word, n, meta);
	/* Slots that do not exist stay taken: they are never offered. */
	memset(p->taken, 0xff, sizeof(p->taken));
	for (i = 0; i * 64 < n; i++) {
		u64 room = 0;

		for (k = i * 64; k < n && k < i * 64 + 64; k++)
			room |= (u64)!p->word[k] << (k % 64);
		p->taken[i] &= ~room;
		left += hweight64(room);
		if (room)
			p->taken[7] &= ~BIT_ULL(DMR_TAKEN_FULL_SHIFT + i);
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

void dmr_table_reserve(struct dmr_table *t, struct dmr_slot at, u64 len, bool meta)
{
	const u64 word = meta ? dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0) : 0;
	u64 s;

	for (s = at.v; s < at.v + len; s++) {
		if (dmr_table_below_mark(t, dmr_slot(s)))
			dmr_table_set(t, dmr_slot(s), word);
		else
			sums_move(&t->sums, meta ? 0 : dmr_entry_make(DMR_KIND_META, dmr_mblk(0),
								      0, 0), word);
	}
}

/* From @s on, which has no entry on disk: as far as nothing can begin or end. */
static u64 computed_end(const struct dmr_table *t, u64 s)
{
	const u64 len = dmr_layout_copy_len(t->sb);
	const u64 mark = (u64)t->sb->hwm_blk * DMR_ENTRIES_PER_BLK;
	u64 end = t->sb->slots;
	u32 i, k;

	/* an implied block */
	if (s < mark)
		end = s - s % DMR_ENTRIES_PER_BLK + DMR_ENTRIES_PER_BLK;
	for (i = 0; i < t->sb->copies; i++) {
		const u64 edge[] = {
			t->sb->copy_slot[i].v, t->sb->copy_slot[i].v + len,
			dmr_layout_anchor(t->sb, i).v, dmr_layout_anchor(t->sb, i).v + len,
		};

		for (k = 0; k < ARRAY_SIZE(edge); k++)
			if (edge[k] > s && edge[k] < end)
				end = edge[k];
	}
	return end;
}

u64 dmr_table_run(const struct dmr_table *t, struct dmr_slot s, enum dmr_kind *kind)
{
	*kind = dmr_entry_kind(dmr_table_get(t, s));
	while (s.v < t->sb->slots && dmr_entry_kind(dmr_table_get(t, s)) == *kind) {
		if (dmr_table_below_mark(t, s))
			s.v++;
		else
			s.v = computed_end(t, s.v);
	}
	return s.v < t->sb->slots ? s.v : t->sb->slots;
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
