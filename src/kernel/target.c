// SPDX-License-Identifier: GPL-2.0-only
/*
 * Target: the life cycle, and the table of methods.
 *
 *   ctr          reads and refuses; allocates; writes nothing
 *   preresume    loads (first time and after a table swap), makes "in use" durable
 *   presuspend   waits for evidence are cut short; workers go on (B10)
 *   postsuspend  the last writer: hints, witness, "clean"
 *   dtr          only frees
 */
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "commit.h"
#include "compat.h"
#include "ctr.h"
#include "debugfs.h"
#include "evidence.h"
#include "job.h"
#include "load.h"
#include "map.h"
#include "message.h"
#include "mode.h"
#include "status.h"
#include "summary.h"

/* The table goes on after a suspend: is the spare still what it was? */
static int remap_go_on(struct remap *r)
{
	int err;

	if (r->readonly)
		return 0;
	err = remap_load_changed(r);
	if (err == -ESTALE)
		return err;
	/*
	 * A device that stays suspended is worse than one that cannot map: what the
	 * spare still says ("clean") only makes a later open refuse.
	 */
	if (READ_ONCE(r->mode) != DMR_MODE_FAIL &&
	    (err || remap_super_write(r, DMR_ACTIVITY_IN_USE)))
		remap_mode_worsen(r, DMR_MODE_FAIL, DMR_WHY_SPARE);
	return 0;
}

static int remap_preresume(struct dm_target *ti)
{
	struct remap *r = ti->private;
	unsigned int noio = memalloc_noio_save();
	int err = r->loaded ? remap_go_on(r) : remap_load(r);

	if (!err && !r->readonly && hweight32(r->whole) < 2)
		remap_mode_worsen(r, DMR_MODE_MAP_RO, DMR_WHY_COPIES);
	memalloc_noio_restore(noio);
	return err;
}

static void remap_resume(struct dm_target *ti)
{
	struct remap *r = ti->private;
	unsigned int noreclaim;

	mutex_lock(&r->map_lock);
	WRITE_ONCE(r->suspending, false);
	mutex_unlock(&r->map_lock);
	/* bios still wait: what is allocated here may be missing, but not wait for them (B17) */
	noreclaim = memalloc_noreclaim_save();
	remap_debugfs_add(r);
	memalloc_noreclaim_restore(noreclaim);
	remap_commit_kick(r);
	remap_job_go(r);
	remap_summary_arm(r);
}

static void remap_presuspend(struct dm_target *ti)
{
	struct remap *r = ti->private;

	mutex_lock(&r->map_lock);
	WRITE_ONCE(r->suspending, true);
	mutex_unlock(&r->map_lock);
	wake_up_all(&r->evidence_wait);
	remap_job_stop(r);
}

static void remap_presuspend_undo(struct dm_target *ti)
{
	remap_resume(ti);
}

/* Hints, then witness and "clean". Nobody else writes any more. */
static void remap_close_clean(struct remap *r)
{
	struct dmr_super *sb = &r->sb;

	if (READ_ONCE(r->mode) == DMR_MODE_RW || READ_ONCE(r->mode) == DMR_MODE_FROZEN)
		remap_commit_lazies(r);
	/* clean says that the copies are alike (A24): not in doubt, nor while one is behind */
	if (READ_ONCE(r->mode) == DMR_MODE_FAIL || r->doubt_blk || (sb->insync & ~r->whole)) {
		DMWARN("%s: closed in mode %s: the spare is not marked clean", remap_name(r),
		       dmr_status_mode_name(READ_ONCE(r->mode)));
		return;
	}
	remap_summary_write(r);
	remap_load_witness_take(r, sb);
	if (remap_super_write(r, DMR_ACTIVITY_CLEAN))
		DMWARN("%s: the spare could not be marked clean", remap_name(r));
}

/* No bio is on its way any more: none that a move could have overtaken. */
static void remap_moving_over(struct remap *r)
{
	unsigned long flags;

	spin_lock_irqsave(&r->lock, flags);
	r->moving = false;
	remap_watch_update(r);
	spin_unlock_irqrestore(&r->lock, flags);
}

static void remap_postsuspend(struct dm_target *ti)
{
	struct remap *r = ti->private;
	unsigned int noio;

	remap_debugfs_remove(r);
	if (!r->loaded)
		return;
	flush_workqueue(r->error_wq);
	remap_moving_over(r);
	cancel_delayed_work_sync(&r->lazy_work);
	cancel_delayed_work_sync(&r->summary_work);
	cancel_work_sync(&r->grow_work);
	flush_workqueue(r->commit_wq);
	if (r->readonly)
		return;
	noio = memalloc_noio_save();
	remap_close_clean(r);
	memalloc_noio_restore(noio);
}

static int remap_prepare_ioctl(REMAP_COMPAT_PREPARE_IOCTL)
{
	struct remap *r = ti->private;

	/* SG_IO and the like would go round the map: never passed as our own */
	*bdev = r->main;
	return 1;
}

static int remap_iterate_devices(struct dm_target *ti, iterate_devices_callout_fn fn, void *data)
{
	struct remap *r = ti->private;

	/* main alone decides what the device can do; slots are made to fit */
	return fn(ti, r->main_dev, 0, ti->len, data);
}

static void remap_io_hints(struct dm_target *ti, struct queue_limits *limits)
{
	struct remap *r = ti->private;

	if (bdev_stable_writes(r->spare))
		remap_compat_stable_writes(ti, limits);
}

static struct target_type remap_target = {
	.name = "remap",
	.version = { 4, 0, 0 },
	.module = THIS_MODULE,
	.features = DM_TARGET_SINGLETON | DM_TARGET_NOWAIT,
	.ctr = remap_ctr,
	.dtr = remap_dtr,
	.map = remap_map,
	.end_io = remap_end_io,
	.preresume = remap_preresume,
	.resume = remap_resume,
	.presuspend = remap_presuspend,
	.presuspend_undo = remap_presuspend_undo,
	.postsuspend = remap_postsuspend,
	.status = remap_status,
	.message = remap_message,
	.prepare_ioctl = remap_prepare_ioctl,
	.iterate_devices = remap_iterate_devices,
	.io_hints = remap_io_hints,
};

static int __init remap_init(void)
{
	int err = remap_memory_types_init(sizeof(struct remap_part), sizeof(struct remap_group),
					  remap_health_record_bytes());

	if (err)
		return err;
	remap_debugfs_init();
	err = dm_register_target(&remap_target);
	if (err) {
		remap_debugfs_exit();
		remap_memory_types_exit();
	}
	return err;
}

static void __exit remap_exit(void)
{
	dm_unregister_target(&remap_target);
	remap_debugfs_exit();
	remap_memory_types_exit();
}

module_init(remap_init);
module_exit(remap_exit);

MODULE_DESCRIPTION("device-mapper target that moves failing blocks to a spare device");
MODULE_LICENSE("GPL");
MODULE_VERSION("4.0.0");
