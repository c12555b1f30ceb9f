/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compat: every difference between kernel versions, and nothing else.
 * The base is 6.1; a newer kernel gets its #if here and only here.
 */
#ifndef REMAP_COMPAT_H
#define REMAP_COMPAT_H

#include <linux/blkdev.h>
#include <linux/device-mapper.h>
#include <linux/random.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define remap_compat_writable(mode)	((mode) & BLK_OPEN_WRITE)
#else
#define remap_compat_writable(mode)	((mode) & FMODE_WRITE)
#endif

/*
 * When a clone was submitted, in jiffies. dm keeps jiffies and tells them as
 * nanoseconds by way of 32 bits of microseconds, which wrap every 71 minutes:
 * only differences are any good.
 */
static inline unsigned long remap_compat_began(struct bio *clone)
{
	u32 began_us = (u32)div_u64(dm_start_time_ns_from_clone(clone), NSEC_PER_USEC);
	u32 now_us = jiffies_to_usecs(jiffies);

	return jiffies - usecs_to_jiffies(now_us - began_us);
}

#endif
