// SPDX-License-Identifier: GPL-2.0-only
/*
 * Evidence: see evidence.h, and doc/design.md on verdicts.
 *
 * Main has no sector of ours, so it is never written as a probe: write
 * evidence is somebody's write, which end_io() reports while r->quick is 0.
 * Times are jiffies: a success counts when it was submitted in a later tick
 * than the failure it speaks about (B1).
 */
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "commit.h"
#include "compat.h"
#include "evidence.h"
#include "index.h"
#include "mode.h"
#include "pending.h"
#include "summary.h"

#define REMAP_EVIDENCE_WAIT	HZ
#define REMAP_REFERENCE_READS	3
#define REMAP_SPARE_TRIES	3

void remap_watch_update(struct remap *r)
{
	bool want;

	/* no barrier: who starts to wait calls this after queueing itself */
	want = waitqueue_active(&r->evidence_wait) || r->breaker.path_row ||
	       r->breaker.left < r->breaker.allowance || r->moving;

	lockdep_assert_held(&r->lock);
	if (!READ_ONCE(r->quick) != want)
		WRITE_ONCE(r->quick, want ? 0 : r->slow);
}

void remap_evidence_success(struct remap *r, bool write, unsigned long began)
{
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	if (write) {
		dmr_breaker_write_ok(&r->breaker);
		if (time_after(began, r->good_write))
			WRITE_ONCE(r->good_write, began);
	} else {
		dmr_breaker_read_ok(&r->breaker);
	}
	remap_watch_update(r);
	spin_unlock_irqrestore(&r->lock, flags);
	if (write)
		wake_up_all(&r->evidence_wait);
}

void remap_evidence_path_error(struct remap *r)
{
	unsigned long flags;
	bool freeze;

	remap_count(r, path_errors);
	spin_lock_irqsave(&r->lock, flags);
	freeze = dmr_breaker_path(&r->breaker);
	remap_watch_update(r);
	spin_unlock_irqrestore(&r->lock, flags);
	if (freeze)
		remap_mode_worsen(r, DMR_MODE_FROZEN, DMR_WHY_PATH);
}

/*
 * A page to read to or write from. Who asks may hold one of the pool's already, and
 * so may everybody: when there is none to spare they take turns with one page (R8).
 */
static struct page *remap_scratch_get(struct remap *r)
{
	struct page *page = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], REMAP_POOL_SPARE);

	if (page)
		return page;
	mutex_lock(&r->scratch_lock);
	return r->scratch;
}

static void remap_scratch_put(struct remap *r, struct page *page)
{
	if (page == r->scratch)
		mutex_unlock(&r->scratch_lock);
	else
		remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], page);
}

static bool remap_evidence_seen(struct remap *r, unsigned long failed_at)
{
	return time_after(READ_ONCE(r->good_write), failed_at);
}

/* Write block @blk of the held bio to main, if that is where it lives. */
static bool remap_evidence_piece(struct remap *r, struct remap_io *io, u64 blk)
{
	u64 end = io->iter.bi_sector + (io->iter.bi_size >> SECTOR_SHIFT);
	u64 from = max_t(u64, io->iter.bi_sector, dmr_mblk_sect(dmr_mblk(blk)));
	enum remap_fence_mode mode;
	struct remap_hit hit;
	struct remap_child c = {
		.first_sect = from,
		.nr_sect = min(end, dmr_mblk_sect(dmr_mblk(blk + 1))) - from,
		.dest_sect = from,
	};

	if (remap_fence_first(r, blk, blk, true, &mode) == blk ||
	    remap_find(r, dmr_mblk(blk), &hit) || remap_child_run(r, io, &c))
		return false;
	remap_evidence_success(r, true, c.began);
	return true;
}

/*
 * A piece of the held bio that main takes is the user's own write: writing it
 * (again) is no probe. The bio is not acknowledged and holds the range.
 */
