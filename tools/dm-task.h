/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dm, inner part: what dm.c and dm-change.c share, the only users of libdevmapper.
 */
#ifndef DMREMAP_DM_TASK_H
#define DMREMAP_DM_TASK_H

#include <libdevmapper.h>

#include "dm.h"

#define DM_TARGET	"remap"

/* the last error that the library had something to say about, "" for none */
extern char dm_library_said[256];

/** dm_task_new() - NULL: no memory. @name may be NULL */
struct dm_task *dm_task_new(int type, const char *name);

/** dm_task_try() - run it. Return: 0 or -errno */
int dm_task_try(struct dm_task *t);

/** dm_task_told() - what a task said of its device. Return: 0; -ENXIO: there is none */
int dm_task_told(struct dm_task *t, struct dm_info *info);

#endif
