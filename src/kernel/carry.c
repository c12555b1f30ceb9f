// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carry: blocks that somebody asked to move, to the spare or back to main.
 *
 *   park     take the range and put a fence on each block: new bios wait
 *   settle   what map() had sent before is either done, or found when it ends:
 *            while r->moving is set, end_io() looks at each write of main, and
 *            one whose block has a slot or a fence by now is done again by an
 *            error worker (B8). So nothing in flight to main is waited for
 *   copy     to the slot: the commit flushes it. To main: write, flush, read
 *            back and compare
 *   commit   an ordinary one: the block's entry appears, grows, or is free
 *
 * A block that cannot be moved stays where it is, and is counted. No verdict
 * is ever passed on main for a write: main merely keeps what a slot has, too.
 */
#include "commit.h"
#include "evidence.h"
#include "job.h"
#include "mem.h"
#include "pending.h"
#include "slot.h"
#include "slotio.h"

#define REMAP_CARRY_TRIES	8

/* Logical sectors that exist of the part's block. */
static u32 remap_carry_sectors(struct remap *r, const struct remap_part *p)
{
	return p->nr_sect / r->lbs_sect;
}

/* A run of logical sectors of the part's page, from or to main or a slot. */
static void remap_carry_child(struct remap *r, struct remap_part *p, blk_opf_t opf, bool to_spare,
			      u32 first, u32 n)
{
	u64 dest = to_spare ? dmr_slot_sect(p->req.chg.slot) : p->first_sect;

	p->child = (struct remap_child){
		.nr_sect = n * r->lbs_sect,
		.to_spare = to_spare,
		.dest_sect = dest + first * r->lbs_sect,
		.opf = opf,
		.page = p->req.page,
		.page_off = first * r->lbs_sect << SECTOR_SHIFT,
	};
}

/* Length of the run of set bits in @mask that begins at bit @i. */
static u32 remap_carry_run(u32 mask, u32 i)
{
	u32 n = 0;

	while (mask & BIT(i + n))
		n++;
	return n;
}

/*
 * One sector of main that did not read with its neighbours.
 * Return: 0; -ENODATA after a verdict; -EIO when nothing can be said.
 */
static int remap_carry_read_one(struct remap *r, struct remap_part *p, u32 i)
{
	u32 tries;

	for (tries = 0; tries < 2; tries++) {
		remap_carry_child(r, p, REQ_OP_READ, false, i, 1);
		if (!remap_child_run(r, NULL, &p->child)) {
			remap_evidence_success(r, false, p->child.began);
			return 0;
		}
		if (remap_error_class(r, p->child.status, REQ_OP_READ, p->child.began) !=
		    DMR_CLASS_CANDIDATE)
			return -EIO;
		if (!tries && remap_evidence_read(r) == REMAP_EVIDENCE_NONE)
			return -EIO;
	}
	return -ENODATA;
}

/* Read sectors @want of main into the page. *@bad: those with a verdict against them. */
static int remap_carry_read(struct remap *r, struct remap_part *p, u32 want, u32 *bad)
{
	u32 i, n;
	int err;

	*bad = 0;
	for (i = 0; want >> i; i += n ? n : 1) {
		n = remap_carry_run(want, i);
		if (!n)
			continue;
		remap_carry_child(r, p, REQ_OP_READ, false, i, n);
		if (!remap_child_run(r, NULL, &p->child))
			continue;
		for (; n; n--, i++) {
			err = remap_carry_read_one(r, p, i);
			if (err == -EIO)
				return err;
			if (err)
				*bad |= BIT(i);
		}
	}
	return 0;
}

/* Slot and words of the change, as in relocate.c. Context: map_lock. */
static int remap_carry_choose(struct remap *r, struct remap_part *p, u32 fresh, u32 bad)
{
	struct remap_index *idx = rcu_dereference_protected(r->index,
							    lockdep_is_held(&r->map_lock));
	struct remap_req *req = &p->req;
	struct remap_hit hit = {};
	u32 states = 0;
	u32 i;

	if (!remap_can_map(r))
		return -EROFS;
	if (remap_index_lookup(idx, req->b, &hit)) {
		req->chg.slot = hit.slot;
		states = dmr_entry_states(hit.word);
	} else {
		req->chg.slot = remap_index_room(idx) ? remap_pending_slot(r) : DMR_SLOT_NONE;
		if (dmr_slot_is_none(req->chg.slot))
			return -ENOSPC;
	}
	req->chg.old = hit.word;
	for (i = 0; i < remap_carry_sectors(r, p); i++) {
		if (fresh & BIT(i))
			states = dmr_states_set(states, i, 1, DMR_STATE_SLOT);
		else if (bad & BIT(i))
			states = dmr_states_set(states, i, 1, DMR_STATE_PENDING);
	}
	req->chg.word = dmr_entry_make(DMR_KIND_USED, req->b, states, dmr_entry_serial(hit.word));
	return 0;
}

