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
#include "carry.h"
#include "commit.h"
#include "evidence.h"
#include "job.h"

#define REMAP_CARRY_STEP	HZ

/* Written back is not enough: flushed, read again and compared it must be. */
static void remap_carry_prove(struct remap *r, struct remap_group *g, struct page *seen,
			      u64 *failed)
{
	int err = blkdev_issue_flush(r->main);
	u32 i;

	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];

		if (p->state != REMAP_PART_BAD)
			continue;
		if (err || remap_carry_compare(r, p, seen)) {
			p->state = REMAP_PART_DONE;
			++*failed;
		}
	}
}

/* Room for a block and a page for its data, or nothing: the job can wait, others cannot. */
static bool remap_carry_part(struct remap *r, struct remap_group *g, u64 blk)
{
	struct page *page = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], REMAP_POOL_SPARE);
	struct remap_part *p = page ? remap_group_add(g, REMAP_POOL_SPARE) : NULL;

	if (!p) {
		remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], page);
		return false;
	}
	p->first_sect = dmr_mblk_sect(dmr_mblk(blk));
	p->nr_sect = min_t(u64, DMR_BLK_SECTS, r->ti->len - p->first_sect);
	p->state = REMAP_PART_DONE;
	p->req.grp = g;
	p->req.b = dmr_mblk(blk);
	p->req.chg.slot = DMR_SLOT_NONE;
	p->req.page = page;
	return true;
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
		remap_fence_add(r, &g->part[i]->req.fence, g->part[i]->req.b, REMAP_FENCE_ALL);
	mutex_unlock(&r->map_lock);
	/* map() and end_io() that began before have ended */
	synchronize_rcu();
}

/* I/O to these blocks waits, and somebody may wait for the job: not for long. */
static bool remap_carry_enough(struct remap *r, unsigned long began)
{
	return READ_ONCE(r->suspending) || READ_ONCE(r->job_now->cancel) ||
	       time_after(jiffies, began + REMAP_CARRY_STEP);
}

/* @n: how many were looked at. */
static int remap_carry_each(struct remap *r, enum dmr_job_verb verb, struct remap_group *g, u32 *n,
			    u64 *failed)
{
	unsigned long began = jiffies;
	int err;

	for (*n = 0; *n < g->n; ++*n) {
		struct remap_part *p = g->part[*n];

		if (*n && remap_carry_enough(r, began))
			break;
		p->req.void_seq = atomic_read(&r->spare_void);
		err = verb == DMR_JOB_REMAP ? remap_carry_out(r, p) : remap_carry_back(r, p);
		if (err == -ENOSPC || err == -EROFS)
			return err;
		*failed += !!err;
	}
	return 0;
}

/* After the commit: what was published? Slots of blocks that went back are free. */
static void remap_carry_settle(struct remap *r, const struct remap_group *g, u64 *failed)
{
	u32 i;

	mutex_lock(&r->map_lock);
	for (i = 0; i < g->n; i++) {
		const struct remap_part *p = g->part[i];

		if (p->state != REMAP_PART_BAD)
			continue;
		if (dmr_table_get(&r->table, p->req.chg.slot) != p->req.chg.word)
			++*failed;
		else if (!p->req.chg.word)
			dmr_alloc_release(&r->table, p->req.chg.slot);
	}
	mutex_unlock(&r->map_lock);
}

static void remap_carry_commit(struct remap *r, struct remap_group *g, u64 *failed)
{
	bool queued = false;
	u32 i;

	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];

		if (p->state == REMAP_PART_BAD) {
			queued = true;
			continue;
		}
		remap_fence_remove(r, &p->req.fence);
		remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], p->req.page);
	}
	if (!queued)
		return;
	remap_commit_queue(r, g);
	remap_carry_settle(r, g, failed);
}

/* Up to @want blocks from @first on, as many as there is memory to spare for; NULL: none */
static struct remap_group *remap_carry_group(struct remap *r, u64 first, u32 want)
{
	struct remap_group *g = remap_group_get(r, NULL, REMAP_POOL_SPARE);

	if (!g)
		return NULL;
	while (g->n < want && remap_carry_part(r, g, first + g->n))
		;
	if (g->n)
		return g;
	remap_group_put(g);
	return NULL;
}

static int remap_carry_run_group(struct remap *r, enum dmr_job_verb verb, struct remap_group *g,
				 struct page *seen, u32 *n, u64 *failed)
{
	int err;

	r->job_io.first = g->part[0]->req.b.v;
	r->job_io.last = r->job_io.first + g->n - 1;
	remap_range_enter(r, &r->job_io);
	remap_carry_park(r, g);
	err = remap_carry_each(r, verb, g, n, failed);
	if (verb == DMR_JOB_UNMAP)
		remap_carry_prove(r, g, seen, failed);
	remap_carry_commit(r, g, failed);
	remap_range_leave(r, &r->job_io);
	return err;
}

int remap_carry_blocks(struct remap *r, enum dmr_job_verb verb, u64 first, u32 *n, u64 *failed)
{
	u32 want = *n;
	struct remap_group *g;
	struct page *seen;
	int err = -EAGAIN;

	*n = 0;
	if (r->readonly || READ_ONCE(r->mode) > DMR_MODE_FROZEN ||
	    (verb == DMR_JOB_REMAP && !remap_can_map(r)))
		return -EROFS;
	seen = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], REMAP_POOL_SPARE);
	g = seen ? remap_carry_group(r, first, want) : NULL;
	if (g) {
		err = remap_carry_run_group(r, verb, g, seen, n, failed);
		remap_group_put(g);
	}
	remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], seen);
	return err;
}
