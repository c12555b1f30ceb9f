/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slotio: counting I/O in flight to slots, so that a slot can be drained (R11).
 *
 * Only bios that map() sends to a slot are counted, hashed by the first slot
 * they touch: two counters a bucket, of which new I/O takes the current one.
 * Draining switches the current ones, waits until nobody can still be about to
 * count in the old ones (RCU), then until those are 0. What is sent after that
 * cannot hold it up.
 */
#ifndef REMAP_SLOTIO_H
#define REMAP_SLOTIO_H

#include "target.h"

void remap_slotio_init(struct remap_slotio *s);

/** remap_slotio_get() - count an I/O that begins in @slot. Context: map(), preemption off. */
static inline void remap_slotio_get(struct remap_slotio *s, struct remap_io *io,
				    struct dmr_slot slot)
{
	u32 bucket = slot.v % REMAP_SLOTIO_BUCKETS;

	io->slot_count = bucket + READ_ONCE(s->epoch[bucket]);
	atomic_inc(&s->n[io->slot_count]);
}

/**
 * remap_slotio_put() - it ended
 *
 * Context: any. Return: true when somebody may wait for that: call remap_slotio_wake(). A wake_up()
 * for nobody each time would be a third of what a slot costs more than main.
 */
static inline bool remap_slotio_put(struct remap_slotio *s, struct remap_io *io)
{
	/*
	 * Pairs with the read in remap_slotio_drain(): the I/O ended before the count drops.
	 * The barrier that goes with it is the one that waitqueue_active() needs.
	 */
	return atomic_dec_and_test(&s->n[io->slot_count]) && waitqueue_active(&s->wait);
}

static inline void remap_slotio_wake(struct remap_slotio *s)
{
	wake_up(&s->wait);
}

/**
 * remap_slotio_drain() - wait until every I/O to slots that map() sent before now has ended
 *
 * New I/O must be kept away by the caller (a fence, or an entry no longer
 * published). Context: may sleep; not the commit worker (B9).
 */
void remap_slotio_drain(struct remap_slotio *s);

#endif
