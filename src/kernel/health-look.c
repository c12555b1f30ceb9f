// SPDX-License-Identifier: GPL-2.0-only
/*
 * Health-look: what is read of the map, without its writers noticing; see health.h, and
 * health-map.h for the locks.
 */
#include "health-map.h"

bool remap_health_find(struct remap_health *map, u64 index, struct dmr_health *h)
{
	struct remap_health_group *g = remap_health_group(map, index);
	struct remap_region *rec;
	unsigned int seq;

	rcu_read_lock();
	do {
		seq = read_seqcount_begin(&g->seq);
		rec = remap_health_in(rcu_dereference(map->table), index);
		if (rec)
			*h = rec->h;
	} while (read_seqcount_retry(&g->seq, seq));
	rcu_read_unlock();
	return rec;
}

u32 remap_health_worst(struct remap_health *map, struct dmr_aux_rec *rec, u32 max)
{
	struct rb_node *node;
	unsigned long flags;
	u32 n = 0;

	spin_lock_irqsave(&map->order_lock, flags);
	for (node = rb_last(&map->order.rb_root); node && n < max; node = rb_prev(node)) {
		struct remap_region *at = rb_entry(node, struct remap_region, order);

		rec[n].region = at->index;
		rec[n++].h = remap_health_read(map, at);
	}
	spin_unlock_irqrestore(&map->order_lock, flags);
	return n;
}

u32 remap_health_buckets(struct remap_health *map)
{
	u32 n;

	rcu_read_lock();
	n = rcu_dereference(map->table)->buckets;
	rcu_read_unlock();
	return n;
}

void remap_health_walk(struct remap_health *map, u32 bucket,
		       void (*each)(void *arg, u64 index, const struct dmr_health *h), void *arg)
{
	struct remap_health_table *t;
	struct remap_region *rec;

	rcu_read_lock();
	t = rcu_dereference(map->table);
	if (bucket < t->buckets) {
		hlist_for_each_entry_rcu(rec, &t->bucket[bucket], node[t->which]) {
			struct dmr_health h = remap_health_read(map, rec);

			each(arg, rec->index, &h);
		}
	}
	rcu_read_unlock();
}

void remap_health_totals(struct remap_health *map, struct dmr_health_head *head)
{
	unsigned long flags;

	head->region_sect = 1ull << map->shift;
	head->max = map->keep;
	spin_lock_irqsave(&map->order_lock, flags);
	head->records = map->live;
	head->evicted = map->evicted;
	head->read_errors = map->all.n[DMR_HEALTH_READ_ERROR];
	head->write_errors = map->all.n[DMR_HEALTH_WRITE_ERROR];
	head->retries = map->all.n[DMR_HEALTH_RETRY];
	head->slow = map->all.n[DMR_HEALTH_SLOW];
	spin_unlock_irqrestore(&map->order_lock, flags);
}

u64 remap_health_others(struct remap_health *map)
{
	unsigned long flags;
	u64 sum = 0;
	u32 i;

	spin_lock_irqsave(&map->order_lock, flags);
	for (i = 0; i < ARRAY_SIZE(map->others.n); i++)
		sum += map->others.n[i];
	spin_unlock_irqrestore(&map->order_lock, flags);
	return sum;
}

void remap_health_summary(struct remap_health *map, struct dmr_aux *aux)
{
	struct remap_health_sums kept = {};
	unsigned long flags;
	u32 i;

	aux->n = remap_health_worst(map, aux->rec, DMR_AUX_RECS);
	for (i = 0; i < aux->n; i++)
		remap_health_sum(&kept, &aux->rec[i].h);
	/* an event is counted among all of them before it is in a record: never less than kept */
	spin_lock_irqsave(&map->order_lock, flags);
	aux->evicted = map->evicted + map->live - aux->n;
	aux->read_errors = map->all.n[DMR_HEALTH_READ_ERROR] - kept.n[DMR_HEALTH_READ_ERROR];
	aux->write_errors = map->all.n[DMR_HEALTH_WRITE_ERROR] - kept.n[DMR_HEALTH_WRITE_ERROR];
	aux->retries = map->all.n[DMR_HEALTH_RETRY] - kept.n[DMR_HEALTH_RETRY];
	aux->slow = map->all.n[DMR_HEALTH_SLOW] - kept.n[DMR_HEALTH_SLOW];
	spin_unlock_irqrestore(&map->order_lock, flags);
}

bool remap_health_news(struct remap_health *map)
{
	unsigned long flags;
	bool news;

	spin_lock_irqsave(&map->order_lock, flags);
	news = map->news;
	map->news = false;
	spin_unlock_irqrestore(&map->order_lock, flags);
	return news;
}

void remap_health_again(struct remap_health *map)
{
	unsigned long flags;

	spin_lock_irqsave(&map->order_lock, flags);
	map->news = true;
	spin_unlock_irqrestore(&map->order_lock, flags);
}
