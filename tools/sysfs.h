/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sysfs: what the kernel says of a block device, by its number. A device that
 * sysfs does not know (no /sys, a file) has no attributes, no holders, and is
 * built on nothing.
 */
#ifndef DMREMAP_SYSFS_H
#define DMREMAP_SYSFS_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base.h"

#define SYSFS_NAME_LEN	256

/** sysfs_attr() - attribute of @dev as trimmed text. Return: 0, or -ENOENT when there is none */
int sysfs_attr(dev_t dev, const char *attr, char *buf, size_t size);

/** sysfs_raw() - attribute of @dev as bytes. Return: their number or -ENOENT */
int sysfs_raw(dev_t dev, const char *attr, void *buf, size_t size);

/** sysfs_u64() - attribute of @dev as a number, @dflt when there is none */
u64 sysfs_u64(dev_t dev, const char *attr, u64 dflt);

bool sysfs_is_part(dev_t dev);

/** sysfs_disk() - the whole disk @dev is a partition of, else @dev */
dev_t sysfs_disk(dev_t dev);

/** sysfs_name() - kernel name ("sdb1", "dm-0"), or "M:m"; @buf of SYSFS_NAME_LEN */
const char *sysfs_name(dev_t dev, char *buf);

/** sysfs_devpath() - "/dev/..." of @dev; @buf of SYSFS_NAME_LEN */
const char *sysfs_devpath(dev_t dev, char *buf);

/**
 * sysfs_each_link() - visit what stands in holders/ or slaves/ of @dev, or its partitions ("")
 * @fn: returns true to stop
 * Return: true when @fn stopped it.
 */
bool sysfs_each_link(dev_t dev, const char *dir, bool (*fn)(void *ctx, dev_t dev), void *ctx);

/** struct sysfs_below - one thing a device is built on, itself first */
struct sysfs_below {
	dev_t dev;		/* block device, or the one a file's filesystem is on; 0: unknown */
	const char *file;	/* not NULL: this is a file behind a loop device */
	struct stat st;		/* of the file */
	bool through_file;	/* a file lies between the device asked for and this one */
};

typedef bool (*sysfs_below_fn)(void *ctx, const struct sysfs_below *b);

/**
 * sysfs_each_below() - visit @dev and all it is built on: disk, slaves, file of a loop, theirs
 * @fn: returns true to stop
 * Return: true when @fn stopped it.
 */
bool sysfs_each_below(dev_t dev, sysfs_below_fn fn, void *ctx);

/** sysfs_each_below_file() - the same for a file, itself first */
bool sysfs_each_below_file(const char *path, sysfs_below_fn fn, void *ctx);

/** sysfs_loop_of() - the loop device that uses file @st, 0 when none does */
dev_t sysfs_loop_of(const struct stat *st);

#endif
