// SPDX-License-Identifier: GPL-2.0-only
/*
 * Index: see index.h for the structure and the rules.
 *
 * Sizes: 1.4 cells for each slot it has room for, and room for what is in
 * flight; one filter word for each two slots. Cells of entries that went stay
 * behind until one is taken over or the index is built anew.
 */
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "index.h"
#include "mem.h"

#define REMAP_INDEX_GFP	(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN)

static u32 remap_index_cell(u64 slot)
{
	u32 blk = (u32)(slot / DMR_ENTRIES_PER_BLK);

	static_assert(DMR_ENTRIES_PER_BLK < 1 << REMAP_CELL_SHIFT, "entries from 1 on");
	return blk << REMAP_CELL_SHIFT | (u32)(slot - (u64)blk * DMR_ENTRIES_PER_BLK + 1);
}

bool remap_index_lookup(const struct remap_index *idx, struct dmr_mblk b, struct remap_hit *hit)
{
	return remap_index_find(idx, b, hit);
}

/* The next granule in the range that the filter says may have something, or @end + 1. */
static u64 remap_index_next(const struct remap_index *idx, u64 granule, u64 end)
{
	while (granule <= end) {
		u64 word = READ_ONCE(*remap_index_word_of(idx, granule / 64)) >> (granule % 64);

		if (word)
			return min(granule + __ffs64(word), end + 1);
		granule = (granule | 63) + 1;
	}
	return end + 1;
}

u64 remap_index_first(const struct remap_index *idx, u64 first, u64 last, struct remap_hit *hit)
{
	u64 granule = first / REMAP_GRANULE_BLKS;
	u64 end = last / REMAP_GRANULE_BLKS;

	for (;;) {
		u64 b, to;

		granule = remap_index_next(idx, granule, end);
		if (granule > end)
			return last + 1;
		b = max(first, granule * REMAP_GRANULE_BLKS);
		granule++;
		to = min(last, granule * REMAP_GRANULE_BLKS - 1);
		for (; b <= to; b++)
			if (remap_index_find(idx, dmr_mblk(b), hit))
				return b;
	}
}

/* The slab and the pages behind it come in powers of two: up to as much again, for good. */
static void *remap_index_array(u64 n, size_t bytes)
{
	if (n * bytes <= 4 * PAGE_SIZE)
		return remap_mem(kvcalloc(n, bytes, REMAP_INDEX_GFP));
	return remap_mem(__vmalloc(n * bytes, REMAP_INDEX_GFP | __GFP_ZERO));
}

struct remap_index *remap_index_alloc(u32 blks, u32 written)
{
	/* a forged mark may count implied blocks alone: still no array of nothing */
	u64 slots = (u64)(written ? written : 1) * DMR_ENTRIES_PER_BLK;
	u64 cells = slots * 7 / 5 + 3 * REMAP_INFLIGHT_MAX;
	struct remap_index *idx;

	/* cells name table blocks: of implied ones, too, there may be many below the mark */
	if (cells > U32_MAX || (u64)blks << REMAP_CELL_SHIFT > U32_MAX)
		return NULL;
	idx = remap_mem(kzalloc(sizeof(*idx), REMAP_INDEX_GFP));
	if (!idx)
		return NULL;
	idx->blks = blks;
	idx->cells = (u32)cells;
	idx->words = (u32)(slots / 2);
	idx->tag_mask = (u32)~((2ull << ilog2(((u64)blks << REMAP_CELL_SHIFT) - 1)) - 1);
	idx->page = remap_index_array(blks, sizeof(*idx->page));
	idx->cell = remap_index_array(idx->cells, sizeof(*idx->cell));
	idx->filter = remap_index_array(idx->words, sizeof(*idx->filter));
	if (!idx->page || !idx->cell || !idx->filter) {
		remap_index_free(idx);
		return NULL;
	}
	return idx;
}

void remap_index_free(struct remap_index *idx)
{
	if (!idx)
		return;
	kvfree(idx->page);
	kvfree(idx->cell);
	kvfree(idx->filter);
	kfree(idx);
}

void remap_index_mark_all(struct remap_index *idx)
{
	memset(idx->filter, 0xff, idx->words * sizeof(*idx->filter));
}

void remap_index_mark(struct remap_index *idx, struct dmr_mblk b)
{
	u64 sect = dmr_mblk_sect(b);
	u64 *word = remap_index_word_of(idx, sect >> REMAP_REGION_SHIFT);

	/* map_lock makes us the only writer; readers load the word whole */
	WRITE_ONCE(*word, *word | BIT_ULL((sect >> REMAP_GRANULE_SHIFT) & 63));
}

/* A cell whose slot maps nothing serves nobody: it may be taken over. */
static bool remap_index_stale(const struct remap_index *idx, u32 cell)
{
	return !dmr_entry_maps(remap_index_word(idx, cell & ~idx->tag_mask));
}

int remap_index_insert(struct remap_index *idx, struct dmr_mblk b, struct dmr_slot slot)
{
	u64 hash = remap_index_hash(b.v);
	u32 i = remap_index_place(hash, idx->cells);
	u32 mine = ((u32)hash & idx->tag_mask) | remap_index_cell(slot.v);

	remap_index_mark(idx, b);
	for (;;) {
		u32 cell = idx->cell[i];

		if (cell == mine)
			return 0;
		if (!cell || remap_index_stale(idx, cell)) {
			/* a walk ends at an empty cell: one is left */
			if (!cell && idx->filled + 1 == idx->cells)
				return -ENOSPC;
			if (!cell)
				idx->filled++;
			/* the word was stored before: who sees the cell sees it */
			smp_store_release(&idx->cell[i], mine);
			return 0;
		}
		if (++i == idx->cells)
			i = 0;
	}
}

int remap_index_enter(struct remap_index *idx, struct dmr_mblk b, struct dmr_slot slot,
		      struct remap_hit *hit)
{
	u64 hash = remap_index_hash(b.v);
	u32 i = remap_index_place(hash, idx->cells);
	u32 tag = (u32)hash & idx->tag_mask;
	u32 cell;

	while ((cell = idx->cell[i])) {
		u64 word = (cell & idx->tag_mask) == tag ? remap_index_word(idx, cell ^ tag) : 0;

		if (dmr_entry_maps_block(word, b)) {
			*hit = (struct remap_hit){ b, remap_index_slot(cell ^ tag), word };
			return -EEXIST;
		}
		if (++i == idx->cells)
			i = 0;
	}
	/* a walk ends at an empty cell: one is left */
	if (idx->filled + 1 == idx->cells)
		return -ENOSPC;
	idx->filled++;
	/* the word was stored before: who sees the cell sees it */
	smp_store_release(&idx->cell[i], tag | remap_index_cell(slot.v));
	return 0;
}
