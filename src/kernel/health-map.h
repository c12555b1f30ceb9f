/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health-map: what the map is made of; for health.c, health-look.c and health-grow.c.
 *
 * A hash table. Readers take no lock (RCU, and a sequence count for the figures of a
 * record). Writers take the lock of a group of buckets, which is safe in interrupts.
 * (rhashtable's bucket locks are not before Linux 6.3; it would have done otherwise.) One
 * more lock is for the order, worst to healthiest: which is the next to go when there is
 * no room, which are told of first. Neither is taken while the other is held.
 *
 * The table grows in a work item, and nobody waits for it: see health-grow.c.
 */
#ifndef REMAP_HEALTH_MAP_H
#define REMAP_HEALTH_MAP_H

#include <linux/hash.h>
#include <linux/rbtree.h>
#include <linux/rculist.h>
#include <linux/seqlock.h>
#include <linux/workqueue.h>

#include "health.h"

#define REMAP_HEALTH_GROUPS	64	/* locks; buckets are a multiple of it */

/** struct remap_health_sums - events by kind */
struct remap_health_sums {
	u64 n[DMR_HEALTH_SLOW + 1];
};

static inline void remap_health_sum(struct remap_health_sums *sums, const struct dmr_health *h)
{
	sums->n[DMR_HEALTH_READ_ERROR] += h->read_errors;
	sums->n[DMR_HEALTH_WRITE_ERROR] += h->write_errors;
	sums->n[DMR_HEALTH_RETRY] += h->retries;
	sums->n[DMR_HEALTH_SLOW] += h->slow;
}

/**
 * struct remap_region - record of a region
 * @node: in its bucket of the two tables there may be, by remap_health_table.which
 * @order: while @ranked; @rank is the key it is sorted by. Under remap_health.order_lock
 * @rcu: once it is unlinked
 */
struct remap_region {
	struct hlist_node node[2];
	u64 index;
	struct dmr_health h;
	u32 rank;
	bool ranked;
	union {
		struct rb_node order;
		struct rcu_head rcu;
	};
	struct remap_health *map;
};

struct remap_health_table {
	u32 buckets;
	u32 which;
	struct hlist_head bucket[];
};

/**
 * struct remap_health_group - buckets that share a lock
 * @seq: changes with every record in them
 * @table: where records are linked; @next: the one that is being filled: there, too
 */
struct remap_health_group {
	spinlock_t lock;	/* chains and figures of its buckets */
	seqcount_spinlock_t seq;
	struct remap_health_table *table;
	struct remap_health_table *next;
};

/**
 * struct remap_health - all regions of a device
 * @shift: log2 of the sectors in a region
 * @keep: records there may be; @least: while memory is short
 * @live: records in the order, under @order_lock like @evicted, @others
 * @evicted: records that had to go
 * @all: all events; @others: those of regions that have no record
 * @news: something changed since the summary was last written
 */
struct remap_health {
	struct remap_memory *memory;
	struct remap_health_table __rcu *table;
	struct remap_health_group group[REMAP_HEALTH_GROUPS];
	u32 shift;
	u32 keep;
	u32 least;

	spinlock_t order_lock;	/* order, sums, live */
	struct rb_root_cached order;	/* the healthiest is first */
	u32 live;
	u64 evicted;
	struct remap_health_sums all;
	struct remap_health_sums others;

	bool news;
	struct work_struct grow_work;
};

/* health-grow.c */
struct remap_health_table *remap_health_table_new(u32 buckets, u32 which);
void remap_health_grow_work(struct work_struct *work);

static inline u32 remap_health_hash(u64 index)
{
	return (u32)hash_64(index, 32);
}

static inline struct hlist_head *remap_health_bucket(struct remap_health_table *t, u64 index)
{
	return &t->bucket[remap_health_hash(index) & (t->buckets - 1)];
}

static inline struct remap_health_group *remap_health_group(struct remap_health *map, u64 index)
{
	return &map->group[remap_health_hash(index) % REMAP_HEALTH_GROUPS];
}

/* Figures of one moment. Context: RCU, or @rec is in the order and that is locked. */
static inline struct dmr_health remap_health_read(struct remap_health *map,
						  const struct remap_region *rec)
{
	struct remap_health_group *g = remap_health_group(map, rec->index);
	struct dmr_health h;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&g->seq);
		h = rec->h;
	} while (read_seqcount_retry(&g->seq, seq));
	return h;
}

/* Context: lock of the group, or RCU. */
static inline struct remap_region *remap_health_in(struct remap_health_table *t, u64 index)
{
	struct remap_region *rec;

	hlist_for_each_entry_rcu(rec, remap_health_bucket(t, index), node[t->which], true)
		if (rec->index == index)
			return rec;
	return NULL;
}

#endif
