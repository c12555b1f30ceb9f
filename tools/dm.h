/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dm: the kernel's device-mapper. dm.c and dm-change.c are the only users of libdevmapper.
 *
 * Functions that return an exit code have already said why when it is not 0.
 */
#ifndef DMREMAP_DM_H
#define DMREMAP_DM_H

#include <sys/types.h>

#include "base.h"

#define DM_NAME_MAX	127

/** struct dm_dev - a mapped device with a remap target */
struct dm_dev {
	char name[DM_NAME_MAX + 1];
	dev_t dev;
	u32 open_count;
	bool suspended;
	bool read_only;
};

/** struct dm_new - a device to create */
struct dm_new {
	const char *name;
	const char *uuid;
	u64 sect;
	const char *params;
	bool read_only;
};

/** dm_ready() - may and can we talk to device-mapper? Return: exit code */
int dm_ready(void);

/** dm_name_check() - is @name good for a device? Return: exit code */
int dm_name_check(const char *name);

/** dm_exists() - is there any mapped device of this name? */
bool dm_exists(const char *name);

/** dm_find_uuid() - any device with this uuid; @name of DM_NAME_MAX + 1. Return: found? */
bool dm_find_uuid(const char *uuid, char *name);

/**
 * dm_find() - device @name; quiet
 * Return: 0; -ENXIO: there is none; -ENODEV: it is of another kind; -errno.
 */
int dm_find(const char *name, struct dm_dev *d);

/** dm_line() - status (or table) words of the target of @name, to be freed; returns as dm_find() */
int dm_line(const char *name, bool table, char **line, u64 *sect);

/** dm_each() - visit every remap device. Return: exit code */
int dm_each(void (*fn)(void *ctx, const char *name), void *ctx);

/** dm_create() - make the device and its node, or leave nothing behind. Return: exit code */
int dm_create(const struct dm_new *n);

/** dm_remove() - Return: exit code */
int dm_remove(const char *name);

/** dm_suspend() - with what is mounted on it frozen, all I/O done. Return: exit code */
int dm_suspend(const char *name);

/** dm_reload() - the table it has from the next resume on. Return: exit code */
int dm_reload(const char *name, u64 sect, const char *params);

/** dm_resume() - Return: exit code */
int dm_resume(const char *name);

/** dm_ask() - a message; *@answer, to be freed, is what came back. Return: exit code */
int dm_ask(const char *name, const char *text, char **answer);

/** dm_try_ask() - the same, quiet. Return: 0, -errno */
int dm_try_ask(const char *name, const char *text, char **answer);

/** dm_message() - Return: exit code */
int dm_message(const char *name, const char *text);

#endif
