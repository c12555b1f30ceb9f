// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device under test. It is made once; to open it a table is loaded and
 * resumed, to close it an empty one takes its place: an open and a close for
 * the target, without the making of a disk, which costs more than all else.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdlib.h>

#include "../dmdev.h"
#include "faults.h"

int device_fd;

static struct dmdev dm = { .name = "faults" };
static char remap_params[256];
static u64 size;
static struct dmdev_buf buf;

void device_init(const char *params, u64 sectors)
{
	int r;

	snprintf(remap_params, sizeof(remap_params), "%s", params);
	size = sectors;
	r = dmdev_create(&dm, sectors, "zero", "");
	if (r)
		errx(1, "making a device: %s", strerror(r));
	device_fd = open(dm.node, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (device_fd < 0)
		err(1, "%s", dm.node);
}

int device_load(void)
{
	return dmdev_load(&dm, size, "remap", remap_params);
}

int device_resume(void)
{
	return dmdev_resume(&dm);
}

int device_open(void)
{
	const int r = device_load();

	return r ? r : device_resume();
}

int device_suspend(void)
{
	memset(&buf, 0, sizeof(buf));
	return dmdev_do(&dm, DM_DEV_SUSPEND, &buf, DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG);
}

int device_close(void)
{
	const int r = device_suspend();
	const int r2 = dmdev_load(&dm, size, "zero", "");
	const int r3 = dmdev_resume(&dm);

	return r ? r : r2 ? r2 : r3;
}

int device_message(const char *text)
{
	memset(&buf, 0, sizeof(buf));
	/* struct dm_target_msg: a sector, then the text */
	memcpy((char *)&buf.spec + sizeof(u64), text, strlen(text) + 1);
	return dmdev_do(&dm, DM_TARGET_MSG, &buf, 0);
}

int device_table(bool line)
{
	memset(&buf, 0, sizeof(buf));
	return dmdev_do(&dm, DM_TABLE_STATUS, &buf,
			DM_NOFLUSH_FLAG | (line ? DM_STATUS_TABLE_FLAG : 0));
}

bool device_live(void)
{
	return !device_table(false) && !(buf.io.flags & DM_SUSPEND_FLAG) &&
	       strstr(buf.text, " mode=") && !strstr(buf.text, " mode=inactive ");
}

const char *device_word(const char *key)
{
	static char word[256];
	char want[64];
	char *at;

	word[0] = 0;
	if (device_table(false))
		return word;
	snprintf(want, sizeof(want), " %s=", key);
	at = strstr(buf.text, want);
	if (at)
		sscanf(at + strlen(want), "%255s", word);
	return word;
}

u64 device_number(const char *key)
{
	return strtoull(device_word(key), NULL, 10);
}
