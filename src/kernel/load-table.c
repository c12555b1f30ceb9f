// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load-table: every table block below the mark, from all copies at once.
 *
 * Blocks are read in chunks, each chunk from every copy in parallel; where a
 * chunk cannot be read, block by block. All copies are read although one would
 * do: only so is it known which are identical (R14), and a copy that has gone
 * bad is found while there are others.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "../core/check.h"
#include "grow.h"
#include "index.h"
#include "load.h"
#include "mem.h"

#define REMAP_CHUNK_BLK		16

/* struct remap_chunk - images of up to REMAP_CHUNK_BLK table blocks, from every copy */
struct remap_chunk {
	struct page *page[DMR_COPIES_MAX][REMAP_CHUNK_BLK];
	struct remap_child child[DMR_COPIES_MAX][REMAP_CHUNK_BLK];
	u64 *word[DMR_COPIES_MAX];
};

static void remap_chunk_free(struct remap_chunk *k)
{
	u32 c, i;

	for (c = 0; c < DMR_COPIES_MAX; c++) {
		kfree(k->word[c]);
		for (i = 0; i < REMAP_CHUNK_BLK; i++)
			if (k->page[c][i])
				__free_page(k->page[c][i]);
	}
	kvfree(k);
}

static struct remap_chunk *remap_chunk_alloc(u32 copies)
{
	struct remap_chunk *k = remap_mem(kvzalloc(sizeof(*k), GFP_NOIO));
	u32 c, i;

	for (c = 0; k && c < copies; c++) {
		k->word[c] = remap_mem(kmalloc_array(DMR_ENTRIES_PER_BLK, sizeof(u64), GFP_NOIO));
		if (!k->word[c])
			goto fail;
		for (i = 0; i < REMAP_CHUNK_BLK; i++) {
			k->page[c][i] = remap_mem(alloc_page(GFP_NOIO));
			if (!k->page[c][i])
				goto fail;
		}
	}
	return k;
fail:
	remap_chunk_free(k);
	return NULL;
}

static void remap_chunk_read(struct remap *r, struct remap_chunk *k, u32 first, u32 n)
{
	struct remap_batch b;
	u32 c, i;

	remap_batch_init(&b);
	for (c = 0; c < r->sb.copies; c++) {
		for (i = 0; i < n; i++) {
			struct dmr_slot s = dmr_layout_table_slot(&r->sb, c, first + i);

			k->child[c][i] = (struct remap_child){
				.nr_sect = DMR_BLK_SECTS,
				.to_spare = true,
				.dest_sect = dmr_slot_sect(s),
				.opf = REMAP_META_READ,
				.page = k->page[c][i],
			};
			remap_child_submit(r, NULL, &k->child[c][i], &b);
		}
	}
	remap_batch_wait(&b);
}

/* One block as copy @c has it. A read that failed is tried once more. */
static void remap_chunk_decode(struct remap *r, struct remap_chunk *k, u32 c, u32 i, u32 blk,
			       struct dmr_table_seen *seen)
{
	struct dmr_slot s = dmr_layout_table_slot(&r->sb, c, blk);

	seen->word = k->word[c];
	seen->st = DMR_BLK_UNREAD;
	if (k->child[c][i].status && remap_meta_read(r, s, k->page[c][i]))
		return;
	seen->st = dmr_codec_table_decode(page_address(k->page[c][i]), s, &r->sb, blk, k->word[c],
					  &seen->gen, NULL);
}

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
static int remap_doubles_check(struct remap *r, struct remap_doubles *d)
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

static int remap_load_entries(struct remap *r, u32 blk, struct remap_doubles *d)
{
	struct remap_index *idx = rcu_dereference_protected(r->index,
							    lockdep_is_held(&r->map_lock));
	struct dmr_table_page *p = idx->page[blk];
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		struct dmr_slot slot = dmr_slot((u64)blk * DMR_ENTRIES_PER_BLK + i);
		struct remap_hit hit;
		u64 word = p->word[i];
		int err;

		if (!dmr_entry_maps(word))
			continue;
		/* not in the cells yet itself: what is found is an earlier one for this block */
		if (remap_index_lookup(idx, dmr_entry_mblk(word), &hit) && hit.slot.v != slot.v)
			err = remap_load_double(r, idx, d, &hit, slot, word);
		else
			err = remap_index_insert(idx, dmr_entry_mblk(word), slot);
		if (err)
			return err;
	}
	return 0;
}

