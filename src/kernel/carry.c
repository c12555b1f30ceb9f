// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carry: blocks that somebody asked to move, to the spare or back to main.
 *
 *   gather   blocks of the job that have something to move, from wherever they lie,
 *            as many as one commit takes and there is memory to spare for
 *   park     hold them, and put a fence on each block: new bios wait
 *   settle   what map() had sent before is either done, or found when it ends:
 *            while r->moving is set, end_io() looks at each write of main, and
 *            one whose block has a slot or a fence by now is done again by an
 *            error worker (B8). So nothing in flight to main is waited for, only
 *            a grace period, one for all blocks
 *   copy     to slots: read side by side, and written while others are read; the
 *            commit flushes them. To main: write, flush, read back and compare
 *   commit   an ordinary one: the blocks' entries appear, grow, or are free
 *
 * What does not read with others is read by itself, and from then on so are all,
 * until it goes well again: a bad place takes seconds, and who wants a suspend or
 * one of these blocks should not wait for a whole window of them.
 *
 * A block that cannot be moved stays where it is, and is counted. No verdict
 * is ever passed on main for a write: main merely keeps what a slot has, too.
 */
#include "carry.h"
#include "commit.h"
#include "evidence.h"
#include "job.h"
#include "slotio.h"

#define REMAP_CARRY_STEP	HZ
#define REMAP_CARRY_LOOK	4096	/* blocks with nothing to move, before others get a turn */

/* ---- which blocks ---- */

static u64 remap_carry_blk(const struct remap_job *j, struct remap_cursor at)
{
	return j->range[at.range].first.v + at.blk;
}

static void remap_carry_next(const struct remap_job *j, struct remap_cursor *at)
{
	if (++at->blk < j->range[at->range].count)
		return;
	at->range++;
	at->blk = 0;
}

/* Block @b of the job, which is not before @at. */
static struct remap_cursor remap_carry_seek(const struct remap_job *j, struct remap_cursor at,
					    u64 b)
{
	while (b - j->range[at.range].first.v >= j->range[at.range].count)
		at.range++;
	at.blk = b - j->range[at.range].first.v;
	return at;
}

/* Blocks of the job from @from up to @to. */
static u64 remap_carry_between(const struct remap_job *j, struct remap_cursor from,
			       struct remap_cursor to)
{
	u64 n = to.blk;
	u32 i;

	for (i = from.range; i < to.range; i++)
		n += j->range[i].count;
	return n - from.blk;
}

bool remap_carry_covers(const struct remap *r, u64 first, u64 last)
{
	u32 from = 0, to = r->carry.n;

	while (from < to) {
		u32 mid = (from + to) / 2;
		u64 b = remap_carry_part(r, mid)->req.b.v;

		if (b < first)
			from = mid + 1;
		else if (b > last)
			to = mid;
		else
			return true;
	}
	return false;
}

/* Room for a block and a page for its data, or nothing: the job can wait, others cannot. */
static bool remap_carry_add(struct remap *r, u64 blk)
{
	struct page *page = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], REMAP_POOL_SPARE);
	struct remap_group **g = &r->carry.group[r->carry.n / REMAP_GROUP];
	bool fresh = r->carry.n % REMAP_GROUP == 0;
	struct remap_part *p;

	if (fresh)
		*g = page ? remap_group_get(r, NULL, REMAP_POOL_SPARE) : NULL;
	p = page && *g ? remap_group_add(*g, REMAP_POOL_SPARE) : NULL;
	if (!p) {
		if (fresh && *g)
			remap_group_put(*g);
		remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], page);
		return false;
	}
	p->first_sect = dmr_mblk_sect(dmr_mblk(blk));
	p->nr_sect = min_t(u64, DMR_BLK_SECTS, r->ti->len - p->first_sect);
	p->state = REMAP_PART_DONE;
	p->req.grp = *g;
	p->req.b = dmr_mblk(blk);
	p->req.chg.slot = DMR_SLOT_NONE;
	p->req.page = page;
	r->carry.n++;
	return true;
}

/*
 * Blocks from where @j is on; @next is behind the last one that was looked at. What goes
 * back is copied one after the other: a suspend may have to wait for a group of it. Nor is
 * more fenced than a group where places are bad, one after the other.
 */