static int remap_carry_take(struct remap *r, struct remap_part *p, u32 fresh, u32 bad)
{
	int err;

	mutex_lock(&r->map_lock);
	err = remap_carry_choose(r, p, fresh, bad);
	mutex_unlock(&r->map_lock);
	if (err != -ENOSPC || READ_ONCE(r->sb.hwm_blk) == r->sb.table_blk)
		return err;
	remap_commit_kick(r);
	flush_work(&r->commit_work);
	mutex_lock(&r->map_lock);
	err = remap_carry_choose(r, p, fresh, bad);
	mutex_unlock(&r->map_lock);
	return err;
}

/* The page's sectors to the slot. Return: 0; -EBADE: the slot is bad; -EIO. */
static int remap_carry_write(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	u32 i, n;

	req->void_seq = atomic_read(&r->spare_void);
	for (i = 0; req->page_mask >> i; i += n ? n : 1) {
		n = remap_carry_run(req->page_mask, i);
		if (!n)
			continue;
		remap_carry_child(r, p, REQ_OP_WRITE | REQ_SYNC, true, i, n);
		if (!remap_child_run(r, NULL, &p->child))
			continue;
		switch (remap_slot_judge(r, NULL, &p->child, p->child.status)) {
		case REMAP_SLOT_OK:
			continue;
		case REMAP_SLOT_GONE:
			return -EIO;
		case REMAP_SLOT_BAD:
			return -EBADE;
		}
	}
	return 0;
}

static void remap_carry_give_back(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;

	if (req->chg.old || dmr_slot_is_none(req->chg.slot))
		return;
	mutex_lock(&r->map_lock);
	dmr_alloc_release(&r->table, req->chg.slot);
	mutex_unlock(&r->map_lock);
}

/* What lives on main of one block, into a slot. Return: 0 with the part BAD: to be committed. */
static int remap_carry_out(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	u32 all = BIT(remap_carry_sectors(r, p)) - 1;
	u32 want = all;
	struct remap_hit hit;
	u32 bad, tries;
	int err;

	if (remap_find(r, req->b, &hit))
		want &= remap_part_states(r, p, hit.word, DMR_STATE_MAIN) |
			remap_part_states(r, p, hit.word, DMR_STATE_PENDING);
	if (!want)
		return 0;
	err = remap_carry_read(r, p, want, &bad);
	if (err)
		return err;
	req->page_mask = want & ~bad;
	if (!req->page_mask) {
		remap_pending_note(r, req->b, bad);
		return 0;
	}
	for (tries = 0; tries < REMAP_CARRY_TRIES; tries++) {
		err = remap_carry_take(r, p, req->page_mask, bad);
		if (!err)
			err = remap_carry_write(r, p);
		if (!err)
			p->state = REMAP_PART_BAD;
		if (err != -EBADE || req->chg.old)
			break;
		remap_slot_retire(r, req->chg.slot);
		req->chg.slot = DMR_SLOT_NONE;
	}
	if (err)
		remap_carry_give_back(r, p);
	return err;
}

/* The sectors of one block that live in its slot, onto main. Not durable there yet. */
static int remap_carry_back(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	struct remap_hit hit;
	u32 bad, i, n;

	if (!remap_find(r, req->b, &hit))
		return 0;
	if (remap_part_states(r, p, hit.word, DMR_STATE_LOST))
		return -ENODATA;
	remap_slotio_drain(&r->slotio, hit.slot);
	req->chg = (struct dmr_change){ .slot = hit.slot, .old = hit.word };
	/* a pending sector has nowhere to go back to unless main can be read there again */
	if (remap_carry_read(r, p, remap_part_states(r, p, hit.word, DMR_STATE_PENDING), &bad) ||
	    bad)
		return -EIO;
	req->page_mask = remap_part_states(r, p, hit.word, DMR_STATE_SLOT);
	for (i = 0; req->page_mask >> i; i += n ? n : 1) {
		n = remap_carry_run(req->page_mask, i);
		if (!n)
			continue;
		remap_carry_child(r, p, REQ_OP_READ, true, i, n);
		if (remap_child_run(r, NULL, &p->child))
			return -EIO;
		remap_carry_child(r, p, REQ_OP_WRITE | REQ_SYNC, false, i, n);
		if (remap_child_run(r, NULL, &p->child))
			return -EIO;
	}
	p->state = REMAP_PART_BAD;
	return 0;
}

/* Main has flushed: does it give back what was written? */
static int remap_carry_compare(struct remap *r, struct remap_part *p, struct page *seen)
{
	struct page *page = p->req.page;
	u32 i, n, at;
	int err = 0;

	for (i = 0; p->req.page_mask >> i && !err; i += n ? n : 1) {
		n = remap_carry_run(p->req.page_mask, i);
		if (!n)
			continue;
		remap_carry_child(r, p, REQ_OP_READ, false, i, n);
		p->child.page = seen;
		at = p->child.page_off;
		if (remap_child_run(r, NULL, &p->child) ||
		    memcmp(page_address(page) + at, page_address(seen) + at,
			   n * r->lbs_sect << SECTOR_SHIFT))
			err = -EIO;
	}
	return err;
}

