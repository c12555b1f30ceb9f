// SPDX-License-Identifier: GPL-2.0-only
/*
 * Health: see health.h, and health-map.h for the locks.
 */
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/timekeeping.h>

#include "health-map.h"
#include "mem.h"

/* One in so many records may wait for readers before it can be used again. */
#define REMAP_HEALTH_SLACK	16
#define REMAP_HEALTH_BUCKETS	1024	/* at most, for a start */

/* ---- order ---- */

/* Sorted by what it says now, whoever changed it last. Context: order_lock. */
static void remap_health_sort(struct remap_health *map, struct remap_region *rec)
{
	struct rb_node **at = &map->order.rb_root.rb_node;
	struct rb_node *parent = NULL;
	bool first = true;

	rec->rank = remap_health_read(map, rec).key;
	while (*at) {
		parent = *at;
		if (rec->rank < rb_entry(parent, struct remap_region, order)->rank) {
			at = &parent->rb_left;
		} else {
			at = &parent->rb_right;
			first = false;
		}
	}
	rb_link_node(&rec->order, parent, at);
	rb_insert_color_cached(&rec->order, &map->order, first);
}

/* It is new. */
static void remap_health_rank(struct remap_health *map, struct remap_region *rec)
{
	unsigned long flags;

	spin_lock_irqsave(&map->order_lock, flags);
	rec->ranked = true;
	WRITE_ONCE(map->live, map->live + 1);
	remap_health_sort(map, rec);
	spin_unlock_irqrestore(&map->order_lock, flags);
}

/* It was changed, and may have been evicted since. Context: RCU. */
static void remap_health_rank_again(struct remap_health *map, struct remap_region *rec)
{
	unsigned long flags;

	spin_lock_irqsave(&map->order_lock, flags);
	if (rec->ranked) {
		rb_erase_cached(&rec->order, &map->order);
		remap_health_sort(map, rec);
	}
	spin_unlock_irqrestore(&map->order_lock, flags);
}

/* What has no record, or no longer, is in one sum. */
static void remap_health_other(struct remap_health *map, const struct dmr_health *h)
{
	unsigned long flags;

	spin_lock_irqsave(&map->order_lock, flags);
	remap_health_sum(&map->others, h);
	spin_unlock_irqrestore(&map->order_lock, flags);
}

static void remap_health_count(struct remap_health *map, enum dmr_health_event e)
{
	unsigned long flags;

	spin_lock_irqsave(&map->order_lock, flags);
	map->all.n[e]++;
	map->news = true;
	spin_unlock_irqrestore(&map->order_lock, flags);
}

/* ---- records come and go ---- */

static void remap_region_free(struct rcu_head *rcu)
{
	struct remap_region *rec = container_of(rcu, struct remap_region, rcu);

	remap_pool_give(&rec->map->memory->pool[DMR_POOL_HEALTH], rec);
}

/* It is in the order no more: out of the table, into the sum. */
static void remap_health_unlink(struct remap_health *map, struct remap_region *rec)
{
	struct remap_health_group *g = remap_health_group(map, rec->index);
	unsigned long flags;

	spin_lock_irqsave(&g->lock, flags);
	hlist_del_rcu(&rec->node[g->table->which]);
	if (g->next)
		hlist_del_rcu(&rec->node[g->next->which]);
	spin_unlock_irqrestore(&g->lock, flags);
	/* nobody finds it to change it any more */
	remap_health_other(map, &rec->h);
	call_rcu(&rec->rcu, remap_region_free);
}

/* Out of the order with the healthiest, if there are too many and it is healthier than @than. */
static struct remap_region *remap_health_pick(struct remap_health *map, u32 keep, u32 than)
{
	struct remap_region *rec = NULL;
	struct rb_node *first;
	unsigned long flags;

	spin_lock_irqsave(&map->order_lock, flags);
	first = rb_first_cached(&map->order);
	if (first && map->live >= keep) {
		rec = rb_entry(first, struct remap_region, order);
		if (rec->rank < than) {
			rb_erase_cached(&rec->order, &map->order);
			rec->ranked = false;
			WRITE_ONCE(map->live, map->live - 1);
			map->evicted++;
		} else {
			rec = NULL;
		}
	}
	spin_unlock_irqrestore(&map->order_lock, flags);
	return rec;
}