static int remap_carry_gather(struct remap *r, const struct remap_job *j,
			      struct remap_cursor *next)
{
	u32 most = j->verb == DMR_JOB_REMAP ? r->carry.window * REMAP_GROUP : REMAP_GROUP;
	u32 looked;

	*next = j->at;
	r->carry.n = 0;
	for (looked = 0; looked < REMAP_CARRY_LOOK; looked++) {
		if (next->range == j->ranges || r->carry.n == most)
			break;
		if (remap_carry_wanted(r, j->verb, dmr_mblk(remap_carry_blk(j, *next))) &&
		    !remap_carry_add(r, remap_carry_blk(j, *next)))
			break;
		remap_carry_next(j, next);
	}
	return looked ? 0 : -EAGAIN;
}

static void remap_carry_put(struct remap *r)
{
	u32 i;

	for (i = 0; i < r->carry.n; i += REMAP_GROUP)
		remap_group_put(r->carry.group[i / REMAP_GROUP]);
	r->carry.n = 0;
}

/* ---- one step ---- */

/* Written back is not enough: flushed, read again and compared it must be. */
static void remap_carry_prove(struct remap *r, struct page *seen, u64 *failed)
{
	int err = blkdev_issue_flush(r->main);
	u32 i;

	for (i = 0; i < r->carry.n; i++) {
		struct remap_part *p = remap_carry_part(r, i);

		if (p->state != REMAP_PART_BAD)
			continue;
		if (err || remap_carry_compare(r, p, seen)) {
			p->state = REMAP_PART_DONE;
			++*failed;
		}
	}
}

/* From here on no new I/O to these blocks, and what was on its way is seen when it ends. */
static void remap_carry_park(struct remap *r)
{
	unsigned long flags;
	u32 i;

	r->job_io.first = remap_carry_part(r, 0)->req.b.v;
	r->job_io.last = remap_carry_part(r, r->carry.n - 1)->req.b.v;
	remap_range_enter(r, &r->job_io);
	spin_lock_irqsave(&r->lock, flags);
	r->moving = true;
	remap_watch_update(r);
	spin_unlock_irqrestore(&r->lock, flags);
	mutex_lock(&r->map_lock);
	for (i = 0; i < r->carry.n; i++) {
		struct remap_req *req = &remap_carry_part(r, i)->req;

		remap_fence_add(r, &req->fence, req->b, REMAP_FENCE_ALL);
	}
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

/* No block at all can be moved. */
static bool remap_carry_over(int err)
{
	return err == -ENOSPC || err == -EROFS;
}

/* Reads of blocks from @first on, @n of them, side by side. */
static void remap_carry_read_some(struct remap *r, u32 first, u32 n)
{
	unsigned long began = jiffies;
	bool well = true;
	struct remap_batch b;
	struct blk_plug plug;
	u32 i;

	remap_batch_init(&b);
	blk_start_plug(&plug);
	for (i = first; i < first + n; i++)
		remap_carry_ask(r, remap_carry_part(r, i), &b);
	blk_finish_plug(&plug);
	remap_batch_wait(&b);
	for (i = first; i < first + n; i++)
		well &= !remap_carry_part(r, i)->child.status;
	well &= time_before(jiffies, began + REMAP_CARRY_STEP);
	r->carry.window = well ? min_t(u32, 2 * r->carry.window, REMAP_WINDOW) : 1;
}

/* What was read, on its way to slots. @at: first block; on return, the first not looked at. */
static int remap_carry_send_some(struct remap *r, u32 *at, u32 n, unsigned long began,
				 struct remap_batch *sent, u64 *failed)
{
	u32 end = *at + n;
	struct blk_plug plug;
	int err = 0;

	blk_start_plug(&plug);
	for (; *at < end; ++*at) {
		struct remap_part *p = remap_carry_part(r, *at);

		/* what is left of a window is not worth waiting for those that fail in it */
		if (*at && p->child.status && remap_carry_enough(r, began))
			break;
		err = remap_carry_out(r, p, sent);
		if (remap_carry_over(err))
			break;
		*failed += !!err;
		err = 0;
	}
	blk_finish_plug(&plug);
	return err;
}

/* @n: how many were looked at. */
static int remap_carry_all_out(struct remap *r, u32 *n, u64 *failed)
{
	unsigned long began = jiffies;
	struct remap_batch sent;
	int err = 0;
	u32 i;

	*n = 0;
	remap_batch_init(&sent);
	while (!err && *n < r->carry.n && !(*n && remap_carry_enough(r, began))) {
		u32 some = min(r->carry.window, r->carry.n - *n);

		remap_carry_read_some(r, *n, some);
		err = remap_carry_send_some(r, n, some, began, &sent, failed);
	}
	remap_batch_wait(&sent);
	for (i = 0; i < *n; i++) {
		int lost = remap_carry_landed(r, remap_carry_part(r, i));

		*failed += !!lost;
		if (!err && remap_carry_over(lost))
			err = lost;
	}
	return err;
}

static void remap_carry_all_back(struct remap *r, struct page *seen, u32 *n, u64 *failed)
{
	unsigned long began = jiffies;

	remap_slotio_drain(&r->slotio);
	for (*n = 0; *n < r->carry.n; ++*n) {
		struct remap_part *p = remap_carry_part(r, *n);

		if (*n && remap_carry_enough(r, began))
			break;
		p->req.void_seq = atomic_read(&r->spare_void);
		*failed += !!remap_carry_back(r, p);
	}
	remap_carry_prove(r, seen, failed);
}

/* After the commit: what was published? Slots of blocks that went back are free. */
static void remap_carry_settle(struct remap *r, u64 *failed)
{
	u32 i;

	mutex_lock(&r->map_lock);
	for (i = 0; i < r->carry.n; i++) {
		const struct remap_part *p = remap_carry_part(r, i);

		if (p->state != REMAP_PART_BAD)
			continue;
		if (dmr_table_get(&r->table, p->req.chg.slot) != p->req.chg.word)
			++*failed;
		else if (!p->req.chg.word)
			dmr_alloc_release(&r->table, p->req.chg.slot);
	}
	mutex_unlock(&r->map_lock);
}

static void remap_carry_commit(struct remap *r, u64 *failed)
{
	bool queued = false;
	u32 i;

	for (i = 0; i < r->carry.n; i++) {
		struct remap_part *p = remap_carry_part(r, i);

		if (p->state == REMAP_PART_BAD) {
			queued = true;
			continue;
		}
		remap_fence_remove(r, &p->req.fence);
		remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], p->req.page);
	}
	if (!queued)
		return;
	remap_commit_groups(r, r->carry.group, DIV_ROUND_UP(r->carry.n, REMAP_GROUP));
	remap_carry_settle(r, failed);
}

