// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spare: see spare.h.
 */
#include <unistd.h>

#include "say.h"
#include "spare.h"

#define READ_TRIES	5
#define READ_PAUSE_US	100000

int spare_walk(struct dev *d, struct walk *w)
{
	unsigned int tries = dev_live(d) ? READ_TRIES : 1;

	for (;;) {
		walk_begin(w, dev_read_slots, d, d->sect, NULL, NULL);
		/* a set that claims more than there is: nothing of it can be shown */
		if (!w->judge && !w->sb)
			w->judge = -ENOSPC;
		if (!w->judge)
			walk_table(w);
		if ((!w->judge && !w->losts) || !--tries)
			break;
		walk_end(w);
		usleep(READ_PAUSE_US);
		dev_uncache(d);
	}
	if (!w->judge && !w->losts)
		return 0;
	if (w->judge)
		say_err("spare %s %s: dmremap check says more", d->path, walk_judge_text(w->judge));
	else
		say_err("spare %s: what is shown is not whole, %u table blocks are lost: dmremap check says which slots",
			d->path, w->losts);
	return EXIT_DEVICE;
}

/* A path, or the name of an open set? */
static bool is_path(const char *arg)
{
	const char *name = live_name(arg);
	struct dm_dev dm;

	return (strchr(name, '/') || dm_find(name, &dm)) &&
	       (strchr(arg, '/') || !access(arg, F_OK));
}

int spare_check_closed(const char *arg, const char *command)
{
	struct live l;
	int code;

	if (is_path(arg))
		return 0;
	code = live_get(live_name(arg), &l);
	if (code)
		return code;
	say_err("%s is open: close it with dmremap close %s, then dmremap %s %s ...", l.dm.name,
		l.dm.name, command, l.spare_path);
	return EXIT_BUSY;
}

int spare_open(const char *arg, struct dev *d, struct live *l, const char **name)
{
	const char *path = arg;
	int code = 0;

	*name = live_name(arg);
	if (is_path(arg)) {
		*name = NULL;
	} else {
		code = live_get(*name, l);
		path = l->spare_path;
	}
	return code ? code : dev_open(d, path, "spare", DEV_PEEK);
}

int spare_may_write(const struct dev *d, const struct walk *w)
{
	if (w->sb->ro_compat == DMR_RO_RESIZE)
		say_err("spare %s: a resize of it was cut short: dmremap resize %s finishes it",
			d->path, d->path);
	else if (w->sb->ro_compat)
		say_err("spare %s has features of a newer dm-remap, which must write it: use that one",
			d->path);
	else if (w->sb->gen.epoch >= DMR_EPOCH_MAX)
		say_err("spare %s has seen more activations than there can be: see dmremap check",
			d->path);
	else
		return 0;
	return EXIT_DEVICE;
}
