// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raise: the high-water mark of the table, ahead of need (A7).
 *
 *   1. memory: pages for the new blocks; a larger index is there as a rule
 *      (grow.h); may fail, changes nothing
 *   2. disk: the new blocks, empty, to every copy; flush; superblocks say so
 *   3. use: the new slots are offered
 *
 * So all memory a remap needs is there before its slot is offered (R8), and a
 * block exists in every copy before anything can be entered in it.
 */
#include <linux/rcupdate.h>

#include "commit.h"
#include "grow.h"
#include "index.h"

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
		err = remap_grow_now(r, to);
	if (!err)
		err = remap_grow_pages(r, from, to);
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
