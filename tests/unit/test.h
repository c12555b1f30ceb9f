/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all unit tests share: cmocka, a random number generator whose runs can
 * be repeated, and a superblock to start from.
 */
#ifndef DMR_TEST_H
#define DMR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "layout.h"

/* xorshift64*: the same numbers everywhere, from the seed alone */
static inline u64 test_rnd(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static inline u64 test_rnd_below(u64 *state, u64 n)
{
	return test_rnd(state) % n;
}

/* A superblock as format would make it: all copies in sync, clean. */
static inline void test_super(struct dmr_super *sb, u64 main_sect, u64 spare_sect)
{
	struct dmr_layout l;
	unsigned int i;

	assert_int_equal(dmr_layout_compute(spare_sect, &l), 0);
	memset(sb, 0, sizeof(*sb));
	for (i = 0; i < DMR_UUID_BYTES; i++)
		sb->uuid[i] = (u8)(0xa0 + i);
	sb->gen = (struct dmr_gen){ .epoch = 3, .counter = 17, .nonce = 0xfeedbeef };
	sb->main_sect = main_sect;
	sb->spare_sect = spare_sect;
	sb->main_lbs_bytes = 512;
	sb->spare_lbs_bytes = 512;
	sb->slots = l.slots;
	sb->table_blk = l.table_blk;
	sb->copies = l.copies;
	sb->insync = (1u << l.copies) - 1;
	sb->strategy = l.strategy;
	sb->activity = DMR_ACTIVITY_CLEAN;
	memcpy(sb->copy_slot, l.copy_slot, sizeof(sb->copy_slot));
	sb->hwm_blk = dmr_layout_raised(sb, 0);
	sb->created_s = 1700000000;
}

#endif
