// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pair: refusals and warnings over a main and a spare, before anything is
 * written or handed to the kernel. The kernel refuses most of this once more;
 * here it costs nothing and gets a whole sentence.
 */
#include <limits.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "pair.h"
#include "say.h"
#include "sysfs.h"

#define TIMEOUT_HIDES_S	30	/* desktop disks try longer before they report a bad sector */

/* ---- the same device, or one on the other ---- */

struct search {
	const struct dev *for_dev;
	bool through_file;
};

static bool is_it(void *ctx, const struct sysfs_below *b)
{
	struct search *s = ctx;
	bool hit;

	if (s->for_dev->file)
		hit = b->file && b->st.st_dev == s->for_dev->st.st_dev &&
		      b->st.st_ino == s->for_dev->st.st_ino;
	else
		hit = !b->file && b->dev == s->for_dev->rdev;
	s->through_file = hit && b->through_file;
	return hit;
}

static bool built_on(const struct dev *top, const struct dev *base, bool *through_file)
{
	struct search s = { .for_dev = base };
	bool hit;

	if (top->file)
		hit = sysfs_each_below_file(top->path, is_it, &s);
	else
		hit = sysfs_each_below(top->rdev, is_it, &s);
	*through_file = s.through_file;
	return hit;
}

/* Two partitions of one disk that share sectors: an extended one and a logical one in it */
static bool parts_overlap(const struct dev *a, const struct dev *b)
{
	u64 a0, b0;

	if (a->file || b->file || !sysfs_is_part(a->rdev) || !sysfs_is_part(b->rdev) ||
	    sysfs_disk(a->rdev) != sysfs_disk(b->rdev))
		return false;
	a0 = sysfs_u64(a->rdev, "start", 0);
	b0 = sysfs_u64(b->rdev, "start", 0);
	return a0 < b0 + b->sect && b0 < a0 + a->sect;
}

/* Two loop devices over the same bytes of one file */
static bool loops_overlap(const struct dev *a, const struct dev *b)
{
	char path[PATH_MAX];
	struct stat x, y;
	u64 a0, b0;

	if (a->file || b->file ||
	    sysfs_attr(a->rdev, "loop/backing_file", path, sizeof(path)) || stat(path, &x) ||
	    sysfs_attr(b->rdev, "loop/backing_file", path, sizeof(path)) || stat(path, &y) ||
	    x.st_dev != y.st_dev || x.st_ino != y.st_ino)
		return false;
	a0 = sysfs_u64(a->rdev, "loop/offset", 0) / DMR_SECT_BYTES;
	b0 = sysfs_u64(b->rdev, "loop/offset", 0) / DMR_SECT_BYTES;
	return a0 < b0 + b->sect && b0 < a0 + a->sect;
}

int pair_check_apart(const struct dev *a, const struct dev *b)
{
	bool through_file;

	if (a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino) {
		say_err("%s %s and spare %s are the same device: name another spare",
			a->role, a->path, b->path);
		return EXIT_DEVICE;
	}
	if (!a->file && !b->file && a->rdev == b->rdev) {
		say_err("%s %s and spare %s are two names of the same device: name another spare",
			a->role, a->path, b->path);
		return EXIT_DEVICE;
	}
	if (built_on(b, a, &through_file)) {
		if (through_file)
			say_err("spare %s is a file on a filesystem that lies on %s %s: put it on another disk",
				b->path, a->role, a->path);
		else
			say_err("spare %s is a part of %s %s: name a spare outside of it",
				b->path, a->role, a->path);
		return EXIT_DEVICE;
	}
	if (built_on(a, b, &through_file)) {
		say_err("%s %s lies on spare %s: name a spare outside of it",
			a->role, a->path, b->path);
		return EXIT_DEVICE;
	}
	if (parts_overlap(a, b) || loops_overlap(a, b)) {
		say_err("%s %s and spare %s overlap, they have sectors in common: name another spare",
			a->role, a->path, b->path);
		return EXIT_DEVICE;
	}
	return 0;
}

/* ---- one device ---- */

static int check_zoned(const struct dev *d)
{
	char model[32];

	if (d->file || sysfs_attr(sysfs_disk(d->rdev), "queue/zoned", model, sizeof(model)) ||
	    !strcmp(model, "none"))
		return 0;
	say_err("%s %s is a zoned device (%s): it cannot be written in place, use another disk",
		d->role, d->path, model);
	return EXIT_DEVICE;
}

static int check_blocks(const struct dev *d)
{
	if (d->lbs_bytes <= DMR_BLK_BYTES)
		return 0;
	say_err("%s %s has logical blocks of %u bytes: at most %u work, use another disk",
		d->role, d->path, d->lbs_bytes, DMR_BLK_BYTES);
	return EXIT_DEVICE;
}

