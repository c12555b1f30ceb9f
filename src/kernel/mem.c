// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mem: allocations that fail on demand; see mem.h. Only in a module built with
 * REMAP_DEBUG=1. Parameters, in /sys/module/dm_remap/parameters:
 *
 *   alloc_fail	which allocation fails, counted from 1; 0: none, and none is counted
 *   alloc_rest	Y: all that follow it fail as well
 *   alloc_seen	how many there were; set to 0 before alloc_fail
 */
#include <linux/atomic.h>
#include <linux/module.h>

#include "mem.h"

static int alloc_fail;
static bool alloc_rest;
static atomic_t alloc_seen;

module_param(alloc_fail, int, 0644);
module_param(alloc_rest, bool, 0644);
module_param_named(alloc_seen, alloc_seen.counter, int, 0644);

bool remap_mem_fault(void)
{
	int k = READ_ONCE(alloc_fail);
	int n;

	if (!k)
		return false;
	n = atomic_inc_return(&alloc_seen);
	return n == k || (n > k && READ_ONCE(alloc_rest));
}

static void *remap_mem_slab(gfp_t gfp, void *data)
{
	return remap_mem_fault() ? NULL : mempool_alloc_slab(gfp, data);
}

static void remap_mem_slab_free(void *element, void *data)
{
	mempool_free_slab(element, data);
}

static void *remap_mem_kmalloc(gfp_t gfp, void *data)
{
	return remap_mem_fault() ? NULL : mempool_kmalloc(gfp, data);
}

static void remap_mem_kfree(void *element, void *data)
{
	mempool_kfree(element, data);
}

static void *remap_mem_pages(gfp_t gfp, void *data)
{
	return remap_mem_fault() ? NULL : mempool_alloc_pages(gfp, data);
}

static void remap_mem_free_pages(void *element, void *data)
{
	mempool_free_pages(element, data);
}

/*
 * Made anew, with functions of ours on both sides: mempool.c tells by them whether
 * an element in reserve is poisoned, and must not change its mind.
 */
int remap_mem_pool(mempool_t *pool)
{
	void *data = pool->pool_data;
	int n = pool->min_nr;

	mempool_exit(pool);
	if (pool->alloc == mempool_alloc_slab)
		return mempool_init(pool, n, remap_mem_slab, remap_mem_slab_free, data);
	if (pool->alloc == mempool_kmalloc)
		return mempool_init(pool, n, remap_mem_kmalloc, remap_mem_kfree, data);
	return mempool_init(pool, n, remap_mem_pages, remap_mem_free_pages, data);
}
