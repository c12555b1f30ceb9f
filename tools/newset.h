/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Newset: writing a whole set to a spare that holds none: an empty one for a
 * main, which is only read, for its identity; or one that is known already. And
 * over what is left of the same set.
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

/**
 * struct newset_body - what a set holds
 * @words: its table
 * @aux: summary of the health of its main; NULL: none
 */
struct newset_body {
	newset_words_fn words;
	void *ctx;
	const struct dmr_aux *aux;
};

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
 * @wipe_all: destroy what sig_scan() finds, too
 *
 * Anchors destroyed, synced; table and auxiliary blocks, synced; superblocks,
 * synced; all read back from the device and compared. Return: exit code.
 */
int newset_write(struct dev *spare, const struct dmr_layout *lay, const struct dmr_super *sb,
		 const struct newset_body *body, bool wipe_all);

/**
 * newset_rewrite() - write the set over what is left of it, in an order that a crash leaves
 *		      what was there, or all of the new one
 * @sb: its generation is above all that is there, and one more than a set may begin with
 * @last: copies that hold all that was there, not every copy; they are written last
 *
 * Of the first ones: anchors destroyed, so that nothing half written of them is
 * believed beside what was there; table and auxiliary blocks; superblocks that
 * name only them, from where on they are the set. Then the last ones the same,
 * with superblocks that name all, and those of the first ones once more. Synced
 * after each of these; all read back from the device and compared. Return: exit code.
 */
int newset_rewrite(struct dev *spare, const struct dmr_super *sb, const struct newset_body *body,
		   u32 last);

/**
 * newset_tables() - table and auxiliary blocks of the copies in @copies
 *
 * Synced, read back from the device, compared. Return: exit code.
 */
int newset_tables(struct dev *spare, const struct dmr_super *sb, const struct newset_body *body,
		  u32 copies);

/** newset_aux() - the auxiliary blocks of the copies in @copies, synced. Return: exit code */
int newset_aux(struct dev *spare, const struct dmr_super *sb, const struct dmr_aux *aux,
	       u32 copies);

/** newset_supers() - the superblocks of the copies in @copies, synced. Return: exit code */
int newset_supers(struct dev *spare, const struct dmr_super *sb, u32 copies);

/**
 * newset_bury() - tombstones in the anchors that copies of @sb have left
 *
 * As well as can be: an anchor may be unwritable, and was left for that.
 */
void newset_bury(struct dev *spare, const struct dmr_super *sb);

#endif
