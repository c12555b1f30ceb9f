// SPDX-License-Identifier: GPL-2.0-only
/*
 * Index: see index.h for the structure and the rules.
 *
 * Sizes: 1.25 cells for each slot it has room for, and room for what is in
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
#define REMAP_GRANULE_BLKS	(1u << (REMAP_GRANULE_SHIFT - 3))

static u64 remap_index_word(const struct remap_index *idx, u32 slot)
{
	u32 blk = slot / DMR_ENTRIES_PER_BLK;

	return READ_ONCE(idx->page[blk]->word[slot - blk * DMR_ENTRIES_PER_BLK]);
}

/*
 * What the cells of @hash have above the slot's number: those low bits of the hash that fit.
 * They keep a search from reading the words of others: a cache miss each. In 64 bits, because
 * nothing is left of them, and the shift is by 32, when the spare is that large.
 */
static u32 remap_index_tag(const struct remap_index *idx, u32 hash)
{
	return (u32)((u64)hash << idx->slot_bits);
}

static bool remap_index_tagged(const struct remap_index *idx, u32 cell, u32 tag)
{
	return !((u64)(cell ^ tag) >> idx->slot_bits);
}

static u32 remap_index_slot(const struct remap_index *idx, u32 cell)
{
	return (cell & (u32)((1ull << idx->slot_bits) - 1)) - 1;
}

bool remap_index_lookup(const struct remap_index *idx, struct dmr_mblk b, struct remap_hit *hit)
{
	u32 hash = remap_index_hash(b.v);
	u32 i = remap_index_place(hash, idx->cells);
	u32 tag = remap_index_tag(idx, hash);
	u32 n;

	for (n = 0; n < idx->cells; n++) {
		/* pairs with smp_store_release() in remap_index_insert() */
		u32 cell = smp_load_acquire(&idx->cell[i]);

		if (!cell)
			return false;
		if (remap_index_tagged(idx, cell, tag)) {
			u32 slot = remap_index_slot(idx, cell);
			u64 word = remap_index_word(idx, slot);

			if (dmr_entry_maps(word) && dmr_entry_mblk(word).v == b.v) {
				hit->b = b;
				hit->slot = dmr_slot(slot);
				hit->word = word;
				return true;
			}
		}
		if (++i == idx->cells)
			i = 0;
	}
	return false;
}

u64 remap_index_next(const struct remap_index *idx, u64 first, u64 last)
{
	u64 granule = first / REMAP_GRANULE_BLKS;
	u64 end = last / REMAP_GRANULE_BLKS;

	while (granule <= end) {
		u64 word = READ_ONCE(*remap_index_word_of(idx, granule / 64)) >> (granule % 64);

		if (word) {
			granule += __ffs64(word);
			if (granule > end)
				break;
			return max(first, granule * REMAP_GRANULE_BLKS);
		}
		granule = (granule | 63) + 1;
	}
	return last + 1;
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
	u64 cells = slots + slots / 4 + 3 * REMAP_INFLIGHT_MAX;
	struct remap_index *idx;

	/* cells hold slot numbers: of implied blocks, too, there may be many below the mark */
	if (cells > U32_MAX || (u64)blks * DMR_ENTRIES_PER_BLK >= U32_MAX)
		return NULL;
	idx = remap_mem(kzalloc(sizeof(*idx), REMAP_INDEX_GFP));
	if (!idx)
		return NULL;
	idx->blks = blks;
	idx->cells = (u32)cells;
	idx->words = (u32)(slots / 2);
	/* the greatest cell without a tag is the number of slots, one above the last of them */
	idx->slot_bits = (u32)ilog2((u64)blks * DMR_ENTRIES_PER_BLK) + 1;
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
	return !dmr_entry_maps(remap_index_word(idx, remap_index_slot(idx, cell)));
}

int remap_index_insert(struct remap_index *idx, struct dmr_mblk b, struct dmr_slot slot)
{
	u32 hash = remap_index_hash(b.v);
	u32 i = remap_index_place(hash, idx->cells);
	u32 mine = remap_index_tag(idx, hash) | ((u32)slot.v + 1);
	u32 n;

	remap_index_mark(idx, b);
	for (n = 0; n < idx->cells; n++) {
		u32 cell = idx->cell[i];

		if (cell == mine)
			return 0;
		if (!cell || remap_index_stale(idx, cell)) {
			if (!cell)
				idx->filled++;
			/* the word was stored before: who sees the cell sees it */
			smp_store_release(&idx->cell[i], mine);
			return 0;
		}
		if (++i == idx->cells)
			i = 0;
	}
	return -ENOSPC;
}
