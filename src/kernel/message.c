// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message: see message.h; the grammar is core/args.c's.
 */
#include "commit.h"
#include "message.h"
#include "mode.h"

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
	}
	return -EINVAL;
}
