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

/*
 * Where a clone goes that map() returns as DM_MAPIO_REMAPPED, and no other bio.
 *
 * bio_set_dev() ends in bio_associate_blkg(), which looks up the cgroup's blkg of the new
 * queue; dm_submit_bio_remap() replaces it at once by that of the original bio's cgroup,
 * whose bi_blkg blk_cgroup_bio_start() has dereferenced before: 117 of the instructions
 * that dm-linear spends on an I/O are for nothing. Left out where both functions were read
 * and io.stat and throttling were seen to be the same as through dm-linear (guest test
 * cgroup): a new kernel gets bio_set_dev() until then.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
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
