// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debugfs: see debugfs.h. A reader takes map_lock for one line at a time, so a
 * file is not one moment's picture while the map changes; each line is.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "index.h"
#include "report.h"

static struct dentry *remap_debugfs_root;

static const char * const remap_kind_name[] = {
	[DMR_KIND_FREE] = "free",
	[DMR_KIND_META] = "metadata",
	[DMR_KIND_USED] = "used",
	[DMR_KIND_PENDING] = "pending",
	[DMR_KIND_BAD] = "bad",
};

static void remap_debugfs_u64(struct seq_file *m, const char *key, u64 value)
{
	seq_printf(m, "%s %llu\n", key, (unsigned long long)value);
}

static int reservation_stats_show(struct seq_file *m, void *unused)
{
	struct remap *r = m->private;
	const struct dmr_table_sums *s = &r->table.sums;

	mutex_lock(&r->map_lock);
	remap_debugfs_u64(m, "slots_total", s->total);
	remap_debugfs_u64(m, "slots_free", s->free);
	remap_debugfs_u64(m, "slots_metadata", s->meta);
	remap_debugfs_u64(m, "slots_used", s->used);
	remap_debugfs_u64(m, "slots_pending", s->pending);
	remap_debugfs_u64(m, "slots_bad", s->bad);
	remap_debugfs_u64(m, "sectors_lost", s->lost_sect);
	remap_debugfs_u64(m, "sectors_pending", s->pending_sect);
	remap_debugfs_u64(m, "table_blocks", r->sb.table_blk);
	remap_debugfs_u64(m, "table_blocks_below_mark", r->sb.hwm_blk);
	remap_debugfs_u64(m, "table_blocks_dirty", bitmap_weight(r->dirty, r->sb.hwm_blk));
	remap_debugfs_u64(m, "table_blocks_in_doubt", r->doubt_blk);
	remap_debugfs_u64(m, "slots_offered", r->table.left);
	remap_debugfs_u64(m, "next_slot", r->table.cursor);
	mutex_unlock(&r->map_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(reservation_stats);

static int index_stats_show(struct seq_file *m, void *unused)
{
	struct remap *r = m->private;
	const struct remap_index *idx;

	mutex_lock(&r->map_lock);
	idx = rcu_dereference_protected(r->index, lockdep_is_held(&r->map_lock));
	remap_debugfs_u64(m, "table_blocks_room", idx->blks);
	remap_debugfs_u64(m, "cells", idx->cells);
	remap_debugfs_u64(m, "cells_filled", idx->filled);
	remap_debugfs_u64(m, "filter_words", idx->words);
	remap_debugfs_u64(m, "grown", r->grown);
	remap_debugfs_u64(m, "growing_table_blocks", r->grow.idx ? r->grow.idx->blks : 0);
	remap_debugfs_u64(m, "growing_done", r->grow.next);
	mutex_unlock(&r->map_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(index_stats);

static const char *remap_debugfs_copy(const struct remap *r, u32 c)
{
	if (r->whole & BIT(c))
		return "insync";
	if (r->rebuild.active && r->rebuild.copy == c)
		return "moving";
	return r->sb.insync & BIT(c) ? "behind" : "expelled";
}

/* copy, its first slot, its anchor, slots, state; of one that moves: where to, how far */
static int metadata_locations_show(struct seq_file *m, void *unused)
{
	struct remap *r = m->private;
	u32 c;

	mutex_lock(&r->map_lock);
	for (c = 0; c < r->sb.copies; c++) {
		seq_printf(m, "%u %llu %llu %u %s", c, (unsigned long long)r->sb.copy_slot[c].v,
			   (unsigned long long)dmr_layout_anchor(&r->sb, c).v,
			   dmr_layout_copy_len(&r->sb), remap_debugfs_copy(r, c));
		if (r->rebuild.active && r->rebuild.copy == c)
			seq_printf(m, " %llu %u/%u", (unsigned long long)r->rebuild.at.v,
				   r->rebuild.next, r->sb.hwm_blk);
		seq_putc(m, '\n');
	}
	mutex_unlock(&r->map_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(metadata_locations);

/* The position is the first slot of the run that is next. */
static void *allocation_map_start(struct seq_file *m, loff_t *pos)
{
	struct remap *r = m->private;

	return *pos < (loff_t)r->sb.slots ? pos : NULL;
}

static void *allocation_map_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct remap *r = m->private;
	enum dmr_kind kind;

	mutex_lock(&r->map_lock);
	*pos = dmr_table_run(&r->table, dmr_slot(*pos), &kind);
	mutex_unlock(&r->map_lock);
	return allocation_map_start(m, pos);
}

static void allocation_map_stop(struct seq_file *m, void *v)
{
}

static int allocation_map_show(struct seq_file *m, void *v)
{
	struct remap *r = m->private;
	u64 first = *(loff_t *)v;
	enum dmr_kind kind;
	u64 end;

	mutex_lock(&r->map_lock);
	end = dmr_table_run(&r->table, dmr_slot(first), &kind);
	mutex_unlock(&r->map_lock);
	seq_printf(m, "%llu %llu %s\n", (unsigned long long)first,
		   (unsigned long long)(end - first), remap_kind_name[kind]);
	return 0;
}

static const struct seq_operations allocation_map_sops = {
	.start = allocation_map_start,
	.next = allocation_map_next,
	.stop = allocation_map_stop,
	.show = allocation_map_show,
};
DEFINE_SEQ_ATTRIBUTE(allocation_map);

static int pools_show(struct seq_file *m, void *unused)
{
	return remap_report_pools_show(m, m->private);
}
DEFINE_SHOW_ATTRIBUTE(pools);

/* The position is a bucket: a map that grows meanwhile may show a region twice, or not. */
static void *health_map_start(struct seq_file *m, loff_t *pos)
{
	struct remap *r = m->private;

	return *pos < remap_health_buckets(r->health) ? pos : NULL;
}

static void *health_map_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return health_map_start(m, pos);
}

static int health_map_show(struct seq_file *m, void *v)
{
	remap_report_bucket_show(m, m->private, *(loff_t *)v);
	return 0;
}

static const struct seq_operations health_map_sops = {
	.start = health_map_start,
	.next = health_map_next,
	.stop = allocation_map_stop,
	.show = health_map_show,
};
DEFINE_SEQ_ATTRIBUTE(health_map);

void remap_debugfs_add(struct remap *r)
{
	struct gendisk *disk = dm_disk(dm_table_get_md(r->ti->table));

	if (r->debugfs)
		return;
	r->debugfs = debugfs_create_dir(disk->disk_name, remap_debugfs_root);
	debugfs_create_file("reservation_stats", 0400, r->debugfs, r, &reservation_stats_fops);
	debugfs_create_file("metadata_locations", 0400, r->debugfs, r, &metadata_locations_fops);
	debugfs_create_file("allocation_map", 0400, r->debugfs, r, &allocation_map_fops);
	debugfs_create_file("index_stats", 0400, r->debugfs, r, &index_stats_fops);
	debugfs_create_file("pools", 0400, r->debugfs, r, &pools_fops);
	debugfs_create_file("health_map", 0400, r->debugfs, r, &health_map_fops);
}

void remap_debugfs_remove(struct remap *r)
{
	debugfs_remove_recursive(r->debugfs);
	r->debugfs = NULL;
}

void remap_debugfs_init(void)
{
	remap_debugfs_root = debugfs_create_dir("dm-remap", NULL);
}

void remap_debugfs_exit(void)
{
	debugfs_remove_recursive(remap_debugfs_root);
}
