/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load: from the spare to memory.
 *
 * ctr reads the superblocks to refuse what can be refused; preresume reads
 * again, with authority: until then an older instance may have been writing.
 */
#ifndef REMAP_LOAD_H
#define REMAP_LOAD_H

#include "../core/search.h"
#include "commit.h"

/** struct remap_supers - all superblocks as found, and what they amount to */
struct remap_supers {
	struct dmr_search find;
	struct dmr_verdict_copies v;
};

/**
 * remap_load_supers() - read and judge
 * @s: several KiB: kmalloc'ed by the caller
 * @err_text: a sentence when it fails
 * Context: may sleep. Return: 0 or as dmr_copies_judge(). With @force, -ESTALE is overlooked.
 */
int remap_load_supers(struct remap *r, struct remap_supers *s, bool force, char **err_text);

/**
 * remap_load_check() - does the set fit the devices as they are now?
 * Return: 0 or -EINVAL with a sentence.
 */
int remap_load_check(struct remap *r, const struct dmr_super *sb, char **err_text);

/**
 * remap_load_witness() - after a clean close: was main written since? 0, -ESTALE with a sentence
 */
int remap_load_witness(struct remap *r, const struct dmr_super *sb, char **err_text);

/** remap_load_witness_take() - crcs of the witness ranges into @sb, for a clean close */
void remap_load_witness_take(struct remap *r, struct dmr_super *sb);

/**
 * remap_load_changed() - did somebody else write the spare since it was suspended?
 *
 * A resize does, and a table that knows nothing of it must not go on (A42).
 * Context: preresume of a loaded set, or thaw. Return: 0; -ESTALE; -EAGAIN: nothing
 * of it can be read. r->unseen is set until it is known to be the same.
 */
int remap_load_changed(struct remap *r);

/** remap_load() - superblocks, table, activation (R14). Context: preresume. Return: 0 or -errno. */
int remap_load(struct remap *r);

/** remap_load_table() - every table block: choose, decode, index; @same: who has the image */
int remap_load_table(struct remap *r, u32 candidates, u8 *same);

/** remap_load_forget() - free what load took. Also right when nothing was loaded. */
void remap_load_forget(struct remap *r);

#endif
