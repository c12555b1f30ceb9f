/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done to a field.
 */
#ifndef SWEEP_MUTATE_H
#define SWEEP_MUTATE_H

#include "fields.h"

/**
 * enum mutation - the value a field gets
 * @MUT_ZERO, @MUT_ONES: all bits
 * @MUT_PLUS, @MUT_MINUS: one more or less, as one little-endian number, and round the corner
 * @MUT_RANDOM: any
 * @MUT_SWAPPED: its bytes (bits, if it is made of bits) in reverse order
 * @MUT_MOVED: for a block as a whole: that of another copy
 */
enum mutation {
	MUT_ZERO,
	MUT_ONES,
	MUT_PLUS,
	MUT_MINUS,
	MUT_RANDOM,
	MUT_SWAPPED,
	MUT_MOVED,
	MUTATIONS
};

const char *mutate_name(enum mutation m);

/** mutate_field() - @rnd: where random bytes come from: the same seed gives the same bytes */
void mutate_field(u8 *blk, const struct field *f, enum mutation m, u64 rnd);

/** mutate_seal() - make the checksum right for what the block says of itself */
void mutate_seal(u8 *blk);

/** mutate_rnd() - the next number; xorshift64*, as in the unit tests */
u64 mutate_rnd(u64 *state);

#endif