/* Choose the image of one block and take it in. */
static int remap_load_block(struct remap *r, struct remap_chunk *k, u32 i, u32 blk,
			    u32 candidates, u8 *same, struct remap_doubles *d)
{
	struct dmr_table_seen seen[DMR_COPIES_MAX];
	struct remap_index *idx;
	u32 best, alike, c;
	int err;

	for (c = 0; c < r->sb.copies; c++)
		remap_chunk_decode(r, k, c, i, blk, &seen[c]);
	err = dmr_copies_pick(seen, r->sb.copies, candidates, &best, &alike);
	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	if (!err) {
		memcpy(idx->page[blk]->word, k->word[best], sizeof(idx->page[blk]->word));
		same[blk] = alike;
		/* the words are settled already; the block is to say so, too */
		if (dmr_codec_table_unsettled(page_address(k->page[best][i]), &r->sb, blk))
			remap_commit_dirty(r, dmr_slot((u64)blk * DMR_ENTRIES_PER_BLK));
	} else if (r->args.force_readonly) {
		/* what it said is lost: its slots look free, its blocks look as if on main (R6) */
		DMERR("%s: table block %u is lost", remap_name(r), blk);
		r->forced = true;
		err = 0;
	} else if (err == -EPROTONOSUPPORT) {
		DMERR("%s: table block %u has a newer format in a copy; use a newer dm-remap",
		      remap_name(r), blk);
	} else {
		DMERR("%s: no copy of table block %u can be believed; see dmremap check",
		      remap_name(r), blk);
	}
	if (!err) {
		dmr_table_load_block(&r->table, blk);
		err = remap_load_entries(r, blk, d);
	}
	mutex_unlock(&r->map_lock);
	return err;
}

/* How many blocks from @blk on can be read as one chunk; 0: it is implied. */
static u32 remap_load_run(const struct remap *r, u32 blk)
{
	u32 n = 0;

	while (n < REMAP_CHUNK_BLK && blk + n < r->sb.hwm_blk &&
	       !dmr_layout_implied(&r->sb, blk + n))
		n++;
	return n;
}

int remap_load_table(struct remap *r, u32 candidates, u8 *same)
{
	struct remap_chunk *k = remap_chunk_alloc(r->sb.copies);
	struct remap_doubles d = {};
	struct remap_index *idx;
	int err = 0, more;
	u32 blk, n, i;

	if (!k)
		return -ENOMEM;
	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	dmr_table_init(&r->table, &r->sb, idx->page);
	dmr_table_use_room(&r->table, idx->blks, r->room_words);
	mutex_unlock(&r->map_lock);

	for (blk = 0; blk < r->sb.hwm_blk && !err; blk += n) {
		n = remap_load_run(r, blk);
		if (!n) {
			same[blk] = 0xff; /* implied: nothing of it can differ */
			n = 1;
			continue;
		}
		remap_chunk_read(r, k, blk, n);
		for (i = 0; i < n && !err; i++)
			err = remap_load_block(r, k, i, blk + i, candidates, same, &d);
	}
	remap_chunk_free(k);
	more = remap_doubles_check(r, &d);
	return err ? err : more;
}

void remap_load_forget(struct remap *r)
{
	struct remap_index *idx = rcu_dereference_protected(r->index, true);
	u32 blk;

	remap_grow_forget(r);
	r->loaded = false;
	RCU_INIT_POINTER(r->index, NULL);
	synchronize_rcu();
	for (blk = 0; idx && blk < idx->blks; blk++)
		free_page((unsigned long)idx->page[blk]);
	remap_index_free(idx);
	kvfree(r->room_words);
	kvfree(r->dirty);
	kvfree(r->doubt);
	r->room_words = NULL;
	r->dirty = NULL;
	r->doubt = NULL;
	r->doubt_blk = 0;
	r->table.sb = NULL;
	memset(&r->rebuild, 0, sizeof(r->rebuild));
}
