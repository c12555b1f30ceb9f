/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Map: the target methods of the I/O path.
 */
#ifndef REMAP_MAP_H
#define REMAP_MAP_H

#include "target.h"

int remap_map(struct dm_target *ti, struct bio *bio);
int remap_end_io(struct dm_target *ti, struct bio *bio, blk_status_t *error);

#endif
