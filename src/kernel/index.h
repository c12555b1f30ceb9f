/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index: main block -> slot, for readers without locks.
 *
 * Two arrays beside the table. The filter: one u64 word for each hashed 1 MiB
 * region, one bit for each 16 KiB granule; a clear bit is a promise that
 * nothing there has an entry or a fence. The cells: an open hash of slot
 * numbers, each with as much of the hash as fits beside it, verified against
 * the entry word of the table itself. An entry published before a lookup began
 * is found: the word is stored before the cell, the cell before the old entry
 * goes; bits are never cleared in place; growth builds a second index beside
 * this one and switches (A16, grow.h).
 *
 * doc/performance.md has the figures, and why it is not a tree. All memory is
 * there before the high-water mark is raised: publishing a remap never
 * allocates (R8).
 */
#ifndef REMAP_INDEX_H
#define REMAP_INDEX_H

#include <linux/prefetch.h>

#include "target.h"

#define REMAP_REGION_SHIFT	11	/* sectors in a filter word: 1 MiB */
#define REMAP_GRANULE_SHIFT	5	/* sectors in a filter bit: 16 KiB */
#define REMAP_REGION_BLKS	(1ull << (REMAP_REGION_SHIFT - 3))
#define REMAP_GRANULE_BLKS	(1ull << (REMAP_GRANULE_SHIFT - 3))

/*
 * A cell: the table block, 9 bits for the entry in it, counted from 1, and above them a tag,
 * as many of the hash's low bits as are left (the high ones chose the place). The tag keeps a
 * walk from reading the words of others: a cache miss each.
 */
#define REMAP_CELL_SHIFT	9

/**
 * struct remap_index - one generation of the index
 * @blks: table blocks it has room for; page has one pointer for each, NULL for implied ones
 *	  and those the mark has not reached
 * @cells: number of cells; @filled of them are not empty
 * @words: number of filter words
 * @tag_mask: high bits of a cell: a piece of the hash; below them, where the entry is
 */
struct remap_index {
	struct rcu_head rcu;
	u32 blks;
	u32 cells;
	u32 filled;
	u32 words;
	u32 tag_mask;
	struct dmr_table_page **page;
	u32 *cell;
	u64 *filter;
};

/** struct remap_hit - an entry found: its block, its slot, and the word as loaded once */
struct remap_hit {
	struct dmr_mblk b;
	struct dmr_slot slot;
	u64 word;
};

/* Fibonacci hashing, and a range by multiply-shift: neither wants a power of two. */
static inline u64 remap_index_hash(u64 v)
{
	return v * 0x9e3779b97f4a7c15ull;
}

static inline u32 remap_index_place(u64 hash, u32 range)
{
	return (u32)(((hash >> 32) * range) >> 32);
}

static inline u64 *remap_index_word_of(const struct remap_index *idx, u64 region)
{
	return &idx->filter[remap_index_place(remap_index_hash(region), idx->words)];
}

/**
 * remap_index_quiet() - hot path: certainly nothing special in these sectors?
 *
 * False also for what is not worth a fast answer: a bio that crosses a region,
 * or one without data (its last sector lies before its first).
 * Context: any, preemption off.
 */
static inline bool remap_index_quiet(const struct remap_index *idx, u64 sect, u32 nr_sect)
{
	u64 end = sect + nr_sect - 1;
	u32 from = (sect >> REMAP_GRANULE_SHIFT) & 63;
	u32 to = (end >> REMAP_GRANULE_SHIFT) & 63;
	u64 word;

	if (unlikely(sect >> REMAP_REGION_SHIFT != end >> REMAP_REGION_SHIFT))
		return false;
	word = READ_ONCE(*remap_index_word_of(idx, sect >> REMAP_REGION_SHIFT));
	/* 64 for an empty bio at the start of a granule: 0 errs on the safe side, for free */
	return likely(!((word >> from) << ((63 - to + from) & 63)));
}

/* The entry word that a cell without its tag leads to. */
static inline u64 remap_index_word(const struct remap_index *idx, u32 at)
{
	unsigned long i = at & ((1u << REMAP_CELL_SHIFT) - 1);

	return READ_ONCE(idx->page[at >> REMAP_CELL_SHIFT]->word[i - 1]);
}

static inline struct dmr_slot remap_index_slot(u32 at)
{
	return dmr_slot((u64)(at >> REMAP_CELL_SHIFT) * DMR_ENTRIES_PER_BLK +
			(at & ((1u << REMAP_CELL_SHIFT) - 1)) - 1);
}

/**
 * remap_index_find() - remap_index_lookup(), in place: for map() and for loops
 * Context: preemption off, or map_lock held. Return: false when it has none.
 */
static __always_inline bool remap_index_find(const struct remap_index *idx, struct dmr_mblk b,
					     struct remap_hit *hit)
{
	u64 hash = remap_index_hash(b.v);
	const u32 *cell = &idx->cell[remap_index_place(hash, idx->cells)];
	u32 tag = (u32)hash & idx->tag_mask;

