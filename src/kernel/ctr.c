// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ctr: see ctr.h. Everything that can be refused is refused here, with a
 * sentence, since preresume may not fail for what ctr could see (A17). There
 * is one teardown, remap_destroy(), right for every half-built state.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "commit.h"
#include "compat.h"
#include "ctr.h"
#include "grow.h"
#include "job.h"
#include "load.h"
#include "mem.h"
#include "mode.h"
#include "registry.h"
#include "slotio.h"
#include "summary.h"

static void remap_destroy(struct remap *r)
{
	u32 i;

	if (r->registered.next)
		remap_registry_del(r);
	remap_memory_quiet(&r->memory);
	/* it kicks the commit worker */
	cancel_work_sync(&r->grow_work);
	if (r->job_wq)
		destroy_workqueue(r->job_wq);
	if (r->error_wq)
		destroy_workqueue(r->error_wq);
	if (r->commit_wq) {
		cancel_delayed_work_sync(&r->lazy_work);
		cancel_delayed_work_sync(&r->summary_work);
		destroy_workqueue(r->commit_wq);
	}
	cancel_work_sync(&r->event_work);
	remap_load_forget(r);
	for (i = 0; r->meta_page && i < REMAP_META_PAGES * DMR_COPIES_MAX; i++)
		if (r->meta_page[i])
			__free_page(r->meta_page[i]);
	kfree(r->meta_page);
	kvfree(r->batch_chg);
	kfree(r->batch_word);
	kfree(r->exec);
	kvfree(r->tried);
	remap_job_forget(r);
	free_percpu(r->n);
	remap_thaw_forget(r);
	remap_health_free(r->health);
	kvfree(r->aux);
	remap_memory_exit(&r->memory);
	if (r->scratch)
		__free_page(r->scratch);
	if (r->spare_dev)
		dm_put_device(r->ti, r->spare_dev);
	if (r->main_dev)
		dm_put_device(r->ti, r->main_dev);
	kfree(r);
}

static struct remap *remap_new(struct dm_target *ti)
{
	struct remap *r = remap_mem(kzalloc(sizeof(*r), GFP_KERNEL));

	if (!r)
		return NULL;
	r->ti = ti;
	r->mode = DMR_MODE_INACTIVE;
	r->suspending = true;
	spin_lock_init(&r->lock);
	INIT_LIST_HEAD(&r->ranges);
	INIT_LIST_HEAD(&r->fences);
	INIT_LIST_HEAD(&r->queue);
	INIT_LIST_HEAD(&r->doubtful);
	init_waitqueue_head(&r->range_wait);
	init_waitqueue_head(&r->held_wait);
	init_waitqueue_head(&r->evidence_wait);
	mutex_init(&r->map_lock);
	mutex_init(&r->scratch_lock);
	remap_slotio_init(&r->slotio);
	r->good_write = jiffies;
	r->carry.window = 1;
	INIT_WORK(&r->commit_work, remap_commit_work);
	INIT_WORK(&r->grow_work, remap_grow_work);
	INIT_DELAYED_WORK(&r->lazy_work, remap_commit_lazy_work);
	INIT_DELAYED_WORK(&r->summary_work, remap_summary_work);
	INIT_WORK(&r->event_work, remap_mode_event_work);
	INIT_WORK(&r->job_work, remap_job_work);
	return r;
}

static int remap_alloc_pages(struct remap *r)
{
	u32 n = REMAP_META_PAGES * DMR_COPIES_MAX;
	u32 i;

	r->meta_page = remap_mem(kcalloc(n, sizeof(*r->meta_page), GFP_KERNEL));
	for (i = 0; r->meta_page && i < n; i++) {
		r->meta_page[i] = remap_mem(alloc_page(GFP_KERNEL));
		if (!r->meta_page[i])
			return -ENOMEM;
	}
	return r->meta_page ? 0 : -ENOMEM;
}

