// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message: see message.h; the grammar is core/args.c's.
 */
#include "commit.h"
#include "job.h"
#include "mem.h"
#include "message.h"
#include "mode.h"
#include "report.h"
#include "status.h"

static int remap_message_thaw(struct remap *r, u32 grant)
{
	int err = 0;

	mutex_lock(&r->map_lock);
	if (r->suspending) {
		err = -EBUSY;
	} else {
		r->thaw_grant = grant;
		WRITE_ONCE(r->thaw_asked, true);
		remap_commit_kick(r);
	}
	mutex_unlock(&r->map_lock);
	return err;
}

/* The last message wins: a thaw not yet begun is off, one that runs ends frozen. */
static void remap_message_freeze(struct remap *r)
{
	mutex_lock(&r->map_lock);
	WRITE_ONCE(r->thaw_asked, false);
	r->freezes++;
	remap_mode_worsen(r, DMR_MODE_FROZEN, DMR_WHY_ASKED);
	mutex_unlock(&r->map_lock);
}

static const struct {
	const char *name;
	size_t at;
} remap_counter[] = {
#define REMAP_COUNTER(name, help) { #name, offsetof(struct dmr_counters, name) },
	DMR_COUNTERS(REMAP_COUNTER)
#undef REMAP_COUNTER
};

static int remap_message_stats(struct remap *r, char *result, unsigned int maxlen)
{
	struct dmr_counters n = {};
	unsigned int sz = 0;
	u32 i;

	remap_status_counters(r, &n);
	for (i = 0; i < ARRAY_SIZE(remap_counter); i++)
		DMEMIT("%s %llu\n", remap_counter[i].name,
		       *(unsigned long long *)((char *)&n + remap_counter[i].at));
	return 1;
}

/* Return: number of the job, or -errno. */
static int remap_message_blocks(struct remap *r, const struct dmr_msg *m, unsigned int argc,
				char **argv)
{
	enum dmr_job_verb verb = m->verb == DMR_MSG_REMAP ? DMR_JOB_REMAP : DMR_JOB_UNMAP;
	u64 blks = dmr_units_blks(r->ti->len);
	struct dmr_range one = dmr_args_range(argc, argv, 0);
	struct dmr_range *range;
	u32 i;

	if (m->end.v > blks) {
		DMWARN("%s: Blocks past the end: main has %llu of 4 KiB", remap_name(r),
		       (unsigned long long)blks);
		return -EINVAL;
	}
	/* what it takes to ask for a few blocks is always there */
	if (m->ranges == 1)
		return remap_job_add(r, verb, &one, 1, m->count);
	range = remap_mem(kvmalloc_array(m->ranges, sizeof(*range), GFP_NOIO | __GFP_NOWARN));
	if (!range)
		return -ENOMEM;
	for (i = 0; i < m->ranges; i++)
		range[i] = dmr_args_range(argc, argv, i);
	return remap_job_add(r, verb, range, m->ranges, m->count);
}

static int remap_message_job(struct remap *r, const struct dmr_msg *m, unsigned int argc,
			     char **argv, char *result, unsigned int maxlen)
{
	unsigned int sz = 0;
	int id;

	if (m->verb == DMR_MSG_VERIFY)
		id = remap_job_add(r, DMR_JOB_VERIFY, NULL, 0, r->sb.hwm_blk);
	else
		id = remap_message_blocks(r, m, argc, argv);
	if (id < 0)
		return id;
	DMEMIT("%d\n", id);
	return 1;
}

/* Messages that change nothing. Return: 1 with an answer, -ENOMSG when it is none of these. */
static int remap_message_ask(struct remap *r, const struct dmr_msg *m, char *result,
			     unsigned int maxlen)
{
	switch (m->verb) {
	case DMR_MSG_STATS:
		return remap_message_stats(r, result, maxlen);
	case DMR_MSG_JOBS:
		remap_job_list(r, result, maxlen);
		return 1;
	case DMR_MSG_POOLS:
		return remap_report_pools(r, result, maxlen);
	case DMR_MSG_HEALTH:
		return remap_report_health(r, m->count, result, maxlen);
	case DMR_MSG_HELP:
		strscpy(result, dmr_args_help, maxlen);
		return 1;
	default:
		return -ENOMSG;
	}
}

int remap_message(struct dm_target *ti, unsigned int argc, char **argv, char *result,
		  unsigned int maxlen)
{
	struct remap *r = ti->private;
	const char *wrong = NULL;
	struct dmr_msg m;
	int err;

	err = dmr_args_message(argc, argv, &m, &wrong);
	if (err) {
		DMWARN("%s: %s", remap_name(r), wrong);
		return err;
	}
	err = remap_message_ask(r, &m, result, maxlen);
	if (err != -ENOMSG)
		return err;
	if (!r->loaded)
		return -ENODEV;
	if (r->readonly)
		return -EROFS;
	switch (m.verb) {
	case DMR_MSG_FREEZE:
		remap_message_freeze(r);
		return 0;
	case DMR_MSG_THAW:
		return remap_message_thaw(r, m.grant);
	case DMR_MSG_POLICY:
		WRITE_ONCE(r->policy, m.policy);
		remap_mode_event(r);
		return 0;
	case DMR_MSG_CANCEL:
		return remap_job_cancel(r, m.job);
	default:
		return remap_message_job(r, &m, argc, argv, result, maxlen);
	}
}
