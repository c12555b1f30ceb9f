// SPDX-License-Identifier: GPL-2.0-only
/*
 * Order: whose record goes when there is no room, what is left when memory is short,
 * what comes back of a summary.
 */
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "pt.h"

#define PT_SLOW		10u	/* regions that were slow once, and nothing else */
#define PT_WORST	40u	/* regions with three write errors */
#define PT_MEANWHILE	100000u	/* the region that fails while the table grows */

static struct remap_health *pt_growing;
static u32 pt_grown;

static void pt_event(struct remap_health *map, u64 region, enum dmr_health_event e)
{
	remap_health_note(map, region << remap_health_shift(map), e, jiffies);
}

static u32 pt_found(struct remap_health *map, u64 first, u32 n)
{
	struct dmr_health h;
	u32 i, found = 0;

	for (i = 0; i < n; i++)
		found += remap_health_find(map, first + i, &h);
	return found;
}

void pt_grace(void)
{
	synchronize_rcu();
	if (pt_growing)
		pt_event(pt_growing, PT_MEANWHILE + pt_grown++, DMR_HEALTH_READ_ERROR);
}

/* More records than buckets, until it has grown; those that came meanwhile are found. */
static bool pt_grow(struct remap_memory *m)
{
	struct remap_health *map = remap_health_new(m, PT_SECT);
	u32 i, buckets;
	bool ok = false;

	if (map) {
		buckets = remap_health_buckets(map);
		pt_growing = map;
		for (i = 0; i <= buckets; i++)
			pt_event(map, i, DMR_HEALTH_READ_ERROR);
		for (i = 0; i < 100 && remap_health_buckets(map) == buckets; i++)
			schedule_timeout_uninterruptible(HZ / 50);
		pt_growing = NULL;
		ok = pt_check(pt_grown && remap_health_buckets(map) > buckets &&
			      pt_found(map, 0, buckets + 1) == buckets + 1 &&
			      pt_found(map, PT_MEANWHILE, pt_grown) == pt_grown,
			      "what comes while the table grows is found in the larger one");
	}
	remap_health_free(map);
	return ok;
}

/* full of regions of three kinds: slow, one write error, three write errors */
static u32 pt_fill(struct remap_health *map)
{
	struct dmr_health_head head;
	u32 i, k;

	remap_health_totals(map, &head);
	for (i = 0; i < head.max; i++)
		pt_event(map, i, i < PT_SLOW ? DMR_HEALTH_SLOW : DMR_HEALTH_WRITE_ERROR);
	for (k = 0; k < 2; k++)
		for (i = 0; i < PT_WORST; i++)
			pt_event(map, PT_SLOW + i, DMR_HEALTH_WRITE_ERROR);
	return head.max;
}

static bool pt_evict(struct remap_health *map, u32 max)
{
	struct dmr_health_head head;
	bool ok;
	u32 i;

	for (i = 0; i < PT_SLOW; i++)
		pt_event(map, max + i, DMR_HEALTH_READ_ERROR);
	/* healthier than all that are there by now */
	pt_event(map, max + PT_SLOW, DMR_HEALTH_SLOW);
	remap_health_totals(map, &head);
	ok = pt_check(head.records == max && head.evicted == PT_SLOW, "as many as there may be");
	ok &= pt_check(pt_found(map, 0, PT_SLOW) == 0, "the healthiest went");
	ok &= pt_check(pt_found(map, PT_SLOW, max) == max, "the others are there, and the new ones");
	return ok & pt_check(pt_found(map, max + PT_SLOW, 1) == 0, "a healthier one has no record");
}

static bool pt_worst(struct remap_health *map)
{
	struct dmr_aux *aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	bool ok;
	u32 i, n = 0;

	if (!aux)
		return false;
	remap_health_summary(map, aux);
	for (i = 0; i < aux->n; i++) {
		n += aux->rec[i].region >= PT_SLOW && aux->rec[i].region < PT_SLOW + PT_WORST;
		if (i && dmr_health_cmp(&aux->rec[i].h, &aux->rec[i - 1].h) > 0)
			n = 0;
	}
	ok = pt_check(aux->n == DMR_AUX_RECS && n == PT_WORST, "the worst come first");
	kfree(aux);
	return ok;
}

/* A summary, into a map of its own (and the same pool): the same regions, the same totals. */
static bool pt_restore(struct remap_memory *m, struct remap_health *map)
{
	struct dmr_aux *aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	struct remap_health *again = remap_health_new(m, PT_SECT);
	struct dmr_health_head was, is;
	bool ok = false;

	if (aux && again) {
		remap_health_summary(map, aux);
		remap_health_restore(again, aux);
		remap_health_totals(map, &was);
		remap_health_totals(again, &is);
		ok = pt_check(is.write_errors == was.write_errors && is.slow == was.slow &&
			      is.read_errors == was.read_errors && is.records == aux->n &&
			      is.records + is.evicted == was.records + was.evicted &&
			      pt_found(again, PT_SLOW, PT_WORST) == PT_WORST,
			      "a summary restores the worst and the totals");
	}
	remap_health_free(again);
	kfree(aux);
	return ok;
}

static bool pt_trim(struct remap_memory *m, struct remap_health *map, u32 max)
{
	struct dmr_health_head head;
	struct dmr_pool_stat s;
	bool ok;

	remap_health_trim(map);
	remap_health_totals(map, &head);
	ok = pt_check(head.records && head.records < m->pool[DMR_POOL_HEALTH].n.min &&
		      pt_found(map, PT_SLOW, PT_WORST) == PT_WORST, "memory short: the worst stay");
	rcu_barrier();
	remap_pool_stat(&m->pool[DMR_POOL_HEALTH], &s);
	return ok & pt_check(s.in_use == head.records && s.high_water <= s.max && max < s.max,
			     "the others are back in their pool");
}

int pt_order(void)
{
	struct remap_memory *m = kzalloc(sizeof(*m), GFP_KERNEL);
	struct remap_health *map = NULL;
	char *wrong = NULL;
	u32 max;
	bool ok;

	if (!m)
		return -ENOMEM;
	if (!remap_memory_init(m, "memtest", NULL, &wrong))
		map = remap_health_new(m, PT_SECT);
	ok = map && pt_grow(m);
	if (map) {
		max = pt_fill(map);
		ok &= pt_evict(map, max);
		ok &= pt_worst(map);
		ok &= pt_trim(m, map, max);
		ok &= pt_restore(m, map);
	}
	remap_health_free(map);
	remap_memory_exit(m);
	kfree(m);
	return ok ? 0 : -EIO;
}
