// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory: see memory.h. Module parameters, for devices that are opened from then on:
 *
 *   health_min, context_min, work_min, buffer_min	objects in reserve
 *   health_max, context_max, work_max, buffer_max	objects that a pool keeps
 *   calm_ms	from the last time that memory was found short to the end of emergency mode
 */
#include <linux/device-mapper.h>
#include <linux/module.h>

#include "compat.h"
#include "mem.h"
#include "memory.h"

#define DM_MSG_PREFIX "remap"

#define REMAP_TEND_IDLE		(10 * HZ)	/* what was idle so long is idle */
#define REMAP_TEND_SCARCE	((unsigned long)HZ)
#define REMAP_ASKED		3		/* the shrinker, within a second */

/* A strict pool of records can be large; what carries I/O never needs to be. */
static const struct {
	u32 least, most;
} remap_pool_bound[DMR_POOLS] = {
	[DMR_POOL_HEALTH] = { 16, 1 << 22 },
	[DMR_POOL_CONTEXT] = { 4, 1 << 16 },
	[DMR_POOL_WORK] = { 2, 1 << 16 },
	[DMR_POOL_BUFFER] = { 2, 1 << 16 },
};

static struct remap_pool_type remap_pool_types[DMR_POOLS] = {
	[DMR_POOL_HEALTH] = { .kind = DMR_POOL_HEALTH, .strict = true },
	[DMR_POOL_CONTEXT] = { .kind = DMR_POOL_CONTEXT },
	[DMR_POOL_WORK] = { .kind = DMR_POOL_WORK },
	[DMR_POOL_BUFFER] = { .kind = DMR_POOL_BUFFER, .paged = true,
			      .size = sizeof(struct remap_paged) },
};

/* ---- parameters ---- */

static struct remap_pool_range {
	unsigned int min, max;
} remap_pool_range[DMR_POOLS] = {
	[DMR_POOL_HEALTH] = { 64, 1024 },
	[DMR_POOL_CONTEXT] = { 32, 512 },
	[DMR_POOL_WORK] = { 16, 256 },
	[DMR_POOL_BUFFER] = { 8, 512 },
};

/* Which pool it is follows from where the figure lies. */
static int remap_pool_set(const char *val, const struct kernel_param *kp)
{
	size_t at = (char *)kp->arg - (char *)remap_pool_range;
	enum dmr_pool_kind kind = at / sizeof(remap_pool_range[0]);

	return param_set_uint_minmax(val, kp, remap_pool_bound[kind].least,
				     remap_pool_bound[kind].most);
}

static const struct kernel_param_ops remap_pool_ops = {
	.set = remap_pool_set,
	.get = param_get_uint,
};

module_param_cb(health_min, &remap_pool_ops, &remap_pool_range[DMR_POOL_HEALTH].min, 0644);
module_param_cb(health_max, &remap_pool_ops, &remap_pool_range[DMR_POOL_HEALTH].max, 0644);
module_param_cb(context_min, &remap_pool_ops, &remap_pool_range[DMR_POOL_CONTEXT].min, 0644);
module_param_cb(context_max, &remap_pool_ops, &remap_pool_range[DMR_POOL_CONTEXT].max, 0644);
module_param_cb(work_min, &remap_pool_ops, &remap_pool_range[DMR_POOL_WORK].min, 0644);
module_param_cb(work_max, &remap_pool_ops, &remap_pool_range[DMR_POOL_WORK].max, 0644);
module_param_cb(buffer_min, &remap_pool_ops, &remap_pool_range[DMR_POOL_BUFFER].min, 0644);
module_param_cb(buffer_max, &remap_pool_ops, &remap_pool_range[DMR_POOL_BUFFER].max, 0644);
MODULE_PARM_DESC(health_min, "health records in reserve (64)");
MODULE_PARM_DESC(health_max, "health records at most (1024)");
MODULE_PARM_DESC(context_min, "block contexts in reserve (32)");
MODULE_PARM_DESC(context_max, "block contexts kept at most (512)");
MODULE_PARM_DESC(work_min, "work items in reserve (16)");
MODULE_PARM_DESC(work_max, "work items kept at most (256)");
MODULE_PARM_DESC(buffer_min, "buffers of a page in reserve (8)");
MODULE_PARM_DESC(buffer_max, "buffers of a page kept at most (512)");

