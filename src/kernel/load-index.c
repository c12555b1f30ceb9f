// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load-index: from the table to the index, and blocks with two entries; see load-index.h.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "../core/check.h"
#include "commit.h"
#include "index.h"
#include "load-index.h"
#include "mem.h"

#define REMAP_REF_SHIFT	9	/* of the table block in a reference */
#define REMAP_AHEAD	32	/* entries between asking for a place and using it */

static int remap_doubles_add(struct remap_doubles *d, u64 mblk)
{
	if (d->n == d->room) {
		u32 room = d->room ? 2 * d->room : 64;
		u64 *grown = remap_mem(kvmalloc_array(room, sizeof(*grown), GFP_NOIO));

		if (!grown)
			return -ENOMEM;
		if (d->n)
			memcpy(grown, d->mblk, d->n * sizeof(*grown));
		kvfree(d->mblk);
		d->mblk = grown;
		d->room = room;
	}
	d->mblk[d->n++] = mblk;
	return 0;
}

static int remap_doubles_cmp(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a;
	const u64 y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* A block that was double twice has three entries: nothing says which counts. */
int remap_load_doubles(struct remap *r, struct remap_doubles *d)
{
	int err = 0;
	u32 i;

	sort(d->mblk, d->n, sizeof(*d->mblk), remap_doubles_cmp, NULL);
	for (i = 1; i < d->n && !err; i++) {
		if (d->mblk[i] != d->mblk[i - 1])
			continue;
		DMERR("%s: block %llu has more than two slots and nothing says which counts",
		      remap_name(r), (unsigned long long)d->mblk[i]);
		err = -EUCLEAN;
	}
	kvfree(d->mblk);
	return err;
}

/* Two entries for one block: the next serial counts, the other becomes free (A6). */
static int remap_load_double(struct remap *r, struct remap_index *idx, struct remap_doubles *d,
			     const struct remap_hit *old, struct dmr_slot slot, u64 word)
{
	struct dmr_slot loser;
	int winner = dmr_check_winner(old->word, word);

	if (remap_doubles_add(d, old->b.v))
		return -ENOMEM;
	if (winner < 0) {
		DMERR("%s: block %llu has slots %llu and %llu and nothing says which counts",
		      remap_name(r), (unsigned long long)old->b.v,
		      (unsigned long long)old->slot.v, (unsigned long long)slot.v);
		return -EUCLEAN;
	}
	loser = winner ? old->slot : slot;
	/* not released: its slot is offered again when the next activation has read it as free */
	dmr_table_set(&r->table, loser, 0);
	remap_commit_dirty(r, loser);
	return winner ? remap_index_insert(idx, old->b, slot) : 0;
}

static struct dmr_slot remap_ref_slot(u32 first, u32 ref)
{
	return dmr_slot((u64)(first + (ref >> REMAP_REF_SHIFT)) * DMR_ENTRIES_PER_BLK +
			(ref & ((1u << REMAP_REF_SHIFT) - 1)));
}

static u64 remap_ref_word(struct dmr_table_page **page, u32 ref)
{
	return page[ref >> REMAP_REF_SHIFT]->word[ref & ((1u << REMAP_REF_SHIFT) - 1)];
}

/* Where in the filter, or in the cells: each goes by the hash from its start to its end. */
static u32 remap_part(u64 word, bool filter)
{
	u64 v = dmr_entry_mblk(word).v;

	return remap_index_hash(filter ? v >> (REMAP_REGION_SHIFT - 3) : v) >> 56;
}

/* Refer to all entries that map something, part after part, and in a part slot after slot. */
static u32 remap_order(struct remap_entering *e, struct dmr_table_page **page, u32 n, bool filter)
{
	u32 blk, i, at = 0, size;

	static_assert(REMAP_CHUNK_BLK << REMAP_REF_SHIFT <= 1 << 16 &&
		      DMR_ENTRIES_PER_BLK <= 1 << REMAP_REF_SHIFT, "references");
	memset(e->end, 0, sizeof(e->end));
	for (blk = 0; blk < n; blk++)
		for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
			if (dmr_entry_maps(page[blk]->word[i]))
				e->end[remap_part(page[blk]->word[i], filter)]++;
	/* first where each part begins; the end is where it has got to when all are in */
	for (i = 0; i < REMAP_PARTS; i++) {
		size = e->end[i];
		e->end[i] = at;
		at += size;
	}
	for (blk = 0; blk < n; blk++)
		for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
			if (dmr_entry_maps(page[blk]->word[i]))
				e->ref[e->end[remap_part(page[blk]->word[i], filter)]++] =
					blk << REMAP_REF_SHIFT | i;
	return at;
}

/* Context: map_lock, as all below. */
static void remap_enter_filter(struct remap_index *idx, const struct remap_entering *e,
			       struct dmr_table_page **page, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u32 next = e->ref[min(i + REMAP_AHEAD, n - 1)];

		remap_index_prefetch_filter(idx, dmr_entry_mblk(remap_ref_word(page, next)).v);
		remap_index_mark(idx, dmr_entry_mblk(remap_ref_word(page, e->ref[i])));
	}
}

static int remap_enter_cells(struct remap *r, struct remap_index *idx, struct remap_entering *e,
			     u32 first, u32 n)
{
	struct dmr_table_page **page = &idx->page[first];
	struct remap_hit hit;
	int err = 0;
	u32 i;

	for (i = 0; i < n && !err; i++) {
		u32 next = e->ref[min(i + REMAP_AHEAD, n - 1)];
		struct dmr_slot slot = remap_ref_slot(first, e->ref[i]);
		u64 word = remap_ref_word(page, e->ref[i]);

		remap_index_prefetch_cell(idx, dmr_entry_mblk(remap_ref_word(page, next)).v);
		err = remap_index_enter(idx, dmr_entry_mblk(word), slot, &hit);
		if (err == -EEXIST)
			err = remap_load_double(r, idx, &e->doubles, &hit, slot, word);
	}
	return err;
}

int remap_load_enter(struct remap *r, struct remap_entering *e, u32 first, u32 n)
{
	struct remap_index *idx;
	int err;

	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	remap_enter_filter(idx, e, &idx->page[first], remap_order(e, &idx->page[first], n, true));
	err = remap_enter_cells(r, idx, e, first, remap_order(e, &idx->page[first], n, false));
	mutex_unlock(&r->map_lock);
	return err;
}