static int remap_alloc(struct remap *r)
{
	u32 i;

	int err = remap_memory_init(&r->memory, remap_name(r), remap_mode_memory, &r->ti->error);

	if (err)
		return err;
	if (remap_alloc_pages(r))
		return -ENOMEM;
	r->scratch = remap_mem(alloc_page(GFP_KERNEL));
	r->aux = remap_mem(kvzalloc(sizeof(*r->aux), GFP_KERNEL));
	r->n = remap_mem(alloc_percpu(struct dmr_counters));
	r->tried = remap_mem(kvmalloc_array(REMAP_TRIED, sizeof(*r->tried), GFP_KERNEL));
	r->batch_chg = remap_mem(kvmalloc_array(REMAP_BATCH_REQS, sizeof(*r->batch_chg),
						GFP_KERNEL));
	r->batch_word = remap_mem(kmalloc_array(DMR_ENTRIES_PER_BLK, sizeof(u64), GFP_KERNEL));
	r->exec = remap_mem(kzalloc(sizeof(*r->exec), GFP_KERNEL));
	/* not freezable: hibernation writes its image through us (B17) */
	r->commit_wq = remap_mem(alloc_ordered_workqueue("remap-commit", WQ_MEM_RECLAIM));
	r->error_wq = remap_mem(alloc_workqueue("remap-error", WQ_MEM_RECLAIM | WQ_UNBOUND,
						REMAP_WORKERS));
	r->job_wq = remap_mem(alloc_ordered_workqueue("remap-job", WQ_MEM_RECLAIM));
	if (!r->scratch || !r->aux || !r->n || !r->tried || !r->batch_chg || !r->batch_word ||
	    !r->exec || !r->commit_wq || !r->error_wq || !r->job_wq)
		return -ENOMEM;
	for (i = 0; i < REMAP_TRIED; i++)
		r->tried[i].slot = ~0ull;
	return 0;
}

static int remap_get_devices(struct remap *r, char **argv)
{
	struct dm_target *ti = r->ti;
	int err;

	err = dm_get_device(ti, argv[0], dm_table_get_mode(ti->table), &r->main_dev);
	if (err) {
		ti->error = "Main device not found or busy; check its path and who holds it";
		return err;
	}
	r->main = r->main_dev->bdev;
	err = dm_get_device(ti, argv[1], dm_table_get_mode(ti->table), &r->spare_dev);
	if (err) {
		ti->error = "Spare device not found or busy; check its path and who holds it";
		return err;
	}
	r->spare = r->spare_dev->bdev;
	return 0;
}

/* What the two devices must be, whatever is written on them. */
static const char *remap_devices_wrong(struct remap *r)
{
	u64 spare_start = get_start_sect(r->spare) << SECTOR_SHIFT;

	if (remap_registry_overlap(r->main, r->spare))
		return "Main and spare are the same device or overlap; use a spare of its own";
	if (bdev_is_zoned(r->main) || bdev_is_zoned(r->spare))
		return "Zoned devices are not supported";
	if (bdev_logical_block_size(r->main) > DMR_BLK_BYTES ||
	    bdev_logical_block_size(r->spare) > DMR_BLK_BYTES)
		return "Logical blocks above 4096 bytes are not supported";
	if (bdev_logical_block_size(r->spare) > bdev_logical_block_size(r->main))
		return "Logical blocks of the spare are larger than main's; use another spare";
	if (bdev_nr_sectors(r->spare) < DMR_SPARE_MIN_SLOTS * DMR_BLK_SECTS)
		return "Spare is too small; it needs at least 36 KiB";
	if (spare_start % DMR_BLK_BYTES || bdev_alignment_offset(r->spare))
		return "Spare does not start at a multiple of 4 KiB; align the partition";
	if (r->ti->begin)
		return "The table must start at sector 0";
	if (r->ti->len > bdev_nr_sectors(r->main))
		return "Length is beyond the end of main";
	if (r->ti->len % (bdev_logical_block_size(r->main) >> SECTOR_SHIFT))
		return "Length is not a multiple of main's logical block size";
	return NULL;
}

