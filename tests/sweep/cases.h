/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases: every field of every metadata block, every mutation, in each copy
 * alone, in all but one that is in sync, and in all; as it is and with the
 * checksum made right again. In this order, the same on every machine.
 */
#ifndef SWEEP_CASES_H
#define SWEEP_CASES_H

#include "golden.h"
#include "mutate.h"

/**
 * struct sweep_case - one of them
 * @nr: its number within the golden image, from 0
 * @blk: BLOCK_TABLE: which
 * @copies: where the field is changed
 * @sealed: the checksum is made right
 * @rnd: where MUT_RANDOM comes from
 */
struct sweep_case {
	u64 nr;
	const struct golden *g;
	enum block_kind kind;
	u32 blk;
	struct field f;
	enum mutation mut;
	u32 copies;
	bool sealed;
	u64 rnd;
};

typedef void (*case_fn)(void *ctx, const struct sweep_case *c);

/**
 * cases_each() - all that change a byte
 * @every: as in fields_each()
 * Return: how many.
 */
u64 cases_each(const struct golden *g, u64 seed, bool every, case_fn fn, void *ctx);

/**
 * cases_apply() - do it to @image, a copy of the golden image
 * Return: false when no byte of it has changed
 */
bool cases_apply(const struct sweep_case *c, u8 *image);

/** cases_undo() - the blocks of the case as they were */
void cases_undo(const struct sweep_case *c, u8 *image);

/** cases_text() - "linear-closed 17: super insync +1, copies 0x2, sealed" */
void cases_text(const struct sweep_case *c, char *buf, size_t size);

#endif
