// SPDX-License-Identifier: GPL-2.0-only
/*
 * The volatile write cache.
 *
 * Dirty data is kept by 512-byte sector, and every version of a sector since
 * the last flush is kept: a real disk may have written any of them by the time
 * power fails. The newest version of a sector is in dev->dirty, the older ones
 * hang off it.
 *
 * A write adds versions in the submitter's context and is done. All that has
 * to touch the lower device (flush, FUA, discard, a read that finds part of
 * its data here) runs on the ordered cache_wq, one at a time, so that no two
 * versions of a sector race to the lower device. A read that finds nothing
 * here passes: what was acknowledged before it is then below already, because
 * a version leaves the cache only after its write has completed.
 */
#include "rt.h"

/* The payload as versions, chained through ->older in ascending order. */
static struct rt_sector *rt_versions_of(struct rt_io *io)
{
	struct rt_sector *head = NULL;
	struct rt_sector **tail = &head;
	struct rt_sector *s = NULL;
	unsigned int fill = SECTOR_SIZE;
	sector_t sector = io->first;
	struct bvec_iter iter;
	struct bio_vec bv;

	bio_for_each_segment(bv, io->bio, iter) {
		unsigned int off = 0;
		unsigned int n;

		/* A segment need not end where a sector does. */
		for (; off < bv.bv_len; off += n) {
			if (fill == SECTOR_SIZE) {
				s = rt_version_alloc(sector++);
				if (!s)
					goto none;
				*tail = s;
				tail = &s->older;
				fill = 0;
			}
			n = min_t(unsigned int, bv.bv_len - off,
				  SECTOR_SIZE - fill);
			memcpy_from_page(s->data + fill, bv.bv_page,
					 bv.bv_offset + off, n);
			fill += n;
		}
	}
	return head;

none:
	rt_versions_free(head);
	return NULL;
}

/* Process context; sleeps. -EIO if the power went meanwhile. */
int rt_cache_insert(struct rt_io *io)
{
	struct rt_dev *dev = io->dev;
	struct rt_sector *s = rt_versions_of(io);
	struct rt_sector *next;

	if (!s)
		return -ENOMEM;

	spin_lock_irq(&rt_lock);
	if (dev->dead) {
		spin_unlock_irq(&rt_lock);
		rt_versions_free(s);
		return -EIO;
	}
	for (; s; s = next) {
		next = s->older;
		rt_dirty_put_locked(dev, s);
	}
	spin_unlock_irq(&rt_lock);
	return 0;
}

/* The next run of dirty sectors of [from, last]. False: none, or no power. */
static bool rt_run_gather(struct rt_dev *dev, sector_t from, sector_t last)
{
	struct rt_run *run = dev->run;
	struct rt_sector *s;

	rt_run_reset(run);
	spin_lock_irq(&rt_lock);
	s = dev->dead ? NULL : rt_dirty_from_locked(dev, from);
	while (s && s->sector <= last && rt_run_add(run, s)) {
		struct rb_node *node = rb_next(&s->node);

		s = node ? rb_entry(node, struct rt_sector, node) : NULL;
	}
	spin_unlock_irq(&rt_lock);
	return run->nr;
}

/* On cache_wq. A failed write leaves its sectors dirty. */
static int rt_write_back(struct rt_dev *dev, sector_t first, sector_t last,
			 blk_opf_t opf)
{
	struct rt_run *run = dev->run;
	unsigned int i;
	int r;

	while (rt_run_gather(dev, first, last)) {
		r = rt_run_write(dev, run, opf);
		if (r)
			return r;
		spin_lock_irq(&rt_lock);
		for (i = 0; i < run->nr; i++)
			rt_dirty_clean_locked(dev, run->first + i, run->seq[i]);
		spin_unlock_irq(&rt_lock);
		first = run->first + run->nr;
	}
	return 0;
}

/* On cache_wq. The bio itself stays here; a clone goes down. */
static int rt_pass_clone(struct rt_io *io)
{
	struct bio *clone = bio_alloc_clone(io->dev->lower->bdev, io->bio,
					    GFP_NOIO, &rt_bios);
	int r;

	if (!clone)
		return -ENOMEM;
	clone->bi_opf &= ~(REQ_NOWAIT | REQ_POLLED);
	r = submit_bio_wait(clone);
	bio_put(clone);
	return r;
}

