// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pool: see pool.h.
 *
 * A take that finds an idle object and the give that brings it back cost the same
 * lock twice and no allocator; make bench-pool measures it against kmem_cache.
 */
#include <linux/device-mapper.h>
#include <linux/mm.h>
#include <linux/random.h>

#include "mem.h"
#include "pool.h"

#define DM_MSG_PREFIX "remap"

/* Of an object. Values that a scribbled or freed one hardly has by chance. */
enum remap_obj_state {
	REMAP_OBJ_OUT = 0x6f75,		/* somebody has it */
	REMAP_OBJ_IDLE = 0x6964,
	REMAP_OBJ_RESERVE = 0x7265,
	REMAP_OBJ_FRESH = 0x6672,	/* the allocator just gave it */
	REMAP_OBJ_GONE = 0x676f,	/* about to go back there */
};

/**
 * struct remap_obj - in front of every object
 * @next: idle list
 * @tag: its address and its pool
 * @state: enum remap_obj_state
 * @kind: of the pool, for the message when it is given to another one
 */
struct remap_obj {
	struct remap_obj *next;
	u32 tag;
	u16 state;
	u16 kind;
};

static u32 remap_obj_tag(const struct remap_pool *p, const struct remap_obj *obj)
{
	return p->salt ^ (u32)((unsigned long)obj >> 4);
}

static bool remap_obj_good(const struct remap_pool *p, const struct remap_obj *obj, u16 state)
{
	return likely(obj->tag == remap_obj_tag(p, obj) && obj->state == state);
}

/* ---- the allocator behind it ---- */

static void *remap_obj_alloc(gfp_t gfp, void *data)
{
	struct remap_pool *p = data;
	struct remap_obj *obj = remap_mem(kmem_cache_alloc(p->type->cache, gfp));
	struct remap_paged *b = (struct remap_paged *)(obj + 1);

	if (!obj)
		return NULL;
	if (p->type->paged) {
		b->page = remap_mem(alloc_page(gfp));
		if (!b->page) {
			kmem_cache_free(p->type->cache, obj);
			return NULL;
		}
		set_page_private(b->page, (unsigned long)b);
	}
	obj->tag = remap_obj_tag(p, obj);
	obj->kind = p->type->kind;
	obj->state = p->ready ? REMAP_OBJ_FRESH : REMAP_OBJ_RESERVE;
	return obj;
}

static void remap_obj_free(void *element, void *data)
{
	struct remap_pool *p = data;
	struct remap_obj *obj = element;
	struct remap_paged *b = (struct remap_paged *)(obj + 1);

	obj->state = REMAP_OBJ_GONE;
	if (p->type->paged) {
		set_page_private(b->page, 0);
		__free_page(b->page);
	}
	kmem_cache_free(p->type->cache, obj);
}

/* ---- what is wrong with an object ---- */

static const char *remap_obj_wrong(const struct remap_pool *p, const struct remap_obj *obj)
{
	if (obj->tag != remap_obj_tag(p, obj))
		return obj->kind < DMR_POOLS && obj->kind != p->type->kind ?
		       "an object of another pool is given back" :
		       "an object of another device, or with a scribbled header";
	if (obj->state == REMAP_OBJ_IDLE || obj->state == REMAP_OBJ_RESERVE)
		return "an object is given back twice";
	if (obj->state == REMAP_OBJ_GONE)
		return "an object is given back that was freed";
	return "an object's header is scribbled";
}

/* Once for each pool: there may be many to come. */
static void remap_obj_refuse(struct remap_pool *p, const struct remap_obj *obj, const char *what,
			     unsigned long caller)
{
	if (p->n.refused++)
		return;
	DMERR("pool %s: %s, by %pS: left alone", dmr_pool_name(p->type->kind), what,
	      (void *)caller);
}

/* ---- take ---- */

static void remap_pool_count_out(struct remap_pool *p)
{
	p->n.allocs++;
	if (++p->n.in_use > p->n.high_water)
		p->n.high_water = p->n.in_use;
}

