// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dm: libdevmapper, and nothing but it. The library's own log is kept back:
 * its lines name ioctls, ours name devices. With udev, every change of a
 * device waits for udev to have dealt with it; without udev the library makes
 * the nodes itself.
 */
#include <libdevmapper.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dm.h"
#include "kmsg.h"
#include "say.h"

#define TARGET		"remap"
#define KMSG_LEN	1024
#define LIBRARY_ERROR	3	/* of the library's log levels, in its lowest four bits */

static char library_said[256];

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
	vsnprintf(library_said, sizeof(library_said), fmt, ap);
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

static struct dm_task *task_new(int type, const char *name)
{
	struct dm_task *t = dm_task_create(type);

	if (t && name && !dm_task_set_name(t, name)) {
		dm_task_destroy(t);
		return NULL;
	}
	return t;
}

static int task_run(struct dm_task *t)
{
	int err;

	library_said[0] = '\0';
	errno = 0;
	if (dm_task_run(t))
		return 0;
	err = dm_task_get_errno(t);	/* of the last ioctl, which may be one of the clean-up */
	if (err <= 0)
		err = errno;
	return err > 0 ? -err : -EIO;
}

static int task_info(struct dm_task *t, struct dm_info *info)
{
	if (!dm_task_get_info(t, info))
		return -EIO;
	return info->exists ? 0 : -ENXIO;
}

bool dm_exists(const char *name)
{
	struct dm_task *t = task_new(DM_DEVICE_INFO, name);
	struct dm_info info;
	bool exists;

	exists = t && !task_run(t) && !task_info(t, &info);
	if (t)
		dm_task_destroy(t);
	return exists;
}

bool dm_find_uuid(const char *uuid, char *name)
{
	struct dm_task *t = task_new(DM_DEVICE_INFO, NULL);
	const char *found = NULL;
	struct dm_info info;

	if (t && dm_task_set_uuid(t, uuid) && !task_run(t) && !task_info(t, &info))
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
	struct dm_task *t = task_new(table ? DM_DEVICE_TABLE : DM_DEVICE_STATUS, name);
	char *type = NULL, *params = NULL;
	struct dm_info info;
	u64 start, len;
	int err;

	if (!t)
		return -ENOMEM;
	dm_task_no_flush(t);
	err = task_run(t);
	if (!err)
		err = task_info(t, &info);
	if (!err) {
		dm_get_next_target(t, NULL, &start, &len, &type, &params);
		if (!type || strcmp(type, TARGET) != 0)
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
	struct dm_task *t = task_new(DM_DEVICE_LIST, NULL);
	struct dm_names *n;
	struct dm_dev d;
	int err;

	err = t ? task_run(t) : -ENOMEM;
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

/* ---- changing ---- */

static int exit_of(int err)
{
	switch (-err) {
	case EPERM:
	case EACCES:
		return EXIT_DENIED;
	case ENOMEM:
		return EXIT_MEMORY;
	case EBUSY:
	case EEXIST:
		return EXIT_BUSY;
	default:
		return EXIT_DEVICE;
	}
}

static int refused(const char *what, const char *name, int err, int kmsg)
{
	char said[KMSG_LEN];

	kmsg_collect(kmsg, said, sizeof(said));
	if (strstr(said, "unknown target type"))
		say_err("%s %s: the kernel does not know the target " TARGET
			  ": load its module with modprobe dm-remap", what, name);
	else if (said[0])
		say_err("%s %s: the kernel refuses: %s", what, name, said);
	else
		say_err("%s %s: the kernel refuses: %s%s%s; dmesg may say more", what, name,
			strerror(-err), library_said[0] ? "; " : "", library_said);
	return exit_of(err);
}

/* Run a task that makes or removes a node, and wait until the node is made or gone */
static int run_synced(struct dm_task *t)
{
	u32 cookie = 0;
	int err;

	if (dm_udev_get_sync_support() && !dm_task_set_cookie(t, &cookie, 0))
		return -EIO;
	err = task_run(t);
	if (cookie)
		dm_udev_wait(cookie);
	else
		dm_task_update_nodes();
	return err;
}

/*
 * The library takes back a create that fails half way; this is for when it
 * could not. Only a device of our set that never ran, or stopped at its first
 * resume, is one that we left: a running one belongs to somebody else.
 */
static void clean_up(const struct dm_new *n)
{
	struct dm_task *t = task_new(DM_DEVICE_INFO, n->name);
	struct dm_info info;
	const char *uuid;
	bool ours;

	if (!t)
		return;
	ours = !task_run(t) && !task_info(t, &info) && (info.suspended || !info.live_table);
	uuid = ours ? dm_task_get_uuid(t) : NULL;
	ours = uuid && !strcmp(uuid, n->uuid);
	dm_task_destroy(t);
	t = ours ? task_new(DM_DEVICE_REMOVE, n->name) : NULL;
	if (!t)
		return;
	dm_task_retry_remove(t);
	run_synced(t);
	dm_task_destroy(t);
}

int dm_create(const struct dm_new *n)
{
	struct dm_task *t = task_new(DM_DEVICE_CREATE, n->name);
	int kmsg = kmsg_mark();
	int err = -ENOMEM, code = 0;

	if (t && dm_task_set_uuid(t, n->uuid) && (!n->read_only || dm_task_set_ro(t)) &&
	    dm_task_set_add_node(t, DM_ADD_NODE_ON_RESUME) &&
	    dm_task_add_target(t, 0, n->sect, TARGET, n->params))
		err = run_synced(t);
	if (t)
		dm_task_destroy(t);
	if (err) {
		code = refused("device", n->name, err, kmsg);
		clean_up(n);
	} else if (kmsg >= 0) {
		close(kmsg);
	}
	return code;
}

int dm_remove(const char *name)
{
	struct dm_task *t = task_new(DM_DEVICE_REMOVE, name);
	int kmsg = kmsg_mark();
	int err = -ENOMEM;

	if (t && dm_task_retry_remove(t))
		err = run_synced(t);
	if (t)
		dm_task_destroy(t);
	if (err)
		return refused("closing", name, err, kmsg);
	if (kmsg >= 0)
		close(kmsg);
	return 0;
}

int dm_ask(const char *name, const char *text, char **answer)
{
	struct dm_task *t = task_new(DM_DEVICE_TARGET_MSG, name);
	int kmsg = kmsg_mark();
	int err = -ENOMEM;

	if (t && dm_task_set_sector(t, 0) && dm_task_set_message(t, text))
		err = task_run(t);
	if (!err && answer) {
		const char *said = dm_task_get_message_response(t);

		*answer = say_printf("%s", said ? said : "");
	}
	if (t)
		dm_task_destroy(t);
	if (err)
		return refused("message to", name, err, kmsg);
	if (kmsg >= 0)
		close(kmsg);
	return 0;
}

int dm_message(const char *name, const char *text)
{
	return dm_ask(name, text, NULL);
}
