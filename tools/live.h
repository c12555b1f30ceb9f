/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live: an open set, as its status and table lines describe it.
 */
#ifndef DMREMAP_LIVE_H
#define DMREMAP_LIVE_H

#include "base.h"
#include "../src/core/statusline.h"
#include "dm.h"
#include "sysfs.h"

/** struct live - one device */
struct live {
	struct dm_dev dm;
	struct dmr_status st;
	struct dmr_args args;
	u64 sect;
	dev_t main_dev;
	dev_t spare_dev;
	char main_path[SYSFS_NAME_LEN];
	char spare_path[SYSFS_NAME_LEN];
};

/** live_name() - NAME as given: "/dev/mapper/x" is x */
const char *live_name(const char *arg);

/** live_get() - Return: exit code; says why when there is none or it is of another kind */
int live_get(const char *name, struct live *l);

/** live_send() - a message to device @name, if it is ours. Return: exit code */
int live_send(const char *name, const char *text);

/** live_tell_mode() - say what mode and policy @name has now. Return: exit code */
int live_tell_mode(const char *name);

/** live_copies_insync() - copies of the metadata that are in sync now */
u32 live_copies_insync(const struct dmr_status *st);

/** live_warn() - say on stderr what the user should act on: mode, copies, slots */
void live_warn(const struct live *l);

#endif
