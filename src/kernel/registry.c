// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registry: see registry.h.
 */
#include "registry.h"

static DEFINE_MUTEX(remap_registry_lock);
static LIST_HEAD(remap_registry);

bool remap_registry_overlap(struct block_device *a, struct block_device *b)
{
	u64 a0 = get_start_sect(a);
	u64 b0 = get_start_sect(b);

	if (a->bd_disk != b->bd_disk)
		return false;
	return a0 < b0 + bdev_nr_sectors(b) && b0 < a0 + bdev_nr_sectors(a);
}

static const char *remap_registry_clash(struct remap *a, struct remap *b)
{
	if (dm_table_get_md(a->ti->table) == dm_table_get_md(b->ti->table))
		return NULL;
	if (remap_registry_overlap(a->main, b->main))
		return "Main is already in use by another remap device";
	if (remap_registry_overlap(a->spare, b->spare) ||
	    remap_registry_overlap(a->spare, b->main) ||
	    remap_registry_overlap(a->main, b->spare))
		return "Spare or main is already in use by another remap device";
	if (!memcmp(a->sb.uuid, b->sb.uuid, DMR_UUID_BYTES))
		return "Another remap device uses a spare of the same set; is this one a clone?";
	return NULL;
}

int remap_registry_add(struct remap *r, char **err_text)
{
	const char *clash = NULL;
	struct remap *other;

	mutex_lock(&remap_registry_lock);
	list_for_each_entry(other, &remap_registry, registered) {
		clash = remap_registry_clash(r, other);
		if (clash)
			break;
	}
	if (!clash)
		list_add(&r->registered, &remap_registry);
	mutex_unlock(&remap_registry_lock);
	if (!clash)
		return 0;
	*err_text = (char *)clash;
	return -EBUSY;
}

void remap_registry_del(struct remap *r)
{
	mutex_lock(&remap_registry_lock);
	list_del_init(&r->registered);
	mutex_unlock(&remap_registry_lock);
}
