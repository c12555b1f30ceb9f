// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way of one I/O through the device. rt.h has the order of its stations.
 */
#include "rt.h"

static unsigned int rt_io_classify(const struct bio *bio)
{
	unsigned int ops;

	switch (bio_op(bio)) {
	case REQ_OP_READ:
		ops = RT_READ;
		break;
	case REQ_OP_DISCARD:
		ops = RT_DISCARD;
		break;
	case REQ_OP_WRITE_ZEROES:
		ops = RT_ZEROES;
		break;
	default:
		/* The core sends data of a PREFLUSH write separately. */
		if (!bio_sectors(bio))
			return RT_FLUSH;
		ops = RT_WRITE;
		if (bio->bi_opf & REQ_FUA)
			ops |= RT_FUA;
		break;
	}
	if (bio->bi_opf & REQ_META)
		ops |= RT_META;
	return ops;
}

static void rt_io_count_locked(struct rt_dev *dev, unsigned int ops)
{
	struct rt_stats *stats = &dev->stats;

	stats->reads += !!(ops & RT_READ);
	stats->writes += !!(ops & RT_WRITE);
	stats->flushes += !!(ops & RT_FLUSH);
	stats->fua += !!(ops & RT_FUA);
	stats->discards += !!(ops & RT_DISCARD);
	stats->zeroes += !!(ops & RT_ZEROES);
	dev->in_flight++;
}

static void rt_io_flag_locked(struct rt_io *io)
{
	struct rt_range *range;

	range = rt_range_find_locked(&io->dev->flags, io->first, io->nr,
				     io->ops);
	if (range)
		io->bio->bi_opf |= range->opf;
}

void rt_io_finish(struct rt_io *io, blk_status_t status)
{
	io->bio->bi_status = status;
	bio_endio(io->bio);
}

static void rt_io_delay_work(struct work_struct *work)
{
	rt_io_issue(container_of(to_delayed_work(work), struct rt_io, work));
}

static bool rt_io_delay(struct rt_io *io)
{
	struct rt_dev *dev = io->dev;
	struct rt_range *range;
	unsigned long flags;
	unsigned int ms = 0;

	/* Racy on purpose, as in rt_hold_park(). */
	if (RB_EMPTY_ROOT(&dev->slow.rb_root))
		return false;

	spin_lock_irqsave(&rt_lock, flags);
	range = rt_range_find_locked(&dev->slow, io->first, io->nr, io->ops);
	if (range)
		ms = range->ms;
	spin_unlock_irqrestore(&rt_lock, flags);
	if (!ms)
		return false;

	io->bio->bi_opf &= ~REQ_NOWAIT;
	INIT_DELAYED_WORK(&io->work, rt_io_delay_work);
	queue_delayed_work(dev->delay_wq, &io->work, msecs_to_jiffies(ms));
	return true;
}

/* Process context: the payload of a torn write has to be kept. */
static bool rt_io_fails(struct rt_io *io, blk_status_t *status)
{
	struct rt_dev *dev = io->dev;
	unsigned long flags;
	bool fails = true;
	bool cut = false;

	*status = BLK_STS_IOERR;
	spin_lock_irqsave(&rt_lock, flags);
	if (!dev->dead) {
		cut = rt_power_due_locked(io->ops);
		if (!cut)
			fails = rt_rule_hit_locked(dev, io->ops, status) ||
				rt_bad_hit_locked(dev, io, status);
	}
	spin_unlock_irqrestore(&rt_lock, flags);
	if (!cut)
		return fails;

	/* Without memory the write is lost whole, which is as good a cut. */
	if (io->ops & RT_WRITE)
		rt_cache_insert(io);
	spin_lock_irqsave(&rt_lock, flags);
	rt_power_fire_locked();
	spin_unlock_irqrestore(&rt_lock, flags);
	return true;
}

static void rt_io_pass(struct rt_io *io)
{
	struct rt_dev *dev = io->dev;
	unsigned long flags;

	spin_lock_irqsave(&rt_lock, flags);
	if (!dev->dead) {
		io->below = true;
		dev->below++;
	}
	spin_unlock_irqrestore(&rt_lock, flags);

	if (io->below)
		dm_submit_bio_remap(io->bio, NULL);
	else
		rt_io_finish(io, BLK_STS_IOERR);
}

/* Process context: from map(), a delay's worker, or a message that releases. */
void rt_io_issue(struct rt_io *io)
{
	blk_status_t status;

	/* A parked I/O comes back here, maybe before park() has returned. */
	if (!io->unheld) {
		io->unheld = true;
		if (rt_hold_park(io, false))
			return;
	}
	if (!io->delayed) {
		io->delayed = true;
		if (rt_io_delay(io))
			return;
	}
	if (rt_io_fails(io, &status))
		rt_io_finish(io, status);
	else if (!rt_cache_take(io))
		rt_io_pass(io);
}

int rt_map(struct dm_target *ti, struct bio *bio)
{
	struct rt_io *io = dm_per_bio_data(bio, sizeof(*io));
	struct rt_dev *dev = ti->private;
	unsigned long flags;

	memset(io, 0, sizeof(*io));
	io->dev = dev;
	io->bio = bio;
	io->nr = bio_sectors(bio);
	io->ops = rt_io_classify(bio);
	if (io->nr)
		io->first = dm_target_offset(ti, bio->bi_iter.bi_sector);

	bio_set_dev(bio, dev->lower->bdev);
	bio->bi_iter.bi_sector = io->first;

	rt_log_data_take(io);
	spin_lock_irqsave(&rt_lock, flags);
	rt_io_flag_locked(io);
	rt_io_count_locked(dev, io->ops);
	rt_log_submit_locked(io);
	rt_judge_submit_locked(io);
	spin_unlock_irqrestore(&rt_lock, flags);
	rt_log_data_drop(io);

	rt_io_issue(io);
	return DM_MAPIO_SUBMITTED;
}

/* Any context. Runs twice for an I/O that is parked at its completion. */
int rt_end_io(struct dm_target *ti, struct bio *bio, blk_status_t *status)
{
	struct rt_io *io = dm_per_bio_data(bio, sizeof(*io));
	struct rt_dev *dev = io->dev;
	unsigned long flags;

	spin_lock_irqsave(&rt_lock, flags);
	if (io->below) {
		io->below = false;
		if (!--dev->below)
			wake_up(&dev->quiet);
	}
	spin_unlock_irqrestore(&rt_lock, flags);

	bio->bi_status = *status;
	if (!io->unheld_end && rt_hold_park(io, true))
		return DM_ENDIO_INCOMPLETE;

	/* What is not told before the power goes is never told. */
	spin_lock_irqsave(&rt_lock, flags);
	if (dev->dead && *status == BLK_STS_OK)
		*status = BLK_STS_IOERR;
	if (*status != BLK_STS_OK)
		dev->stats.failed++;
	dev->in_flight--;
	rt_log_complete_locked(io, *status);
	rt_judge_complete_locked(io, *status);
	spin_unlock_irqrestore(&rt_lock, flags);
	return DM_ENDIO_DONE;
}