static unsigned int calm_ms = 10000;
module_param(calm_ms, uint, 0644);
MODULE_PARM_DESC(calm_ms, "emergency mode ends when memory was not short for so long (10000)");

static const char * const remap_pool_wrong[DMR_POOLS] = {
	[DMR_POOL_HEALTH] =
		"Parameter health_min of the module is above health_max; change one of them",
	[DMR_POOL_CONTEXT] =
		"Parameter context_min of the module is above context_max; change one of them",
	[DMR_POOL_WORK] =
		"Parameter work_min of the module is above work_max; change one of them",
	[DMR_POOL_BUFFER] =
		"Parameter buffer_min of the module is above buffer_max; change one of them",
};

/* ---- emergency mode ---- */

static unsigned long remap_calm(void)
{
	return max(msecs_to_jiffies(READ_ONCE(calm_ms)), 1ul);
}

static void remap_memory_scarce(struct remap_memory *m, bool scarce)
{
	u32 i;

	lockdep_assert_held(&m->lock);
	WRITE_ONCE(m->scarce, scarce);
	for (i = 0; i < DMR_POOLS; i++)
		WRITE_ONCE(m->pool[i].scarce, scarce);
}

static void remap_memory_enter(struct remap_memory *m, struct remap_pool *by)
{
	unsigned long flags;
	bool fresh;

	spin_lock_irqsave(&m->lock, flags);
	WRITE_ONCE(m->trouble, jiffies);
	fresh = !m->scarce && m->ready;
	if (fresh) {
		remap_memory_scarce(m, true);
		m->entries++;
		if (by) {
			spin_lock(&by->lock);
			by->n.entries++;
			spin_unlock(&by->lock);
		}
		mod_delayed_work(system_power_efficient_wq, &m->tend, 0);
	}
	spin_unlock_irqrestore(&m->lock, flags);
}

static void remap_memory_short_of(struct remap_pool *p)
{
	remap_memory_enter(container_of(p - p->type->kind, struct remap_memory, pool[0]), p);
}

static bool remap_memory_whole(struct remap_memory *m)
{
	u32 i;

	/* records are kept, and those of the reserve may be among them */
	for (i = 0; i < DMR_POOLS; i++)
		/* data_race: looked at again in a second */
		if (i != DMR_POOL_HEALTH && data_race(m->pool[i].lent))
			return false;
	return true;
}

static void remap_memory_leave(struct remap_memory *m)
{
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	if (m->scarce && remap_memory_whole(m) &&
	    time_after_eq(jiffies, m->trouble + remap_calm())) {
		remap_memory_scarce(m, false);
		/* who was turned away a moment ago waits to be told of the end */
		m->told = true;
	}
	spin_unlock_irqrestore(&m->lock, flags);
}

static void remap_memory_tell(struct remap_memory *m)
{
	bool scarce = READ_ONCE(m->scarce);

	if (scarce == m->told)
		return;
	m->told = scarce;
	if (m->changed)
		m->changed(m, scarce);
}

static void remap_memory_tend(struct work_struct *work)
{
	struct remap_memory *m = container_of(to_delayed_work(work), struct remap_memory, tend);
	unsigned long flags;
	u32 i;

	remap_memory_tell(m);
	for (i = 0; i < DMR_POOLS && READ_ONCE(m->scarce); i++)
		remap_pool_refill(&m->pool[i]);
	remap_memory_leave(m);
	remap_memory_tell(m);
	/* by the second while memory is short: then all that is idle is free at once */
	for (i = 0; i < DMR_POOLS; i++) {
		if (READ_ONCE(m->scarce))
			remap_pool_shrink(&m->pool[i], U32_MAX);
		else
			remap_pool_tend(&m->pool[i]);
	}
	spin_lock_irqsave(&m->lock, flags);
	if (m->ready)
		queue_delayed_work(system_power_efficient_wq, &m->tend,
				   m->scarce ? min(REMAP_TEND_SCARCE, remap_calm()) :
				   REMAP_TEND_IDLE);
	spin_unlock_irqrestore(&m->lock, flags);
}

