/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debugfs: dm-remap/<disk>/, where <disk> is the kernel's name of the mapped
 * device (dm-0). doc/status.md has the formats; they are stable.
 *
 * The files are there while the device is resumed: in a reload two instances
 * exist at a time, and only one of them is in use.
 */
#ifndef REMAP_DEBUGFS_H
#define REMAP_DEBUGFS_H

#include "target.h"

void remap_debugfs_init(void);
void remap_debugfs_exit(void);

/** remap_debugfs_add() - Context: resume. Does nothing when they are there. */
void remap_debugfs_add(struct remap *r);

/** remap_debugfs_remove() - waits for who reads one. Context: postsuspend. */
void remap_debugfs_remove(struct remap *r);

#endif
