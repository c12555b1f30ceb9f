// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty sectors of the volatile write cache, and how runs of them go down.
 */
#include <linux/slab.h>

#include "rt.h"

/* One buffer of a run. */
#define RT_RUN_BYTES (RT_RUN_SECTORS << SECTOR_SHIFT)

static struct kmem_cache *rt_sector_slab;
struct bio_set rt_bios;

struct rt_run *rt_run_alloc(void)
{
	struct rt_run *run = kzalloc(sizeof(*run), GFP_KERNEL);

	if (!run)
		return NULL;
	run->data = (void *)__get_free_pages(GFP_KERNEL,
					     get_order(RT_RUN_BYTES));
	if (!run->data) {
		kfree(run);
		return NULL;
	}
	return run;
}

void rt_run_free(struct rt_run *run)
{
	if (!run)
		return;
	free_pages((unsigned long)run->data, get_order(RT_RUN_BYTES));
	kfree(run);
}

void rt_run_reset(struct rt_run *run)
{
	run->nr = 0;
}

/* False: the run is full, or @s is not its next sector. */
bool rt_run_add(struct rt_run *run, const struct rt_sector *s)
{
	if (run->nr == RT_RUN_SECTORS)
		return false;
	if (run->nr && s->sector != run->first + run->nr)
		return false;
	if (!run->nr)
		run->first = s->sector;
	memcpy(run->data + (run->nr << SECTOR_SHIFT), s->data, SECTOR_SIZE);
	run->seq[run->nr++] = s->seq;
	return true;
}

/* Process context; sleeps until the lower device has taken the run. */
int rt_run_write(struct rt_dev *dev, struct rt_run *run, blk_opf_t opf)
{
	unsigned int left = run->nr << SECTOR_SHIFT;
	void *data = run->data;
	struct bio *bio;
	int r;

	if (!left)
		return 0;
	bio = bio_alloc_bioset(dev->lower->bdev, RT_RUN_BYTES / PAGE_SIZE,
			       REQ_OP_WRITE | REQ_SYNC | opf, GFP_NOIO,
			       &rt_bios);
	bio->bi_iter.bi_sector = run->first;
	for (; left; left -= r, data += r) {
		r = min_t(unsigned int, left, PAGE_SIZE);
		__bio_add_page(bio, virt_to_page(data), r, 0);
	}
	r = submit_bio_wait(bio);
	bio_put(bio);
	return r;
}

/* The first dirty sector at or after @from. */
struct rt_sector *rt_dirty_from_locked(struct rt_dev *dev, sector_t from)
{
	struct rb_node *node = dev->dirty.rb_node;
	struct rt_sector *best = NULL;

	lockdep_assert_held(&rt_lock);
	while (node) {
		struct rt_sector *s = rb_entry(node, struct rt_sector, node);

		if (s->sector >= from) {
			best = s;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

struct rt_sector *rt_version_alloc(sector_t sector)
{
	struct rt_sector *s = kmem_cache_alloc(rt_sector_slab, GFP_NOIO);

	if (s) {
		s->older = NULL;
		s->sector = sector;
	}
	return s;
}

void rt_versions_free(struct rt_sector *s)
{
	struct rt_sector *older;

	for (; s; s = older) {
		older = s->older;
		kmem_cache_free(rt_sector_slab, s);
	}
}

void rt_dirty_put_locked(struct rt_dev *dev, struct rt_sector *new)
{
	struct rb_node **link = &dev->dirty.rb_node;
	struct rb_node *parent = NULL;

	new->seq = ++dev->write_seq;
	while (*link) {
		struct rt_sector *s = rb_entry(*link, struct rt_sector, node);

		parent = *link;
		if (new->sector == s->sector) {
			rb_replace_node(&s->node, &new->node, &dev->dirty);
			new->older = s;
			return;
		}
		link = new->sector < s->sector ? &parent->rb_left
					       : &parent->rb_right;
	}
	new->older = NULL;
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &dev->dirty);
	dev->nr_dirty++;
}

static void rt_dirty_del_locked(struct rt_dev *dev, struct rt_sector *s)
{
	rb_erase(&s->node, &dev->dirty);
	dev->nr_dirty--;
	rt_versions_free(s);
}

/* Version @seq of @sector is below: it and what is older are clean now. */
void rt_dirty_clean_locked(struct rt_dev *dev, sector_t sector, u64 seq)
{
	struct rt_sector *s = rt_dirty_from_locked(dev, sector);

	if (!s || s->sector != sector)
		return;
	if (s->seq <= seq) {
		rt_dirty_del_locked(dev, s);
		return;
	}
	while (s->older && s->older->seq > seq)
		s = s->older;
	rt_versions_free(s->older);
	s->older = NULL;
}

void rt_dirty_del_range(struct rt_dev *dev, sector_t first, sector_t last)
{
	struct rt_sector *s;

	do {
		spin_lock_irq(&rt_lock);
		s = rt_dirty_from_locked(dev, first);
		if (s && s->sector <= last)
			rt_dirty_del_locked(dev, s);
		else
			s = NULL;
		spin_unlock_irq(&rt_lock);
		cond_resched();
	} while (s);
}

/* Power has gone, or the device goes: whatever is dirty is forgotten. */
void rt_cache_drop(struct rt_dev *dev)
{
	rt_dirty_del_range(dev, 0, (sector_t)-1);
}

int rt_cache_init(void)
{
	int r = bioset_init(&rt_bios, BIO_POOL_SIZE, 0, BIOSET_NEED_BVECS);

	if (r)
		return r;
	rt_sector_slab = KMEM_CACHE(rt_sector, 0);
	if (!rt_sector_slab) {
		bioset_exit(&rt_bios);
		return -ENOMEM;
	}
	return 0;
}

void rt_cache_exit(void)
{
	kmem_cache_destroy(rt_sector_slab);
	bioset_exit(&rt_bios);
}
