// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raise: the high-water mark of the table, ahead of need (A7).
 *
 *   1. memory: pages for the new blocks, a larger index; may fail, changes nothing
 *   2. disk: the new blocks, empty, to every copy; flush; superblocks say so
 *   3. use: the new slots are offered
 *
 * So all memory a remap needs is there before its slot is offered (R8), and a
 * block exists in every copy before anything can be entered in it.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "commit.h"
#include "index.h"
#include "mem.h"

#define REMAP_RAISE_GFP		(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN)

/* Everything that is sized by the number of table blocks. */
struct remap_room {
	struct remap_index *idx;
	unsigned long *dirty;
	unsigned long *doubt;
	u64 *room_words;
};

static void remap_room_free(struct remap_room *m, u32 from)
{
	u32 blk;

	for (blk = from; m->idx && blk < m->idx->blks; blk++)
		free_page((unsigned long)m->idx->page[blk]);
	remap_index_free(m->idx);
	kvfree(m->dirty);
	kvfree(m->doubt);
	kvfree(m->room_words);
}

static int remap_room_alloc(struct remap_room *m, const struct dmr_super *sb, u32 from, u32 blks)
{
	u32 blk;

	m->idx = remap_index_alloc(blks, dmr_layout_written(sb, blks));
	m->dirty = remap_mem(kvcalloc(BITS_TO_LONGS(blks), sizeof(long), REMAP_RAISE_GFP));
	m->doubt = remap_mem(kvcalloc(BITS_TO_LONGS(blks), sizeof(long), REMAP_RAISE_GFP));
	m->room_words = remap_mem(kvcalloc(dmr_room_words(blks), sizeof(u64), REMAP_RAISE_GFP));
	if (!m->idx || !m->dirty || !m->doubt || !m->room_words)
		return -ENOMEM;
	for (blk = from; blk < blks; blk++) {
		struct dmr_table_page *p;

		if (dmr_layout_implied(sb, blk))
			continue;
		p = remap_mem((void *)__get_free_page(REMAP_RAISE_GFP));
		if (!p)
			return -ENOMEM;
		dmr_layout_empty_block(sb, blk, p->word);
		/* not offered before dmr_table_load_block() */
		memset(p->taken, 0xff, sizeof(p->taken));
		m->idx->page[blk] = p;
		cond_resched();
	}
	return 0;
}

/* Enter what the old index knows, and the fences. Context: map_lock. */
static void remap_room_enter(struct remap *r, struct remap_index *idx, u32 blks)
{
	u32 blk, i;

	for (blk = 0; blk < blks; blk++) {
		const struct dmr_table_page *p = idx->page[blk];

		for (i = 0; p && i < DMR_ENTRIES_PER_BLK; i++) {
			u64 slot = (u64)blk * DMR_ENTRIES_PER_BLK + i;

			if (dmr_entry_maps(p->word[i]))
				remap_index_insert(idx, dmr_entry_mblk(p->word[i]), dmr_slot(slot));
		}
	}
	remap_fence_mark_all(r, idx);
}

static void remap_room_switch(struct remap *r, struct remap_room *m)
{
	struct remap_index *old;
	u32 blks, blk;

	mutex_lock(&r->map_lock);
	old = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	blks = old ? old->blks : 0;
	for (blk = 0; blk < blks; blk++)
		m->idx->page[blk] = old->page[blk];
	if (blks) {
		bitmap_copy(m->dirty, r->dirty, blks);
		bitmap_copy(m->doubt, r->doubt, blks);
		remap_room_enter(r, m->idx, blks);
		dmr_room_grow(&r->table.room, m->idx->blks, m->room_words);
	}
	swap(r->dirty, m->dirty);
	swap(r->doubt, m->doubt);
	swap(r->room_words, m->room_words);
	r->table.page = m->idx->page;
	rcu_assign_pointer(r->index, m->idx);
	mutex_unlock(&r->map_lock);
	m->idx = old;
	/* readers of the old index are gone before it is (A16) */
	synchronize_rcu();
	remap_room_free(m, blks);
}

int remap_raise_rebuild(struct remap *r, u32 blks)
{
	struct remap_index *old = rcu_dereference_protected(r->index, true);
	struct remap_room m = {};
	u32 from = old ? old->blks : 0;
	int err;

	err = remap_room_alloc(&m, &r->sb, from, blks);
	if (err) {
		/* the pages below belong to the old index */
		remap_room_free(&m, from);
		return err;
	}
	remap_room_switch(r, &m);
	return 0;
}

int remap_raise(struct remap *r)
{
	u32 from = r->sb.hwm_blk;
	u32 to = dmr_layout_raised(&r->sb, from);
	struct remap_exec *x;
	enum dmr_op how;
	u32 blk;
	int err = 0;

	if (to == from)
		return -ENOSPC;
	if (rcu_dereference_protected(r->index, true)->blks < to)
		err = remap_raise_rebuild(r, to);
	if (err)
		return err;
	/*
	 * A raise that failed may have left a higher mark in some superblock: the
	 * blocks above ours are only nobody's again when that is gone (A25).
	 */
	if (r->super_torn && remap_super_write(r, r->sb.activity))
		return -EIO;

	x = remap_exec_new(r);
	x->raise_to = to;
	x->sb.hwm_blk = to;
	mutex_lock(&r->map_lock);
	r->gen.counter++;
	mutex_unlock(&r->map_lock);
	dmr_proto_begin(&x->p, DMR_PROTO_RAISE, r->whole, 0, 0, false);
	how = remap_exec_run(r, x);
	if (how != DMR_OP_DONE)
		return -EIO;
	mutex_lock(&r->map_lock);
	for (blk = from; blk < to; blk++) {
		if (dmr_layout_implied(&r->sb, blk))
			continue;
		/* made for a raise that failed, perhaps, and a copy has moved here since (A40) */
		dmr_layout_empty_block(&r->sb, blk, r->table.page[blk]->word);
		dmr_table_load_block(&r->table, blk);
	}
	remap_rebuild_hold(r);
	mutex_unlock(&r->map_lock);
	return 0;
}
