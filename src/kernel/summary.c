// SPDX-License-Identifier: GPL-2.0-only
/*
 * Summary: see summary.h. Parameter of the module:
 *
 *   summary_s	how often it is written when something has changed, in seconds
 */
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/timekeeping.h>

#include "commit.h"
#include "summary.h"

static unsigned int summary_s = 600;
module_param(summary_s, uint, 0644);
MODULE_PARM_DESC(summary_s, "seconds between two writes of the health summary (600)");

void remap_summary_seen(struct remap *r, const struct dmr_aux *seen)
{
	if (seen->seq > r->aux->seq)
		*r->aux = *seen;
}

void remap_summary_restore(struct remap *r)
{
	if (r->aux->seq && r->aux->region_shift == remap_health_shift(r->health))
		remap_health_restore(r->health, r->aux);
}

void remap_summary_encode(struct remap *r, void *blk, const struct dmr_gen *gen, u32 copy,
			  struct dmr_slot at)
{
	lockdep_assert_held(&r->map_lock);
	dmr_codec_aux_encode(blk, r->sb.uuid, gen, copy, at, r->aux->seq ? r->aux : NULL);
}

static void remap_summary_take(struct remap *r)
{
	u64 seq = r->aux->seq;

	lockdep_assert_held(&r->map_lock);
	memset(r->aux, 0, sizeof(*r->aux));
	r->aux->seq = seq + 1;
	r->aux->saved_s = ktime_get_real_seconds();
	r->aux->region_shift = remap_health_shift(r->health);
	remap_health_summary(r->health, r->aux);
}

static bool remap_summary_wanted(struct remap *r)
{
	enum dmr_mode mode = READ_ONCE(r->mode);

	return (mode == DMR_MODE_RW || mode == DMR_MODE_FROZEN) && !r->readonly;
}

void remap_summary_write(struct remap *r)
{
	bool missed = false;
	u32 c;

	if (!remap_summary_wanted(r) || !remap_health_news(r->health))
		return;
	mutex_lock(&r->map_lock);
	remap_summary_take(r);
	mutex_unlock(&r->map_lock);
	for (c = 0; c < r->sb.copies; c++) {
		if (!(r->whole & BIT(c)))
			continue;
		missed = !list_empty_careful(&r->queue);
		if (missed)
			break;
		/* a place that fails is no reason for the others to do without */
		if (remap_fill_aux(r, &r->sb, c))
			DMWARN("%s: the health summary of copy %u could not be written",
			       remap_name(r), c);
	}
	if (missed)
		remap_health_again(r->health);
}

void remap_summary_work(struct work_struct *work)
{
	struct remap *r = container_of(to_delayed_work(work), struct remap, summary_work);
	unsigned int noio = memalloc_noio_save();

	remap_summary_write(r);
	memalloc_noio_restore(noio);
	remap_summary_arm(r);
}

void remap_summary_arm(struct remap *r)
{
	if (!READ_ONCE(r->suspending))
		queue_delayed_work(r->commit_wq, &r->summary_work,
				   msecs_to_jiffies(max(READ_ONCE(summary_s), 1u) * 1000));
}
