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
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define remap_compat_writable(mode)	((mode) & BLK_OPEN_WRITE)
#else
#define remap_compat_writable(mode)	((mode) & FMODE_WRITE)
#endif

/* For a target's io_hints(): data must not change on its way. */
static inline void remap_compat_stable_writes(struct dm_target *ti, struct queue_limits *limits)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	limits->features |= BLK_FEAT_STABLE_WRITES;
#else
	ti->needs_stable_writes = true;
#endif
}

/* The parameters of a target's prepare_ioctl(); what is new is to answer ioctls itself. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define REMAP_COMPAT_PREPARE_IOCTL	struct dm_target *ti, struct block_device **bdev, \
					unsigned int cmd, unsigned long arg, bool *forward
#else
#define REMAP_COMPAT_PREPARE_IOCTL	struct dm_target *ti, struct block_device **bdev
#endif

/*
 * Where a clone goes that map() returns as DM_MAPIO_REMAPPED, and no other bio.
 *
 * bio_set_dev() ends in bio_associate_blkg(), which looks up the cgroup's blkg of the new
 * queue. dm_submit_bio_remap() replaces it at once by that of the original bio's cgroup, on the
 * queue of the bi_bdev it finds, and does so for every original that has a bi_blkg. Each has:
 * submit_bio_noacct_nocheck(), on the only way to a driver, dereferences it, cgroups or none, in
 * blk_cgroup_bio_start(). Throttling and accounting look at bi_blkg only after that. So 117 of
 * the instructions that dm-linear spends on an I/O are for nothing. The flags that are cleared
 * are all that bio_set_dev() changes besides; the clone's bi_bdev was another one.
 *
 * Left out where this was read and io.stat and throttling were seen to be the same as through
 * dm-linear (guest tests cgroup, cgroup-latency): a new kernel gets bio_set_dev() until then.
 */
#define REMAP_COMPAT_IS(a, b)	(LINUX_VERSION_CODE >> 8 == KERNEL_VERSION(a, b, 0) >> 8)

#if REMAP_COMPAT_IS(6, 1) || REMAP_COMPAT_IS(7, 2)
static inline void remap_compat_send(struct bio *clone, struct block_device *bdev)
{
	bio_clear_flag(clone, BIO_REMAPPED);
	bio_clear_flag(clone, BIO_BPS_THROTTLED);
	clone->bi_bdev = bdev;
}
#else
#define remap_compat_send(clone, bdev)	bio_set_dev(clone, bdev)
#endif

typedef unsigned long (*remap_compat_shrink)(struct shrinker *s, struct shrink_control *sc);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
/* A registered shrinker, or NULL. Context: may sleep. */
static inline struct shrinker *remap_compat_shrinker(void *data, remap_compat_shrink count,
						     remap_compat_shrink scan, const char *name)
{
	struct shrinker *s = shrinker_alloc(0, "dm-remap:%s", name);

	if (!s)
		return NULL;
	s->count_objects = count;
	s->scan_objects = scan;
	s->private_data = data;
	shrinker_register(s);
	return s;
}

static inline void *remap_compat_shrinker_data(struct shrinker *s)
{
	return s->private_data;
}

static inline void remap_compat_shrinker_free(struct shrinker *s)
{
	shrinker_free(s);
}
#else
struct remap_compat_shrinker {
	struct shrinker s;
	void *data;
};

static inline void *remap_compat_shrinker_data(struct shrinker *s)
{
	return container_of(s, struct remap_compat_shrinker, s)->data;
}

static inline struct shrinker *remap_compat_shrinker(void *data, remap_compat_shrink count,
						     remap_compat_shrink scan, const char *name)
{
	struct remap_compat_shrinker *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	c->data = data;
	c->s.seeks = DEFAULT_SEEKS;
	c->s.count_objects = count;
	c->s.scan_objects = scan;
	if (!register_shrinker(&c->s, "dm-remap:%s", name))
		return &c->s;
	kfree(c);
	return NULL;
}

static inline void remap_compat_shrinker_free(struct shrinker *s)
{
	unregister_shrinker(s);
	kfree(container_of(s, struct remap_compat_shrinker, s));
}
#endif

#endif
