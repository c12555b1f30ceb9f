// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command close: take a device down. First it says what would be missing if
 * somebody used main by itself from now on.
 */

#include "cmd.h"
#include "live.h"
#include "mounts.h"
#include "say.h"

static bool first_holder(void *ctx, dev_t dev)
{
	sysfs_devpath(dev, ctx);
	return true;
}

static int check_unused(const struct live *l)
{
	const char *name = l->dm.name;
	char where[SYSFS_NAME_LEN];

	if (mounts_find(l->dm.dev, where, sizeof(where)))
		say_err("device %s is in use (%s): unmount it first", name, where);
	else if (sysfs_each_link(l->dm.dev, "holders", first_holder, where))
		say_err("device %s is in use by %s: close that first", name, where);
	else if (l->dm.open_count)
		say_err("device %s is in use (open %u times): end the programs that use it, lsof /dev/mapper/%s names them",
			name, l->dm.open_count, name);
	else
		return 0;
	return EXIT_BUSY;
}

static void tell_left(const struct live *l)
{
	u64 n = l->st.slots_used;

	if (l->st.mode == DMR_MODE_INACTIVE)
		return;
	if (l->st.forced) {
		say_info("Which blocks of %s live on %s is not wholly known. Do not mount or write %s by itself.",
			 l->dm.name, l->spare_path, l->main_path);
		return;
	}
	if (!n) {
		say_info("No block of %s lives on %s: %s is whole by itself.", l->dm.name,
			 l->spare_path, l->main_path);
		return;
	}
	say_info("%ju block%s of %s live%s only on %s. Do not mount or write %s by itself: it holds old or unreadable data in their place.",
		 n, n == 1 ? "" : "s", l->dm.name, n == 1 ? "s" : "", l->spare_path, l->main_path);
}

int cmd_close(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name = live_name(argv[0]);
	struct live l;
	int code = live_get(name, &l);

	(void)o;
	(void)argc;
	if (!code)
		code = check_unused(&l);
	if (code)
		return code;
	tell_left(&l);
	code = dm_remove(name);
	if (!code)
		say_info("%s is closed.", name);
	return code;
}
