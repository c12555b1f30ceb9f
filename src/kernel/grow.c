// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grow: see grow.h.
 *
 * A module built with REMAP_DEBUG=1 has a parameter grow_pause_ms: the work item waits so long
 * after each table block, so that a test sees what happens meanwhile.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "commit.h"
#include "grow.h"
#include "index.h"
#include "mem.h"

#define REMAP_GROW_GFP		(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN)
#define REMAP_GROW_SHARE	5	/* ahead: one in so many table blocks, and */
#define REMAP_GROW_LEAST	(3 * DMR_HWM_CHUNK_BLK)
#define REMAP_GROW_LEFT		(2 * DMR_HWM_CHUNK_BLK)	/* few enough to begin */
#define REMAP_GROW_STEP		1024	/* blocks without a page that one step passes over */

#ifdef REMAP_DEBUG
static unsigned int grow_pause_ms;

module_param(grow_pause_ms, uint, 0644);

static void remap_grow_pause(void)
{
	if (grow_pause_ms)
		msleep(grow_pause_ms);
}
#else
static inline void remap_grow_pause(void) { }
#endif

static struct remap_index *remap_grow_idx(struct remap *r)
{
	return rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
}

static void remap_grow_free(struct remap_grow *g)
{
	remap_index_free(g->idx);
	kvfree(g->dirty);
	kvfree(g->doubt);
	kvfree(g->room_words);
}

/* For the blocks below @blks, and some ahead. */
static int remap_grow_alloc(struct remap_grow *g, const struct dmr_super *sb, u32 blks)
{
	u32 ahead = dmr_layout_written(sb, blks) / REMAP_GROW_SHARE + REMAP_GROW_LEAST;
	u32 n = dmr_layout_raised_by(sb, blks, ahead);

	g->idx = remap_index_alloc(n, dmr_layout_written(sb, n));
	g->dirty = remap_mem(kvcalloc(BITS_TO_LONGS(n), sizeof(long), REMAP_GROW_GFP));
	g->doubt = remap_mem(kvcalloc(BITS_TO_LONGS(n), sizeof(long), REMAP_GROW_GFP));
	g->room_words = remap_mem(kvcalloc(dmr_room_words(n), sizeof(u64), REMAP_GROW_GFP));
	return g->idx && g->dirty && g->doubt && g->room_words ? 0 : -ENOMEM;
}

/* Time for a larger one? Context: map_lock. */
static bool remap_grow_wanted(struct remap *r)
{
	const struct remap_index *idx = remap_grow_idx(r);

	return remap_index_stuffed(idx) ||
	       dmr_layout_raised_by(&r->sb, r->sb.hwm_blk, REMAP_GROW_LEFT) > idx->blks;
}

/* Memory for the blocks below @blks; one at a time is built. */
static int remap_grow_begin(struct remap *r, u32 blks)
{
	struct remap_grow g = {};
	struct remap_index *idx;
	int err = remap_grow_alloc(&g, &r->sb, blks);

	mutex_lock(&r->map_lock);
	idx = remap_grow_idx(r);
	if (!err && (!r->grow.idx || r->grow.idx->blks < g.idx->blks)) {
		memcpy(g.idx->page, idx->page, idx->blks * sizeof(*idx->page));
		swap(r->grow, g);
	}
	mutex_unlock(&r->map_lock);
	remap_grow_free(&g);
	return err;
}

/* What is published while it is built may find no cell: it is given up. Context: map_lock. */
static void remap_grow_drop(struct remap *r)
{
	remap_grow_free(&r->grow);
	memset(&r->grow, 0, sizeof(r->grow));
}

/* Enter one table block. Return: is there more to do? Context: map_lock. */
static bool remap_grow_step(struct remap *r)
{
	struct remap_grow *g = &r->grow;
	const struct dmr_table_page *p = NULL;
	u32 i, n;

	for (n = 0; g->idx && !p && n < REMAP_GROW_STEP && g->next < r->sb.hwm_blk; n++)
		p = g->idx->page[g->next++];
	for (i = 0; p && i < DMR_ENTRIES_PER_BLK; i++) {
		struct dmr_slot slot = dmr_slot((g->next - 1) * (u64)DMR_ENTRIES_PER_BLK + i);

		if (!dmr_entry_maps(p->word[i]))
			continue;
		if (remap_index_insert(g->idx, dmr_entry_mblk(p->word[i]), slot)) {
			remap_grow_drop(r);
			return false;
		}
	}
	return g->idx && g->next < r->sb.hwm_blk;
}

static bool remap_grow_ready(const struct remap *r)
{
	return r->grow.idx && r->grow.next >= r->sb.hwm_blk;
}