/* ---- shrinker ---- */

static unsigned long remap_memory_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct remap_memory *m = remap_compat_shrinker_data(shrinker);
	unsigned long n = 0;
	u32 i;

	for (i = 0; i < DMR_POOLS; i++)
		n += remap_pool_idle(&m->pool[i]);
	/* asked it wants to be even with nothing to give: that is how it learns */
	return n + 1;
}

/* So few objects are asked for only when reclaim finds little elsewhere. */
static unsigned long remap_memory_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct remap_memory *m = remap_compat_shrinker_data(shrinker);
	unsigned long freed = 0;
	unsigned long flags;
	bool pressed;
	u32 i;

	for (i = 0; i < DMR_POOLS && freed < sc->nr_to_scan; i++)
		freed += remap_pool_shrink(&m->pool[i], sc->nr_to_scan - freed);
	spin_lock_irqsave(&m->lock, flags);
	if (time_after(jiffies, m->asked_since + HZ)) {
		m->asked_since = jiffies;
		m->asked = 0;
	}
	pressed = ++m->asked >= REMAP_ASKED;
	spin_unlock_irqrestore(&m->lock, flags);
	if (pressed)
		remap_memory_enter(m, NULL);
	return freed ? freed : SHRINK_STOP;
}

/* ---- life ---- */

static int remap_memory_pools(struct remap_memory *m, char **wrong)
{
	u32 i;

	for (i = 0; i < DMR_POOLS; i++) {
		u32 min = READ_ONCE(remap_pool_range[i].min);
		u32 max = READ_ONCE(remap_pool_range[i].max);

		if (min > max) {
			*wrong = (char *)remap_pool_wrong[i];
			return -EINVAL;
		}
		if (remap_pool_init(&m->pool[i], &remap_pool_types[i], min, max))
			return -ENOMEM;
		m->pool[i].short_of = remap_memory_short_of;
	}
	return 0;
}

int remap_memory_init(struct remap_memory *m, const char *name,
		      void (*changed)(struct remap_memory *m, bool scarce), char **wrong)
{
	int err;

	spin_lock_init(&m->lock);
	INIT_DELAYED_WORK(&m->tend, remap_memory_tend);
	m->changed = changed;
	m->asked_since = jiffies;
	err = remap_memory_pools(m, wrong);
	if (err)
		return err;
	m->shrinker = remap_mem(remap_compat_shrinker(m, remap_memory_count, remap_memory_scan,
						      name));
	if (!m->shrinker)
		return -ENOMEM;
	m->ready = true;
	queue_delayed_work(system_power_efficient_wq, &m->tend, REMAP_TEND_IDLE);
	return 0;
}

void remap_memory_quiet(struct remap_memory *m)
{
	unsigned long flags;

	if (m->shrinker)
		remap_compat_shrinker_free(m->shrinker);
	m->shrinker = NULL;
	if (!m->ready)
		return;
	spin_lock_irqsave(&m->lock, flags);
	m->ready = false;
	spin_unlock_irqrestore(&m->lock, flags);
	cancel_delayed_work_sync(&m->tend);
}

void remap_memory_exit(struct remap_memory *m)
{
	u32 i;

	remap_memory_quiet(m);
	for (i = 0; i < DMR_POOLS; i++)
		remap_pool_exit(&m->pool[i]);
}

int remap_memory_types_init(size_t context_bytes, size_t work_bytes, size_t health_bytes)
{
	u32 i;

	remap_pool_types[DMR_POOL_HEALTH].size = health_bytes;
	remap_pool_types[DMR_POOL_CONTEXT].size = context_bytes;
	remap_pool_types[DMR_POOL_WORK].size = work_bytes;
	for (i = 0; i < DMR_POOLS; i++) {
		if (remap_pool_type_init(&remap_pool_types[i])) {
			remap_memory_types_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

void remap_memory_types_exit(void)
{
	u32 i;

	for (i = 0; i < DMR_POOLS; i++)
		remap_pool_type_exit(&remap_pool_types[i]);
}
