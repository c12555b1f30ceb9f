/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory: the four pools of a device, and what is done when memory is short.
 *
 * Emergency mode: entered when the allocator gave nothing to one of the pools, or the
 * shrinker asked often; left when neither has been so for ten seconds (calm_ms) and
 * every reserve is whole. In it, background work gets nothing from the pools
 * (REMAP_POOL_SPARE), and the owner is told, to stop it and to trim what it keeps.
 *
 * doc/memory.md says who takes what from which pool.
 */
#ifndef REMAP_MEMORY_H
#define REMAP_MEMORY_H

#include <linux/atomic.h>
#include <linux/shrinker.h>
#include <linux/workqueue.h>

#include "pool.h"

/**
 * struct remap_memory - of one device
 * @scarce: emergency mode
 * @entries: how often that was entered
 * @trouble: jiffies when memory was last found short
 * @asked, @asked_since: how often the shrinker asked, from when on
 * @told: what @changed was last told
 * @tend: frees what stays idle; tells @changed; leaves emergency mode
 * @changed: emergency mode begins or ends. May sleep; late rather than never.
 */
struct remap_memory {
	struct remap_pool pool[DMR_POOLS];
	spinlock_t lock;	/* scarce, ready, entries, asked */
	bool scarce;
	bool told;
	bool ready;
	u64 entries;
	unsigned long trouble;
	u32 asked;
	unsigned long asked_since;
	struct delayed_work tend;
	struct shrinker *shrinker;
	void (*changed)(struct remap_memory *m, bool scarce);
};

/**
 * remap_memory_init() - the pools, by the module's parameters
 * @changed: see struct remap_memory; NULL: nobody wants to know
 * @wrong: set to a sentence when the parameters contradict each other
 *
 * Context: may sleep. Return: 0, -EINVAL or -ENOMEM. remap_memory_exit() is right after any.
 */
int remap_memory_init(struct remap_memory *m, const char *name,
		      void (*changed)(struct remap_memory *m, bool scarce), char **wrong);

/** remap_memory_quiet() - no more calls of @changed from here on. Context: may sleep. */
void remap_memory_quiet(struct remap_memory *m);

/** remap_memory_exit() - all is back; each pool that misses something says so */
void remap_memory_exit(struct remap_memory *m);

/** remap_memory_types_init() - once for the module. @health_bytes: size of a health record */
int remap_memory_types_init(size_t context_bytes, size_t work_bytes, size_t health_bytes);
void remap_memory_types_exit(void);

#endif
