/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mem: the one point through which the module allocates.
 *
 * Nothing happens here: remap_mem(alloc) is `alloc`. A module built with
 * REMAP_DEBUG=1 (Kbuild), for tests only, counts the allocations that pass here
 * and lets the k-th of them fail: what runs in a worker cannot be reached by the
 * kernel's own fail-nth, which is a matter of
 * the calling task. mem.c has the parameters.
 */
#ifndef REMAP_MEM_H
#define REMAP_MEM_H

#include <linux/types.h>

#ifdef REMAP_DEBUG

/** remap_mem_fault() - is it the turn of this allocation to fail? Context: any. */
bool remap_mem_fault(void);

/* The expression @alloc, or NULL (-ENOMEM) in its place. */
#define remap_mem(alloc)	(remap_mem_fault() ? NULL : (alloc))
#define remap_mem_init(init)	(remap_mem_fault() ? -ENOMEM : (init))

#else

#define remap_mem(alloc)	(alloc)
#define remap_mem_init(init)	(init)

#endif

#endif