	for (;;) {
		/* pairs with smp_store_release() in remap_index_insert(), which leaves one empty */
		u32 v = smp_load_acquire(cell);

		if (!v)
			return false;
		if ((v & idx->tag_mask) == tag) {
			u64 word = remap_index_word(idx, v ^ tag);

			if (likely(dmr_entry_maps_block(word, b))) {
				hit->b = b;
				hit->slot = remap_index_slot(v ^ tag);
				hit->word = word;
				return true;
			}
		}
		if (unlikely(++cell == &idx->cell[idx->cells]))
			cell = idx->cell;
	}
}

/**
 * remap_index_any() - has any block in [@first, @last] an entry?
 *
 * In place, for map(): what remap_index_first() would cost more is a tenth of the question.
 * Context: preemption off.
 */
static __always_inline bool remap_index_any(const struct remap_index *idx, u64 first, u64 last)
{
	u64 granule = first / REMAP_GRANULE_BLKS;
	u64 end = last / REMAP_GRANULE_BLKS;
	struct remap_hit unread = {};

	while (granule <= end) {
		u64 word = READ_ONCE(*remap_index_word_of(idx, granule / 64)) >> (granule % 64);
		u64 at = granule;

		for (; word; word &= word - 1) {
			u64 b = (at + __ffs64(word)) * REMAP_GRANULE_BLKS;
			u64 to = min(last, b + REMAP_GRANULE_BLKS - 1);

			for (b = max(b, first); b <= to; b++)
				if (remap_index_find(idx, dmr_mblk(b), &unread))
					return true;
		}
		granule = (granule | 63) + 1;
	}
	return false;
}

/**
 * remap_index_lookup() - the entry of block @b
 * Context: preemption off, or map_lock held. Return: false when it has none.
 */
bool remap_index_lookup(const struct remap_index *idx, struct dmr_mblk b, struct remap_hit *hit);

/**
 * remap_index_first() - first block in [@first, @last] with an entry, which fills @hit
 * Context: preemption off, or map_lock held. Return: block number, or @last + 1.
 */
u64 remap_index_first(const struct remap_index *idx, u64 first, u64 last, struct remap_hit *hit);

/**
 * remap_index_alloc() - an empty index for @blks table blocks; page pointers NULL
 * @written: how many of them are not implied: only these can have entries
 *
 * Context: may sleep; never waits for I/O. Return: NULL without memory.
 */
struct remap_index *remap_index_alloc(u32 blks, u32 written);
void remap_index_free(struct remap_index *idx);

/** remap_index_mark_all() - send every bio the slow way (a read-only device looks at each) */
void remap_index_mark_all(struct remap_index *idx);

/** remap_index_mark() - set the filter bit of block @b. Context: map_lock. */
void remap_index_mark(struct remap_index *idx, struct dmr_mblk b);

/**
 * remap_index_insert() - make the entry of @slot (its word is already published) findable
 * Context: map_lock. Return: 0; -ENOSPC when no cell is left (remap_index_room() was not asked).
 */
int remap_index_insert(struct remap_index *idx, struct dmr_mblk b, struct dmr_slot slot);

/**
 * remap_index_enter() - remap_index_insert() while the table is loaded
 *
 * In one walk: an entry for @b that is there already is found instead, and no cell is stale
 * yet, so that no word of another entry is read: a cache miss each. The filter is the
 * caller's: remap_index_mark().
 * Context: map_lock. Return: 0; -EEXIST: @hit is the earlier one; -ENOSPC.
 */
int remap_index_enter(struct remap_index *idx, struct dmr_mblk b, struct dmr_slot slot,
		      struct remap_hit *hit);

/*
 * What remap_index_enter() of @b looks at first, and what remap_index_mark() of it changes.
 * Inlined always: a function that does nothing else has no effect, for a compiler.
 */
static __always_inline void remap_index_prefetch_cell(const struct remap_index *idx, u64 b)
{
	prefetchw(&idx->cell[remap_index_place(remap_index_hash(b), idx->cells)]);
}

static __always_inline void remap_index_prefetch_filter(const struct remap_index *idx, u64 b)
{
	prefetchw(remap_index_word_of(idx, b >> (REMAP_REGION_SHIFT - 3)));
}

/**
 * remap_index_room() - may another entry be inserted, with all that are in flight?
 * Context: map_lock.
 */
static inline bool remap_index_room(const struct remap_index *idx)
{
	return idx->filled + REMAP_INFLIGHT_MAX < idx->cells - idx->cells / 16;
}

/** remap_index_stuffed() - too many stale cells: time to build it anew? Context: map_lock. */
static inline bool remap_index_stuffed(const struct remap_index *idx)
{
	return idx->filled + 2 * REMAP_INFLIGHT_MAX > idx->cells - idx->cells / 8;
}

#endif