static int check_main(const struct dev *d)
{
	int code = check_zoned(d);

	if (!code)
		code = check_blocks(d);
	if (code)
		return code;
	if (!d->sect) {
		say_err("main %s has no sectors: is it the right device, is a medium in it?",
			d->path);
		return EXIT_DEVICE;
	}
	if (dmr_units_blks(d->sect) > BIT_ULL(DMR_ENTRY_MBLK_BITS)) {
		say_err("main %s is larger than 4 PiB, more than the format can name: use partitions of it",
			d->path);
		return EXIT_DEVICE;
	}
	return 0;
}

/* Slot 0 must lie at a multiple of 4 KiB on the medium, or a torn slot harms its neighbour */
static int check_aligned(const struct dev *spare)
{
	int off = 0;
	u64 start;

	if (spare->file)
		return 0;
	start = sysfs_is_part(spare->rdev) ? sysfs_u64(spare->rdev, "start", 0) : 0;
	if (start % DMR_BLK_SECTS) {
		say_err("spare %s starts at sector %ju of its disk, which is no multiple of 8 (4 KiB): make the partition anew, aligned",
			spare->path, start);
		return EXIT_DEVICE;
	}
	if (ioctl(spare->fd, BLKALIGNOFF, &off))
		off = 0;
	if (!off)
		off = (int)(sysfs_u64(spare->rdev, "loop/offset", 0) % DMR_BLK_BYTES);
	if (off) {
		say_err("spare %s is not aligned to 4 KiB (off by %d bytes): make the partition or volume anew, aligned",
			spare->path, off);
		return EXIT_DEVICE;
	}
	return 0;
}

static int check_layout(const struct dev *spare, struct dmr_layout *lay)
{
	int err = dmr_layout_compute(spare->sect, lay);
	char have[SAY_SIZE_LEN];

	if (!err)
		return 0;
	if (err == -ENOSPC)
		say_err("spare %s is too small (%s): the smallest size that works is %u KiB",
			spare->path, say_size(spare->sect * DMR_SECT_BYTES, have),
			  DMR_SPARE_MIN_SLOTS * DMR_BLK_BYTES / 1024);
	else
		say_err("spare %s is too large (%s) for the format: use a partition of it",
			spare->path, say_size(spare->sect * DMR_SECT_BYTES, have));
	return EXIT_DEVICE;
}

int pair_check(const struct dev *main_dev, const struct dev *spare, struct dmr_layout *lay)
{
	int code = pair_check_apart(main_dev, spare);

	if (!code)
		code = check_main(main_dev);
	if (!code)
		code = check_zoned(spare);
	if (!code)
		code = check_blocks(spare);
	if (code)
		return code;
	if (spare->lbs_bytes > main_dev->lbs_bytes) {
		say_err("spare %s has logical blocks of %u bytes, main %s of %u: the spare's must not be larger, use another spare",
			spare->path, spare->lbs_bytes, main_dev->path, main_dev->lbs_bytes);
		return EXIT_DEVICE;
	}
	code = check_aligned(spare);
	return code ? code : check_layout(spare, lay);
}

int pair_check_free(const struct dev *main_dev)
{
	char user[DEV_USER_LEN];

	if (!dev_user(main_dev, user))
		return 0;
	say_err("main %s is in use: it is %s; what is written past the new device would be lost, release it first",
		main_dev->path, user);
	return EXIT_BUSY;
}

/* ---- warnings ---- */

static bool warn_timeout(void *ctx, const struct sysfs_below *b)
{
	const struct dev *d = ctx;
	char name[SYSFS_NAME_LEN];
	u64 timeout_s;

	if (b->file || sysfs_is_part(b->dev) || !sysfs_u64(b->dev, "queue/rotational", 0))
		return false;
	timeout_s = sysfs_u64(b->dev, "device/timeout", UINT64_MAX);
	if (timeout_s > TIMEOUT_HIDES_S)
		return false;
	sysfs_name(b->dev, name);
	say_warn("main %s: the kernel gives disk %s %ju s for a command, and a desktop disk may try longer than that on a bad sector: then its bad sectors look like timeouts and are not remapped. Set its error recovery time (smartctl -l scterc,70,70 /dev/%s) or, if it has none, raise the timeout (echo 180 > /sys/block/%s/device/timeout)",
		 d->path, name, timeout_s, name, name);
	return false;
}

static bool warn_file(void *ctx, const struct sysfs_below *b)
{
	const struct dev *d = ctx;

	if (!b->file)
		return false;
	say_warn("spare %s is the file %.200s: when memory is short, writing to a file can wait for memory that waits for this device. Good for trying things out; use a disk, partition or volume for anything that matters",
		 d->path, b->file);
	return true;
}

void pair_warn(const struct dev *main_dev, const struct dev *spare)
{
	if (main_dev->file || spare->file)
		return;
	sysfs_each_below(main_dev->rdev, warn_timeout, (void *)main_dev);
	sysfs_each_below(spare->rdev, warn_file, (void *)spare);
	if (sysfs_disk(main_dev->rdev) == sysfs_disk(spare->rdev))
		say_warn("main %s and spare %s are on the same disk: if it dies as a whole, both are gone",
			 main_dev->path, spare->path);
}
