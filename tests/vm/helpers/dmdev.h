/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device-mapper device without a process: those are slow in the guests.
 * Every function returns 0 or an errno.
 */
#ifndef DMDEV_H
#define DMDEV_H

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct dmdev {
	const char *name;
	char node[64];		/* where dmdev_create() makes the device's node */
	int control;
};

struct dmdev_buf {
	struct dm_ioctl io;
	struct dm_target_spec spec;
	char text[4096];
};

static inline int dmdev_do(const struct dmdev *d, unsigned long cmd, struct dmdev_buf *b,
			   uint32_t flags)
{
	b->io.version[0] = 4;
	b->io.data_size = sizeof(*b);
	b->io.data_start = offsetof(struct dmdev_buf, spec);
	b->io.flags = flags;
	strncpy(b->io.name, d->name, sizeof(b->io.name) - 1);
	return ioctl(d->control, cmd, b) ? errno : 0;
}

static inline int dmdev_load(const struct dmdev *d, uint64_t sectors, const char *target,
			     const char *params)
{
	struct dmdev_buf b = {};

	b.io.target_count = 1;
	b.spec.length = sectors;
	strncpy(b.spec.target_type, target, sizeof(b.spec.target_type) - 1);
	strncpy(b.text, params, sizeof(b.text) - 1);
	b.spec.next = sizeof(b.spec) + sizeof(b.text);
	return dmdev_do(d, DM_TABLE_LOAD, &b, 0);
}

static inline int dmdev_resume(const struct dmdev *d)
{
	struct dmdev_buf b = {};

	return dmdev_do(d, DM_DEV_SUSPEND, &b, 0);
}

/* At once: no file system is frozen, what waits stays in dm. */
static inline int dmdev_suspend(const struct dmdev *d)
{
	struct dmdev_buf b = {};

	return dmdev_do(d, DM_DEV_SUSPEND, &b,
			DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG | DM_NOFLUSH_FLAG);
}

static inline int dmdev_remove(const struct dmdev *d)
{
	struct dmdev_buf b = {};

	unlink(d->node);
	return dmdev_do(d, DM_DEV_REMOVE, &b, 0);
}

static inline int dmdev_create(struct dmdev *d, uint64_t sectors, const char *target,
			       const char *params)
{
	struct dmdev_buf b = {};
	int r;

	if (!d->control)
		d->control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	snprintf(d->node, sizeof(d->node), "/run/%s", d->name);
	r = dmdev_do(d, DM_DEV_CREATE, &b, 0);
	if (r)
		return r;
	unlink(d->node);
	r = mknod(d->node, S_IFBLK | 0600, makedev(major(b.io.dev), minor(b.io.dev))) ? errno : 0;
	if (!r)
		r = dmdev_load(d, sectors, target, params);
	if (!r)
		r = dmdev_resume(d);
	if (r)
		dmdev_remove(d);
	return r;
}

/* The number after " <key>=" on the status line, 0 if there is none. */
static inline uint64_t dmdev_status(const struct dmdev *d, const char *key)
{
	struct dmdev_buf b = {};
	char want[64];
	const char *at;
	unsigned long long n = 0;

	if (dmdev_do(d, DM_TABLE_STATUS, &b, DM_NOFLUSH_FLAG))
		return 0;
	snprintf(want, sizeof(want), " %s=", key);
	at = strstr(b.text, want);
	if (at)
		sscanf(at + strlen(want), "%llu", &n);
	return n;
}

#endif
