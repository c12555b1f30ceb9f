// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dm: asking device-mapper. The library's own log is kept back: its lines name
 * ioctls, ours name devices. What changes a device is in dm-change.c.
 */
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dm-task.h"
#include "say.h"

#define LIBRARY_ERROR	3	/* of the library's log levels, in its lowest four bits */

char dm_library_said[256];

static void library_log(int level, const char *file, int line, int dm_errno, const char *fmt, ...)
	__printf(5, 6);

static void library_log(int level, const char *file, int line, int dm_errno, const char *fmt, ...)
{
	va_list ap;

	(void)file;
	(void)line;
	(void)dm_errno;
	if ((level & 0xf) > LIBRARY_ERROR)
		return;
	va_start(ap, fmt);
	vsnprintf(dm_library_said, sizeof(dm_library_said), fmt, ap);
	va_end(ap);
}

static void setup(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	dm_log_with_errno_init(library_log);
	if (access("/run/udev/control", F_OK))
		dm_udev_set_sync_support(0);
}

/* The kernel's device-mapper: its control node, or its name among the misc devices */
static bool in_kernel(void)
{
	bool found = access("/dev/mapper/control", F_OK) == 0;
	char line[128];
	FILE *f;

	f = found ? NULL : fopen("/proc/misc", "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = !!strstr(line, "device-mapper");
	if (f)
		fclose(f);
	return found;
}

int dm_ready(void)
{
	if (geteuid() != 0) {
		say_err("this needs root: device-mapper answers to nobody else");
		return EXIT_DENIED;
	}
	if (!in_kernel()) {
		say_err("this kernel has no device-mapper: load it with modprobe dm-mod");
		return EXIT_DEVICE;
	}
	setup();
	return 0;
}

int dm_name_check(const char *name)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#+-.:=@_";
	size_t len = strlen(name);

	if (len && len <= DM_NAME_MAX && strspn(name, good) == len && name[0] != '-' &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "control") != 0)
		return 0;
	say_err("\"%s\" cannot be the name of a device: use up to %d letters, digits and # + - . : = @ _",
		name, DM_NAME_MAX);
	return EXIT_ARGS;
}

/* ---- asking ---- */

struct dm_task *dm_task_new(int type, const char *name)
{
	struct dm_task *t = dm_task_create(type);

	if (t && name && !dm_task_set_name(t, name)) {
		dm_task_destroy(t);
		return NULL;
	}
	return t;
}

int dm_task_try(struct dm_task *t)
{
	int err;

	dm_library_said[0] = '\0';
	errno = 0;
	if (dm_task_run(t))
		return 0;
	err = dm_task_get_errno(t);	/* of the last ioctl, which may be one of the clean-up */
	if (err <= 0)
		err = errno;
	return err > 0 ? -err : -EIO;
}

int dm_task_told(struct dm_task *t, struct dm_info *info)
{
	if (!dm_task_get_info(t, info))
		return -EIO;
	return info->exists ? 0 : -ENXIO;
}

bool dm_exists(const char *name)
{
	struct dm_task *t = dm_task_new(DM_DEVICE_INFO, name);
	struct dm_info info;
	bool exists;

	exists = t && !dm_task_try(t) && !dm_task_told(t, &info);
	if (t)
		dm_task_destroy(t);
	return exists;
}

bool dm_find_uuid(const char *uuid, char *name)
{
	struct dm_task *t = dm_task_new(DM_DEVICE_INFO, NULL);
	const char *found = NULL;
	struct dm_info info;

	if (t && dm_task_set_uuid(t, uuid) && !dm_task_try(t) && !dm_task_told(t, &info))
		found = dm_task_get_name(t);
	if (found)
		snprintf(name, DM_NAME_MAX + 1, "%s", found);
	if (t)
		dm_task_destroy(t);
	return !!found;
}

/* Status or table of @name, in one question with its numbers */
static int ask(const char *name, bool table, struct dm_dev *d, char **line, u64 *sect)
{
	struct dm_task *t = dm_task_new(table ? DM_DEVICE_TABLE : DM_DEVICE_STATUS, name);
	char *type = NULL, *params = NULL;
	struct dm_info info;
	u64 start, len;
	int err;

	if (!t)
		return -ENOMEM;
	dm_task_no_flush(t);
	err = dm_task_try(t);
	if (!err)
		err = dm_task_told(t, &info);
	if (!err) {
		dm_get_next_target(t, NULL, &start, &len, &type, &params);
		if (!type || strcmp(type, DM_TARGET) != 0)
			err = -ENODEV;
	}
	if (!err && d) {
		snprintf(d->name, sizeof(d->name), "%s", name);
		d->dev = makedev(info.major, info.minor);
		d->open_count = info.open_count > 0 ? (u32)info.open_count : 0;
		d->suspended = info.suspended;
		d->read_only = info.read_only;
	}
	if (!err && line)
		*line = say_printf("%s", params ? params : "");
	if (!err && sect)
		*sect = len;
	dm_task_destroy(t);
	return err;
}

int dm_find(const char *name, struct dm_dev *d)
{
	if (geteuid() != 0 || !in_kernel())
		return -ENXIO;
	setup();
	return ask(name, false, d, NULL, NULL);
}

int dm_line(const char *name, bool table, char **line, u64 *sect)
{
	return ask(name, table, NULL, line, sect);
}

int dm_each(void (*fn)(void *ctx, const char *name), void *ctx)
{
	struct dm_task *t = dm_task_new(DM_DEVICE_LIST, NULL);
	struct dm_names *n;
	struct dm_dev d;
	int err;

	err = t ? dm_task_try(t) : -ENOMEM;
	n = err ? NULL : dm_task_get_names(t);
	while (n && n->dev) {
		if (!ask(n->name, false, &d, NULL, NULL))
			fn(ctx, n->name);
		n = n->next ? (struct dm_names *)((char *)n + n->next) : NULL;
	}
	if (t)
		dm_task_destroy(t);
	if (!err)
		return 0;
	say_err("device-mapper does not list its devices: %s; is the module dm-mod loaded?",
		strerror(-err));
	return EXIT_DEVICE;
}
