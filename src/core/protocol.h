/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Protocol: the order of the steps of a commit, and what a failure does to it.
 *
 * This file is the protocol: the kernel's commit worker, the load path and the
 * simulator all ask dmr_proto_next() what to do and answer with
 * dmr_proto_result(). It does no I/O and holds no images, only sets of copies.
 *
 * The law of rounds (A5): at every instant at least one in-sync copy of every
 * block is whole and not being overwritten. It follows from how the next round
 * is chosen:
 *   - some copy already holds the new image, flushed  -> all that are left
 *   - else some copies may be torn from before        -> those, first
 *     (nothing but torn ones                          -> one alone)
 *   - else                                            -> half of them
 *
 * The same law governs superblocks.
 */
#ifndef DMR_PROTOCOL_H
#define DMR_PROTOCOL_H

#include "plat.h"

/**
 * enum dmr_op - what the caller is to do next
 * @DMR_OP_DATA: write (again) the data of the batch's slots; only asked for after a failed flush
 * @DMR_OP_FLUSH: flush the spare
 * @DMR_OP_TABLE: write the batch's table blocks to the copies in mask
 * @DMR_OP_EMPTY: write the new, empty table blocks above the mark to the copies in mask
 * @DMR_OP_FILL: bring the copies in mask to the selected images: every table
 *		 block below the mark that differs, and the auxiliary block
 * @DMR_OP_SUPER: write the superblock (naming dmr_proto.insync) to the copies in mask
 * @DMR_OP_TOMBSTONE: try to write the same superblock onto the expelled copies in
 *		 mask, so that they say themselves that they were left behind;
 *		 best effort, no verdict on failure
 * @DMR_OP_DONE: durable in every in-sync copy: publish, complete
 * @DMR_OP_ABORT: failed before any table block was written: nothing happened
 * @DMR_OP_DOUBT: failed after: in doubt (R13)
 */
enum dmr_op {
	DMR_OP_DATA,
	DMR_OP_FLUSH,
	DMR_OP_TABLE,
	DMR_OP_EMPTY,
	DMR_OP_FILL,
	DMR_OP_SUPER,
	DMR_OP_TOMBSTONE,
	DMR_OP_DONE,
	DMR_OP_ABORT,
	DMR_OP_DOUBT,
};

/** struct dmr_step - one step; mask is meant for the ops that write */
struct dmr_step {
	enum dmr_op op;
	u32 mask;
};

/**
 * enum dmr_result - how the step went
 * @DMR_RES_OK: all of it
 * @DMR_RES_COPIES: copies in the given mask have a verdict against them
 *		    (failed, evidence, failed); the rest is written
 * @DMR_RES_FLUSH: the flush failed, or a flush or FUA of someone else did
 *		   meanwhile: what was written since the last good flush is void
 * @DMR_RES_GONE: the spare does not answer: no verdict against anyone (R7)
 */
enum dmr_result {
	DMR_RES_OK,
	DMR_RES_COPIES,
	DMR_RES_FLUSH,
	DMR_RES_GONE,
};

/**
 * enum dmr_proto_kind - which protocol
 * @DMR_PROTO_COMMIT: [data] flush, table round 1, flush, table round 2, flush
 * @DMR_PROTO_RAISE: empty blocks to all copies, flush, superblock rounds
 * @DMR_PROTO_SUPER: superblock rounds only (activity, membership)
 * @DMR_PROTO_ACTIVATE: flush, fill, flush, superblock rounds (R14); also thaw
 */
enum dmr_proto_kind {
	DMR_PROTO_COMMIT,
	DMR_PROTO_RAISE,
	DMR_PROTO_SUPER,
	DMR_PROTO_ACTIVATE,
};

/**
 * struct dmr_rounds - progress of writing one thing to a set of copies
 * @todo: still to be written
 * @flying: written in the current round, not flushed
 * @durable: written and flushed
 * @torn: may be torn: written in a round that did not end well; copies that are
 *	  no longer written to are remembered here, too
 */
struct dmr_rounds {
	u32 todo;
	u32 flying;
	u32 durable;
	u32 torn;
};

/**
 * struct dmr_proto - a protocol under way
 * @insync: copies in sync; shrinks when one is expelled
 * @expelled: copies expelled by this run
 * @has_data: the batch wrote slot data that the first flush must cover
 * @submitted: a table block was submitted: failure means in doubt
 * @flush_fails: failed flushes in a row
 * @super_gen: number of the superblock content: raised when what DMR_OP_SUPER is to
 *	       write has changed (first run, another copy expelled). The caller
 *	       stamps a new generation when it sees a new number, and writes the
 *	       very same image while the number stays.
 * @mask: copies of the step given last
 * @told: expelled copies on which the superblock was tried
 * @data_void: the slot data has to be written again
 * @base_due: a flush is owed for what was written before: slot data, or the images found at load
 * @based: that flush was good at least once
 * @tomb_flying: a tombstone write awaits its flush
 * @gone: ended because the spare does not answer or flushes fail: caller goes to fail mode;
 *	  false when it ended because too few copies are left: map read-only
 */
struct dmr_proto {
	enum dmr_proto_kind kind;
	u32 phase;
	u32 insync;
	u32 expelled;
	u32 fill;
	struct dmr_rounds table;
	struct dmr_rounds super;
	u32 flush_fails;
	u32 super_gen;
	u32 mask;
	u32 told;
	bool has_data;
	bool submitted;
	bool data_void;
	bool base_due;
	bool based;
	bool tomb_flying;
	bool gone;
};

/**
 * dmr_proto_begin() - start a run
 * @insync: copies in sync, at least two for COMMIT and RAISE (else the first step is ABORT)
 * @torn: COMMIT: copies whose table blocks of this batch may be torn from a commit in
 *	  doubt; rewritten first
 * @fill: ACTIVATE: copies to fill; they join @insync if that works. A copy named in
 *	  sync that lags is in @fill, not in @insync
 * @has_data: COMMIT: slot data was written and awaits its flush
 *
 * After a run that ended in ABORT or DOUBT, table.torn and super.torn tell
 * which copies may be torn: the former is for @torn of the next COMMIT, the
 * latter is or-ed into super.torn of the next run right after this call.
 */
void dmr_proto_begin(struct dmr_proto *p, enum dmr_proto_kind kind, u32 insync, u32 torn,
		     u32 fill, bool has_data);

/** dmr_proto_next() - the next step; DONE, ABORT, DOUBT repeat for ever */
struct dmr_step dmr_proto_next(struct dmr_proto *p);

/**
 * dmr_proto_result() - how the step just given went
 * @mask: for DMR_RES_COPIES
 *
 * COPIES in a table round or superblock round: the copies are expelled, the
 * superblock that says so is made durable on the survivors (rounds, flushes)
 * and tried on the expelled, before the commit goes on (R5, A4). With fewer
 * than two left nothing is written: DOUBT if something was submitted, else
 * ABORT (R9). In ACTIVATE a failing fill is dropped from the set, and one copy
 * alone may have its superblock written in place (sector-atomic, format.h).
 *
 * FLUSH once: again from the data; twice in a row: as GONE. In a row: without
 * a flush between that made something durable for the first time. The first
 * flush of ACTIVATE has no second try: what was chosen may be gone.
 *
 * DATA that cannot be written again (a slot went bad) is answered with GONE.
 * A run that ends because too few copies are left has the failing ones out of
 * dmr_proto.insync, in dmr_proto.expelled: what the superblocks on the spare say
 * has not changed.
 */
void dmr_proto_result(struct dmr_proto *p, enum dmr_result res, u32 mask);

#endif