static void remap_carry_prove(struct remap *r, struct remap_group *g, u64 *failed)
{
	struct page *seen = remap_mem(alloc_page(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN));
	int err = seen ? blkdev_issue_flush(r->main) : -ENOMEM;
	u32 i;

	for (i = 0; i < g->n; i++) {
		struct remap_part *p = &g->part[i];

		if (p->state != REMAP_PART_BAD)
			continue;
		if (err || remap_carry_compare(r, p, seen)) {
			p->state = REMAP_PART_DONE;
			++*failed;
		}
	}
	if (seen)
		__free_page(seen);
}

/* ---- a group of blocks ---- */

static void remap_carry_part(struct remap *r, struct remap_group *g, u64 blk)
{
	struct remap_part *p = &g->part[g->n++];

	memset(p, 0, sizeof(*p));
	p->first_sect = dmr_mblk_sect(dmr_mblk(blk));
	p->nr_sect = min_t(u64, DMR_BLK_SECTS, r->ti->len - p->first_sect);
	p->state = REMAP_PART_DONE;
	p->req.grp = g;
	p->req.b = dmr_mblk(blk);
	p->req.chg.slot = DMR_SLOT_NONE;
}

/* From here on no new I/O to these blocks, and what was on its way is seen when it ends. */
static void remap_carry_park(struct remap *r, struct remap_group *g)
{
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&r->lock, flags);
	r->moving = true;
	remap_watch_update(r);
	spin_unlock_irqrestore(&r->lock, flags);
	mutex_lock(&r->map_lock);
	for (i = 0; i < g->n; i++)
		remap_fence_add(r, &g->part[i].req.fence, g->part[i].req.b, REMAP_FENCE_ALL);
	mutex_unlock(&r->map_lock);
	/* map() and end_io() that began before have ended */
	synchronize_rcu();
}

static int remap_carry_each(struct remap *r, enum dmr_job_verb verb, struct remap_group *g,
			    u64 *failed)
{
	u32 i;

	for (i = 0; i < g->n; i++) {
		struct remap_part *p = &g->part[i];
		int err;

		p->req.page = remap_mem(alloc_page(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN));
		if (!p->req.page)
			return -ENOMEM;
		p->req.void_seq = atomic_read(&r->spare_void);
		err = verb == DMR_JOB_REMAP ? remap_carry_out(r, p) : remap_carry_back(r, p);
		if (err == -ENOSPC || err == -EROFS)
			return err;
		*failed += !!err;
	}
	return 0;
}

/* Durable and published: slots of blocks that went back are free. */
static void remap_carry_free(struct remap *r, const struct remap_group *g)
{
	u32 i;

	mutex_lock(&r->map_lock);
	for (i = 0; i < g->n; i++) {
		const struct remap_part *p = &g->part[i];

		if (p->state == REMAP_PART_BAD && !p->req.chg.word)
			dmr_alloc_release(&r->table, p->req.chg.slot);
	}
	mutex_unlock(&r->map_lock);
}

static void remap_carry_commit(struct remap *r, struct remap_group *g, u64 *failed)
{
	u32 queued = 0;
	u32 i;

	for (i = 0; i < g->n; i++) {
		struct remap_part *p = &g->part[i];

		if (p->state == REMAP_PART_BAD) {
			queued++;
			continue;
		}
		remap_fence_remove(r, &p->req.fence);
		if (p->req.page)
			__free_page(p->req.page);
	}
	if (!queued)
		return;
	remap_commit_queue(r, g);
	if (g->result)
		*failed += queued;
	else
		remap_carry_free(r, g);
}

int remap_carry_blocks(struct remap *r, enum dmr_job_verb verb, u64 first, u32 n, u64 *failed)
{
	struct remap_group *g;
	u32 i;
	int err;

	if (r->readonly || READ_ONCE(r->mode) > DMR_MODE_FROZEN ||
	    (verb == DMR_JOB_REMAP && !remap_can_map(r)))
		return -EROFS;
	g = mempool_alloc(&r->group_pool, GFP_NOIO);
	g->r = r;
	g->io = NULL;
	g->n = 0;
	g->write = true;
	g->freeze = false;
	atomic_set(&g->refs, 1);
	for (i = 0; i < n; i++)
		remap_carry_part(r, g, first + i);
	r->job_io.first = first;
	r->job_io.last = first + n - 1;
	remap_range_enter(r, &r->job_io);
	remap_carry_park(r, g);
	err = remap_carry_each(r, verb, g, failed);
	if (verb == DMR_JOB_UNMAP)
		remap_carry_prove(r, g, failed);
	remap_carry_commit(r, g, failed);
	remap_range_leave(r, &r->job_io);
	remap_group_put(g);
	return err;
}
