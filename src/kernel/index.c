// SPDX-License-Identifier: GPL-2.0-only
/*
 * Index: see index.h for the structure and the rules.
 *
 * Sizes: 1.5 cells for each slot below the mark, so that the load stays under
 * two thirds even when every slot is used, and room for what is in flight; one
 * filter word for each two slots. Cells of entries that went stay behind until
 * one is taken over or the index is built anew.
 * Ranges are taken by multiply-shift, not by powers of two.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "index.h"
#include "mem.h"

#define REMAP_INDEX_GFP	(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN)

static u64 remap_index_word(const struct remap_index *idx, u64 slot)
{
	u32 blk = (u32)(slot / DMR_ENTRIES_PER_BLK);

	return READ_ONCE(idx->page[blk]->word[slot - (u64)blk * DMR_ENTRIES_PER_BLK]);
}

bool remap_index_lookup(const struct remap_index *idx, struct dmr_mblk b, struct remap_hit *hit)
{
	u32 i = remap_index_hash(b.v, idx->cells);
	u32 n;

	for (n = 0; n < idx->cells; n++) {
		/* pairs with smp_store_release() in remap_index_insert() */
		u32 cell = smp_load_acquire(&idx->cell[i]);
		u64 word;

		if (!cell)
			return false;
		word = remap_index_word(idx, cell - 1);
		if (dmr_entry_maps(word) && dmr_entry_mblk(word).v == b.v) {
			hit->b = b;
			hit->slot = dmr_slot(cell - 1);
			hit->word = word;
			return true;
		}
		if (++i == idx->cells)
			i = 0;
	}
	return false;
}

bool remap_index_maybe(const struct remap_index *idx, struct dmr_mblk b)
{
	u64 sect = dmr_mblk_sect(b);

	return !remap_index_quiet(idx, sect, DMR_BLK_SECTS);
}

u64 remap_index_next(const struct remap_index *idx, u64 first, u64 last)
{
	u64 granule = 1ull << (REMAP_GRANULE_SHIFT - 3);
	u64 b = first;

	while (b <= last) {
		if (remap_index_maybe(idx, dmr_mblk(b)))
			return b;
		b = (b / granule + 1) * granule;
	}
	return last + 1;
}

struct remap_index *remap_index_alloc(u32 blks, u32 written)
{
	/* a forged mark may count implied blocks alone: still no array of nothing */
	u64 slots = (u64)(written ? written : 1) * DMR_ENTRIES_PER_BLK;
	struct remap_index *idx;

	u64 cells = slots + slots / 2 + 3 * REMAP_INFLIGHT_MAX;

	/* cells hold slot numbers: of implied blocks, too, there may be many below the mark */
	if (cells > U32_MAX || (u64)blks * DMR_ENTRIES_PER_BLK >= U32_MAX)
		return NULL;
	idx = remap_mem(kzalloc(sizeof(*idx), REMAP_INDEX_GFP));
	if (!idx)
		return NULL;
	idx->blks = blks;
	idx->cells = (u32)cells;
	idx->words = (u32)(slots / 2);
	idx->page = remap_mem(kvcalloc(blks, sizeof(*idx->page), REMAP_INDEX_GFP));
	idx->cell = remap_mem(kvcalloc(idx->cells, sizeof(*idx->cell), REMAP_INDEX_GFP));
	idx->filter = remap_mem(kvcalloc(idx->words, sizeof(*idx->filter), REMAP_INDEX_GFP));
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
	u64 *word = &idx->filter[remap_index_hash(sect >> REMAP_REGION_SHIFT, idx->words)];

	/* map_lock makes us the only writer; readers load the word whole */
	WRITE_ONCE(*word, *word | BIT_ULL((sect >> REMAP_GRANULE_SHIFT) & 63));
}

/* A cell whose slot maps nothing serves nobody: it may be taken over. */
static bool remap_index_stale(const struct remap_index *idx, u32 cell)
{
	return !dmr_entry_maps(remap_index_word(idx, cell - 1));
}

int remap_index_insert(struct remap_index *idx, struct dmr_mblk b, struct dmr_slot slot)
{
	u32 i = remap_index_hash(b.v, idx->cells);
	u32 n;

	remap_index_mark(idx, b);
	for (n = 0; n < idx->cells; n++) {
		u32 cell = idx->cell[i];

		if (cell == slot.v + 1)
			return 0;
		if (!cell || remap_index_stale(idx, cell)) {
			if (!cell)
				idx->filled++;
			/* the word was stored before: who sees the cell sees it */
			smp_store_release(&idx->cell[i], (u32)slot.v + 1);
			return 0;
		}
		if (++i == idx->cells)
			i = 0;
	}
	return -ENOSPC;
}
