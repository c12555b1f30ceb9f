// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dev: opening, reading, writing. Reads go past the page cache, because the
 * kernel target writes the spare underneath it and a stale page would be
 * believed; writes go through it and are synced.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dev.h"
#include "mounts.h"
#include "say.h"
#include "sysfs.h"

#define LOCK_TRIES	20	/* udev takes its lock for moments only */
#define LOCK_PAUSE_US	100000

static int open_failed(struct dev *d, int err)
{
	char user[DEV_USER_LEN];

	switch (err) {
	case ENOENT:
	case ENOTDIR:
		say_err("%s %s does not exist: check the name, lsblk lists what is there",
			d->role, d->path);
		return EXIT_DEVICE;
	case EACCES:
	case EPERM:
		say_err("%s %s cannot be opened: %s; run this as root",
			d->role, d->path, strerror(err));
		return EXIT_DENIED;
	case EROFS:
		say_err("%s %s is read-only: unset that (blockdev --setrw) or use another device",
			d->role, d->path);
		return EXIT_DEVICE;
	case EBUSY:
		if (!dev_user(d, user))
			snprintf(user, sizeof(user), "held by another program or device");
		say_err("%s %s is in use: it is %s; release it first", d->role, d->path, user);
		return EXIT_BUSY;
	default:
		say_err("%s %s cannot be opened: %s; check the device and its cable",
			d->role, d->path, strerror(err));
		return EXIT_DEVICE;
	}
}

/* The exclusive open of a file: no loop device on it, and our lock */
static int hold_file(struct dev *d)
{
	char name[SYSFS_NAME_LEN];
	dev_t loop = sysfs_loop_of(&d->st);

	d->seized = loop && d->use == DEV_SEIZE;
	if (!loop || d->seized)
		return 0;
	say_err("%s %s is in use: it is the file behind /dev/%s; release it first",
		d->role, d->path, sysfs_name(loop, name));
	return EXIT_BUSY;
}

static int lock(struct dev *d)
{
	int op = d->use == DEV_HOLD ? LOCK_SH : LOCK_EX;
	unsigned int i;

	for (i = 0; i < LOCK_TRIES; i++) {
		if (!flock(d->fd, op | LOCK_NB))
			return 0;
		usleep(LOCK_PAUSE_US);
	}
	d->seized |= d->use == DEV_SEIZE;
	if (d->seized)
		return 0;
	say_err("%s %s is in use: another program has it locked; wait for it to end",
		d->role, d->path);
	return EXIT_BUSY;
}

static int measure(struct dev *d)
{
	u64 bytes;
	int lbs;

	d->lbs_bytes = DMR_SECT_BYTES;
	if (d->file) {
		d->sect = (u64)d->st.st_size / DMR_SECT_BYTES;
		return 0;
	}
	if (ioctl(d->fd, BLKGETSIZE64, &bytes) || ioctl(d->fd, BLKSSZGET, &lbs)) {
		say_err("size of %s %s cannot be read: %s; check the device and its cable",
			d->role, d->path, strerror(errno));
		return EXIT_DEVICE;
	}
	d->sect = bytes / DMR_SECT_BYTES;
	d->lbs_bytes = (u32)lbs;
	return 0;
}

static bool writes(const struct dev *d)
{
	return d->use == DEV_WRITE || d->use == DEV_SEIZE;
}

static int open_fd(struct dev *d)
{
	int flags = O_CLOEXEC | (writes(d) ? O_RDWR : O_RDONLY);
	int excl = d->file || d->use == DEV_PEEK ? 0 : O_EXCL;

	if (!writes(d)) {
		d->fd = open(d->path, flags | excl | O_DIRECT);
		d->direct = d->fd >= 0;
		if (d->fd >= 0 || errno != EINVAL)
			return d->fd < 0 ? errno : 0;
	}
	d->fd = open(d->path, flags | excl);
	if (d->fd < 0 && errno == EBUSY && d->use == DEV_SEIZE) {
		d->fd = open(d->path, flags);
		d->seized = d->fd >= 0;
	}
	return d->fd < 0 ? errno : 0;
}

bool dev_read_only(const struct dev *d)
{
	int ro;

	return !d->file && !ioctl(d->fd, BLKROGET, &ro) && ro;
}

