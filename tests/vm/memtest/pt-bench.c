// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bench: nanoseconds of the guest's clock, which are instructions under -icount shift=0.
 * Medians of windows too short for a timer tick; an empty loop is measured beside them.
 *
 *   memtest: pool-pair MEDIAN, slab-pair MEDIAN	one take and one give, in hundredths
 *   memtest: health-find RECORDS MEDIAN, health-note RECORDS MEDIAN
 *   memtest: record-bytes N
 */
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "pt.h"

#define PT_WINDOWS	201
#define PT_PER_WINDOW	100

static u64 pt_window[PT_WINDOWS];

static int pt_cmp(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct pt_bench {
	struct remap_pool *pool;
	struct kmem_cache *cache;
	struct remap_health *map;
	u32 records;
	u32 at;
};

static noinline void pt_nothing(struct pt_bench *b)
{
	barrier();
}

static noinline void pt_pool(struct pt_bench *b)
{
	remap_pool_give(b->pool, remap_pool_take(b->pool, REMAP_POOL_WAIT));
}

static noinline void pt_slab(struct pt_bench *b)
{
	void *p = kmem_cache_alloc(b->cache, GFP_NOIO);

	if (p)
		kmem_cache_free(b->cache, p);
}

/* region numbers without a pattern that a hash could like */
static u64 pt_region(u32 i)
{
	return ((u64)i * 0x9e3779b1u) & 0xfffff;
}

static noinline void pt_find(struct pt_bench *b)
{
	struct dmr_health h;

	b->at = (b->at + 7919) % b->records;
	if (!remap_health_find(b->map, pt_region(b->at), &h))
		pr_err("memtest: not ok - region %u is missing\n", b->at);
}

static noinline void pt_note(struct pt_bench *b)
{
	b->at = (b->at + 7919) % b->records;
	remap_health_note(b->map, pt_region(b->at) << remap_health_shift(b->map),
			  DMR_HEALTH_RETRY, jiffies);
}

/* hundredths of an instruction */
static u64 pt_measure(void (*fn)(struct pt_bench *b), struct pt_bench *b)
{
	u32 i, k;

	for (i = 0; i < PT_WINDOWS; i++) {
		u64 began = ktime_get_ns();

		for (k = 0; k < PT_PER_WINDOW; k++)
			fn(b);
		pt_window[i] = ktime_get_ns() - began;
	}
	sort(pt_window, PT_WINDOWS, sizeof(u64), pt_cmp, NULL);
	return pt_window[PT_WINDOWS / 2] * 100 / PT_PER_WINDOW;
}

static void pt_print(const char *what, u32 n, u64 hundredths)
{
	pt_say("%s %u %llu.%02llu", what, n, hundredths / 100, hundredths % 100);
}

static void pt_bench_pool(struct remap_memory *m, u64 empty)
{
	struct pt_bench b = { .pool = &m->pool[DMR_POOL_CONTEXT] };

	b.cache = b.pool->type->cache;
	pt_pool(&b);
	pt_print("slab-pair", 1, pt_measure(pt_slab, &b) - empty);
	pt_print("pool-pair", 1, pt_measure(pt_pool, &b) - empty);
}

static int pt_bench_health(struct remap_memory *m, u32 records, u64 empty)
{
	struct pt_bench b = { .map = remap_health_new(m, PT_SECT), .records = records };
	struct dmr_health_head head;
	u32 i;

	if (!b.map)
		return -ENOMEM;
	for (i = 0; i < records; i++) {
		remap_health_note(b.map, pt_region(i) << remap_health_shift(b.map),
				  DMR_HEALTH_READ_ERROR, jiffies);
		cond_resched();
	}
	/* the table grows by itself, in a work item */
	for (i = 0; i < 100 && remap_health_buckets(b.map) < records; i++)
		schedule_timeout_uninterruptible(HZ / 50);
	remap_health_totals(b.map, &head);
	pt_say("records %llu buckets %u", head.records, remap_health_buckets(b.map));
	pt_print("health-find", records, pt_measure(pt_find, &b) - empty);
	pt_print("health-note", records, pt_measure(pt_note, &b) - empty);
	pt_say("waiting for /proc/slabinfo %u", records);
	schedule_timeout_uninterruptible(HZ * pt_seconds);
	remap_health_free(b.map);
	return head.records == records ? 0 : -EIO;
}

int pt_bench(void)
{
	struct remap_memory *m = kzalloc(sizeof(*m), GFP_KERNEL);
	char *wrong = NULL;
	u64 empty;
	int err;

	if (!m)
		return -ENOMEM;
	err = remap_memory_init(m, "memtest", NULL, &wrong);
	if (!err) {
		empty = pt_measure(pt_nothing, NULL);
		pt_bench_pool(m, empty);
		err = pt_bench_health(m, 1000, empty);
		/* needs health_max of so many, and a sixteenth more */
		if (!err && m->pool[DMR_POOL_HEALTH].n.max > 1100000)
			err = pt_bench_health(m, 1000000, empty);
	}
	remap_memory_exit(m);
	kfree(m);
	return err;
}
