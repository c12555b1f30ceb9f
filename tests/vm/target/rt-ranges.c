// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address ranges: bad, slow and held ones are the same interval tree.
 * Ranges may overlap: the first one (by address) whose class matches wins.
 */
#include <linux/interval_tree_generic.h>
#include <linux/slab.h>

#include "rt.h"

#define RT_FIRST(range) ((range)->first)
#define RT_LAST(range) ((range)->last)

INTERVAL_TREE_DEFINE(struct rt_range, node, sector_t, subtree_last,
		     RT_FIRST, RT_LAST, static inline, rt_tree)

/* A range without a class filter on @ops: any. A flush has nr == 0. */
struct rt_range *rt_range_find_locked(struct rb_root_cached *tree,
				      sector_t first, unsigned int nr,
				      unsigned int ops)
{
	struct rt_range *range;
	sector_t last = first + nr - 1;

	lockdep_assert_held(&rt_lock);
	if (ops & RT_FLUSH) {
		first = 0;
		last = (sector_t)-1;
	} else if (!nr) {
		return NULL;
	}

	range = rt_tree_iter_first(tree, first, last);
	while (range && !(range->ops & ops))
		range = rt_tree_iter_next(range, first, last);
	return range;
}

/* Process context; sleeps. */
int rt_range_add(struct rb_root_cached *tree, const struct rt_range *range)
{
	struct rt_range *copy;

	if (range->last < range->first)
		return -EINVAL;
	copy = kmemdup(range, sizeof(*range), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	spin_lock_irq(&rt_lock);
	rt_tree_insert(copy, tree);
	spin_unlock_irq(&rt_lock);
	return 0;
}

/*
 * Cut [first, last] out of one range that overlaps it. A hole in its middle
 * leaves two ranges: the second one is *spare, which is then used up.
 */
static void rt_range_cut_locked(struct rb_root_cached *tree,
				struct rt_range *range,
				sector_t first, sector_t last,
				struct rt_range **spare)
{
	bool left = range->first < first;
	bool right = range->last > last;

	lockdep_assert_held(&rt_lock);
	rt_tree_remove(range, tree);
	if (right) {
		struct rt_range *rest = range;

		if (left) {
			rest = *spare;
			*spare = NULL;
			*rest = *range;
		}
		rest->first = last + 1;
		rt_tree_insert(rest, tree);
	}
	if (left) {
		range->last = first - 1;
		rt_tree_insert(range, tree);
	}
	if (!left && !right)
		kfree(range);
}

/* Process context; sleeps. Everything of [first, last] leaves the tree. */
int rt_range_remove(struct rb_root_cached *tree, sector_t first, sector_t last)
{
	struct rt_range *spare = NULL;
	struct rt_range *range;

	do {
		if (!spare)
			spare = kmalloc(sizeof(*spare), GFP_KERNEL);
		if (!spare)
			return -ENOMEM;
		spin_lock_irq(&rt_lock);
		range = rt_tree_iter_first(tree, first, last);
		if (range)
			rt_range_cut_locked(tree, range, first, last, &spare);
		spin_unlock_irq(&rt_lock);
		cond_resched();
	} while (range);

	kfree(spare);
	return 0;
}

/* A write heals the pending sectors it covers. They are ranges of one. */
static void rt_heal_locked(struct rt_dev *dev, const struct rt_io *io)
{
	sector_t last = io->first + io->nr - 1;
	struct rt_range *next;
	struct rt_range *range = rt_tree_iter_first(&dev->bad, io->first, last);

	for (; range; range = next) {
		next = rt_tree_iter_next(range, io->first, last);
		if (!range->heals)
			continue;
		rt_tree_remove(range, &dev->bad);
		kfree(range);
	}
}

/* Does this I/O fail on a bad sector? Counts it against the range. */
bool rt_bad_hit_locked(struct rt_dev *dev, const struct rt_io *io,
		       blk_status_t *status)
{
	struct rt_range *range;

	lockdep_assert_held(&rt_lock);
	if (RB_EMPTY_ROOT(&dev->bad.rb_root) || !io->nr)
		return false;
	range = rt_range_find_locked(&dev->bad, io->first, io->nr, io->ops);
	if (!range) {
		if (io->ops & (RT_WRITE | RT_ZEROES))
			rt_heal_locked(dev, io);
		return false;
	}

	*status = range->status;
	if (range->left != RT_FOREVER && !--range->left) {
		rt_tree_remove(range, &dev->bad);
		kfree(range);
	}
	return true;
}

u64 rt_range_count(struct rb_root_cached *tree)
{
	struct rb_node *node;
	u64 n = 0;

	lockdep_assert_held(&rt_lock);
	for (node = rb_first_cached(tree); node; node = rb_next(node))
		n++;
	return n;
}
