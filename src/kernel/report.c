// SPDX-License-Identifier: GPL-2.0-only
/*
 * Report: see report.h; the lines are core/poolline.c's and core/healthline.c's.
 */
#include <linux/mm.h>
#include <linux/timekeeping.h>

#include "mem.h"
#include "report.h"

#define REMAP_REPORT_LINE	512	/* bytes, the longest line of all */
#define REMAP_REPORT_MOST	1024	/* regions in one answer */

static void remap_report_pool_head(struct remap *r, char *line, size_t size)
{
	struct dmr_pool_head head = {
		.memory = remap_scarce(r) ? DMR_MEMORY_EMERGENCY : DMR_MEMORY_OK,
		/* data_race: a counter, shown once */
		.entries = data_race(r->memory.entries),
	};

	dmr_pool_head_format(&head, line, size);
}

static void remap_report_pool(struct remap *r, enum dmr_pool_kind kind, char *line, size_t size)
{
	struct dmr_pool_stat s;

	remap_pool_stat(&r->memory.pool[kind], &s);
	dmr_pool_line_format(kind, &s, line, size);
}

int remap_report_pools(struct remap *r, char *result, unsigned int maxlen)
{
	char line[REMAP_REPORT_LINE];
	unsigned int sz = 0;
	u32 i;

	remap_report_pool_head(r, line, sizeof(line));
	DMEMIT("%s\n", line);
	for (i = 0; i < DMR_POOLS; i++) {
		remap_report_pool(r, i, line, sizeof(line));
		DMEMIT("%s\n", line);
	}
	return 1;
}

int remap_report_pools_show(struct seq_file *m, struct remap *r)
{
	char line[REMAP_REPORT_LINE];
	u32 i;

	remap_report_pool_head(r, line, sizeof(line));
	seq_printf(m, "%s\n", line);
	for (i = 0; i < DMR_POOLS; i++) {
		remap_report_pool(r, i, line, sizeof(line));
		seq_printf(m, "%s\n", line);
	}
	return 0;
}

static void remap_report_head(struct remap *r, char *line, size_t size)
{
	struct dmr_health_head head = { .slow_ms = r->args.slow_ms };

	remap_health_totals(r->health, &head);
	dmr_health_head_format(&head, line, size);
}

static void remap_report_region(u64 region, const struct dmr_health *h, char *line, size_t size)
{
	struct dmr_health_line l;

	dmr_health_line_of(region, h, ktime_get_real_seconds(), &l);
	dmr_health_line_format(&l, line, size);
}

int remap_report_health(struct remap *r, u32 n, char *result, unsigned int maxlen)
{
	struct dmr_aux_rec *rec;
	char line[REMAP_REPORT_LINE];
	unsigned int sz = 0;
	u32 i;

	n = min_t(u32, n, REMAP_REPORT_MOST);
	rec = remap_mem(kvmalloc_array(n, sizeof(*rec), GFP_NOIO | __GFP_NOWARN));
	if (!rec)
		return -ENOMEM;
	remap_report_head(r, line, sizeof(line));
	DMEMIT("%s\n", line);
	n = remap_health_worst(r->health, rec, n);
	for (i = 0; i < n; i++) {
		remap_report_region(rec[i].region, &rec[i].h, line, sizeof(line));
		DMEMIT("%s\n", line);
	}
	kvfree(rec);
	return 1;
}

static void remap_report_each(void *arg, u64 index, const struct dmr_health *h)
{
	char line[REMAP_REPORT_LINE];

	remap_report_region(index, h, line, sizeof(line));
	seq_printf(arg, "%s\n", line);
}

void remap_report_bucket_show(struct seq_file *m, struct remap *r, u32 bucket)
{
	char line[REMAP_REPORT_LINE];

	if (!bucket) {
		remap_report_head(r, line, sizeof(line));
		seq_printf(m, "%s\n", line);
	}
	remap_health_walk(r->health, bucket, remap_report_each, m);
}
