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

/* A bio over a run of slots is counted with the first of them alone: so all buckets (A35). */
void remap_slotio_drain(struct remap_slotio *s)
{
	u32 i;

	mutex_lock(&s->drain_lock);
	/* what an earlier drain left in the other epoch is already 0 */
	for (i = 0; i < REMAP_SLOTIO_BUCKETS; i++)
		WRITE_ONCE(s->epoch[i], s->epoch[i] ^ REMAP_SLOTIO_BUCKETS);
	synchronize_rcu();
	for (i = 0; i < REMAP_SLOTIO_BUCKETS; i++)
		wait_event(s->wait, !atomic_read(&s->n[i + (s->epoch[i] ^ REMAP_SLOTIO_BUCKETS)]));
	mutex_unlock(&s->drain_lock);
}
