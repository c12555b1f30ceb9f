/* SPDX-License-Identifier: GPL-2.0-only */
/* A table in memory for the tests of table, alloc and txn. */
#ifndef DMR_TEST_TABLE_H
#define DMR_TEST_TABLE_H

#include "test.h"
#include "alloc.h"

struct test_table {
	struct dmr_super sb;
	struct dmr_table t;
	struct dmr_table_page **page;
	u64 *room;
};

static inline void test_table_load(struct test_table *x, u32 blk)
{
	x->page[blk] = calloc(1, sizeof(**x->page));
	assert_non_null(x->page[blk]);
	dmr_layout_empty_block(&x->sb, blk, x->page[blk]->word);
	dmr_table_load_block(&x->t, blk);
}

/* An empty table over a spare of @slots, @hwm blocks of it below the mark. */
static inline void test_table_make(struct test_table *x, u64 slots, u32 hwm, bool room)
{
	u32 i;

	test_super(&x->sb, 1 << 20, slots * 8);
	x->sb.hwm_blk = hwm < x->sb.table_blk ? hwm : x->sb.table_blk;
	x->page = calloc(x->sb.table_blk, sizeof(*x->page));
	x->room = calloc(dmr_room_words(x->sb.table_blk), sizeof(*x->room));
	assert_non_null(x->page);
	assert_non_null(x->room);
	dmr_table_init(&x->t, &x->sb, x->page);
	if (room)
		dmr_table_use_room(&x->t, x->sb.table_blk, x->room);
	for (i = 0; i < x->sb.hwm_blk; i++)
		test_table_load(x, i);
}

static inline void test_table_free(struct test_table *x)
{
	u32 i;

	for (i = 0; i < x->sb.table_blk; i++)
		free(x->page[i]);
	free(x->page);
	free(x->room);
}

static inline u64 test_used(u64 mblk)
{
	return dmr_entry_make(DMR_KIND_USED, dmr_mblk(mblk), 0xaaaa, 0);
}

static inline u64 test_pending(u64 mblk)
{
	return dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(mblk), 0x0001, 0);
}

#endif