static bool remap_health_room(struct remap_health *map, const struct dmr_health *h)
{
	u32 keep = READ_ONCE(map->memory->scarce) ? map->least : map->keep;
	struct remap_region *rec;

	if (READ_ONCE(map->live) < keep)
		return true;
	rec = remap_health_pick(map, keep, h->key);
	if (rec)
		remap_health_unlink(map, rec);
	return rec;
}

/* Context: lock of the group. */
static void remap_health_link(struct remap_health_group *g, struct remap_region *rec)
{
	hlist_add_head_rcu(&rec->node[g->table->which],
			   remap_health_bucket(g->table, rec->index));
	if (g->next)
		hlist_add_head_rcu(&rec->node[g->next->which],
				   remap_health_bucket(g->next, rec->index));
}

static void remap_health_grow(struct remap_health *map)
{
	struct remap_health_table *t;

	rcu_read_lock();
	t = rcu_dereference(map->table);
	if (READ_ONCE(map->live) > t->buckets)
		queue_work(system_unbound_wq, &map->grow_work);
	rcu_read_unlock();
}

/* ---- note ---- */

/* Into the region's record. Return: that, if it has one; gone with RCU. */
static struct remap_region *remap_health_change(struct remap_health *map, u64 index,
						enum dmr_health_event e, u32 ms, u64 now_s)
{
	struct remap_health_group *g = remap_health_group(map, index);
	struct remap_region *rec;
	unsigned long flags;

	spin_lock_irqsave(&g->lock, flags);
	rec = remap_health_in(g->table, index);
	if (rec) {
		write_seqcount_begin(&g->seq);
		dmr_health_note(&rec->h, e, ms, now_s);
		write_seqcount_end(&g->seq);
	}
	spin_unlock_irqrestore(&g->lock, flags);
	return rec;
}

/* Return: false when somebody else was faster. */
static bool remap_health_add(struct remap_health *map, struct remap_region *rec)
{
	struct remap_health_group *g = remap_health_group(map, rec->index);
	unsigned long flags;
	bool fresh;

	spin_lock_irqsave(&g->lock, flags);
	fresh = !remap_health_in(g->table, rec->index);
	if (fresh)
		remap_health_link(g, rec);
	spin_unlock_irqrestore(&g->lock, flags);
	if (fresh)
		remap_health_rank(map, rec);
	return fresh;
}

static struct remap_region *remap_region_new(struct remap_health *map, u64 index,
					     const struct dmr_health *h)
{
	struct remap_pool *pool = &map->memory->pool[DMR_POOL_HEALTH];
	struct remap_region *rec = NULL;

	if (remap_health_room(map, h))
		rec = remap_pool_take(pool, REMAP_POOL_NOW);
	if (!rec)
		return NULL;
	memset(rec, 0, sizeof(*rec));
	rec->index = index;
	rec->map = map;
	rec->h = *h;
	return rec;
}

/* Return: false when it is to be tried again: somebody else made the record. */
static bool remap_health_try(struct remap_health *map, u64 index, enum dmr_health_event e, u32 ms,
			     u64 now_s)
{
	struct dmr_health h = {};
	struct remap_region *rec;

	rcu_read_lock();
	rec = remap_health_change(map, index, e, ms, now_s);
	if (rec)
		remap_health_rank_again(map, rec);
	rcu_read_unlock();
	if (rec)
		return true;
	dmr_health_note(&h, e, ms, now_s);
	rec = remap_region_new(map, index, &h);
	if (!rec) {
		remap_health_other(map, &h);
		return true;
	}
	if (remap_health_add(map, rec)) {
		remap_health_grow(map);
		return true;
	}
	remap_pool_give(&map->memory->pool[DMR_POOL_HEALTH], rec);
	return false;
}

void remap_health_note(struct remap_health *map, u64 sect, enum dmr_health_event e,
		       unsigned long began)
{
	u32 ms = jiffies_to_msecs(jiffies - began);
	/* the kernel reads its seconds without a mark, and means it */
	u64 now_s = data_race(ktime_get_real_seconds());

	remap_health_count(map, e);
	while (!remap_health_try(map, sect >> map->shift, e, ms, now_s))
		;
}

