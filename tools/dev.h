/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dev: a main or a spare as the tool sees it, opened for one of three uses.
 * Regular files stand in for devices wherever the kernel is not involved.
 *
 * Functions that return an exit code have already said why when it is not 0.
 */
#ifndef DMREMAP_DEV_H
#define DMREMAP_DEV_H

#include <sys/stat.h>

#include "base.h"
#include "../src/core/units.h"

/**
 * enum dev_use - how a device is opened
 * @DEV_PEEK: to read, whoever else has it open
 * @DEV_HOLD: to read, and nobody else may hold it (O_EXCL; a lock for files)
 * @DEV_WRITE: to write, and nobody else may hold it
 * @DEV_SEIZE: to write; when somebody holds it, nevertheless (sets @seized)
 */
enum dev_use {
	DEV_PEEK,
	DEV_HOLD,
	DEV_WRITE,
	DEV_SEIZE,
};

/**
 * struct dev - an open device or file
 * @role: "main" or "spare", for messages
 * @seized: it is in use by somebody else
 * @direct: reads bypass the page cache
 * @rdev: its number, 0 for a file
 * @sect: size in 512-byte sectors, a tail shorter than that ignored
 */
struct dev {
	const char *path;
	const char *role;
	enum dev_use use;
	int fd;
	bool file;
	bool seized;
	bool direct;
	dev_t rdev;
	struct stat st;
	u64 sect;
	u32 lbs_bytes;
};

/** dev_open() - Return: exit code */
int dev_open(struct dev *d, const char *path, const char *role, enum dev_use use);
void dev_close(struct dev *d);

/**
 * dev_read() - all of it, past the page cache where that works
 * @buf: from say_alloc_blocks()
 * Return: 0 or -errno.
 */
int dev_read(struct dev *d, void *buf, u64 off_bytes, size_t len);

/** dev_write() - all of it. Return: 0 or -errno */
int dev_write(struct dev *d, const void *buf, u64 off_bytes, size_t len);

/**
 * dev_write_direct() - writes go past the page cache of a device from here on
 *
 * So that none of them comes to the disk after this program is gone, over what the
 * kernel has written since. Whole blocks of say_alloc_blocks() only.
 */
void dev_write_direct(struct dev *d);

/** dev_sync() - flush the page cache and the device's. Return: 0 or -errno */
int dev_sync(struct dev *d);

/** dev_uncache() - forget what the page cache holds, so that later reads come from the device */
void dev_uncache(struct dev *d);

/** dev_read_slots() - a walk_read_fn; @ctx is the struct dev */
int dev_read_slots(void *ctx, void *buf, struct dmr_slot at, u32 n);

/** dev_block_only() - refuse a regular file: the kernel needs a block device. Return: exit code */
int dev_block_only(const struct dev *d);

/** dev_read_only() - does the kernel refuse writes to it? False for files. */
bool dev_read_only(const struct dev *d);

#define DEV_SET_UUID	"DMREMAP-"	/* the dm uuid of a set begins so */

#define DEV_USER_LEN	320

/**
 * dev_user() - who uses this device: a mount, swap, a holder; of its partitions too
 * @buf: of DEV_USER_LEN, a phrase as in "it is ..."
 * Return: true when someone was found.
 */
bool dev_user(const struct dev *d, char *buf);

/** dev_other_user() - the same of device @dev, where holder @but does not count */
bool dev_other_user(dev_t dev, dev_t but, char *buf);

/** dev_live() - is this the main or spare of an open set? */
bool dev_live(const struct dev *d);

#endif
