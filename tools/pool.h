/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pool: memory that an open set keeps in reserve.
 */
#ifndef DMREMAP_POOL_H
#define DMREMAP_POOL_H

#include "out.h"

/** pool_json() - an object for each pool of open set @name; NULL: it does not say; quiet */
struct json_object *pool_json(const char *name);

#endif
