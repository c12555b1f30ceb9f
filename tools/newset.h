/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Newset: a new set, that is an empty table on a spare for a main. Main is
 * only read, for its identity.
 */
#ifndef DMREMAP_NEWSET_H
#define DMREMAP_NEWSET_H

#include "base.h"
#include "../src/core/layout.h"
#include "dev.h"

/** newset_make() - what the superblocks of a new set say. Return: exit code */
int newset_make(const struct dev *main_dev, const struct dev *spare, const struct dmr_layout *lay,
		struct dmr_super *sb);

/**
 * newset_write() - write the set, in an order that a crash leaves either nothing or all of it
 *
 * Anchors destroyed, synced; table and auxiliary blocks, synced; superblocks,
 * synced; all read back from the device and compared. Return: exit code.
 */
int newset_write(struct dev *spare, const struct dmr_layout *lay, const struct dmr_super *sb,
		 bool wipe_all);

#endif