/* What was gathered, from park to commit. @n: how many blocks were looked at. */
static int remap_carry_step(struct remap *r, enum dmr_job_verb verb, struct page *seen, u32 *n,
			    u64 *failed)
{
	int err = 0;

	remap_carry_park(r);
	if (verb == DMR_JOB_REMAP)
		err = remap_carry_all_out(r, n, failed);
	else
		remap_carry_all_back(r, seen, n, failed);
	remap_carry_commit(r, failed);
	remap_range_leave(r, &r->job_io);
	return err;
}

int remap_carry_blocks(struct remap *r, struct remap_job *j, u64 *n, u64 *failed)
{
	struct remap_pool *pages = &r->memory.pool[DMR_POOL_BUFFER];
	struct page *seen = NULL;
	struct remap_cursor next;
	u32 moved = 0;
	int err;

	if (r->readonly || READ_ONCE(r->mode) > DMR_MODE_FROZEN ||
	    (j->verb == DMR_JOB_REMAP && !remap_can_map(r)))
		return -EROFS;
	if (j->verb == DMR_JOB_UNMAP) {
		seen = remap_pool_page(pages, REMAP_POOL_SPARE);
		if (!seen)
			return -EAGAIN;
	}
	err = remap_carry_gather(r, j, &next);
	if (!err && r->carry.n) {
		err = remap_carry_step(r, j->verb, seen, &moved, failed);
		if (moved < r->carry.n)
			next = remap_carry_seek(j, j->at, remap_carry_part(r, moved)->req.b.v);
	}
	*n = remap_carry_between(j, j->at, next);
	j->at = next;
	remap_carry_put(r);
	remap_pool_give_page(pages, seen);
	return err;
}
