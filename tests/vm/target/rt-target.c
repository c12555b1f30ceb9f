// SPDX-License-Identifier: GPL-2.0-only
/*
 * dm-remap-test: table, status and lifetime of a device. See rt.h.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "rt.h"

DEFINE_SPINLOCK(rt_lock);
LIST_HEAD(rt_devs);
/* Changes of rt_devs, and one message at a time. */
DEFINE_MUTEX(rt_devs_mutex);

static void rt_dev_free(struct rt_dev *dev)
{
	if (dev->delay_wq)
		destroy_workqueue(dev->delay_wq);
	if (dev->cache_wq)
		destroy_workqueue(dev->cache_wq);
	rt_run_free(dev->run);
	if (dev->lower)
		dm_put_device(dev->ti, dev->lower);
	kfree(dev);
}

static int rt_parse_features(struct rt_dev *dev, unsigned int argc,
			     char **argv)
{
	for (; argc; argc--, argv++) {
		if (!strcmp(*argv, "nofua") && RT_CAN_HIDE_FUA)
			dev->nofua = true;
		else if (!strcmp(*argv, "nocache"))
			dev->nocache = true;
		else
			return -EINVAL;
	}
	return 0;
}

static struct rt_dev *rt_dev_alloc(struct dm_target *ti, const char *key)
{
	struct rt_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	dev->ti = ti;
	strscpy(dev->key, key, sizeof(dev->key));
	dev->bad = RB_ROOT_CACHED;
	dev->slow = RB_ROOT_CACHED;
	dev->holds = RB_ROOT_CACHED;
	dev->end_holds = RB_ROOT_CACHED;
	dev->flags = RB_ROOT_CACHED;
	dev->dirty = RB_ROOT;
	INIT_LIST_HEAD(&dev->rules);
	INIT_LIST_HEAD(&dev->held);
	init_waitqueue_head(&dev->quiet);
	INIT_WORK(&dev->spill, rt_power_spill);

