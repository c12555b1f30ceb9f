/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every kernel-version #if of the test target. Nothing else may have one.
 */
#ifndef RT_COMPAT_H
#define RT_COMPAT_H

#include <linux/blkdev.h>
#include <linux/device-mapper.h>
#include <linux/version.h>

/*
 * Hide FUA of the dm device from those above it, once its table is bound.
 * Before 6.11 the cache flags are queue flags that a target may set when the
 * table resumes; since then they are queue limits the core writes itself, and
 * the `nofua` feature is refused.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define RT_CAN_HIDE_FUA 1
static inline void rt_compat_hide_fua(struct dm_target *ti)
{
	struct gendisk *disk = dm_disk(dm_table_get_md(ti->table));

	blk_queue_write_cache(disk->queue, true, false);
}
#else
#define RT_CAN_HIDE_FUA 0
static inline void rt_compat_hide_fua(struct dm_target *ti)
{
}
#endif

/* The reservation conflict got its honest name in 6.5. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define RT_STS_RESV BLK_STS_NEXUS
#else
#define RT_STS_RESV BLK_STS_RESV_CONFLICT
#endif

#endif /* RT_COMPAT_H */
