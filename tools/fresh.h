/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fresh: may this device become a spare, and lose what it holds?
 */
#ifndef DMREMAP_FRESH_H
#define DMREMAP_FRESH_H

#include "base.h"
#include "../src/core/layout.h"
#include "dev.h"

/** fresh_check_user() - not when it belongs to an open set; a warning for other users. Exit code */
int fresh_check_user(const struct dev *spare);

/** fresh_check_empty() - name what is on it, and refuse it unless @force. Return: exit code */
int fresh_check_empty(struct dev *spare, const struct dmr_layout *lay, bool force);

/**
 * fresh_forget() - destroy every superblock and tombstone that a search could find
 * @at: first slots of @n copies, those of a set that is known, or is about to be written
 * @slots: of the spare when that set was formatted; 0: not known
 * @byte: where it failed
 *
 * These, whatever is there. And where a block of the format is that belongs there, of
 * whatever set: anchors and alternates of that size, and of the size the device has now,
 * whose anchors may be data slots of a set that is smaller. Not flushed. Return: 0 or -errno.
 */
int fresh_forget(struct dev *spare, const struct dmr_slot *at, u32 n, u64 slots, u64 *byte);

#endif
