// SPDX-License-Identifier: GPL-2.0-only
/*
 * Relocate: the write path of a block with a verdict.
 *
 *   choose   a slot, in hand from here to publish; a fence on the block (R13)
 *   data     to the slot; a slot that fails is retired, another one taken
 *   queue    the change; the commit worker flushes the data, writes the table
 *            blocks, publishes
 *   end      only then is the part settled (R1)
 */
#include "evidence.h"
#include "mode.h"
#include "pending.h"
#include "slot.h"

#define REMAP_SLOT_TRIES	8

static u32 remap_reloc_states(struct remap *r, const struct remap_part *p, u32 states)
{
	u32 first = (p->first_sect % DMR_BLK_SECTS) / r->lbs_sect;

	return dmr_states_set(states, first, p->nr_sect / r->lbs_sect, DMR_STATE_SLOT);
}

/* Fill in the request: which slot, from which word to which. Context: map_lock. */
static int remap_reloc_choose_locked(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	struct remap_index *idx;
	struct remap_hit hit;
	u32 serial = 0;
	u32 states = 0;

	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	if (remap_index_lookup(idx, req->b, &hit)) {
		serial = dmr_entry_serial(hit.word);
		states = dmr_entry_states(hit.word);
		req->chg.slot = hit.slot;
		req->chg.old = hit.word;
	} else {
		if (!remap_index_room(idx))
			return -ENOSPC;
		req->chg.slot = remap_pending_slot(r);
		if (dmr_slot_is_none(req->chg.slot))
			return -ENOSPC;
		req->chg.old = 0;
	}
	req->chg.word = dmr_entry_make(DMR_KIND_USED, req->b,
				       remap_reloc_states(r, p, states), serial);
	return 0;
}

static int remap_reloc_choose_once(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	int err;

	mutex_lock(&r->map_lock);
	req->b = dmr_mblk_of_sect(p->first_sect);
	err = remap_can_map(r) ? remap_reloc_choose_locked(r, p) : -EROFS;
	if (!err && !req->fenced) {
		remap_fence_add(r, &req->fence, req->b, REMAP_FENCE_WRITES);
		req->fenced = true;
	}
	mutex_unlock(&r->map_lock);
	return err;
}

/* No slot below the mark is not the end yet: the commit worker may raise it. */
static int remap_reloc_choose(struct remap *r, struct remap_part *p)
{
	int err = remap_reloc_choose_once(r, p);

	if (err != -ENOSPC || READ_ONCE(r->sb.hwm_blk) == r->sb.table_blk)
		return err;
	remap_commit_kick(r);
	flush_work(&r->commit_work);
	return remap_reloc_choose_once(r, p);
}

static void remap_reloc_give_up(struct remap *r, struct remap_part *p, blk_status_t status)
{
	struct remap_req *req = &p->req;

	if (req->grp && !req->chg.old && !dmr_slot_is_none(req->chg.slot)) {
		mutex_lock(&r->map_lock);
		dmr_alloc_release(&r->table, req->chg.slot);
		mutex_unlock(&r->map_lock);
	}
	if (req->fenced)
		remap_fence_remove(r, &req->fence);
	remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], req->page);
	memset(req, 0, sizeof(*req));
	p->state = REMAP_PART_DONE;
	p->status = status;
}

/* No page to spare: as if it had not begun. What it was to have stays where it is. */
static void remap_reloc_later(struct remap *r, struct remap_part *p)
{
	if (p->req.fenced)
		remap_fence_remove(r, &p->req.fence);
	memset(&p->req, 0, sizeof(p->req));
	p->state = REMAP_PART_LATER;
}

static void remap_reloc_child(struct remap_part *p)
{
	p->child = (struct remap_child){
		.first_sect = p->first_sect,
		.nr_sect = p->nr_sect,
		.to_spare = true,
		.dest_sect = remap_slot_sect(p->req.chg.slot, p->first_sect),
		.owner = REMAP_OWNER_BLOCK,
		.b = p->req.b,
		/* no FUA: one flush in the commit covers all */
		.opf = REQ_OP_WRITE | REQ_SYNC,
	};
}

/* Also used by the commit worker, to write again what a failed flush made void. */
int remap_relocate_rewrite(struct remap *r, struct remap_req *req)
{
	struct remap_part *p = remap_part_of(req);
	struct remap_io *io = req->grp->io;

	req->void_seq = atomic_read(&r->spare_void);
	/* back to main: the slot has what it had */
	if (!io && !req->chg.word)
		return 0;
	if (req->page && remap_move_write(r, req))
		return -EIO;
	if (!io)
		return 0;
	remap_reloc_child(p);
	return remap_child_run(r, io, &p->child) ? -EIO : 0;
}

