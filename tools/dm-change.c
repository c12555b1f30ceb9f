// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dm, changes: with udev, every change of a device waits for udev to have dealt
 * with it; without udev the library makes the nodes itself.
 */
#include <unistd.h>

#include "dm-task.h"
#include "kmsg.h"
#include "say.h"

#define KMSG_LEN	1024

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
		say_err("%s %s: the kernel does not know the target " DM_TARGET
			  ": load its module with modprobe dm-remap", what, name);
	else if (said[0])
		say_err("%s %s: the kernel refuses: %s", what, name, said);
	else
		say_err("%s %s: the kernel refuses: %s%s%s; dmesg may say more", what, name,
			strerror(-err), dm_library_said[0] ? "; " : "", dm_library_said);
	return exit_of(err);
}

/* Run a task that makes or removes a node, and wait until the node is made or gone */
static int run_synced(struct dm_task *t)
{
	u32 cookie = 0;
	int err;

	if (dm_udev_get_sync_support() && !dm_task_set_cookie(t, &cookie, 0))
		return -EIO;
	err = dm_task_try(t);
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
	struct dm_task *t = dm_task_new(DM_DEVICE_INFO, n->name);
	struct dm_info info;
	const char *uuid;
	bool ours;

	if (!t)
		return;
	ours = !dm_task_try(t) && !dm_task_told(t, &info) && (info.suspended || !info.live_table);
	uuid = ours ? dm_task_get_uuid(t) : NULL;
	ours = uuid && !strcmp(uuid, n->uuid);
	dm_task_destroy(t);
	t = ours ? dm_task_new(DM_DEVICE_REMOVE, n->name) : NULL;
	if (!t)
		return;
	dm_task_retry_remove(t);
	run_synced(t);
	dm_task_destroy(t);
}

int dm_create(const struct dm_new *n)
{
	struct dm_task *t = dm_task_new(DM_DEVICE_CREATE, n->name);
	int kmsg = kmsg_mark();
	int err = -ENOMEM, code = 0;

	if (t && dm_task_set_uuid(t, n->uuid) && (!n->read_only || dm_task_set_ro(t)) &&
	    dm_task_set_add_node(t, DM_ADD_NODE_ON_RESUME) &&
	    dm_task_add_target(t, 0, n->sect, DM_TARGET, n->params))
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

static int change(const char *what, struct dm_task *t, const char *name, bool synced)
{
	int kmsg = kmsg_mark();
	int err = -ENOMEM;

	if (t)
		err = synced ? run_synced(t) : dm_task_try(t);
	if (t)
		dm_task_destroy(t);
	if (err)
		return refused(what, name, err, kmsg);
	if (kmsg >= 0)
		close(kmsg);
	return 0;
}

int dm_remove(const char *name)
{
	struct dm_task *t = dm_task_new(DM_DEVICE_REMOVE, name);

	if (t && !dm_task_retry_remove(t)) {
		dm_task_destroy(t);
		t = NULL;
	}
	return change("closing", t, name, true);
}

int dm_try_ask(const char *name, const char *text, char **answer)
{
	struct dm_task *t = dm_task_new(DM_DEVICE_TARGET_MSG, name);
	int err = -ENOMEM;

	if (t && dm_task_set_sector(t, 0) && dm_task_set_message(t, text))
		err = dm_task_try(t);
	if (!err && answer) {
		const char *said = dm_task_get_message_response(t);

		*answer = say_printf("%s", said ? said : "");
	}
	if (t)
		dm_task_destroy(t);
	return err;
}

int dm_ask(const char *name, const char *text, char **answer)
{
	int kmsg = kmsg_mark();
	int err = dm_try_ask(name, text, answer);

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

/* ---- another table ---- */

int dm_suspend(const char *name)
{
	return change("suspending", dm_task_new(DM_DEVICE_SUSPEND, name), name, false);
}

int dm_resume(const char *name)
{
	return change("resuming", dm_task_new(DM_DEVICE_RESUME, name), name, true);
}

int dm_reload(const char *name, u64 sect, const char *params)
{
	struct dm_task *t = dm_task_new(DM_DEVICE_RELOAD, name);

	if (t && !dm_task_add_target(t, 0, sect, DM_TARGET, params)) {
		dm_task_destroy(t);
		t = NULL;
	}
	return change("table of", t, name, false);
}
