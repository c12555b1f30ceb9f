// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pending: see pending.h.
 */
#include <linux/jiffies.h>

#include "fence.h"
#include "grow.h"
#include "index.h"
#include "pending.h"

#define REMAP_TRY_EVERY		HZ

bool remap_find(struct remap *r, struct dmr_mblk b, struct remap_hit *hit)
{
	bool found;

	preempt_disable();
	found = remap_index_lookup(rcu_dereference_sched(r->index), b, hit);
	preempt_enable();
	return found;
}

static struct remap_tried *remap_tried_at(struct remap *r, struct dmr_slot slot)
{
	return &r->tried[slot.v % REMAP_TRIED];
}

bool remap_pending_may_try(struct remap *r, struct dmr_slot slot, u32 mask)
{
	struct remap_tried *t = remap_tried_at(r, slot);
	unsigned long flags;
	bool may;

	spin_lock_irqsave(&r->lock, flags);
	if (t->slot != slot.v || time_after_eq(jiffies, t->when + REMAP_TRY_EVERY)) {
		t->slot = slot.v;
		t->when = jiffies;
		t->mask = 0;
	}
	may = mask & ~t->mask;
	t->mask |= mask;
	spin_unlock_irqrestore(&r->lock, flags);
	return may;
}

/* The first read after a sector became pending tries main again. */
static void remap_tried_forget(struct remap *r, struct dmr_slot slot)
{
	struct remap_tried *t = remap_tried_at(r, slot);
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	if (t->slot == slot.v)
		t->slot = ~0ull;
	spin_unlock_irqrestore(&r->lock, flags);
}

struct dmr_slot remap_pending_slot(struct remap *r)
{
	struct dmr_slot s = dmr_alloc_take(&r->table);
	enum remap_fence_mode mode;
	u64 blk;

	lockdep_assert_held(&r->map_lock);
	if (!dmr_slot_is_none(s))
		return s;
	s = dmr_alloc_hint(&r->table);
	if (dmr_slot_is_none(s))
		return s;
	/* a fenced block is being worked on: its hint is about to become more than that */
	blk = dmr_entry_mblk(dmr_table_get(&r->table, s)).v;
	if (remap_fence_first(r, blk, blk, true, &mode) == blk)
		return DMR_SLOT_NONE;
	dmr_table_set(&r->table, s, 0);
	/* should its new owner give it up, the hint is still on disk (A37) */
	remap_commit_dirty(r, s);
	remap_count(r, hints_reclaimed);
	return s;
}

static u32 remap_states_mark(u32 states, u32 mask)
{
	u32 i;

	for (i = 0; i < DMR_STATES_PER_BLK; i++)
		if ((mask & BIT(i)) && dmr_states_get(states, i) == DMR_STATE_MAIN)
			states = dmr_states_set(states, i, 1, DMR_STATE_PENDING);
	return states;
}

void remap_pending_note(struct remap *r, struct dmr_mblk b, u32 mask)
{
	struct remap_index *idx;
	struct remap_hit hit;
	struct dmr_slot s;
	u64 word;

	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	if (remap_index_lookup(idx, b, &hit)) {
		s = hit.slot;
		word = dmr_entry_make(dmr_entry_kind(hit.word), b,
				      remap_states_mark(dmr_entry_states(hit.word), mask),
				      dmr_entry_serial(hit.word));
		dmr_table_set(&r->table, s, word);
	} else {
		/* a hint takes no slot from those who need one */
		s = remap_index_room(idx) ? dmr_alloc_take(&r->table) : DMR_SLOT_NONE;
		if (dmr_slot_is_none(s))
			goto out;
		word = dmr_entry_make(DMR_KIND_PENDING, b, remap_states_mark(0, mask), 0);
		dmr_table_set(&r->table, s, word);
		remap_grow_enter(r, b, s);
	}
	remap_tried_forget(r, s);
	remap_count_add(r, noted, hweight32(mask));
	remap_commit_dirty(r, s);
out:
	mutex_unlock(&r->map_lock);
}

void remap_pending_clear(struct remap *r, struct dmr_mblk b, u32 first, u32 n)
{
	struct remap_hit hit;
	u32 states;
	u32 i;

	mutex_lock(&r->map_lock);
	if (!remap_index_lookup(rcu_dereference_protected(r->index,
							  lockdep_is_held(&r->map_lock)), b, &hit))
		goto out;
	states = dmr_entry_states(hit.word);
	for (i = first; i < first + n; i++) {
		if (dmr_states_get(states, i) != DMR_STATE_PENDING)
			continue;
		states = dmr_states_set(states, i, 1, DMR_STATE_MAIN);
		remap_count(r, cleared);
	}
	if (states == dmr_entry_states(hit.word))
		goto out;
	if (dmr_entry_kind(hit.word) == DMR_KIND_PENDING && !states) {
		/* no data was ever in the slot: nothing to drain before its reuse */
		dmr_table_set(&r->table, hit.slot, 0);
		dmr_alloc_release(&r->table, hit.slot);
	} else {
		dmr_table_set(&r->table, hit.slot,
			      dmr_entry_make(dmr_entry_kind(hit.word), b, states,
					     dmr_entry_serial(hit.word)));
	}
	remap_commit_dirty(r, hit.slot);
out:
	mutex_unlock(&r->map_lock);
}
