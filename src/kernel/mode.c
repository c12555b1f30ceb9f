// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mode: see mode.h.
 */
#include "job.h"
#include "mode.h"

void remap_mode_event_work(struct work_struct *work)
{
	struct remap *r = container_of(work, struct remap, event_work);

	dm_table_event(r->ti->table);
}

void remap_mode_event(struct remap *r)
{
	schedule_work(&r->event_work);
}

void remap_mode_memory(struct remap_memory *m, bool scarce)
{
	struct remap *r = container_of(m, struct remap, memory);

	/* before that there is nothing to stop or to trim, nor anybody to tell */
	if (!READ_ONCE(r->loaded))
		return;
	if (scarce) {
		remap_count(r, emergencies);
		DMWARN("%s: memory is short: emergency mode, jobs wait", remap_name(r));
		remap_health_trim(r->health);
	} else {
		DMINFO("%s: there is memory again: emergency mode ends", remap_name(r));
		remap_job_go(r);
	}
	remap_mode_event(r);
}

static void remap_mode_say(struct remap *r, enum dmr_mode mode, enum dmr_why why)
{
	if (mode == DMR_MODE_RW)
		DMINFO("%s: mode rw", remap_name(r));
	else
		DMWARN("%s: mode %s: %s", remap_name(r), dmr_status_mode_name(mode),
		       dmr_status_why_name(why));
	remap_mode_event(r);
}

static bool remap_mode_change(struct remap *r, enum dmr_mode mode, enum dmr_why why,
			      bool only_worse)
{
	unsigned long flags;
	bool change;

	spin_lock_irqsave(&r->lock, flags);
	change = only_worse ? r->mode < mode : r->mode != mode;
	if (change) {
		WRITE_ONCE(r->mode, mode);
		r->why = why;
	}
	spin_unlock_irqrestore(&r->lock, flags);
	if (change)
		wake_up_all(&r->evidence_wait);
	return change;
}

void remap_mode_worsen(struct remap *r, enum dmr_mode mode, enum dmr_why why)
{
	if (remap_mode_change(r, mode, why, true))
		remap_mode_say(r, mode, why);
}

void remap_mode_set(struct remap *r, enum dmr_mode mode, enum dmr_why why)
{
	if (remap_mode_change(r, mode, why, false))
		remap_mode_say(r, mode, why);
}

void remap_mode_room(struct remap *r)
{
	enum dmr_level was, is;
	u64 left;

	mutex_lock(&r->map_lock);
	was = r->room;
	is = dmr_lowwater_level(&r->args, &r->table.sums, was);
	r->room = is;
	left = r->table.sums.free;
	mutex_unlock(&r->map_lock);
	if (is == was)
		return;
	if (is < was) {
		DMINFO("%s: room on the spare: %s, %llu slots are free", remap_name(r),
		       dmr_status_room_name(is), (unsigned long long)left);
		return;
	}
	DMWARN("%s: room on the spare: %s, %llu slots are free; plan a larger spare",
	       remap_name(r), dmr_status_room_name(is), (unsigned long long)left);
	remap_mode_event(r);
}
