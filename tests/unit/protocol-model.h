/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of what the copies hold while the protocol runs.
 *
 * The model knows nothing of rounds. It is told what is written and how it
 * went, and keeps for each copy of the table and of the superblock: whole or
 * torn, on its way or flushed. What was written since the last good flush may
 * be there, or not, or half. Against it are checked, at every step:
 *
 *   (a) a write leaves out at least one member that is whole
 *   (b) no table before the data it refers to is flushed
 *   (c) data whose flush failed is asked for again
 *   (d) no superblock that names a copy whose table, empty blocks or fill are
 *       not durable; no superblock from fewer than two (COMMIT, RAISE)
 *   (e) DONE only when all that was to be written is durable in all members,
 *       and a changed membership is durable in all members' superblocks
 *   (f) ABORT only without a table write, DOUBT only after one; gone is said
 *       exactly when the spare did not answer or lost two flushes
 *   (g) a tombstone only after (e)'s superblocks, to expelled copies only
 *   (h) one number of superblock content never stands for two memberships
 *   (i) who is torn at the end is known to the caller, and a next run that is
 *       told so keeps (a)
 *   (j) the run ends
 */
#ifndef DMR_PROTOCOL_MODEL_H
#define DMR_PROTOCOL_MODEL_H

#include "protocol.h"

#define COPIES		5
#define GENS_MAX	16

/* Kept for each copy, of the table and of the superblock. */
struct cell {
	bool torn;
	bool flying;
	bool fresh;	/* holds (if whole) what this run writes */
	u32 says;	/* superblock: membership it states */
};

struct model {
	enum dmr_proto_kind kind;
	u32 members;	/* copies without a verdict against them, filled or in sync */
	u32 to_fill;
	u32 expelled;
	struct cell table[COPIES];
	struct cell super[COPIES];
	bool alone_ok;	/* a lone whole superblock may be written in place */
	bool has_data;
	bool data_flying;
	bool data_durable;
	bool data_lost;
	bool base_flushed;
	bool submitted;
	bool data_ever;
	u32 flushes_failed;	/* in a row */
	u32 gen;
	u32 gen_says[GENS_MAX];
	u32 steps;
	bool few;	/* the last answer left too few */
	bool gone;	/* the last answer said gone, or a flush failed */
	bool retry;	/* this is already a second run */
};

/* A run of @kind over @members, all of them whole. */
void model_start(struct model *m, enum dmr_proto_kind kind, u32 members);

/*
 * After a doubt: the same blocks once more, from what is on the spare now.
 * False when there is no such run: too few copies, or @old was one already.
 */
bool model_retry(struct model *m, const struct model *old);

/* May @p ask for this step now? */
void model_check_step(struct model *m, const struct dmr_proto *p, struct dmr_step s);

/* May it end so? */
void model_check_end(const struct model *m, const struct dmr_proto *p, enum dmr_op how);

/* How the step went: what that does to the copies. */
void model_answer(struct model *m, struct dmr_step s, enum dmr_result res, u32 failed);

#endif