	dev->run = rt_run_alloc();
	dev->delay_wq = alloc_workqueue("remap-test-delay",
					WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	dev->cache_wq = alloc_ordered_workqueue("remap-test-cache",
						WQ_MEM_RECLAIM);
	if (!dev->run || !dev->delay_wq || !dev->cache_wq) {
		rt_dev_free(dev);
		return NULL;
	}
	return dev;
}

static void rt_target_limits(struct dm_target *ti, struct rt_dev *dev)
{
	ti->private = dev;
	ti->per_io_data_size = sizeof(struct rt_io);
	ti->num_flush_bios = dev->nocache ? 0 : 1;
	/* A write-back cache whatever the lower device has: ours. */
	ti->flush_supported = !dev->nocache;
	ti->num_discard_bios = 1;
	ti->num_write_zeroes_bios = 1;
	ti->accounts_remapped_io = true;
}

/* <dev> <key> [nofua] [nocache] */
static int rt_ctr(struct dm_target *ti, unsigned int argc, char **argv)
{
	struct rt_dev *dev;

	if (argc < 2) {
		ti->error = "Wanted: <dev> <key> [nofua] [nocache]";
		return -EINVAL;
	}
	if (strlen(argv[1]) >= RT_KEY_MAX) {
		ti->error = "Key too long";
		return -EINVAL;
	}
	dev = rt_dev_alloc(ti, argv[1]);
	if (!dev) {
		ti->error = "Out of memory";
		return -ENOMEM;
	}
	if (rt_parse_features(dev, argc - 2, argv + 2)) {
		ti->error = "Unknown feature";
		rt_dev_free(dev);
		return -EINVAL;
	}
	if (dm_get_device(ti, argv[0], dm_table_get_mode(ti->table),
			  &dev->lower)) {
		ti->error = "Device lookup failed";
		rt_dev_free(dev);
		return -ENODEV;
	}
	rt_target_limits(ti, dev);

	mutex_lock(&rt_devs_mutex);
	spin_lock_irq(&rt_lock);
	list_add_tail(&dev->list, &rt_devs);
	spin_unlock_irq(&rt_lock);
	mutex_unlock(&rt_devs_mutex);
	return 0;
}

static void rt_dtr(struct dm_target *ti)
{
	struct rt_dev *dev = ti->private;

	mutex_lock(&rt_devs_mutex);
	spin_lock_irq(&rt_lock);
	list_del(&dev->list);
	spin_unlock_irq(&rt_lock);
	mutex_unlock(&rt_devs_mutex);

	/* A disk that is turned off properly writes its cache back. */
	flush_work(&dev->spill);
	if (!dev->dead && rt_cache_set(dev, false))
		DMERR("%s: dirty sectors are lost at removal", dev->key);
	rt_cache_drop(dev);
	rt_rule_clear(dev);
	rt_range_remove(&dev->bad, 0, (sector_t)-1);
	rt_range_remove(&dev->slow, 0, (sector_t)-1);
	rt_range_remove(&dev->holds, 0, (sector_t)-1);
	rt_range_remove(&dev->end_holds, 0, (sector_t)-1);
	rt_range_remove(&dev->flags, 0, (sector_t)-1);
	rt_judge_set(dev, 0);
	rt_dev_free(dev);
}

/* The table that serves I/O is the one that messages by name go to. */
static void rt_take_name(struct rt_dev *dev)
{
	struct mapped_device *md = dm_table_get_md(dev->ti->table);
	struct rt_dev *d;

	mutex_lock(&rt_devs_mutex);
	if (dm_copy_name_and_uuid(md, dev->name, NULL))
		*dev->name = '\0';
	list_for_each_entry(d, &rt_devs, list)
		if (d != dev && !strcmp(d->name, dev->name))
			*d->name = '\0';
	mutex_unlock(&rt_devs_mutex);
}

static int rt_preresume(struct dm_target *ti)
{
	struct rt_dev *dev = ti->private;

	rt_take_name(dev);
	if (dev->nofua)
		rt_compat_hide_fua(ti);
	return 0;
}

/* A suspend waits for all I/O, so what is parked has to go. */
static void rt_presuspend(struct dm_target *ti)
{
	rt_hold_release(ti->private, 0, (sector_t)-1);
}

/*
 * reads <n> writes <n> flushes <n> fua <n> discards <n> zeroes <n> failed <n>
 * in_flight <n> held <n> dirty <n> bad <n> state <alive|dead> judged <n>
 * collisions <n>
 */
void rt_status_line(struct rt_dev *dev, char *result, unsigned int maxlen)
{
	unsigned int sz = 0;

	spin_lock_irq(&rt_lock);
	DMEMIT("reads %llu writes %llu flushes %llu fua %llu ",
	       dev->stats.reads, dev->stats.writes,
	       dev->stats.flushes, dev->stats.fua);
	DMEMIT("discards %llu zeroes %llu failed %llu ",
	       dev->stats.discards, dev->stats.zeroes, dev->stats.failed);
	DMEMIT("in_flight %u held %u dirty %llu bad %llu state %s ",
	       dev->in_flight, dev->nr_held, dev->nr_dirty,
	       rt_range_count(&dev->bad), dev->dead ? "dead" : "alive");
	DMEMIT("judged %llu collisions %llu", rt_judged_locked(dev),
	       rt_collisions_locked(dev));
	spin_unlock_irq(&rt_lock);
}

static void rt_status(struct dm_target *ti, status_type_t type,
		      unsigned int status_flags, char *result,
		      unsigned int maxlen)
{
	struct rt_dev *dev = ti->private;
	unsigned int sz = 0;

	switch (type) {
	case STATUSTYPE_INFO:
		rt_status_line(dev, result, maxlen);
		break;
	case STATUSTYPE_TABLE:
		DMEMIT("%s %s%s%s", dev->lower->name, dev->key,
		       dev->nofua ? " nofua" : "",
		       dev->nocache ? " nocache" : "");
		break;
	case STATUSTYPE_IMA:
		*result = '\0';
		break;
	}
}

static int rt_iterate_devices(struct dm_target *ti,
			      iterate_devices_callout_fn fn, void *data)
{
	struct rt_dev *dev = ti->private;

	return fn(ti, dev->lower, 0, ti->len, data);
}

static struct target_type rt_target = {
	.name = "remap-test",
	.version = { 1, 0, 0 },
	.features = DM_TARGET_NOWAIT,
	.module = THIS_MODULE,
	.ctr = rt_ctr,
	.dtr = rt_dtr,
	.map = rt_map,
	.end_io = rt_end_io,
	.preresume = rt_preresume,
	.presuspend = rt_presuspend,
	.status = rt_status,
	.message = rt_message,
	.iterate_devices = rt_iterate_devices,
};

static int __init rt_init(void)
{
	int r = rt_cache_init();

	if (r)
		return r;
	r = dm_register_target(&rt_target);
	if (r) {
		rt_cache_exit();
		return r;
	}
	rt_debugfs_init();
	return 0;
}

static void __exit rt_exit(void)
{
	dm_unregister_target(&rt_target);
	rt_debugfs_exit();
	rt_log_exit();
	rt_cache_exit();
}

module_init(rt_init);
module_exit(rt_exit);

MODULE_DESCRIPTION("Device-mapper target that fails as told, for tests");
MODULE_AUTHOR("The dm-remap developers");
MODULE_LICENSE("GPL");
