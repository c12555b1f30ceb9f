// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fence: ranges and fences, see fence.h. Both are short lists under r->lock:
 * they hold what is failing right now, not what has ever failed.
 */
#include "carry.h"
#include "fence.h"
#include "index.h"

void remap_fence_add(struct remap *r, struct remap_fence *f, struct dmr_mblk b,
		     enum remap_fence_mode mode)
{
	unsigned long flags;

	lockdep_assert_held(&r->map_lock);
	f->blk = b.v;
	f->mode = mode;
	spin_lock_irqsave(&r->lock, flags);
	list_add_tail(&f->list, &r->fences);
	spin_unlock_irqrestore(&r->lock, flags);
	/* after the list: who sees the bit finds the fence */
	smp_wmb();
	remap_index_mark(rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock)), b);
}

void remap_fence_remove(struct remap *r, struct remap_fence *f)
{
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	list_del_init(&f->list);
	spin_unlock_irqrestore(&r->lock, flags);
	wake_up_all(&r->range_wait);
}

void remap_fence_change(struct remap *r, struct remap_fence *f, enum remap_fence_mode mode)
{
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	f->mode = mode;
	spin_unlock_irqrestore(&r->lock, flags);
	wake_up_all(&r->range_wait);
}

u64 remap_fence_search(struct remap *r, u64 first, u64 last, bool write,
		       enum remap_fence_mode *mode)
{
	struct remap_fence *f;
	unsigned long flags;
	u64 found = last + 1;

	spin_lock_irqsave(&r->lock, flags);
	list_for_each_entry(f, &r->fences, list) {
		if (f->blk < first || f->blk >= found)
			continue;
		if (!write && f->mode != REMAP_FENCE_ALL)
			continue;
		found = f->blk;
		*mode = f->mode;
	}
	spin_unlock_irqrestore(&r->lock, flags);
	return found;
}

void remap_fence_mark_all(struct remap *r, struct remap_index *idx)
{
	struct remap_fence *f;
	unsigned long flags;

	lockdep_assert_held(&r->map_lock);
	spin_lock_irqsave(&r->lock, flags);
	list_for_each_entry(f, &r->fences, list)
		remap_index_mark(idx, dmr_mblk(f->blk));
	spin_unlock_irqrestore(&r->lock, flags);
}

static bool remap_range_meets(struct remap *r, const struct remap_io *a, const struct remap_io *b)
{
	if (a->first > b->last || b->first > a->last)
		return false;
	/* the blocks of a job lie scattered between its first and its last */
	if (a == &r->job_io)
		return remap_carry_covers(r, b->first, b->last);
	if (b == &r->job_io)
		return remap_carry_covers(r, a->first, a->last);
	return true;
}

static bool remap_range_first(struct remap *r, struct remap_io *io)
{
	struct remap_io *other;
	bool mine = true;
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	list_for_each_entry(other, &r->ranges, range) {
		if (other == io)
			break;
		if (remap_range_meets(r, other, io)) {
			mine = false;
			break;
		}
	}
	spin_unlock_irqrestore(&r->lock, flags);
	return mine;
}

void remap_range_enter(struct remap *r, struct remap_io *io)
{
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	list_add_tail(&io->range, &r->ranges);
	spin_unlock_irqrestore(&r->lock, flags);
	wait_event(r->range_wait, remap_range_first(r, io));
}

void remap_range_leave(struct remap *r, struct remap_io *io)
{
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	list_del(&io->range);
	spin_unlock_irqrestore(&r->lock, flags);
	wake_up_all(&r->range_wait);
}
