/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pool: objects of one kind, with a reserve that nobody else can take.
 *
 *   take   an idle object                                  hits
 *          else one from the slab allocator                misses (grows, below the maximum)
 *          else, for those who may, one of the reserve     emergency
 *          else wait until one comes back, or NULL         failures
 *   give   to the reserve first, if that has lent one; then it stays idle, as long as the
 *          pool keeps no more than its maximum; else back to the slab allocator
 *
 * Reserve and waiting are mempool's. What it has not: idle objects that are there
 * without asking the allocator, counters, and a look at what is given back: each
 * object has a tag, made of its address and its pool, and a state. What is given back
 * twice, or to another pool, or with a scribbled header, is reported and refused.
 *
 * doc/memory.md lists who takes what, and why nobody waits for himself.
 */
#ifndef REMAP_POOL_H
#define REMAP_POOL_H

#include <linux/mempool.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../core/poolline.h"

/**
 * enum remap_pool_how - what an object is for
 * @REMAP_POOL_WAIT: I/O waits for it: from the reserve, too, and never NULL. May sleep.
 * @REMAP_POOL_NOW: likewise, but NULL rather than to sleep. Any context.
 * @REMAP_POOL_SPARE: it can be done without: not from the reserve, and nothing at all
 *		      while memory is short. Any context.
 */
enum remap_pool_how {
	REMAP_POOL_WAIT,
	REMAP_POOL_NOW,
	REMAP_POOL_SPARE,
};

/**
 * struct remap_pool_type - what the pools of one kind in all devices share
 * @size: of an object, without the header
 * @paged: an object is a struct remap_paged, and has a page
 * @strict: never more objects than the maximum, not even from the allocator
 */
struct remap_pool_type {
	enum dmr_pool_kind kind;
	size_t size;
	bool paged;
	bool strict;
	struct kmem_cache *cache;
};

/** struct remap_paged - small buffer: one page, which knows its object (page_private()) */
struct remap_paged {
	struct page *page;
};

struct remap_obj;

/**
 * struct remap_pool - of one device
 * @mem: objects in reserve
 * @lent: how many of these are out, or were lost
 * @n: what has happened; under @lock, as is all but @short_of
 * @salt: part of every tag
 * @ready: what the allocator gives is not for the reserve any more
 * @short_of: called when the allocator gave nothing: any context, no lock held
 * @scarce: true while memory is short
 */
struct remap_pool {
	const struct remap_pool_type *type;
	spinlock_t lock;	/* all below it but mem */
	struct remap_obj *idle;
	u32 lent;
	u32 salt;
	u32 idle_low;
	struct dmr_pool_stat n;
	mempool_t mem;
	bool ready;
	bool scarce;
	void (*short_of)(struct remap_pool *p);
};

/**
 * remap_pool_init() - fill the reserve
 * @type: its cache has been made
 * @min, @max: objects in reserve; objects kept in all
 *
 * Context: may sleep. Return: 0 or -ENOMEM. remap_pool_exit() is right after either,
 * and for a pool of zeros.
 */
int remap_pool_init(struct remap_pool *p, const struct remap_pool_type *type, u32 min, u32 max);

/**
 * remap_pool_exit() - free it all, and say how many objects were never given back
 * Return: that many. Context: may sleep, nobody else uses it.
 */
u32 remap_pool_exit(struct remap_pool *p);

/** remap_pool_take() - an object; what is in it is whatever was in it before */
void *remap_pool_take(struct remap_pool *p, enum remap_pool_how how);

/** remap_pool_give() - back. NULL is nothing. Context: any. */
void remap_pool_give(struct remap_pool *p, void *object);

/** remap_pool_page() - a page, from a pool of these, as remap_pool_take() */
static inline struct page *remap_pool_page(struct remap_pool *p, enum remap_pool_how how)
{
	struct remap_paged *b = remap_pool_take(p, how);

	return b ? b->page : NULL;
}

static inline void remap_pool_give_page(struct remap_pool *p, struct page *page)
{
	if (page)
		remap_pool_give(p, (void *)page_private(page));
}

/** remap_pool_shrink() - free up to @n idle objects. Return: how many. Context: any. */
u32 remap_pool_shrink(struct remap_pool *p, u32 n);

/**
 * remap_pool_tend() - free half of the objects that were idle since the last call
 * Return: idle ones that are left. Context: any.
 */
u32 remap_pool_tend(struct remap_pool *p);

/** remap_pool_refill() - what the reserve has lent, from the allocator. Context: any. */
void remap_pool_refill(struct remap_pool *p);

/** remap_pool_idle() - objects that could be freed at once */
static inline u32 remap_pool_idle(const struct remap_pool *p)
{
	return data_race(p->n.idle);	/* data_race: an estimate, for the shrinker */
}

/** remap_pool_stat() - all figures of one moment */
void remap_pool_stat(struct remap_pool *p, struct dmr_pool_stat *s);

/** remap_pool_type_init() - the cache behind pools of a kind. Return: 0 or -ENOMEM. */
int remap_pool_type_init(struct remap_pool_type *type);
void remap_pool_type_exit(struct remap_pool_type *type);

#endif
