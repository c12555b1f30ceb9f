// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parked I/O: before it is issued, or before its completion is told. This is
 * how a test makes one interleaving happen, every time.
 */
#include "rt.h"

/*
 * Park @io if a hold covers it. Any context. True means that the I/O belongs
 * to the list now, and may already be gone when this returns.
 */
bool rt_hold_park(struct rt_io *io, bool at_end)
{
	struct rt_dev *dev = io->dev;
	struct rb_root_cached *tree = at_end ? &dev->end_holds : &dev->holds;
	unsigned long flags;
	bool park = false;

	/* Racy on purpose: a hold that comes now came too late. */
	if (RB_EMPTY_ROOT(&tree->rb_root))
		return false;

	spin_lock_irqsave(&rt_lock, flags);
	if (!dev->dead &&
	    rt_range_find_locked(tree, io->first, io->nr, io->ops)) {
		park = true;
		io->at_end = at_end;
		/* It will be waited for, whatever the submitter asked. */
		io->bio->bi_opf &= ~REQ_NOWAIT;
		list_add_tail(&io->list, &dev->held);
		dev->nr_held++;
	}
	spin_unlock_irqrestore(&rt_lock, flags);
	return park;
}

static bool rt_hold_covers(const struct rt_io *io, sector_t first,
			   sector_t last)
{
	if (io->ops & RT_FLUSH)
		return true;
	return io->first <= last && io->first + io->nr > first;
}

/* Process context; sleeps. */
void rt_hold_release(struct rt_dev *dev, sector_t first, sector_t last)
{
	struct rt_io *io;
	struct rt_io *next;
	LIST_HEAD(go);

	/* -ENOMEM leaves a hold in place, and the test sees it. */
	if (rt_range_remove(&dev->holds, first, last) ||
	    rt_range_remove(&dev->end_holds, first, last))
		DMERR("no memory to release a hold");

	spin_lock_irq(&rt_lock);
	list_for_each_entry_safe(io, next, &dev->held, list) {
		if (!rt_hold_covers(io, first, last))
			continue;
		list_move_tail(&io->list, &go);
		dev->nr_held--;
	}
	spin_unlock_irq(&rt_lock);

	list_for_each_entry_safe(io, next, &go, list) {
		list_del(&io->list);
		if (io->at_end) {
			io->unheld_end = true;
			bio_endio(io->bio);
		} else {
			rt_io_issue(io);
		}
	}
}
