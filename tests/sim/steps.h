/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps: what a run of the protocol does to the spare, in words that the simulation
 * (trace.c) and the recorded kernel (tests/replay/steps.c) have in common:
 *
 *   S<copy>  a superblock to that copy
 *   T<copy>  a table block; a row of different ones to one copy is one word
 *   F        a flush
 *
 * each with `+` if its generation is newer than all before, and `!` if it failed.
 * Data and auxiliary blocks are left out: writes to slots go on while a commit
 * runs, and both serve as evidence, whenever it is wanted.
 */
#ifndef STEPS_H
#define STEPS_H

#include <stdio.h>

#include "format.h"
#include "layout.h"

#define STEPS_WORD	8	/* bytes of a word, with its end */

/**
 * struct steps - what the next word depends on
 * @newest: generation of all so far
 * @listed, @copy_slot: places of the copies, by the newest superblock; else where format has them
 * @op: of the last word, 0: none
 */
struct steps {
	struct dmr_gen newest;
	bool listed;
	u64 copy_slot[DMR_COPIES_MAX];
	char op;
	u32 copy;
	u32 index;
	bool failed;
};

static inline void steps_flush(struct steps *st, bool failed, char *word)
{
	st->op = 'F';
	snprintf(word, STEPS_WORD, "F%s", failed ? "!" : "");
}

/* A copy that moves is somewhere else from the first superblock on that says so. */
static inline void steps_list(struct steps *st, const struct dmr_super *sb, const void *blk,
			      bool newer)
{
	const struct dmr_disk_super *d = blk;
	u32 c;

	if (newer && le16_to_cpu(d->h.type) == DMR_TYPE_SUPER) {
		st->listed = true;
		for (c = 0; c < sb->copies; c++)
			st->copy_slot[c] = le64_to_cpu(d->copy_slot[c]);
	}
	for (c = 0; c < sb->copies && !st->listed; c++)
		st->copy_slot[c] = sb->copy_slot[c].v;
}

/** steps_write() - @blk goes to slot @slot of @sb's spare; false: this is no word */
static inline bool steps_write(struct steps *st, const struct dmr_super *sb, u64 slot,
			       const void *blk, bool failed, char *word)
{
	const struct dmr_disk_header *h = blk;
	const struct dmr_gen gen = {
		.epoch = le64_to_cpu(h->epoch), .counter = le64_to_cpu(h->counter),
	};
	const bool newer = gen.epoch != st->newest.epoch ? gen.epoch > st->newest.epoch :
			   gen.counter > st->newest.counter;
	struct steps was = *st;
	u32 c = 0;

	steps_list(st, sb, blk, newer);
	while (c < sb->copies && slot - st->copy_slot[c] >= dmr_layout_copy_len(sb))
		c++;
	if (c == sb->copies || slot - st->copy_slot[c] == sb->table_blk + 1)
		return false;
	st->copy = c;
	st->index = (u32)(slot - st->copy_slot[c]);
	st->op = st->index ? 'T' : 'S';
	st->failed = failed;
	if (newer)
		st->newest = gen;
	if (st->op == 'T' && was.op == 'T' && was.copy == c && was.index != st->index &&
	    !newer && !failed && !was.failed)
		return false;
	snprintf(word, STEPS_WORD, "%c%u%s%s", st->op, c, newer ? "+" : "", failed ? "!" : "");
	return true;
}

#endif
