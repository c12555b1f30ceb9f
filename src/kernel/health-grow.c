// SPDX-License-Identifier: GPL-2.0-only
/*
 * Health-grow: a larger table, while records are found, changed, added and removed.
 *
 *   fill     group by group, under its lock: what is in it is linked into the new
 *            table as well, by its second node; from then on writers keep both
 *   switch   readers go to the new one; wait for those who are in the old one
 *   leave    group by group: writers keep the new one only
 *
 * As the relativistic resizing of Triplett, McKenney and Walpole (USENIX ATC 2011)
 * in what it promises readers; two nodes in each record are what it costs here.
 */
#include <linux/mm.h>

#include "health-map.h"
#include "mem.h"

struct remap_health_table *remap_health_table_new(u32 buckets, u32 which)
{
	struct remap_health_table *t;

	t = remap_mem(kvzalloc(struct_size(t, bucket, buckets),
			       GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN));
	if (!t)
		return NULL;
	t->buckets = buckets;
	t->which = which;
	return t;
}

static void remap_health_fill(struct remap_health_group *g, u32 nr, struct remap_health_table *t)
{
	struct remap_health_table *old = g->table;
	struct remap_region *rec;
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&g->lock, flags);
	for (i = nr; i < old->buckets; i += REMAP_HEALTH_GROUPS)
		hlist_for_each_entry(rec, &old->bucket[i], node[old->which])
			hlist_add_head_rcu(&rec->node[t->which],
					   remap_health_bucket(t, rec->index));
	g->next = t;
	spin_unlock_irqrestore(&g->lock, flags);
}

static void remap_health_leave(struct remap_health_group *g)
{
	unsigned long flags;

	spin_lock_irqsave(&g->lock, flags);
	g->table = g->next;
	g->next = NULL;
	spin_unlock_irqrestore(&g->lock, flags);
}

void remap_health_grow_work(struct work_struct *work)
{
	struct remap_health *map = container_of(work, struct remap_health, grow_work);
	/* nobody but this work changes it */
	struct remap_health_table *old = rcu_dereference_protected(map->table, true);
	struct remap_health_table *t;
	u32 i;

	if (READ_ONCE(map->live) <= old->buckets || READ_ONCE(map->memory->scarce))
		return;
	/* without it the chains get longer, that is all */
	t = remap_health_table_new(old->buckets * 2, !old->which);
	if (!t)
		return;
	for (i = 0; i < REMAP_HEALTH_GROUPS; i++)
		remap_health_fill(&map->group[i], i, t);
	rcu_assign_pointer(map->table, t);
	synchronize_rcu();
	for (i = 0; i < REMAP_HEALTH_GROUPS; i++)
		remap_health_leave(&map->group[i]);
	kvfree(old);
}
