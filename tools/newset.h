/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Newset: writing a whole set to a spare that holds none: an empty one for a
 * main, which is only read, for its identity; or one that is known already.
 */
#ifndef DMREMAP_NEWSET_H
#define DMREMAP_NEWSET_H

#include "base.h"
#include "../src/core/layout.h"
#include "dev.h"

/** newset_nonce() - of what is written from here on. Return: exit code */
int newset_nonce(struct dmr_super *sb);

/** newset_uuid() - a set of its own, with a nonce. Return: exit code */
int newset_uuid(struct dmr_super *sb);

/** newset_make() - what the superblocks of a new set say. Return: exit code */
int newset_make(const struct dev *main_dev, const struct dev *spare, const struct dmr_layout *lay,
		struct dmr_super *sb);

/** newset_words_fn - the entries of table block @blk, DMR_ENTRIES_PER_BLK of them */
typedef void (*newset_words_fn)(void *ctx, const struct dmr_super *sb, u32 blk, u64 *word);

/** newset_empty() - a newset_words_fn: a table without entries */
void newset_empty(void *ctx, const struct dmr_super *sb, u32 blk, u64 *word);

/**
 * newset_clear() - destroy the anchors, and with @wipe_all what sig_scan() finds; synced
 * Return: exit code.
 */
int newset_clear(struct dev *spare, const struct dmr_layout *lay, const struct dmr_super *sb,
		 bool wipe_all);

/**
 * newset_write() - write the set, in an order that a crash leaves either nothing or all of it
 * @lay: of the device as it is
 * @words: what the table says
 * @wipe_all: destroy what sig_scan() finds, too
 *
 * Anchors destroyed, synced; table and auxiliary blocks, synced; superblocks,
 * synced; all read back from the device and compared. Return: exit code.
 */
int newset_write(struct dev *spare, const struct dmr_layout *lay, const struct dmr_super *sb,
		 newset_words_fn words, void *ctx, bool wipe_all);

#endif