/* The chosen slot fails: retire it, take another. */
static void remap_reloc_next_slot(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;

	if (req->chg.old) {
		/* a hint's slot, or one that holds other sectors: replaced, not just retired */
		p->move = true;
		return;
	}
	remap_slot_retire(r, req->chg.slot);
	req->chg.slot = DMR_SLOT_NONE;
}

static blk_status_t remap_reloc_one(struct remap *r, struct remap_io *io, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	blk_status_t status = p->child.status;
	u32 tries;
	int err;

	for (tries = 0; status && tries < REMAP_SLOT_TRIES; tries++) {
		switch (remap_slot_judge(r, io, &p->child, status)) {
		case REMAP_SLOT_OK:
			return BLK_STS_OK;
		case REMAP_SLOT_GONE:
			return status;
		case REMAP_SLOT_BAD:
			break;
		}
		remap_reloc_next_slot(r, p);
		err = p->move ? remap_move_prepare(r, io, p) : remap_reloc_choose(r, p);
		if (err == -EAGAIN)
			remap_reloc_later(r, p);
		if (err)
			return BLK_STS_IOERR;
		req->void_seq = atomic_read(&r->spare_void);
		if (req->page && remap_move_write(r, req))
			return BLK_STS_IOERR;
		remap_reloc_child(p);
		status = remap_child_run(r, io, &p->child);
	}
	return status;
}

static void remap_reloc_begin(struct remap *r, struct remap_io *io, struct remap_group *g,
			      struct remap_part *p, struct remap_batch *b)
{
	int err;

	p->req.grp = g;
	p->req.chg.slot = DMR_SLOT_NONE;
	err = p->move ? remap_move_prepare(r, io, p) :
			remap_reloc_choose(r, p);
	if (err == -EAGAIN) {
		remap_reloc_later(r, p);
		return;
	}
	if (err) {
		if (err == -ENOSPC)
			remap_count(r, no_slot);
		remap_reloc_give_up(r, p, p->status ? p->status : BLK_STS_IOERR);
		return;
	}
	p->req.void_seq = atomic_read(&r->spare_void);
	if (p->req.page && remap_move_write(r, &p->req)) {
		remap_reloc_give_up(r, p, BLK_STS_IOERR);
		return;
	}
	remap_reloc_child(p);
	remap_child_submit(r, io, &p->child, b);
}

/* Commit is over: what became of each part? */
static void remap_reloc_end(struct remap_part *p, int result)
{
	if (p->state != REMAP_PART_BAD)
		return;
	p->state = REMAP_PART_DONE;
	p->status = result ? BLK_STS_IOERR : BLK_STS_OK;
}

void remap_relocate_end(struct remap_group *g)
{
	u32 i;

	for (i = 0; i < g->n; i++)
		remap_reloc_end(g->part[i], g->result);
}

/* Slots and data of the parts that are BAD. Return: how many are to be committed. */
static u32 remap_reloc_data(struct remap *r, struct remap_io *io, struct remap_group *g)
{
	struct remap_batch b;
	u32 queued = 0;
	u32 i;

	remap_batch_init(&b);
	for (i = 0; i < g->n; i++)
		if (g->part[i]->state == REMAP_PART_BAD)
			remap_reloc_begin(r, io, g, g->part[i], &b);
	remap_batch_wait(&b);
	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];
		blk_status_t st;

		if (p->state != REMAP_PART_BAD)
			continue;
		st = remap_reloc_one(r, io, p);
		if (!st)
			queued++;
		else if (p->state == REMAP_PART_BAD)
			remap_reloc_give_up(r, p, st);
	}
	return queued;
}

/* Those that had to wait for others of the group. */
static bool remap_reloc_again(struct remap_group *g, enum remap_part_state state)
{
	bool any = false;
	u32 i;

	for (i = 0; i < g->n; i++) {
		if (g->part[i]->state != REMAP_PART_LATER)
			continue;
		g->part[i]->state = state;
		any = true;
	}
	return any;
}

bool remap_relocate_group(struct remap *r, struct remap_io *io, struct remap_group *g)
{
	const bool last = g->last;
	bool later;

	do {
		u32 queued = remap_reloc_data(r, io, g);

		later = remap_reloc_again(g, REMAP_PART_LATER);
		/* what has its slot by now is still committed */
		if (g->freeze && !later)
			remap_mode_worsen(r, DMR_MODE_FROZEN, DMR_WHY_ALLOWANCE);
		g->last = last && !later;
		if (queued && !remap_commit_queue(r, g))
			return false;
		if (queued)
			remap_relocate_end(g);
	} while (remap_reloc_again(g, REMAP_PART_BAD));
	return true;
}
