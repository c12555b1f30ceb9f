/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies: which replica counts.
 *
 * A choice between copies is made from what each one says of itself and of the
 * others, and an I/O error is not the same as damage: a copy that cannot be
 * read may hold a later truth, one that reads back as garbage holds none.
 */
#ifndef DMR_COPIES_H
#define DMR_COPIES_H

#include "layout.h"

#define DMR_EPOCH_GAP	1024	/* more dead activations in a row than anyone will see */

/** struct dmr_super_seen - what reading the superblock of copy i gave */
struct dmr_super_seen {
	enum dmr_blk_status st;
	struct dmr_super sb;	/* valid when st is DMR_BLK_OK */
};

/**
 * struct dmr_verdict_copies - the judgement over all superblocks
 * @best: index into seen[] of the superblock that speaks for the set
 * @candidates: copies whose table blocks may be believed
 * @rebuild: copies that are damaged, were expelled, or may not be believed for want of
 *	     another that names them; may be rewritten in place
 *	     (never one that is of an unknown version)
 * @unread: copies whose superblock gave an I/O error
 */
struct dmr_verdict_copies {
	u32 best;
	u32 candidates;
	u32 rebuild;
	u32 unread;
};

/**
 * dmr_copies_judge() - choose the superblock and the copies to believe
 * @seen: one per copy position, index = copy number
 * @n: number of copies of the layout
 *
 * Candidates are the copies with a valid superblock that the highest readable
 * superblock names in sync. With two or more superblocks unreadable by I/O
 * error, a candidate also needs another readable superblock, of its own
 * generation or higher, that names it in sync: else an expulsion could be
 * hidden in what cannot be read.
 *
 * Return: 0, or
 * -ENODATA: no superblock anywhere (not formatted), none unreadable
 * -EIO: none readable, at least one I/O error
 * -EPROTONOSUPPORT: one is of an unknown version (or unknown incompat bits)
 * -EMEDIUMTYPE: superblocks of different sets
 * -EBADMSG: all that are there are damaged
 * -EUCLEAN: two of one generation with different content:
 *	     two histories, refused; or the one that speaks has another number of copies
 * -ESTALE: no copy may be believed: what can be read was left behind, or may have been
 */
int dmr_copies_judge(const struct dmr_super_seen *seen, u32 n, struct dmr_verdict_copies *out);

/**
 * dmr_copies_same() - do two superblocks of one generation say the same?
 *
 * The nonce does not count: two copies that were each open without the other, and
 * could map nothing so, differ in nothing else (A28). Had one of two such activations
 * acknowledged a change, it would have written all copies it names, and the
 * other one would have seen its epoch; for table blocks the nonce does count.
 */
bool dmr_copies_same(const struct dmr_super *a, const struct dmr_super *b);

/**
 * struct dmr_table_seen - one table block as one copy has it
 * @word: only compared; several copies may share one array
 */
struct dmr_table_seen {
	enum dmr_blk_status st;
	struct dmr_gen gen;
	const u64 *word;
};

/**
 * dmr_copies_pick() - the image of one table block to believe
 * @seen: by copy number; @n of them; only those in @candidates count
 * @best: copy that has it
 * @same: copies (of all @n) that hold exactly this image, @best included
 *
 * Return: 0; -ENODATA when no candidate has a valid image (R6); -EUCLEAN when
 * two candidates tie in generation but differ in nonce or content;
 * -EPROTONOSUPPORT when any copy's is of an unknown version: what a later
 * release wrote is neither repaired nor outvoted.
 */
int dmr_copies_pick(const struct dmr_table_seen *seen, u32 n, u32 candidates, u32 *best, u32 *same);

/**
 * dmr_copies_epoch() - the epoch of an activation, after epoch @last
 * @unread: copies whose superblock could not be read
 *
 * A copy that cannot be read may have seen activations that went no further than
 * its superblock, one after another. The step over them is the same for everybody:
 * if it depended on who loads, the older of two activations could outrank the other.
 */
static inline u64 dmr_copies_epoch(u64 last, u32 unread)
{
	return last + (unread ? DMR_EPOCH_GAP : 1);
}

/**
 * dmr_copies_named() - the in-sync mask a superblock states
 * @whole: copies that really are in sync
 * @named: what the last durable superblock stated
 *
 * R9: the last two are never named down to one. A set whose second last copy
 * fails goes map read-only and takes no change, so both stay true. The one that
 * is whole is always named: it may be the only one left.
 */
static inline u32 dmr_copies_named(u32 whole, u32 named)
{
	return hweight32(whole) >= 2 ? whole : named | whole;
}

#endif