static bool remap_evidence_own(struct remap *r, struct remap_io *io, struct remap_group *g)
{
	u64 after = dmr_mblk_of_sect(g->part[g->n - 1]->first_sect).v + 1;
	u64 pick[3] = { after, (after + io->last) / 2, io->last };
	u32 i;

	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];

		/* settled on main, that is: what lives in a slot had no child there */
		if (p->state == REMAP_PART_DONE && !p->status && p->child.nr_sect)
			return remap_evidence_piece(r, io, dmr_mblk_of_sect(p->first_sect).v);
	}
	for (i = 0; i < ARRAY_SIZE(pick); i++)
		if (pick[i] >= after && pick[i] <= io->last &&
		    remap_evidence_piece(r, io, pick[i]))
			return true;
	return io->first < dmr_mblk_of_sect(g->part[0]->first_sect).v &&
	       remap_evidence_piece(r, io, io->first);
}

static bool remap_evidence_stop_waiting(struct remap *r, unsigned long failed_at)
{
	return remap_evidence_seen(r, failed_at) || READ_ONCE(r->suspending) ||
	       READ_ONCE(r->mode) != DMR_MODE_RW;
}

static void remap_evidence_await(struct remap *r, struct remap_io *io, unsigned long failed_at)
{
	unsigned long until = jiffies + REMAP_EVIDENCE_WAIT;
	DEFINE_WAIT(wait);

	/* leave half a second of a short budget to what comes after the wait */
	if (time_after(until, io->deadline - HZ / 2))
		until = io->deadline - HZ / 2;

	for (;;) {
		unsigned long flags;

		prepare_to_wait(&r->evidence_wait, &wait, TASK_UNINTERRUPTIBLE);
		spin_lock_irqsave(&r->lock, flags);
		remap_watch_update(r);
		spin_unlock_irqrestore(&r->lock, flags);
		if (remap_evidence_stop_waiting(r, failed_at) || time_after_eq(jiffies, until))
			break;
		io_schedule_timeout(until - jiffies);
	}
	finish_wait(&r->evidence_wait, &wait);
}

/* One read of 4 KiB somewhere on main that is not known to be bad. */
static blk_status_t remap_reference_read(struct remap *r, struct page *page)
{
	u64 blks = r->sb.main_sect / DMR_BLK_SECTS;
	struct remap_child c = { .nr_sect = DMR_BLK_SECTS, .opf = REQ_OP_READ, .page = page };
	const struct remap_index *idx;
	struct remap_hit hit;
	struct dmr_mblk b;
	u32 tries;
	bool known = true;

	if (!blks)
		return BLK_STS_IOERR;
	for (tries = 0; known && tries < 8; tries++) {
		b = dmr_mblk(get_random_u64() % blks);
		preempt_disable();
		idx = rcu_dereference_sched(r->index);
		known = remap_index_lookup(idx, b, &hit);
		preempt_enable();
	}
	c.dest_sect = dmr_mblk_sect(b);
	if (!remap_child_run(r, NULL, &c)) {
		remap_evidence_success(r, false, c.began);
		return BLK_STS_OK;
	}
	return c.status;
}

/*
 * Three good ones if @all, else one. Two may fail: a disk that is losing sectors
 * may have lost the very one that was picked. A round counts for the breaker.
 */
static bool remap_reference_round(struct remap *r, bool all)
{
	struct page *page = remap_scratch_get(r);
	u32 want = all ? REMAP_REFERENCE_READS : 1;
	unsigned long flags;
	u32 good = 0;
	bool freeze;
	bool ok;
	u32 i;

	for (i = 0; good < want && i - good < REMAP_REFERENCE_READS; i++)
		good += !remap_reference_read(r, page);
	ok = good == want;
	remap_scratch_put(r, page);

	spin_lock_irqsave(&r->lock, flags);
	freeze = dmr_breaker_probe(&r->breaker, ok);
	spin_unlock_irqrestore(&r->lock, flags);
	if (freeze)
		remap_mode_worsen(r, DMR_MODE_FROZEN, DMR_WHY_PROBES);
	return ok;
}

enum remap_evidence remap_evidence_write(struct remap *r, struct remap_io *io,
					 struct remap_group *g, unsigned long failed_at)
{
	if (remap_evidence_seen(r, failed_at) || remap_evidence_own(r, io, g))
		return REMAP_EVIDENCE_SEEN;
	remap_evidence_await(r, io, failed_at);
	if (remap_evidence_seen(r, failed_at))
		return REMAP_EVIDENCE_SEEN;
	if (READ_ONCE(r->mode) != DMR_MODE_RW)
		return REMAP_EVIDENCE_NONE;
	return remap_reference_round(r, true) ? REMAP_EVIDENCE_ALLOWANCE : REMAP_EVIDENCE_NONE;
}