static u64 remap_pool_size(const struct remap_pool *p)
{
	return p->n.min - p->lent + p->n.idle + p->n.in_use;
}

/* Context: p->lock */
static struct remap_obj *remap_pool_pop(struct remap_pool *p)
{
	struct remap_obj *obj = p->idle;

	if (!obj)
		return NULL;
	if (unlikely(!remap_obj_good(p, obj, REMAP_OBJ_IDLE))) {
		/* somebody wrote to it: where the list goes on cannot be told either */
		remap_obj_refuse(p, obj, "an idle object was written to: the idle ones are lost",
				 _RET_IP_);
		p->idle = NULL;
		p->n.idle = 0;
		return NULL;
	}
	p->idle = obj->next;
	if (--p->n.idle < p->idle_low)
		p->idle_low = p->n.idle;
	return obj;
}

static struct remap_obj *remap_pool_fetch(struct remap_pool *p, enum remap_pool_how how)
{
	if (how == REMAP_POOL_WAIT)
		return mempool_alloc(&p->mem, GFP_NOIO);
	if (how == REMAP_POOL_NOW)
		return mempool_alloc(&p->mem, GFP_NOWAIT | __GFP_NOWARN);
	return READ_ONCE(p->scarce) ? NULL :
	       remap_obj_alloc(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC, p);
}

/* No idle object. Counted as out before it is fetched, so that a strict maximum is one. */
static noinline void *remap_pool_take_slow(struct remap_pool *p, enum remap_pool_how how)
{
	struct remap_obj *obj = NULL;
	unsigned long flags;
	bool full, fresh;

	spin_lock_irqsave(&p->lock, flags);
	full = p->type->strict && p->n.in_use >= p->n.max;
	if (!full)
		p->n.in_use++;
	spin_unlock_irqrestore(&p->lock, flags);
	if (!full)
		obj = remap_pool_fetch(p, how);

	spin_lock_irqsave(&p->lock, flags);
	if (!full)
		p->n.in_use--;
	fresh = obj && obj->state == REMAP_OBJ_FRESH;
	if (!obj) {
		p->n.failures++;
	} else if (fresh) {
		p->n.misses++;
		if (remap_pool_size(p) < p->n.max)
			p->n.grows++;
	} else {
		p->n.emergency++;
		p->lent++;
	}
	if (obj) {
		obj->state = REMAP_OBJ_OUT;
		remap_pool_count_out(p);
	}
	spin_unlock_irqrestore(&p->lock, flags);
	if (!fresh && !full && p->short_of && !(READ_ONCE(p->scarce) && how == REMAP_POOL_SPARE))
		p->short_of(p);
	return obj ? obj + 1 : NULL;
}

void *remap_pool_take(struct remap_pool *p, enum remap_pool_how how)
{
	struct remap_obj *obj;
	unsigned long flags;

	spin_lock_irqsave(&p->lock, flags);
	obj = unlikely(how == REMAP_POOL_SPARE && READ_ONCE(p->scarce)) ? NULL : remap_pool_pop(p);
	if (likely(obj)) {
		obj->state = REMAP_OBJ_OUT;
		p->n.hits++;
		remap_pool_count_out(p);
	}
	spin_unlock_irqrestore(&p->lock, flags);
	return likely(obj) ? obj + 1 : remap_pool_take_slow(p, how);
}

/* ---- give ---- */

void remap_pool_give(struct remap_pool *p, void *object)
{
	struct remap_obj *obj = object - sizeof(*obj);
	unsigned long flags;
	bool keep;

	if (!object)
		return;
	spin_lock_irqsave(&p->lock, flags);
	if (unlikely(!remap_obj_good(p, obj, REMAP_OBJ_OUT))) {
		remap_obj_refuse(p, obj, remap_obj_wrong(p, obj), _RET_IP_);
		spin_unlock_irqrestore(&p->lock, flags);
		return;
	}
	keep = !p->lent && remap_pool_size(p) <= p->n.max;
	p->n.frees++;
	p->n.in_use--;
	if (likely(keep)) {
		obj->state = REMAP_OBJ_IDLE;
		obj->next = p->idle;
		p->idle = obj;
		p->n.idle++;
		spin_unlock_irqrestore(&p->lock, flags);
		return;
	}
	obj->state = REMAP_OBJ_RESERVE;
	if (p->lent)
		p->lent--;
	spin_unlock_irqrestore(&p->lock, flags);
	/* wakes who waits; above the minimum it goes back to the allocator */
	mempool_free(obj, &p->mem);
}

