// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sysfs: attributes and the graph of what is built on what. Loop devices are
 * part of that graph: below one lies a file, below the file a filesystem,
 * below that a device again.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mounts.h"
#include "sysfs.h"

#define BELOW_DEPTH_MAX	16	/* deeper stacks do not exist; a loop in sysfs must not hang us */

static void attr_path(dev_t dev, const char *attr, char *buf, size_t size)
{
	snprintf(buf, size, "/sys/dev/block/%u:%u/%s", major(dev), minor(dev), attr);
}

int sysfs_raw(dev_t dev, const char *attr, void *buf, size_t size)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	attr_path(dev, attr, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	n = read(fd, buf, size);
	close(fd);
	return n < 0 ? -ENOENT : (int)n;
}

int sysfs_attr(dev_t dev, const char *attr, char *buf, size_t size)
{
	int n = sysfs_raw(dev, attr, buf, size - 1);

	if (n < 0) {
		buf[0] = '\0';
		return n;
	}
	while (n > 0 && isspace((unsigned char)buf[n - 1]))
		n--;
	buf[n] = '\0';
	return 0;
}

u64 sysfs_u64(dev_t dev, const char *attr, u64 dflt)
{
	char buf[64];
	u64 v;

	if (sysfs_attr(dev, attr, buf, sizeof(buf)) || dmr_plat_parse_u64(buf, &v))
		return dflt;
	return v;
}

bool sysfs_is_part(dev_t dev)
{
	char path[PATH_MAX];

	attr_path(dev, "partition", path, sizeof(path));
	return access(path, F_OK) == 0;
}

/* "8:16" in file @path as a device number, 0 when it cannot be read */
static dev_t read_devno(const char *path)
{
	unsigned long maj, min;
	char buf[64];
	char *end;
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(buf, sizeof(buf), f))
		buf[0] = '\0';
	fclose(f);
	maj = strtoul(buf, &end, 10);
	if (end == buf || *end != ':')
		return 0;
	min = strtoul(end + 1, NULL, 10);
	return makedev(maj, min);
}

dev_t sysfs_disk(dev_t dev)
{
	char path[PATH_MAX];
	dev_t disk;

	if (!sysfs_is_part(dev))
		return dev;
	attr_path(dev, "../dev", path, sizeof(path));
	disk = read_devno(path);
	return disk ? disk : dev;
}

const char *sysfs_name(dev_t dev, char *buf)
{
	char link[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t n;

	attr_path(dev, "", link, sizeof(link));
	link[strlen(link) - 1] = '\0';	/* the link itself, not what it points at */
	n = readlink(link, target, sizeof(target) - 1);
	if (n <= 0) {
		snprintf(buf, SYSFS_NAME_LEN, "%u:%u", major(dev), minor(dev));
		return buf;
	}
	target[n] = '\0';
	base = strrchr(target, '/');
	snprintf(buf, SYSFS_NAME_LEN, "%.200s", base ? base + 1 : target);
	return buf;
}

const char *sysfs_devpath(dev_t dev, char *buf)
{
	char name[SYSFS_NAME_LEN], dm[SYSFS_NAME_LEN];
	char *p;

	if (!sysfs_attr(dev, "dm/name", dm, sizeof(dm)) && dm[0]) {
		snprintf(buf, SYSFS_NAME_LEN, "/dev/mapper/%.200s", dm);
		return buf;
	}
	snprintf(buf, SYSFS_NAME_LEN, "/dev/%.200s", sysfs_name(dev, name));
	for (p = buf; *p; p++) {	/* sysfs writes cciss/c0d0 as cciss!c0d0 */
		if (*p == '!')
			*p = '/';
	}
	return buf;
}

bool sysfs_each_link(dev_t dev, const char *dir, bool (*fn)(void *ctx, dev_t dev), void *ctx)
{
	char path[PATH_MAX], sub[PATH_MAX];
	bool stop = false;
	struct dirent *e;
	dev_t other;
	DIR *d;

	attr_path(dev, dir, path, sizeof(path));
	d = opendir(path);
	if (!d)
		return false;
	while (!stop && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (!*dir) {	/* partitions: directories with a file "partition" */
			snprintf(sub, sizeof(sub), "%.3800s%s/partition", path, e->d_name);
			if (access(sub, F_OK))
				continue;
		}
		snprintf(sub, sizeof(sub), "%.3800s/%s/dev", path, e->d_name);
		other = read_devno(sub);
		stop = other && fn(ctx, other);
	}
	closedir(d);
	return stop;
}

/* ---- what lies below ---- */

struct below_walk {
	sysfs_below_fn fn;
	void *ctx;
	unsigned int depth;
	bool through_file;
};

static bool below_dev(struct below_walk *w, dev_t dev);

static bool below_file(struct below_walk *w, const char *path)
{
	struct sysfs_below b = { .file = path, .through_file = w->through_file };
	bool before = w->through_file;
	bool stop;

	if (w->depth >= BELOW_DEPTH_MAX || stat(path, &b.st))
		return false;
	if (S_ISBLK(b.st.st_mode))
		return below_dev(w, b.st.st_rdev);
	b.dev = mounts_dev_of_file(path, &b.st);
	if (w->fn(w->ctx, &b))
		return true;
	w->through_file = true;
	stop = b.dev && below_dev(w, b.dev);
	w->through_file = before;
	return stop;
}

static bool below_slave(void *ctx, dev_t dev)
{
	return below_dev(ctx, dev);
}

static bool below_dev(struct below_walk *w, dev_t dev)
{
	struct sysfs_below b = { .dev = dev, .through_file = w->through_file };
	char file[PATH_MAX];
	bool stop;

	if (w->depth >= BELOW_DEPTH_MAX)
		return false;
	if (w->fn(w->ctx, &b))
		return true;
	w->depth++;
	stop = sysfs_is_part(dev) && sysfs_disk(dev) != dev && below_dev(w, sysfs_disk(dev));
	if (!stop)
		stop = sysfs_each_link(dev, "slaves", below_slave, w);
	if (!stop && !sysfs_attr(dev, "loop/backing_file", file, sizeof(file)))
		stop = below_file(w, file);
	w->depth--;
	return stop;
}

bool sysfs_each_below(dev_t dev, sysfs_below_fn fn, void *ctx)
{
	struct below_walk w = { .fn = fn, .ctx = ctx };

	return below_dev(&w, dev);
}

bool sysfs_each_below_file(const char *path, sysfs_below_fn fn, void *ctx)
{
	struct below_walk w = { .fn = fn, .ctx = ctx };

	return below_file(&w, path);
}

dev_t sysfs_loop_of(const struct stat *st)
{
	char path[PATH_MAX], file[PATH_MAX];
	struct dirent *e;
	struct stat other;
	dev_t found = 0;
	DIR *d;

	d = opendir("/sys/block");
	if (!d)
		return 0;
	while (!found && (e = readdir(d))) {
		if (strncmp(e->d_name, "loop", 4) != 0)
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/dev", e->d_name);
		found = read_devno(path);
		if (!found || sysfs_attr(found, "loop/backing_file", file, sizeof(file)) ||
		    stat(file, &other) || other.st_dev != st->st_dev || other.st_ino != st->st_ino)
			found = 0;
	}
	closedir(d);
	return found;
}