static int remap_probe_spare(struct remap *r)
{
	struct remap_supers *s = remap_mem(kvzalloc(sizeof(*s), GFP_KERNEL));
	bool force = r->args.force_readonly;
	char **err_text = &r->ti->error;
	int err;

	if (!s) {
		*err_text = "No memory";
		return -ENOMEM;
	}
	err = remap_load_supers(r, s, force, err_text);
	if (!err) {
		r->sb = s->find.seen[s->v.best].sb;
		err = remap_load_check(r, &r->sb, err_text);
	}
	if (!err && !force)
		err = remap_load_witness(r, &r->sb, err_text);
	if (!err) {
		r->health = remap_health_new(&r->memory, r->sb.main_sect);
		if (!r->health) {
			*err_text = "No memory";
			err = -ENOMEM;
		}
	}
	kvfree(s);
	return err;
}

static void remap_ti_setup(struct remap *r)
{
	struct dm_target *ti = r->ti;

	ti->per_io_data_size = sizeof(struct remap_io);
	ti->num_flush_bios = 1;
	ti->num_discard_bios = 1;
	ti->num_write_zeroes_bios = 1;
	/* slots would keep what a secure erase promises to destroy */
	ti->num_secure_erase_bios = 0;
	ti->private = r;
}

static int remap_build(struct remap *r, unsigned int argc, char **argv)
{
	struct dm_target *ti = r->ti;
	const char *wrong = NULL;
	int err;

	dmr_args_init(&r->args);
	err = dmr_args_parse(argc - 2, argv + 2, &r->args, &wrong);
	if (err) {
		ti->error = (char *)wrong;
		return err;
	}
	err = remap_get_devices(r, argv);
	if (err)
		return err;
	wrong = remap_devices_wrong(r);
	if (wrong) {
		ti->error = (char *)wrong;
		return -EINVAL;
	}
	err = remap_alloc(r);
	if (err == -ENOMEM)
		ti->error = "No memory";
	if (err)
		return err;
	r->policy = r->args.policy;
	r->lbs_sect = bdev_logical_block_size(r->main) >> SECTOR_SHIFT;
	r->slot_states = dmr_states_set(0, 0, DMR_BLK_SECTS / r->lbs_sect, DMR_STATE_SLOT);
	r->slow = r->args.slow_ms ? msecs_to_jiffies(r->args.slow_ms) : REMAP_NEVER_SLOW;
	r->quick = r->slow;
	r->readonly = r->args.force_readonly ||
		      !remap_compat_writable(dm_table_get_mode(ti->table)) ||
		      bdev_read_only(r->spare) || bdev_read_only(r->main);
	dmr_breaker_init(&r->breaker, r->args.allowance);
	err = remap_probe_spare(r);
	if (!err)
		err = remap_registry_add(r, &ti->error);
	return err;
}

int remap_ctr(struct dm_target *ti, unsigned int argc, char **argv)
{
	struct remap *r;
	int err;

	if (argc < 2) {
		ti->error = "Wrong argument count; expected <main> <spare> [<#feature args> ...]";
		return -EINVAL;
	}
	r = remap_new(ti);
	if (!r) {
		ti->error = "No memory";
		return -ENOMEM;
	}
	err = remap_build(r, argc, argv);
	if (err) {
		remap_destroy(r);
		return err;
	}
	remap_ti_setup(r);
	return 0;
}

void remap_dtr(struct dm_target *ti)
{
	struct remap *r = ti->private;
	unsigned long flags;

	/* dm does not wait for bios before dtr in every path: ours are counted (B10) */
	wait_event(r->held_wait, !READ_ONCE(r->held));
	spin_lock_irqsave(&r->lock, flags);
	spin_unlock_irqrestore(&r->lock, flags);
	remap_destroy(r);
}
