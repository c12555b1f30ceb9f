// SPDX-License-Identifier: GPL-2.0-only
/*
 * Abuse: each wrong way of giving an object back is refused, said once, and leaves
 * the pool as good as it was, but for the one object.
 */
#include "pt.h"

#define PT_HEADER	16	/* bytes in front of an object */

/**
 * struct pt_abuse - one wrong way
 * @wrong: does it. Return: the object that is lost by it, or NULL
 * @mend: makes a good one of that again
 * @refused: how often something was refused
 */
struct pt_abuse {
	const char *name;
	void *(*wrong)(struct remap_memory *m, struct remap_pool *p);
	void (*mend)(void *object);
	u32 refused;
};

static void *pt_twice(struct remap_memory *m, struct remap_pool *p)
{
	void *a = remap_pool_take(p, REMAP_POOL_WAIT);

	remap_pool_give(p, a);
	remap_pool_give(p, a);
	remap_pool_give(p, a);
	return NULL;
}

static void *pt_other(struct remap_memory *m, struct remap_pool *p)
{
	void *a = remap_pool_take(&m->pool[DMR_POOL_WORK], REMAP_POOL_WAIT);

	remap_pool_give(p, a);
	remap_pool_give(&m->pool[DMR_POOL_WORK], a);
	return NULL;
}

/* the last eight bytes of the header are the tag and the state */
static void pt_flip_tag(void *object)
{
	((u32 *)object)[-2] ^= 0x10;
}

static void pt_flip_state(void *object)
{
	((u16 *)object)[-2] ^= 0x1234;
}

static void *pt_scribble(struct remap_memory *m, struct remap_pool *p)
{
	void *a = remap_pool_take(p, REMAP_POOL_WAIT);

	pt_flip_tag(a);
	remap_pool_give(p, a);
	return a;
}

static void *pt_scribble_state(struct remap_memory *m, struct remap_pool *p)
{
	void *a = remap_pool_take(p, REMAP_POOL_WAIT);

	pt_flip_state(a);
	remap_pool_give(p, a);
	return a;
}

/* somebody writes to what he gave back: the pool forgets it, nobody else can */
static void *pt_idle(struct remap_memory *m, struct remap_pool *p)
{
	void *a = remap_pool_take(p, REMAP_POOL_WAIT);

	remap_pool_give(p, a);
	pt_flip_tag(a);
	remap_pool_give(p, remap_pool_take(p, REMAP_POOL_WAIT));
	kmem_cache_free(p->type->cache, a - PT_HEADER);
	return NULL;
}

static const struct pt_abuse pt_abuses[] = {
	{ "given back twice", pt_twice, NULL, 2 },
	{ "given to another pool", pt_other, NULL, 1 },
	{ "tag scribbled", pt_scribble, pt_flip_tag, 1 },
	{ "state scribbled", pt_scribble_state, pt_flip_state, 1 },
	{ "written to while idle", pt_idle, NULL, 1 },
};

/* what was never given back is known by the pool it came from */
static bool pt_leak(struct remap_memory *m)
{
	struct remap_pool *p = &m->pool[DMR_POOL_CONTEXT];
	void *a = remap_pool_take(p, REMAP_POOL_NOW);
	bool ok = pt_check(remap_pool_exit(p) == 1, "never given back");

	kmem_cache_free(p->type->cache, a - PT_HEADER);
	return ok;
}

static bool pt_one(const struct pt_abuse *a)
{
	struct remap_memory *m = kzalloc(sizeof(*m), GFP_KERNEL);
	struct remap_pool *p;
	struct dmr_pool_stat s;
	char *wrong = NULL;
	void *lost;
	bool ok;

	if (!m || remap_memory_init(m, "memtest", NULL, &wrong))
		return pt_check(false, "memory for it");
	p = &m->pool[DMR_POOL_CONTEXT];
	lost = a->wrong(m, p);
	remap_pool_stat(p, &s);
	ok = pt_check(s.refused == a->refused, a->name);
	ok &= pt_check(s.allocs - s.frees == s.in_use && s.in_use == !!lost, "the sums");
	if (lost) {
		a->mend(lost);
		remap_pool_give(p, lost);
	}
	ok &= pt_leak(m);
	remap_memory_exit(m);
	kfree(m);
	return ok;
}

int pt_abuse(void)
{
	bool ok = true;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(pt_abuses); i++)
		ok &= pt_one(&pt_abuses[i]);
	return ok ? 0 : -EIO;
}