/* Lay what is dirty over what was read. */
static void rt_overlay(struct rt_io *io)
{
	u64 done = 0;
	struct bvec_iter iter;
	struct bio_vec bv;

	spin_lock_irq(&rt_lock);
	bio_for_each_segment(bv, io->bio, iter) {
		unsigned int off = 0;
		unsigned int n;

		for (; off < bv.bv_len; off += n, done += n) {
			sector_t sector = io->first + (done >> SECTOR_SHIFT);
			unsigned int skip = done & (SECTOR_SIZE - 1);
			struct rt_sector *s;

			n = min_t(unsigned int, bv.bv_len - off,
				  SECTOR_SIZE - skip);
			s = rt_dirty_from_locked(io->dev, sector);
			if (s && s->sector == sector)
				memcpy_to_page(bv.bv_page, bv.bv_offset + off,
					       s->data + skip, n);
		}
	}
	spin_unlock_irq(&rt_lock);
}

static int rt_cache_do(struct rt_io *io)
{
	struct rt_dev *dev = io->dev;
	sector_t last = io->first + io->nr - 1;
	int r;

	if (READ_ONCE(dev->dead))
		return -EIO;
	if (io->ops & RT_FLUSH) {
		r = rt_write_back(dev, 0, (sector_t)-1, 0);
		return r ? r : blkdev_issue_flush(dev->lower->bdev);
	}
	if (io->ops & RT_WRITE)
		return rt_write_back(dev, io->first, last, REQ_FUA);
	/* Not cached: a discard or zeroing is durable when it is told. */
	if (!(io->ops & RT_READ)) {
		rt_dirty_del_range(dev, io->first, last);
		return rt_pass_clone(io);
	}
	r = rt_pass_clone(io);
	if (!r)
		rt_overlay(io);
	return r;
}

static void rt_cache_work(struct work_struct *work)
{
	struct rt_io *io = container_of(to_delayed_work(work), struct rt_io,
					work);

	rt_io_finish(io, errno_to_blk_status(rt_cache_do(io)));
}

static void rt_cache_queue(struct rt_io *io)
{
	INIT_DELAYED_WORK(&io->work, rt_cache_work);
	queue_delayed_work(io->dev->cache_wq, &io->work, 0);
}

static bool rt_cache_holds(struct rt_io *io)
{
	struct rt_sector *s;
	bool holds;

	spin_lock_irq(&rt_lock);
	s = rt_dirty_from_locked(io->dev, io->first);
	holds = s && s->sector < io->first + io->nr;
	spin_unlock_irq(&rt_lock);
	return holds;
}

/* Process context; sleeps. False: the I/O is for the lower device as it is. */
bool rt_cache_take(struct rt_io *io)
{
	int r;

	if (!READ_ONCE(io->dev->cache))
		return false;
	if (io->ops & RT_READ && !rt_cache_holds(io))
		return false;

	if (!(io->ops & RT_WRITE)) {
		rt_cache_queue(io);
		return true;
	}
	r = rt_cache_insert(io);
	if (!r && io->ops & RT_FUA)
		rt_cache_queue(io);
	else
		rt_io_finish(io, errno_to_blk_status(r));
	return true;
}

struct rt_cache_sync {
	struct work_struct work;
	struct rt_dev *dev;
	int r;
};

static void rt_cache_sync_work(struct work_struct *work)
{
	struct rt_cache_sync *sync = container_of(work, struct rt_cache_sync,
						  work);

	sync->r = rt_write_back(sync->dev, 0, (sector_t)-1, 0);
}

/* Process context. The caller sees to it that no write is in flight. */
int rt_cache_set(struct rt_dev *dev, bool on)
{
	struct rt_cache_sync sync = { .dev = dev };

	if (!on) {
		INIT_WORK_ONSTACK(&sync.work, rt_cache_sync_work);
		queue_work(dev->cache_wq, &sync.work);
		flush_work(&sync.work);
		destroy_work_on_stack(&sync.work);
		if (sync.r)
			return sync.r;
	}
	WRITE_ONCE(dev->cache, on);
	return 0;
}
