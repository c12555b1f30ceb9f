// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slotio: see slotio.h.
 */
#include <linux/rcupdate.h>

#include "slotio.h"

void remap_slotio_init(struct remap_slotio *s)
{
	memset(s->n, 0, sizeof(s->n));
	memset(s->epoch, 0, sizeof(s->epoch));
	mutex_init(&s->drain_lock);
	init_waitqueue_head(&s->wait);
}

void remap_slotio_drain(struct remap_slotio *s, struct dmr_slot slot)
{
	u32 bucket = slot.v % REMAP_SLOTIO_BUCKETS;
	u8 old;

	mutex_lock(&s->drain_lock);
	old = s->epoch[bucket];
	/* what an earlier drain of this bucket left in the other epoch is already 0 */
	WRITE_ONCE(s->epoch[bucket], old ^ 1);
	synchronize_rcu();
	wait_event(s->wait, !atomic_read(&s->n[old][bucket]));
	mutex_unlock(&s->drain_lock);
}
