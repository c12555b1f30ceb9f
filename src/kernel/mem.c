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
