// SPDX-License-Identifier: GPL-2.0-only
/*
 * Thaw: out of frozen, map read-only and fail mode, without reopening.
 *
 *   1. if a commit is in doubt: the published images of its table blocks (and of
 *      every dirty one) become durable, with a new generation: it is rolled back,
 *      its slots are free, its fences go (R13). The copy whose write failed is
 *      tried again: it lacks nothing but what is in doubt (A23).
 *   2. copies left behind, or not in sync since the load, are filled from one
 *      in sync and rejoin; superblocks say so
 *   3. two in sync: rw
 *
 * If any of it fails the mode stays what it was. A freeze that came meanwhile is
 * the later order and wins: then the mode is frozen. Runs in the commit worker.
 */
#include "commit.h"
#include "evidence.h"
#include "load.h"
#include "mode.h"

void remap_thaw_forget(struct remap *r)
{
	struct remap_req *req, *next;

	list_for_each_entry_safe(req, next, &r->doubtful, list) {
		list_del(&req->list);
		remap_group_put(req->grp);
	}
}

/* The rolled back are nobody's any more. */
static void remap_thaw_release(struct remap *r)
{
	struct remap_req *req;

	list_for_each_entry(req, &r->doubtful, list) {
		mutex_lock(&r->map_lock);
		if (!req->chg.old)
			dmr_alloc_release(&r->table, req->chg.slot);
		mutex_unlock(&r->map_lock);
		remap_fence_remove(r, &req->fence);
	}
	remap_thaw_forget(r);
}

static int remap_thaw_settle(struct remap *r)
{
	int err;

	if (!r->doubt_blk)
		return 0;
	mutex_lock(&r->map_lock);
	r->whole = r->sb.insync;
	bitmap_or(r->dirty, r->dirty, r->doubt, r->sb.hwm_blk);
	mutex_unlock(&r->map_lock);
	err = remap_commit_lazies(r);
	if (err)
		return err;
	remap_thaw_release(r);
	r->torn = 0;
	return 0;
}

static int remap_thaw_fill(struct remap *r)
{
	u32 all = BIT(r->sb.copies) - 1;
	struct remap_exec *x = remap_exec_new(r);

	x->sb.activity = DMR_ACTIVITY_IN_USE;
	dmr_proto_begin(&x->p, DMR_PROTO_ACTIVATE, r->whole, 0, all & ~r->whole, false);
	if (remap_exec_run(r, x) != DMR_OP_DONE)
		return -EIO;
	r->unread &= ~r->whole;
	return hweight32(r->whole) >= 2 ? 0 : -EIO;
}

static void remap_thaw_breaker(struct remap *r, u32 grant)
{
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	dmr_breaker_thaw(&r->breaker, grant);
	remap_watch_update(r);
	spin_unlock_irqrestore(&r->lock, flags);
}

/* Takes the order, if no freeze took it back: what is asked from here on is later. */
static bool remap_thaw_take(struct remap *r, u32 *grant, u32 *freezes)
{
	bool asked;

	mutex_lock(&r->map_lock);
	asked = r->thaw_asked;
	WRITE_ONCE(r->thaw_asked, false);
	*grant = r->thaw_grant;
	*freezes = r->freezes;
	mutex_unlock(&r->map_lock);
	return asked;
}

static void remap_thaw_end(struct remap *r, u32 grant, u32 freezes)
{
	remap_thaw_breaker(r, grant);
	mutex_lock(&r->map_lock);
	if (r->freezes == freezes)
		remap_mode_set(r, DMR_MODE_RW, DMR_WHY_NONE);
	else
		remap_mode_set(r, DMR_MODE_FROZEN, DMR_WHY_ASKED);
	mutex_unlock(&r->map_lock);
	/* what became dirty meanwhile had its timer run out in vain */
	remap_commit_lazies(r);
}

void remap_thaw(struct remap *r)
{
	enum dmr_mode mode = READ_ONCE(r->mode);
	u32 grant, freezes;
	int err = 0;

	if (!remap_thaw_take(r, &grant, &freezes) || mode == DMR_MODE_READONLY)
		return;
	r->rebuild.given_up = 0;
	if (READ_ONCE(r->unseen))
		err = remap_load_changed(r);
	if (!err && mode >= DMR_MODE_MAP_RO)
		err = remap_thaw_settle(r);
	if (!err && (mode >= DMR_MODE_MAP_RO || r->expelled))
		err = remap_thaw_fill(r);
	if (err) {
		DMWARN("%s: thaw failed, mode stays %s", remap_name(r),
		       dmr_status_mode_name(READ_ONCE(r->mode)));
		remap_mode_event(r);
		return;
	}
	remap_thaw_end(r, grant, freezes);
}