/* ---- life ---- */

static void remap_health_restore_one(struct remap_health *map, u64 index,
				     const struct dmr_health *h)
{
	struct remap_region *rec = remap_region_new(map, index, h);

	if (!rec)
		remap_health_other(map, h);
	else if (!remap_health_add(map, rec))
		remap_pool_give(&map->memory->pool[DMR_POOL_HEALTH], rec);
}

void remap_health_restore(struct remap_health *map, const struct dmr_aux *aux)
{
	const u64 others[] = {
		[DMR_HEALTH_READ_ERROR] = aux->read_errors,
		[DMR_HEALTH_WRITE_ERROR] = aux->write_errors,
		[DMR_HEALTH_RETRY] = aux->retries,
		[DMR_HEALTH_SLOW] = aux->slow,
	};
	u32 i;

	for (i = 0; i < aux->n; i++) {
		const struct dmr_health *h = &aux->rec[i].h;

		remap_health_restore_one(map, aux->rec[i].region, h);
		remap_health_sum(&map->all, h);
	}
	map->evicted = aux->evicted;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		map->others.n[i] += others[i];
		map->all.n[i] += others[i];
	}
}

void remap_health_trim(struct remap_health *map)
{
	struct remap_region *rec;

	do {
		rec = remap_health_pick(map, map->least + 1, U32_MAX);
		if (rec)
			remap_health_unlink(map, rec);
		cond_resched();
	} while (rec);
}

static void remap_health_init(struct remap_health *map, struct remap_memory *memory,
			      struct remap_health_table *t)
{
	const struct dmr_pool_stat *n = &memory->pool[DMR_POOL_HEALTH].n;
	u32 i;

	map->memory = memory;
	map->least = n->min - DIV_ROUND_UP_ULL(n->min, REMAP_HEALTH_SLACK);
	map->keep = n->max - DIV_ROUND_UP_ULL(n->max, REMAP_HEALTH_SLACK);
	map->order = RB_ROOT_CACHED;
	spin_lock_init(&map->order_lock);
	INIT_WORK(&map->grow_work, remap_health_grow_work);
	for (i = 0; i < REMAP_HEALTH_GROUPS; i++) {
		struct remap_health_group *g = &map->group[i];

		spin_lock_init(&g->lock);
		seqcount_spinlock_init(&g->seq, &g->lock);
		g->table = t;
	}
	rcu_assign_pointer(map->table, t);
}

struct remap_health *remap_health_new(struct remap_memory *memory, u64 sect)
{
	struct remap_health *map = remap_mem(kvzalloc(sizeof(*map), GFP_KERNEL));
	struct remap_health_table *t;
	u64 buckets;

	if (!map)
		return NULL;
	/* few records for a start, and no more than there are regions */
	buckets = min(dmr_health_regions(sect), memory->pool[DMR_POOL_HEALTH].n.max / 4);
	buckets = clamp_t(u64, buckets, REMAP_HEALTH_GROUPS, REMAP_HEALTH_BUCKETS);
	t = remap_health_table_new(roundup_pow_of_two(buckets), 0);
	if (!t) {
		kvfree(map);
		return NULL;
	}
	map->shift = dmr_health_region_shift(sect);
	remap_health_init(map, memory, t);
	return map;
}

void remap_health_free(struct remap_health *map)
{
	struct remap_pool *pool;
	struct rb_node *node;

	if (!map)
		return;
	cancel_work_sync(&map->grow_work);
	/* what was evicted is on its way to the pool */
	rcu_barrier();
	pool = &map->memory->pool[DMR_POOL_HEALTH];
	while ((node = rb_first_cached(&map->order))) {
		rb_erase_cached(node, &map->order);
		remap_pool_give(pool, rb_entry(node, struct remap_region, order));
	}
	kvfree(rcu_dereference_protected(map->table, true));
	kvfree(map);
}

size_t remap_health_record_bytes(void)
{
	return sizeof(struct remap_region);
}

u32 remap_health_shift(const struct remap_health *map)
{
	return map->shift;
}
