/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ctr: the table line becomes a device that has read, but never written.
 */
#ifndef REMAP_CTR_H
#define REMAP_CTR_H

#include "target.h"

int remap_ctr(struct dm_target *ti, unsigned int argc, char **argv);
void remap_dtr(struct dm_target *ti);

#endif
