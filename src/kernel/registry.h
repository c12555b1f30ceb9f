/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registry: who uses which set, main and spare, module-wide.
 *
 * Device mapper claims devices with one holder for all its targets, so it
 * would let two of ours share a spare (A13). Tables of the same mapped device
 * may: that is a reload.
 */
#ifndef REMAP_REGISTRY_H
#define REMAP_REGISTRY_H

#include "target.h"

/** remap_registry_add() - Return: 0, or -EBUSY with a sentence. Context: may sleep. */
int remap_registry_add(struct remap *r, char **err_text);
void remap_registry_del(struct remap *r);

/** remap_registry_overlap() - do two block devices share sectors? */
bool remap_registry_overlap(struct block_device *a, struct block_device *b);

#endif
