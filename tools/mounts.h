/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mounts: where a device is mounted or swapped to, and which device a file is on.
 */
#ifndef DMREMAP_MOUNTS_H
#define DMREMAP_MOUNTS_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base.h"

/** mounts_find() - first place @dev is mounted; "swap" when it is swap. Return: found? */
bool mounts_find(dev_t dev, char *where, size_t size);

/**
 * mounts_dev_of_file() - the block device of the filesystem that holds @path
 *
 * Filesystems with a device number of their own (btrfs) are looked up by the
 * source of the mount. Return: 0 when there is none (tmpfs, nfs).
 */
dev_t mounts_dev_of_file(const char *path, const struct stat *st);

#endif
