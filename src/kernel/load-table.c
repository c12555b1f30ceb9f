// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load-table: every table block below the mark, from all copies at once.
 *
 * All copies are read although one would do: only so is it known which are
 * identical (R14), and a copy that has gone bad is found while there are others.
 * Each is checked; but entries that are the same in another copy, byte for byte,
 * are decoded once.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "grow.h"
#include "index.h"
#include "load.h"
#include "load-index.h"
#include "load-read.h"
#include "mem.h"

#define REMAP_CHUNKS	2	/* one is read while the other one is taken in */

/*
 * struct remap_loading - a load under way
 * @chunk: @chunks of them
 * @next: the first block that was not asked for
 * @word: entries of one block by copy, where they are not those of another copy
 */
struct remap_loading {
	u32 candidates;
	u8 *same;
	u32 next;
	u32 chunks;
	struct remap_chunk *chunk[REMAP_CHUNKS];
	struct remap_entering entering;
	u64 word[DMR_COPIES_MAX][DMR_ENTRIES_PER_BLK];
};

/* One block as each copy has it. */
static void remap_load_look(struct remap *r, struct remap_loading *l, struct remap_chunk *k, u32 i,
			    struct dmr_table_seen *seen, const void **raw)
{
	u32 twin = DMR_COPIES_MAX;
	u32 blk = k->first + i;
	u32 c;

	for (c = 0; c < r->sb.copies; c++) {
		struct dmr_slot s = dmr_layout_table_slot(&r->sb, c, blk);
		bool same = false;

		raw[c] = remap_chunk_block(r, k, c, i);
		seen[c].st = DMR_BLK_UNREAD;
		if (!raw[c])
			continue;
		seen[c].st = dmr_codec_table_decode_twin(raw[c], s, &r->sb, blk,
							 twin < c ? raw[twin] : NULL, &same,
							 l->word[c], &seen[c].gen);
		seen[c].word = same ? seen[twin].word : l->word[c];
		if (seen[c].st == DMR_BLK_OK && twin > c)
			twin = c;
	}
}

/* No image of it may be believed: @err, or 0 with force_readonly. */
static int remap_load_lost(struct remap *r, u32 blk, int err)
{
	if (r->args.force_readonly) {
		/* what it said is lost: its slots look free, its blocks look as if on main (R6) */
		DMERR("%s: table block %u is lost", remap_name(r), blk);
		r->forced = true;
		return 0;
	}
	if (err == -EPROTONOSUPPORT)
		DMERR("%s: table block %u has a newer format in a copy; use a newer dm-remap",
		      remap_name(r), blk);
	else
		DMERR("%s: no copy of table block %u can be believed; see dmremap check",
		      remap_name(r), blk);
	return err;
}

/* Choose the image of one block and take it in. */
static int remap_load_block(struct remap *r, struct remap_loading *l, struct remap_chunk *k, u32 i)
{
	struct dmr_table_seen seen[DMR_COPIES_MAX];
	const void *raw[DMR_COPIES_MAX];
	struct remap_index *idx;
	u32 blk = k->first + i;
	u32 best, alike;
	int err;

	remap_load_look(r, l, k, i, seen, raw);
	err = dmr_copies_pick(seen, r->sb.copies, l->candidates, &best, &alike);
	if (err) {
		err = remap_load_lost(r, blk, err);
		if (err)
			return err;
		best = DMR_COPIES_MAX;
	}
	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	if (best < DMR_COPIES_MAX) {
		memcpy(idx->page[blk]->word, seen[best].word, sizeof(idx->page[blk]->word));
		l->same[blk] = alike;
		/* the words are settled already; the block is to say so, too */
		if (dmr_codec_table_unsettled(raw[best], seen[best].word))
			remap_commit_dirty(r, dmr_slot((u64)blk * DMR_ENTRIES_PER_BLK));
	}
	dmr_table_load_block(&r->table, blk);
	mutex_unlock(&r->map_lock);
	return 0;
}

/* Ask for the next blocks that can be had with one read of each copy; 0 at the end. */
static void remap_load_ask(struct remap *r, struct remap_loading *l, struct remap_chunk *k)
{
	u32 n = 0;

	/* implied: nothing of it can differ */
	while (l->next < r->sb.hwm_blk && dmr_layout_implied(&r->sb, l->next))
		l->same[l->next++] = 0xff;
	while (n < REMAP_CHUNK_BLK && l->next + n < r->sb.hwm_blk &&
	       !dmr_layout_implied(&r->sb, l->next + n))
		n++;
	remap_chunk_submit(r, k, l->next, n);
	l->next += n;
}

static int remap_load_chunks(struct remap *r, struct remap_loading *l)
{
	struct remap_chunk *k = l->chunk[0];
	u32 turn, i;
	int err = 0;

	for (i = 0; i < l->chunks; i++)
		remap_load_ask(r, l, l->chunk[i]);
	for (turn = 1; k->n && !err; turn++) {
		remap_chunk_wait(k);
		for (i = 0; i < k->n && !err; i++)
			err = remap_load_block(r, l, k, i);
		if (!err)
			err = remap_load_enter(r, &l->entering, k->first, k->n);
		if (!err)
			remap_load_ask(r, l, k);
		cond_resched();
		k = l->chunk[turn % l->chunks];
	}
	return err;
}

static int remap_loading_alloc(struct remap *r, struct remap_loading *l)
{
	u32 blks = min_t(u32, dmr_layout_written(&r->sb, r->sb.hwm_blk), REMAP_CHUNK_BLK);
	u32 i;

	/* of a small table there is nothing to read meanwhile */
	l->chunks = blks < REMAP_CHUNK_BLK ? 1 : REMAP_CHUNKS;
	for (i = 0; i < l->chunks; i++) {
		l->chunk[i] = remap_chunk_alloc(r->sb.copies, blks);
		if (!l->chunk[i])
			return -ENOMEM;
	}
	return 0;
}

int remap_load_table(struct remap *r, u32 candidates, u8 *same)
{
	struct remap_loading *l = remap_mem(kvzalloc(sizeof(*l), GFP_NOIO));
	struct remap_index *idx;
	int err, more;
	u32 i;

	if (!l)
		return -ENOMEM;
	l->candidates = candidates;
	l->same = same;
	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	dmr_table_init(&r->table, &r->sb, idx->page);
	dmr_table_use_room(&r->table, idx->blks, r->room_words);
	mutex_unlock(&r->map_lock);

	err = remap_loading_alloc(r, l);
	if (!err)
		err = remap_load_chunks(r, l);
	for (i = 0; i < REMAP_CHUNKS; i++)
		remap_chunk_free(l->chunk[i]);
	more = remap_load_doubles(r, &l->entering.doubles);
	kvfree(l);
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
