// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carry-copy: the data of one block, from main to a slot or from its slot to
 * main; see carry.c for what must be true around it.
 */
#include "carry.h"
#include "commit.h"
#include "evidence.h"
#include "pending.h"
#include "slot.h"

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
		.owner = REMAP_OWNER_BLOCK,
		.b = p->req.b,
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
		if (remap_error_class(r, p->child.status, REQ_OP_READ, p->child.dest_sect,
				      p->child.began) != DMR_CLASS_CANDIDATE)
			return -EIO;
		if (!tries && remap_evidence_read(r) == REMAP_EVIDENCE_NONE)
			return -EIO;
	}
	return -ENODATA;
}

/* A run of sectors that did not read in one piece. @bad: those with a verdict join it. */
static int remap_carry_narrow(struct remap *r, struct remap_part *p, u32 first, u32 n, u32 *bad)
{
	u32 i;

	for (i = first; i < first + n; i++) {
		int err = remap_carry_read_one(r, p, i);

		if (err == -EIO)
			return err;
		if (err)
			*bad |= BIT(i);
	}
	return 0;
}

/* Read sectors @want of main into the page. @bad: those with a verdict join it. */
static int remap_carry_read(struct remap *r, struct remap_part *p, u32 want, u32 *bad)
{
	int err = 0;
	u32 i, n;

	for (i = 0; want >> i && !err; i += n ? n : 1) {
		n = remap_carry_run(want, i);
		if (!n)
			continue;
		remap_carry_child(r, p, REQ_OP_READ, false, i, n);
		if (remap_child_run(r, NULL, &p->child))
			err = remap_carry_narrow(r, p, i, n, bad);
	}
	return err;
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

/* A write to the slot failed. Return: 0: not again; -EBADE: the slot is bad; -EIO. */
static int remap_carry_judge(struct remap *r, struct remap_part *p)
{
	/* all that was on its way fails when the spare is gone: that is found out once */
	if (READ_ONCE(r->mode) == DMR_MODE_FAIL)
		return -EIO;
	switch (remap_slot_judge(r, NULL, &p->child, p->child.status)) {
	case REMAP_SLOT_OK:
		return 0;
	case REMAP_SLOT_BAD:
		return -EBADE;
	default:
		return -EIO;
	}
}

/* The page's sectors to the slot. Returns as remap_carry_judge(). */
static int remap_carry_write(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	int err = 0;
	u32 i, n;

	req->void_seq = atomic_read(&r->spare_void);
	for (i = 0; req->page_mask >> i && !err; i += n ? n : 1) {
		n = remap_carry_run(req->page_mask, i);
		if (!n)
			continue;
		remap_carry_child(r, p, REQ_OP_WRITE | REQ_SYNC, true, i, n);
		if (remap_child_run(r, NULL, &p->child))
			err = remap_carry_judge(r, p);
	}
	return err;
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

/* The slot has it; or not, as @err says: one that is bad is retired and another one taken. */
static int remap_carry_settled(struct remap *r, struct remap_part *p, int err)
{
	struct remap_req *req = &p->req;
	u32 bad = remap_part_states(r, p, req->chg.word, DMR_STATE_PENDING);
	u32 tries;

	for (tries = 1; err == -EBADE && !req->chg.old; tries++) {
		remap_slot_retire(r, req->chg.slot);
		req->chg.slot = DMR_SLOT_NONE;
		if (tries == REMAP_CARRY_TRIES)
			break;
		err = remap_carry_take(r, p, req->page_mask, bad);
		if (!err)
			err = remap_carry_write(r, p);
	}
	if (err)
		remap_carry_give_back(r, p);
	else
		p->state = REMAP_PART_BAD;
	return err;
}

/* Sectors of the block that live on main, or would if they could be read there. */
static u32 remap_carry_on_main(struct remap *r, const struct remap_part *p)
{
	struct remap_hit hit;

	if (!remap_find(r, p->req.b, &hit))
		return BIT(remap_carry_sectors(r, p)) - 1;
	return remap_part_states(r, p, hit.word, DMR_STATE_MAIN) |
	       remap_part_states(r, p, hit.word, DMR_STATE_PENDING);
}

bool remap_carry_wanted(struct remap *r, enum dmr_job_verb verb, struct dmr_mblk b)
{
	u64 n = min_t(u64, DMR_BLK_SECTS, r->ti->len - dmr_mblk_sect(b)) / r->lbs_sect;
	struct remap_hit hit;
	u32 i;

	if (!remap_find(r, b, &hit))
		return verb == DMR_JOB_REMAP;
	if (verb != DMR_JOB_REMAP)
		return true;
	for (i = 0; i < n; i++) {
		enum dmr_state st = dmr_states_get(dmr_entry_states(hit.word), i);

		if (st == DMR_STATE_MAIN || st == DMR_STATE_PENDING)
			return true;
	}
	return false;
}

void remap_carry_ask(struct remap *r, struct remap_part *p, struct remap_batch *b)
{
	u32 want = remap_carry_on_main(r, p);
	u32 first;

	p->req.page_mask = want;
	if (!want)
		return;
	first = __ffs(want);
	remap_carry_child(r, p, REQ_OP_READ, false, first, remap_carry_run(want, first));
	remap_child_submit(r, NULL, &p->child, b);
}

/* Its slot is chosen. Nearly always it is one piece, which others need not wait for. */
static int remap_carry_send(struct remap *r, struct remap_part *p, struct remap_batch *sent)
{
	struct remap_req *req = &p->req;
	u32 first = __ffs(req->page_mask);
	u32 n = remap_carry_run(req->page_mask, first);

	if (req->page_mask >> (first + n))
		return remap_carry_settled(r, p, remap_carry_write(r, p));
	p->state = REMAP_PART_TRY;
	req->void_seq = atomic_read(&r->spare_void);
	remap_carry_child(r, p, REQ_OP_WRITE | REQ_SYNC, true, first, n);
	remap_child_submit(r, NULL, &p->child, sent);
	return 0;
}

int remap_carry_out(struct remap *r, struct remap_part *p, struct remap_batch *sent)
{
	struct remap_req *req = &p->req;
	u32 want = req->page_mask;
	u32 first, n, bad = 0;
	int err = 0;

	if (!want)
		return 0;
	first = __ffs(want);
	n = remap_carry_run(want, first);
	if (p->child.status)
		err = remap_carry_narrow(r, p, first, n, &bad);
	if (!err)
		err = remap_carry_read(r, p, want & ~((BIT(n) - 1) << first), &bad);
	if (err)
		return err;
	req->page_mask = want & ~bad;
	if (!req->page_mask) {
		remap_pending_note(r, req->b, bad);
		return -ENODATA;
	}
	err = remap_carry_take(r, p, req->page_mask, bad);
	return err ? err : remap_carry_send(r, p, sent);
}

int remap_carry_landed(struct remap *r, struct remap_part *p)
{
	if (p->state != REMAP_PART_TRY)
		return 0;
	p->state = REMAP_PART_DONE;
	return remap_carry_settled(r, p, p->child.status ? remap_carry_judge(r, p) : 0);
}

/* The sectors of one block that live in its slot, onto main. Not durable there yet. */
int remap_carry_back(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	struct remap_hit hit;
	u32 bad = 0;
	u32 i, n;

	if (!remap_find(r, req->b, &hit))
		return 0;
	if (remap_part_states(r, p, hit.word, DMR_STATE_LOST))
		return -ENODATA;
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
int remap_carry_compare(struct remap *r, struct remap_part *p, struct page *seen)
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