int dev_open(struct dev *d, const char *path, const char *role, enum dev_use use)
{
	int err, code = 0;

	memset(d, 0, sizeof(*d));
	d->path = path;
	d->role = role;
	d->use = use;
	d->fd = -1;
	if (stat(path, &d->st))
		return open_failed(d, errno);
	if (!S_ISBLK(d->st.st_mode) && !S_ISREG(d->st.st_mode)) {
		say_err("%s %s is neither a block device nor a file: name a disk, a partition, a volume or an image",
			role, path);
		return EXIT_DEVICE;
	}
	d->file = S_ISREG(d->st.st_mode);
	d->rdev = d->file ? 0 : d->st.st_rdev;
	err = open_fd(d);
	if (err)
		return open_failed(d, err);
	if (writes(d) && dev_read_only(d)) {
		/* many drivers let it be opened, and fail the first write */
		dev_close(d);
		return open_failed(d, EROFS);
	}
	if (use != DEV_PEEK && d->file)
		code = hold_file(d);
	if (!code && use != DEV_PEEK && (d->file || writes(d)))
		code = lock(d);
	if (!code)
		code = measure(d);
	if (code)
		dev_close(d);
	return code;
}

void dev_close(struct dev *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

int dev_block_only(const struct dev *d)
{
	if (!d->file)
		return 0;
	say_err("%s %s is a file: the kernel needs a block device; put it behind one with losetup",
		d->role, d->path);
	return EXIT_DEVICE;
}

/* ---- reading and writing ---- */

void dev_uncache(struct dev *d)
{
	posix_fadvise(d->fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* A filesystem may accept O_DIRECT at open and refuse our alignment at read */
static bool drop_direct(struct dev *d)
{
	int flags = fcntl(d->fd, F_GETFL);

	if (!d->direct || flags < 0 || fcntl(d->fd, F_SETFL, flags & ~O_DIRECT))
		return false;
	d->direct = false;
	dev_uncache(d);
	return true;
}

int dev_read(struct dev *d, void *buf, u64 off_bytes, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(d->fd, (char *)buf + done, len - done, (off_t)(off_bytes + done));
		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n == 0)
			return -ENODATA;
		if (errno == EINTR || (errno == EINVAL && drop_direct(d)))
			continue;
		return -errno;
	}
	return 0;
}

int dev_write(struct dev *d, const void *buf, u64 off_bytes, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pwrite(d->fd, (const char *)buf + done, len - done, (off_t)(off_bytes + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

void dev_write_direct(struct dev *d)
{
	int flags = d->file ? -1 : fcntl(d->fd, F_GETFL);

	d->direct = flags >= 0 && !fcntl(d->fd, F_SETFL, flags | O_DIRECT);
}

int dev_sync(struct dev *d)
{
	return fsync(d->fd) ? -errno : 0;
}

int dev_read_slots(void *ctx, void *buf, struct dmr_slot at, u32 n)
{
	return dev_read(ctx, buf, at.v * DMR_BLK_BYTES, (size_t)n * DMR_BLK_BYTES);
}

/* ---- who uses it ---- */

/** struct user - who uses a device: a phrase, and a holder that is not meant */
struct user {
	char *text;
	dev_t but;
};

static bool holder(void *ctx, dev_t dev)
{
	struct user *u = ctx;
	char path[SYSFS_NAME_LEN];

	if (dev == u->but)
		return false;
	snprintf(u->text, DEV_USER_LEN, "held by %s", sysfs_devpath(dev, path));
	return true;
}

static bool user_of(struct user *u, dev_t dev)
{
	char where[DEV_USER_LEN - 16];

	if (mounts_find(dev, where, sizeof(where))) {
		snprintf(u->text, DEV_USER_LEN,
			 strcmp(where, "swap") ? "mounted on %s" : "used as %s", where);
		return true;
	}
	return sysfs_each_link(dev, "holders", holder, u);
}

static bool part_user(void *ctx, dev_t dev)
{
	char text[DEV_USER_LEN], path[SYSFS_NAME_LEN];
	struct user *u = ctx, part = { .text = text, .but = u->but };

	if (!user_of(&part, dev))
		return false;
	snprintf(u->text, DEV_USER_LEN, "partly in use: %.100s is %.200s",
		 sysfs_devpath(dev, path), text);
	return true;
}

bool dev_other_user(dev_t dev, dev_t but, char *buf)
{
	struct user u = { .text = buf, .but = but };

	return user_of(&u, dev) || sysfs_each_link(dev, "", part_user, &u);
}

bool dev_user(const struct dev *d, char *buf)
{
	return S_ISBLK(d->st.st_mode) && dev_other_user(d->st.st_rdev, 0, buf);
}

static bool is_set(void *ctx, dev_t dev)
{
	char uuid[64];

	(void)ctx;
	return !sysfs_attr(dev, "dm/uuid", uuid, sizeof(uuid)) &&
	       !strncmp(uuid, DEV_SET_UUID, strlen(DEV_SET_UUID));
}

bool dev_live(const struct dev *d)
{
	dev_t dev = d->file ? sysfs_loop_of(&d->st) : d->rdev;

	return dev && sysfs_each_link(dev, "holders", is_set, NULL);
}
