// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hammer: on every CPU at once, and in interrupts: events noted and read, records that
 * come, go and move to a larger table, objects taken and given back. What is counted
 * must be exact in the end, whatever came between.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "pt.h"

#define PT_REGIONS	20000u	/* many more than there may be records */
#define PT_HELD		24

struct pt_thread {
	struct remap_memory *m;
	struct remap_health *map;
	u32 nr;
	u64 noted, read;
	struct completion done;
};

static void pt_note_some(struct pt_thread *t, struct rnd_state *rnd)
{
	u32 i;

	for (i = 0; i < 32; i++) {
		u32 x = prandom_u32_state(rnd);
		/* a few regions get most of it */
		u64 region = x & 0x300 ? x % 61 : x % PT_REGIONS;
		unsigned long flags;

		if (x & 0x400)
			local_irq_save(flags);
		remap_health_note(t->map, region << remap_health_shift(t->map), (x >> 16) & 3,
				  jiffies - (x >> 24));
		if (x & 0x400)
			local_irq_restore(flags);
		t->noted++;
	}
}

static void pt_walked(void *arg, u64 index, const struct dmr_health *h)
{
	struct pt_thread *t = arg;

	/* figures of one moment: never torn */
	if (index >= PT_REGIONS || !dmr_health_sane(h))
		pt_check(false, "a record makes sense");
	t->read++;
}

static void pt_read_some(struct pt_thread *t, struct rnd_state *rnd, struct dmr_aux_rec *rec)
{
	struct dmr_health h;
	u32 i, n;

	for (i = 0; i < 32; i++) {
		if (remap_health_find(t->map, prandom_u32_state(rnd) % 61, &h))
			pt_walked(t, 0, &h);
		remap_health_walk(t->map, prandom_u32_state(rnd) % remap_health_buckets(t->map),
				  pt_walked, t);
	}
	n = remap_health_worst(t->map, rec, 16);
	for (i = 0; i < n; i++)
		pt_walked(t, rec[i].region, &rec[i].h);
}

static void pt_pools_some(struct pt_thread *t, struct rnd_state *rnd)
{
	struct remap_pool *p = &t->m->pool[DMR_POOL_CONTEXT + prandom_u32_state(rnd) % 3];
	void *held[PT_HELD];
	u32 i, n = prandom_u32_state(rnd) % PT_HELD;

	for (i = 0; i < n; i++)
		held[i] = remap_pool_take(p, i ? REMAP_POOL_NOW : REMAP_POOL_WAIT);
	for (i = 0; i < n; i++)
		remap_pool_give(p, held[i]);
	if (!(prandom_u32_state(rnd) & 63))
		remap_pool_shrink(p, n);
	if (!(prandom_u32_state(rnd) & 1023))
		p->short_of(p);
}

static int pt_run(void *arg)
{
	struct pt_thread *t = arg;
	struct dmr_aux_rec *rec = kcalloc(16, sizeof(*rec), GFP_KERNEL);
	unsigned long until = jiffies + pt_seconds * HZ;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, get_random_u32());
	while (rec && time_before(jiffies, until)) {
		pt_note_some(t, &rnd);
		pt_read_some(t, &rnd, rec);
		pt_pools_some(t, &rnd);
		if (!(prandom_u32_state(&rnd) & 255))
			remap_health_trim(t->map);
		cond_resched();
	}
	kfree(rec);
	complete(&t->done);
	return 0;
}

static void pt_sum(void *arg, u64 index, const struct dmr_health *h)
{
	u64 *sum = arg;

	*sum += dmr_health_errors(h) + h->slow;
}

static int pt_judge(struct remap_memory *m, struct remap_health *map, u64 noted, u64 read)
{
	struct dmr_aux *aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	struct dmr_health_head head;
	struct dmr_pool_stat s;
	u64 kept = 0;
	bool ok = true;
	u32 i;

	if (!aux)
		return -ENOMEM;
	remap_health_totals(map, &head);
	remap_health_summary(map, aux);
	for (i = 0; i < remap_health_buckets(map); i++)
		remap_health_walk(map, i, pt_sum, &kept);
	pt_say("noted %llu read %llu records %llu evicted %llu buckets %u entries %llu", noted,
	       read, head.records, head.evicted, remap_health_buckets(map), m->entries);
	ok &= pt_check(head.read_errors + head.write_errors + head.retries + head.slow == noted,
		       "every event is in the totals");
	ok &= pt_check(kept + remap_health_others(map) == noted,
		       "every event is in a record or among the others");
	ok &= pt_check(head.records <= head.max && head.evicted && m->entries,
		       "records were evicted, memory was short");
	for (i = 0; i < DMR_POOLS; i++) {
		remap_pool_stat(&m->pool[i], &s);
		ok &= pt_check(s.allocs - s.frees == s.in_use && !s.refused &&
			       s.hits + s.misses + s.emergency == s.allocs &&
			       s.high_water <= (i ? U32_MAX : s.max), dmr_pool_name(i));
	}
	kfree(aux);
	return ok ? 0 : -EIO;
}

static int pt_threads(struct remap_memory *m, struct remap_health *map)
{
	u32 n = num_online_cpus() * 2;
	struct pt_thread *t = kcalloc(n, sizeof(*t), GFP_KERNEL);
	u64 noted = 0, read = 0;
	u32 i;
	int err;

	if (!t)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		struct task_struct *task;

		t[i] = (struct pt_thread){ .m = m, .map = map, .nr = i };
		init_completion(&t[i].done);
		task = kthread_create(pt_run, &t[i], "memtest/%u", i);
		if (IS_ERR(task)) {
			complete(&t[i].done);
			continue;
		}
		kthread_bind(task, cpumask_nth(i / 2, cpu_online_mask));
		wake_up_process(task);
	}
	for (i = 0; i < n; i++) {
		wait_for_completion(&t[i].done);
		noted += t[i].noted;
		read += t[i].read;
	}
	kfree(t);
	/* those that were evicted come back to their pool */
	rcu_barrier();
	err = pt_judge(m, map, noted, read);
	return noted && read ? err : -EIO;
}

int pt_hammer(void)
{
	struct remap_memory *m = kzalloc(sizeof(*m), GFP_KERNEL);
	struct remap_health *map = NULL;
	char *wrong = NULL;
	int err = -ENOMEM;

	if (!m)
		return err;
	if (!remap_memory_init(m, "memtest", NULL, &wrong))
		map = remap_health_new(m, PT_SECT);
	if (map)
		err = pt_threads(m, map);
	remap_health_free(map);
	remap_memory_exit(m);
	kfree(m);
	return err;
}
