// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map: counting. What is not in a table block is not looked at one by one: it is
 * metadata by the list of copies and the anchors, or free.
 */
#include "map.h"
#include "say.h"

#define COLUMNS		64u
#define ROWS		32u

static const struct {
	char letter;
	const char *name;
} kind[MAP_KINDS] = {
	/* the first that a part has any of is its letter */
	[MAP_UNKNOWN] = { '?', "unknown: its entries are lost" },
	[MAP_BAD] = { 'X', "bad" },
	[MAP_USED] = { '#', "used" },
	[MAP_PENDING] = { 'p', "kept for unreadable sectors" },
	[MAP_META] = { 'M', "metadata" },
	[MAP_FREE] = { '.', "free" },
};

static enum map_kind kind_of(u64 word)
{
	switch (dmr_entry_kind(word)) {
	case DMR_KIND_META:
		return MAP_META;
	case DMR_KIND_USED:
		return MAP_USED;
	case DMR_KIND_PENDING:
		return MAP_PENDING;
	case DMR_KIND_BAD:
		return MAP_BAD;
	default:
		return MAP_FREE;
	}
}

/* Slots @first to @end - 1 are of kind @k. */
static void add_run(struct map *m, u64 first, u64 end, enum map_kind k)
{
	u64 next;

	for (; first < end; first = next) {
		next = (first / m->per_bin + 1) * m->per_bin;
		if (next > end)
			next = end;
		m->bin[first / m->per_bin].n[k] += next - first;
		m->sum[k] += next - first;
	}
}

static void add_place(struct map *m, const struct dmr_super *sb, struct dmr_slot at)
{
	add_run(m, at.v, at.v + dmr_layout_copy_len(sb), MAP_META);
}

static void count_block(struct map *m, const struct walk *w, u32 blk)
{
	const u64 first = (u64)blk * DMR_ENTRIES_PER_BLK;
	u64 end = first + DMR_ENTRIES_PER_BLK, s;

	if (end > w->sb->slots)
		end = w->sb->slots;
	for (s = first; s < end; s++)
		if (!dmr_layout_is_meta(w->sb, dmr_slot(s)))
			add_run(m, s, s + 1, w->page[blk] ? kind_of(walk_word(w, dmr_slot(s))) :
							    MAP_UNKNOWN);
}

/* What is not in a table block is metadata by the places of copies, or free. */
static void count(struct map *m, const struct walk *w)
{
	u64 i, seen = 0;
	u32 blk, c;

	for (c = 0; c < w->sb->copies; c++) {
		add_place(m, w->sb, w->sb->copy_slot[c]);
		if (dmr_layout_moved(w->sb, c))
			add_place(m, w->sb, dmr_layout_anchor(w->sb, c));
	}
	for (blk = 0; blk < w->sb->hwm_blk; blk++)
		if (w->page[blk] || !dmr_layout_implied(w->sb, blk))
			count_block(m, w, blk);
	for (i = 0; i < m->bins; i++) {
		u64 all = i + 1 < m->bins ? m->per_bin : w->sb->slots - i * m->per_bin, k;

		for (k = 0, seen = 0; k < MAP_FREE; k++)
			seen += m->bin[i].n[k];
		m->sum[MAP_FREE] += all - seen - m->bin[i].n[MAP_FREE];
		m->bin[i].n[MAP_FREE] = all - seen;
	}
}

void map_make(struct map *m, const struct walk *w)
{
	memset(m, 0, sizeof(*m));
	m->per_bin = (w->sb->slots + COLUMNS * ROWS - 1) / (COLUMNS * ROWS);
	m->bins = (w->sb->slots + m->per_bin - 1) / m->per_bin;
	m->columns = COLUMNS;
	m->bin = say_alloc(m->bins, sizeof(*m->bin));
	count(m, w);
}

enum map_kind map_kind_of(const struct map_bin *b)
{
	enum map_kind k = 0;

	while (k < MAP_FREE && !b->n[k])
		k++;
	return k;
}

const char *map_kind_name(enum map_kind k)
{
	return kind[k].name;
}

char map_kind_letter(enum map_kind k)
{
	return kind[k].letter;
}