/* The index that is ready takes the place of the old one. */
static void remap_grow_switch(struct remap *r)
{
	struct remap_grow g = {};
	struct remap_index *old;

	mutex_lock(&r->map_lock);
	old = remap_grow_idx(r);
	swap(g, r->grow);
	bitmap_copy(g.dirty, r->dirty, old->blks);
	bitmap_copy(g.doubt, r->doubt, old->blks);
	remap_fence_mark_all(r, g.idx);
	dmr_room_grow(&r->table.room, g.idx->blks, g.room_words);
	swap(r->dirty, g.dirty);
	swap(r->doubt, g.doubt);
	swap(r->room_words, g.room_words);
	r->table.page = g.idx->page;
	rcu_assign_pointer(r->index, g.idx);
	r->grown++;
	mutex_unlock(&r->map_lock);
	g.idx = old;
	/* readers of the old index are gone before it is (A16) */
	synchronize_rcu();
	remap_grow_free(&g);
}

void remap_grow_work(struct work_struct *work)
{
	struct remap *r = container_of(work, struct remap, grow_work);
	unsigned int noio = memalloc_noio_save();
	bool more, begin;
	u32 blks;

	mutex_lock(&r->map_lock);
	begin = !r->grow.idx;
	blks = r->sb.hwm_blk;
	mutex_unlock(&r->map_lock);
	more = !begin || !remap_grow_begin(r, blks);
	while (more && !READ_ONCE(r->suspending)) {
		mutex_lock(&r->map_lock);
		more = remap_grow_step(r);
		if (remap_grow_ready(r))
			remap_commit_kick(r);
		mutex_unlock(&r->map_lock);
		remap_grow_pause();
		cond_resched();
	}
	memalloc_noio_restore(noio);
}

void remap_grow_ahead(struct remap *r)
{
	bool ready, wanted;

	mutex_lock(&r->map_lock);
	ready = remap_grow_ready(r);
	wanted = r->grow.idx || remap_grow_wanted(r);
	mutex_unlock(&r->map_lock);
	if (ready)
		remap_grow_switch(r);
	else if (wanted && !READ_ONCE(r->suspending))
		/* without memory it is tried again after the next commit */
		queue_work(system_unbound_wq, &r->grow_work);
}

int remap_grow_now(struct remap *r, u32 blks)
{
	bool more = true;
	int err = 0;

	mutex_lock(&r->map_lock);
	if (!r->grow.idx || r->grow.idx->blks < blks) {
		mutex_unlock(&r->map_lock);
		err = remap_grow_begin(r, blks);
		mutex_lock(&r->map_lock);
	}
	while (!err && more) {
		more = remap_grow_step(r);
		mutex_unlock(&r->map_lock);
		cond_resched();
		mutex_lock(&r->map_lock);
	}
	if (!err && !remap_grow_ready(r))
		err = -ENOMEM;
	mutex_unlock(&r->map_lock);
	if (!err)
		remap_grow_switch(r);
	return err;
}

int remap_grow_pages(struct remap *r, u32 from, u32 to)
{
	struct remap_index *idx;
	u32 blk;

	for (blk = from; blk < to; blk++) {
		struct dmr_table_page *p;
		bool there;

		mutex_lock(&r->map_lock);
		there = dmr_layout_implied(&r->sb, blk) || remap_grow_idx(r)->page[blk];
		mutex_unlock(&r->map_lock);
		if (there)
			continue;
		p = remap_mem((void *)__get_free_page(REMAP_GROW_GFP));
		if (!p)
			return -ENOMEM;
		dmr_layout_empty_block(&r->sb, blk, p->word);
		/* not offered before dmr_table_load_block() */
		memset(p->taken, 0xff, sizeof(p->taken));
		mutex_lock(&r->map_lock);
		idx = remap_grow_idx(r);
		idx->page[blk] = p;
		if (r->grow.idx)
			r->grow.idx->page[blk] = p;
		mutex_unlock(&r->map_lock);
		cond_resched();
	}
	return 0;
}

int remap_grow_first(struct remap *r, u32 blks)
{
	struct remap_grow g = {};
	int err = remap_grow_alloc(&g, &r->sb, blks);

	if (err) {
		remap_grow_free(&g);
		return err;
	}
	r->dirty = g.dirty;
	r->doubt = g.doubt;
	r->room_words = g.room_words;
	rcu_assign_pointer(r->index, g.idx);
	/* what there is when one of them fails, remap_load_forget() frees */
	return remap_grow_pages(r, 0, blks);
}

void remap_grow_enter(struct remap *r, struct dmr_mblk b, struct dmr_slot slot)
{
	remap_index_insert(remap_grow_idx(r), b, slot);
	if (r->grow.idx && remap_index_insert(r->grow.idx, b, slot))
		remap_grow_drop(r);
}

void remap_grow_forget(struct remap *r)
{
	cancel_work_sync(&r->grow_work);
	remap_grow_drop(r);
}
