// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounts: reads /proc/self/mountinfo and /proc/swaps. The exclusive open is
 * what decides whether a device is in use; this file finds out by what, so
 * that the refusal can say it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "mounts.h"

/** struct mount_row - the fields of a mountinfo line that we use */
struct mount_row {
	u64 id;
	dev_t dev;
	char *point;
	char *source;
};

/* "36 35 98:0 /root /point opts tags - type source opts"; cuts up @line */
static bool parse_row(char *line, struct mount_row *r)
{
	unsigned long maj, min;
	char *save, *tail, *p;

	tail = strstr(line, " - ");
	if (!tail)
		return false;
	*tail = '\0';
	strtok_r(tail + 3, "\n ", &save);
	r->source = strtok_r(NULL, "\n ", &save);

	r->id = strtoull(line, &p, 10);
	strtoul(p, &p, 10);	/* parent */
	maj = strtoul(p, &p, 10);
	if (*p != ':')
		return false;
	min = strtoul(p + 1, &p, 10);
	r->dev = makedev(maj, min);
	strtok_r(p, " ", &save);	/* root within the filesystem */
	r->point = strtok_r(NULL, " ", &save);
	return r->point && r->source;
}

typedef bool (*mount_fn)(void *ctx, const struct mount_row *r);

static bool each_mount(mount_fn fn, void *ctx)
{
	struct mount_row r;
	char *line = NULL;
	size_t room = 0;
	bool stop = false;
	FILE *f;

	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return false;
	while (!stop && getline(&line, &room, f) > 0)
		stop = parse_row(line, &r) && fn(ctx, &r);
	free(line);
	fclose(f);
	return stop;
}

static dev_t rdev_of(const char *path)
{
	struct stat st;

	if (path[0] != '/' || stat(path, &st) || !S_ISBLK(st.st_mode))
		return 0;
	return st.st_rdev;
}

struct find {
	dev_t dev;
	u64 id;
	char *where;
	size_t size;
	dev_t source;
};

static bool mounted_here(void *ctx, const struct mount_row *r)
{
	struct find *f = ctx;

	if (r->dev != f->dev && !(major(r->dev) == 0 && rdev_of(r->source) == f->dev))
		return false;
	snprintf(f->where, f->size, "%s", r->point);
	return true;
}

static bool is_swap(dev_t dev)
{
	char *line = NULL, *save, *path;
	size_t room = 0;
	bool found = false;
	FILE *f;

	f = fopen("/proc/swaps", "re");
	if (!f)
		return false;
	while (!found && getline(&line, &room, f) > 0) {
		path = strtok_r(line, " \t", &save);
		found = path && rdev_of(path) == dev;
	}
	free(line);
	fclose(f);
	return found;
}

bool mounts_find(dev_t dev, char *where, size_t size)
{
	struct find f = { .dev = dev, .where = where, .size = size };

	if (each_mount(mounted_here, &f))
		return true;
	if (!is_swap(dev))
		return false;
	snprintf(where, size, "swap");
	return true;
}

static bool same_mount(void *ctx, const struct mount_row *r)
{
	struct find *f = ctx;

	if (r->id != f->id)
		return false;
	f->source = rdev_of(r->source);
	return true;
}

dev_t mounts_dev_of_file(const char *path, const struct stat *st)
{
	struct find f = { 0 };
	struct statx sx;

	if (major(st->st_dev) != 0)
		return st->st_dev;
	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &sx) || !(sx.stx_mask & STATX_MNT_ID))
		return 0;
	f.id = sx.stx_mnt_id;
	each_mount(same_mount, &f);
	return f.source;
}
