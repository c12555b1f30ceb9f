// SPDX-License-Identifier: GPL-2.0-only
/*
 * Move: a slot that fails and holds data is replaced (A9).
 *
 *   park    a fence keeps every new bio of the block away
 *   drain   those that map() had already sent to the old slot end
 *   read    sector by sector what the old slot still gives; what it does not
 *           give, twice, is lost: an error until rewritten
 *   write   to the new slot, together with the write that found it out
 *   commit  the new entry, with the next serial; then, in a later commit, the
 *           old slot as bad (gain before lose, A6)
 *
 * Runs in an error worker, never in the commit worker (B9).
 */
#include "evidence.h"
#include "mode.h"
#include "pending.h"
#include "slot.h"
#include "slotio.h"

/*
 * Read one logical sector of the old slot into the page.
 * Return: 0; -ENODATA when it is lost: failed, another slot works, failed
 * again (A21); -EIO when the spare does not answer, which loses nothing.
 */
static int remap_move_read(struct remap *r, struct page *page, struct dmr_slot from, u32 i)
{
	struct remap_child c = {
		.nr_sect = r->lbs_sect,
		.to_spare = true,
		.dest_sect = dmr_slot_sect(from) + i * r->lbs_sect,
		.opf = REQ_OP_READ,
		.page = page,
		.page_off = i * r->lbs_sect << SECTOR_SHIFT,
	};

	if (!remap_child_run(r, NULL, &c))
		return 0;
	if (remap_spare_class(r, c.status, c.began) != DMR_CLASS_CANDIDATE ||
	    !remap_evidence_spare(r))
		return -EIO;
	if (!remap_child_run(r, NULL, &c))
		return 0;
	return remap_spare_class(r, c.status, c.began) == DMR_CLASS_CANDIDATE ? -ENODATA : -EIO;
}

/* Carry over what lives in the old slot and is not about to be overwritten. */
static int remap_move_carry(struct remap *r, struct remap_part *p, u64 old, u32 *carried)
{
	struct remap_req *req = &p->req;
	u32 covered = remap_part_mask(r, p);
	u32 states = dmr_entry_states(old);
	u32 i;

	req->page_mask = 0;
	for (i = 0; i < DMR_BLK_SECTS / r->lbs_sect; i++) {
		if ((covered & BIT(i)) || dmr_states_get(states, i) != DMR_STATE_SLOT)
			continue;
		switch (remap_move_read(r, req->page, req->follow.slot, i)) {
		case 0:
			req->page_mask |= BIT(i);
			continue;
		case -EIO:
			return -EIO;
		}
		states = dmr_states_set(states, i, 1, DMR_STATE_LOST);
		DMERR("%s: sector %llu is lost: its slot %llu cannot be read", remap_name(r),
		      (unsigned long long)(dmr_mblk_sect(req->b) + i * r->lbs_sect),
		      (unsigned long long)req->follow.slot.v);
	}
	*carried = states;
	return 0;
}

static int remap_move_park(struct remap *r, struct remap_part *p, struct remap_hit *hit)
{
	struct remap_req *req = &p->req;

	req->b = dmr_mblk_of_sect(p->first_sect);
	mutex_lock(&r->map_lock);
	if (req->fenced)
		remap_fence_change(r, &req->fence, REMAP_FENCE_ALL);
	else
		remap_fence_add(r, &req->fence, req->b, REMAP_FENCE_ALL);
	req->fenced = true;
	mutex_unlock(&r->map_lock);
	if (!remap_find(r, req->b, hit))
		return -ENOENT;
	remap_slotio_drain(&r->slotio);
	return 0;
}

/* A new slot in hand; one that an earlier try took and that failed was retired. */
static int remap_move_take(struct remap *r, struct remap_part *p, const struct remap_hit *hit)
{
	struct remap_req *req = &p->req;
	struct remap_index *idx;

	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	req->chg.old = 0;
	req->chg.slot = DMR_SLOT_NONE;
	if (remap_can_map(r) && remap_index_room(idx))
		req->chg.slot = remap_pending_slot(r);
	mutex_unlock(&r->map_lock);
	if (dmr_slot_is_none(req->chg.slot))
		return -ENOSPC;
	req->has_follow = true;
	req->follow.slot = hit->slot;
	req->follow.old = hit->word;
	req->follow.word = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	return 0;
}

/*
 * Only who holds none waits for a page: pages are given back after the commit of the
 * whole group, so a second one could be waited for by those who hold all the others (R8).
 */
static int remap_move_page(struct remap *r, struct remap_req *req)
{
	enum remap_pool_how how = REMAP_POOL_WAIT;
	u32 i;

	if (req->page)
		return 0;
	for (i = 0; i < req->grp->n; i++)
		if (req->grp->part[i]->req.page)
			how = REMAP_POOL_SPARE;
	req->page = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], how);
	return req->page ? 0 : -EAGAIN;
}

int remap_move_prepare(struct remap *r, struct remap_io *io, struct remap_part *p)
{
	struct remap_req *req = &p->req;
	u32 first = (p->first_sect % DMR_BLK_SECTS) / r->lbs_sect;
	struct remap_hit hit;
	u32 states;
	int err;

	err = remap_move_page(r, req);
	if (!err)
		err = remap_move_park(r, p, &hit);
	if (!err)
		err = remap_move_take(r, p, &hit);
	if (err)
		return err;
	err = remap_move_carry(r, p, hit.word, &states);
	if (err) {
		remap_mode_worsen(r, DMR_MODE_FAIL, DMR_WHY_SPARE);
		return err;
	}
	states = dmr_states_set(states, first, p->nr_sect / r->lbs_sect, DMR_STATE_SLOT);
	req->chg.word = dmr_entry_make(DMR_KIND_USED, req->b, states,
				       dmr_entry_serial(hit.word) + 1);
	return 0;
}

int remap_move_write(struct remap *r, struct remap_req *req)
{
	u32 i;

	for (i = 0; i < DMR_BLK_SECTS / r->lbs_sect; i++) {
		struct remap_child c = {
			.nr_sect = r->lbs_sect,
			.to_spare = true,
			.dest_sect = dmr_slot_sect(req->chg.slot) + i * r->lbs_sect,
			.owner = REMAP_OWNER_BLOCK,
			.b = req->b,
			.opf = REQ_OP_WRITE | REQ_SYNC,
			.page = req->page,
			.page_off = i * r->lbs_sect << SECTOR_SHIFT,
		};

		if ((req->page_mask & BIT(i)) && remap_child_run(r, NULL, &c))
			return -EIO;
	}
	return 0;
}