enum remap_evidence remap_evidence_read(struct remap *r)
{
	return remap_reference_round(r, false) ? REMAP_EVIDENCE_SEEN : REMAP_EVIDENCE_NONE;
}

enum dmr_spend remap_evidence_spend(struct remap *r)
{
	enum dmr_spend s;
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	s = dmr_breaker_spend(&r->breaker);
	remap_watch_update(r);
	spin_unlock_irqrestore(&r->lock, flags);
	if (s != DMR_SPEND_NO)
		remap_count(r, verdicts_allowance);
	return s;
}

/*
 * No free slot for it, or none that works: the auxiliary blocks of the copies in
 * sync, as they are, serve as well; each in turn, one may be what fails.
 */
static int remap_evidence_aux(struct remap *r, struct page *page)
{
	u32 whole = READ_ONCE(r->whole);
	int err = -EIO;
	u32 c;

	for (c = 0; err && c < r->sb.copies; c++) {
		struct dmr_slot s = dmr_layout_aux_slot(&r->sb, c);

		if (!(whole & BIT(c)))
			continue;
		mutex_lock(&r->map_lock);
		remap_summary_encode(r, page_address(page), &r->sb.gen, c, s);
		mutex_unlock(&r->map_lock);
		err = remap_meta_write(r, s, page);
	}
	return err;
}

/* A free slot somewhere: bad places come in clusters, so not the next one. Context: map_lock. */
static struct dmr_slot remap_evidence_slot(struct remap *r)
{
	u32 blks = dmr_layout_written(&r->sb, r->sb.hwm_blk);
	u64 cursor = r->table.cursor;
	struct dmr_slot s;
	u64 n;

	if (!blks)
		return DMR_SLOT_NONE;
	n = get_random_u64() % ((u64)blks * DMR_ENTRIES_PER_BLK);
	r->table.cursor = (u64)dmr_layout_nth(&r->sb, n / DMR_ENTRIES_PER_BLK) *
			  DMR_ENTRIES_PER_BLK + n % DMR_ENTRIES_PER_BLK;
	s = dmr_alloc_take(&r->table);
	r->table.cursor = cursor;
	return s;
}

/*
 * Is what is free here free in whatever a later load may believe? Not while an
 * activation is under way, nor while a copy named in sync is not: it may hold a
 * change nobody was told of, and the slot of that change must keep its data (R2, A22).
 * Context: map_lock.
 */
static bool remap_evidence_knows(struct remap *r)
{
	return r->loaded && !(r->sb.insync & ~r->whole);
}

/* Return: 0; -ENOSPC when no slot may be written; -EIO */
static int remap_evidence_place(struct remap *r, struct page *page)
{
	struct dmr_slot s = DMR_SLOT_NONE;
	struct remap_child c = {
		.nr_sect = DMR_BLK_SECTS,
		.to_spare = true,
		.owner = REMAP_OWNER_PROBE,
		.opf = REQ_OP_WRITE | REQ_SYNC,
		.page = page,
	};

	mutex_lock(&r->map_lock);
	if (remap_evidence_knows(r))
		s = remap_evidence_slot(r);
	mutex_unlock(&r->map_lock);
	if (dmr_slot_is_none(s))
		return -ENOSPC;
	clear_highpage(page);
	c.dest_sect = dmr_slot_sect(s);
	remap_child_run(r, NULL, &c);
	mutex_lock(&r->map_lock);
	dmr_alloc_release(&r->table, s);
	mutex_unlock(&r->map_lock);
	return c.status ? -EIO : 0;
}

bool remap_evidence_spare(struct remap *r)
{
	struct page *page = remap_scratch_get(r);
	unsigned long began = jiffies;
	int err = -EIO;
	u32 tries;

	for (tries = 0; err == -EIO && tries < REMAP_SPARE_TRIES; tries++)
		err = remap_evidence_place(r, page);
	/* all three may be bad: a slot whose move a crash cut short is free again (B22) */
	if (err == -ENOSPC || (err && !remap_timed_out(r->spare, began)))
		err = remap_evidence_aux(r, page);
	remap_scratch_put(r, page);
	return !err;
}
