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
int remap_carry_out(struct remap *r, struct remap_part *p)
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
		return -ENODATA;
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
int remap_carry_back(struct remap *r, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	struct remap_hit hit;
	u32 bad, i, n;

	if (!remap_find(r, req->b, &hit))
		return 0;
	if (remap_part_states(r, p, hit.word, DMR_STATE_LOST))
		return -ENODATA;
	remap_slotio_drain(&r->slotio);
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