/* ---- idle objects go ---- */

u32 remap_pool_shrink(struct remap_pool *p, u32 n)
{
	struct remap_obj *obj;
	unsigned long flags;
	u32 i;

	for (i = 0; i < n; i++) {
		spin_lock_irqsave(&p->lock, flags);
		obj = remap_pool_pop(p);
		if (obj)
			p->n.shrinks++;
		spin_unlock_irqrestore(&p->lock, flags);
		if (!obj)
			break;
		remap_obj_free(obj, p);
	}
	return i;
}

u32 remap_pool_tend(struct remap_pool *p)
{
	unsigned long flags;
	u32 low;

	spin_lock_irqsave(&p->lock, flags);
	low = p->idle_low;
	spin_unlock_irqrestore(&p->lock, flags);
	remap_pool_shrink(p, (low + 1) / 2);
	spin_lock_irqsave(&p->lock, flags);
	p->idle_low = p->n.idle;
	low = p->n.idle;
	spin_unlock_irqrestore(&p->lock, flags);
	return low;
}

void remap_pool_refill(struct remap_pool *p)
{
	/* data_race: one more or less is seen under the lock */
	while (data_race(p->lent)) {
		struct remap_obj *obj = remap_obj_alloc(GFP_NOWAIT | __GFP_NOWARN |
							__GFP_NOMEMALLOC, p);
		unsigned long flags;

		if (!obj)
			return;
		obj->state = REMAP_OBJ_RESERVE;
		spin_lock_irqsave(&p->lock, flags);
		if (p->lent)
			p->lent--;
		spin_unlock_irqrestore(&p->lock, flags);
		/* above the minimum it goes back to the allocator */
		mempool_free(obj, &p->mem);
	}
}

void remap_pool_stat(struct remap_pool *p, struct dmr_pool_stat *s)
{
	unsigned long flags;

	spin_lock_irqsave(&p->lock, flags);
	*s = p->n;
	s->size = remap_pool_size(p);
	s->reserve = p->n.min - p->lent;
	spin_unlock_irqrestore(&p->lock, flags);
}

/* ---- life ---- */

int remap_pool_init(struct remap_pool *p, const struct remap_pool_type *type, u32 min, u32 max)
{
	int err;

	spin_lock_init(&p->lock);
	p->type = type;
	p->salt = get_random_u32();
	p->n.min = min;
	p->n.max = max;
	err = remap_mem_init(mempool_init(&p->mem, min, remap_obj_alloc, remap_obj_free, p));
	p->ready = !err;
	return err;
}

u32 remap_pool_exit(struct remap_pool *p)
{
	u32 lost = p->n.in_use;

	if (!p->ready)
		return 0;
	remap_pool_shrink(p, U32_MAX);
	if (lost)
		DMERR("pool %s: %u objects were never given back", dmr_pool_name(p->type->kind),
		      lost);
	mempool_exit(&p->mem);
	p->ready = false;
	return lost;
}

int remap_pool_type_init(struct remap_pool_type *type)
{
	char name[40];

	snprintf(name, sizeof(name), "%s_%s", KBUILD_MODNAME, dmr_pool_name(type->kind));
	type->cache = remap_mem(kmem_cache_create(name, sizeof(struct remap_obj) + type->size, 0,
						  0, NULL));
	return type->cache ? 0 : -ENOMEM;
}

void remap_pool_type_exit(struct remap_pool_type *type)
{
	kmem_cache_destroy(type->cache);
	type->cache = NULL;
}
