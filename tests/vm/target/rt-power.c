// SPDX-License-Identifier: GPL-2.0-only
/*
 * Losing power, and getting it back.
 *
 * The cut itself is one flag on each device, set under rt_lock: from then on
 * nothing is acknowledged. What had reached the disk by then is settled after
 * that, on each device's cache_wq, and nobody can tell the difference.
 */
#include <linux/prandom.h>

#include "rt.h"

#define RT_QUIET_WAIT (30 * HZ)

/* The cut that waits for its I/O, counted over all devices. rt_lock. */
static struct {
	unsigned int ops;	/* 0: none is armed */
	u64 left;
	struct rt_cut cut;
} rt_armed;

static void rt_power_off_locked(struct rt_dev *dev, const struct rt_cut *cut)
{
	if (dev->dead)
		return;
	dev->dead = true;
	dev->cut = *cut;
	queue_work(dev->cache_wq, &dev->spill);
}

/* Every device has dice of its own, the same ones for the same seed and key. */
static void rt_power_seed(struct rt_dev *dev, struct rnd_state *rnd)
{
	u64 seed = dev->cut.seed;
	const char *c;

	for (c = dev->key; *c; c++)
		seed = seed * 31 + *c;
	prandom_seed_state(rnd, seed);
}

/* A version of @s, or NULL for none: what the medium holds after the cut. */
static struct rt_sector *rt_power_choose(const struct rt_cut *cut,
					 struct rt_sector *s, u32 dice)
{
	struct rt_sector *v;
	u32 n = 1;

	if (cut->how == RT_CUT_ALL)
		return s;
	if (cut->how == RT_CUT_NONE)
		return NULL;
	for (v = s; v; v = v->older)
		n++;
	for (dice %= n; dice && s; dice--)
		s = s->older;
	return s;
}

/* Nobody changes the dirty tree any more: dead, and cache_wq is ours. */
static void rt_power_write_some(struct rt_dev *dev)
{
	unsigned int grain = bdev_logical_block_size(dev->lower->bdev) >>
			     SECTOR_SHIFT;
	struct rnd_state rnd;
	sector_t block = (sector_t)-1;
	struct rb_node *node;
	u32 dice = 0;

	rt_power_seed(dev, &rnd);
	rt_run_reset(dev->run);
	for (node = rb_first(&dev->dirty); node; node = rb_next(node)) {
		struct rt_sector *s = rb_entry(node, struct rt_sector, node);

		/* A disk does not tear within its own blocks. */
		if (round_down(s->sector, grain) != block) {
			block = round_down(s->sector, grain);
			dice = prandom_u32_state(&rnd);
		}
		s = rt_power_choose(&dev->cut, s, dice);
		if (!s || rt_run_add(dev->run, s))
			continue;
		if (rt_run_write(dev, dev->run, 0))
			DMERR("%s: write at the power cut failed", dev->key);
		rt_run_reset(dev->run);
		rt_run_add(dev->run, s);
	}
	if (rt_run_write(dev, dev->run, 0))
		DMERR("%s: write at the power cut failed", dev->key);
}

/* On cache_wq. */
void rt_power_spill(struct work_struct *work)
{
	struct rt_dev *dev = container_of(work, struct rt_dev, spill);

	rt_hold_release(dev, 0, (sector_t)-1);
	if (!wait_event_timeout(dev->quiet, !READ_ONCE(dev->below),
				RT_QUIET_WAIT))
		DMERR("%s: I/O below did not end", dev->key);
	rt_power_write_some(dev);
	if (blkdev_issue_flush(dev->lower->bdev))
		DMERR("%s: flush at the power cut failed", dev->key);
	rt_cache_drop(dev);
}

/* Process context, under the devices' mutex. @dev NULL means all of them. */
void rt_power_cut(struct rt_dev *dev, const struct rt_cut *cut)
{
	struct rt_dev *d;

	spin_lock_irq(&rt_lock);
	list_for_each_entry(d, &rt_devs, list)
		if (!dev || d == dev)
			rt_power_off_locked(d, cut);
	spin_unlock_irq(&rt_lock);

	list_for_each_entry(d, &rt_devs, list)
		if (!dev || d == dev)
			flush_work(&d->spill);
}

/* Process context, under the devices' mutex. */
void rt_power_revive(struct rt_dev *dev)
{
	struct rt_dev *d;

	list_for_each_entry(d, &rt_devs, list) {
		if (dev && d != dev)
			continue;
		flush_work(&d->spill);
		spin_lock_irq(&rt_lock);
		d->dead = false;
		rt_judge_forget_locked(d);
		spin_unlock_irq(&rt_lock);
	}
}

/* @ops 0 disarms. */
void rt_power_arm(u64 k, unsigned int ops, const struct rt_cut *cut)
{
	spin_lock_irq(&rt_lock);
	rt_armed.ops = ops;
	rt_armed.left = k;
	rt_armed.cut = *cut;
	spin_unlock_irq(&rt_lock);
}

/* Counts the I/O; true for the one that goes down with the power. */
bool rt_power_due_locked(unsigned int ops)
{
	lockdep_assert_held(&rt_lock);
	if (!(rt_armed.ops & ops) || --rt_armed.left)
		return false;
	rt_armed.ops = 0;
	return true;
}

void rt_power_fire_locked(void)
{
	struct rt_dev *dev;

	lockdep_assert_held(&rt_lock);
	list_for_each_entry(dev, &rt_devs, list)
		rt_power_off_locked(dev, &rt_armed.cut);
}
