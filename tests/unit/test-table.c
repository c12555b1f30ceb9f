// SPDX-License-Identifier: GPL-2.0-only
/* Table: sums, taken bits, what is below the mark and above it. */
#include "test-table.h"

/* Runs are as long as they can be, and cover every slot once. */
static void check_runs(const struct test_table *x)
{
	enum dmr_kind kind, last = DMR_KIND_FREE;
	u64 s, end;

	for (s = 0; s < x->sb.slots; s = end, last = kind) {
		end = dmr_table_run(&x->t, dmr_slot(s), &kind);
		assert_true(end > s && end <= x->sb.slots);
		assert_true(!s || kind != last);
		for (; s < end; s++)
			assert_int_equal(dmr_entry_kind(dmr_table_get(&x->t, dmr_slot(s))), kind);
	}
	assert_true(s == x->sb.slots);
}

/* The sums counted anew, slot by slot, through the public getter. */
static void check_sums(const struct test_table *x)
{
	struct dmr_table_sums want = { .total = x->sb.slots };
	u64 left = 0;
	u64 s;
	unsigned int i;

	for (s = 0; s < x->sb.slots; s++) {
		const u64 w = dmr_table_get(&x->t, dmr_slot(s));

		switch (dmr_entry_kind(w)) {
		case DMR_KIND_FREE:
			want.free++;
			break;
		case DMR_KIND_META:
			want.meta++;
			break;
		case DMR_KIND_USED:
			want.used++;
			break;
		case DMR_KIND_PENDING:
			want.pending++;
			break;
		case DMR_KIND_BAD:
			want.bad++;
			break;
		}
		for (i = 0; i < 8; i++) {
			const enum dmr_state st = dmr_states_get(dmr_entry_states(w), i);

			want.lost_sect += st == DMR_STATE_LOST;
			want.pending_sect += st == DMR_STATE_PENDING;
		}
		if (w)
			assert_true(dmr_alloc_taken(&x->t, dmr_slot(s)));
		if (dmr_table_below_mark(&x->t, dmr_slot(s)))
			left += !dmr_alloc_taken(&x->t, dmr_slot(s));
	}
	check_runs(x);
	assert_memory_equal(&want, &x->t.sums, sizeof(want));
	assert_true(left == dmr_alloc_left_below_mark(&x->t));
}

static void empty_tables(void **state)
{
	static const u64 sizes[] = { 9, 12, 127, 128, 503, 504, 505, 1023, 1024, 5040, 20000 };
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct test_table x;

		test_table_make(&x, sizes[i], i & 1 ? 1 : 8, i & 2);
		check_sums(&x);
		test_table_free(&x);
	}
}

static void nothing_loaded_is_all_computed(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 5040, 0, true);
	assert_true(x.t.sums.total == 5040);
	assert_true(x.t.sums.meta == 5ull * 12);
	assert_true(x.t.sums.free == 5040 - 60);
	check_sums(&x);
	test_table_free(&x);
}

static void loading_takes_what_is_not_free(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 5040, 1, false);
	x.page[1] = calloc(1, sizeof(**x.page));
	dmr_layout_empty_block(&x.sb, 1, x.page[1]->word);
	x.page[1]->word[0] = test_used(3);
	x.page[1]->word[1] = test_pending(4);
	x.page[1]->word[503] = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	x.sb.hwm_blk = 2;
	dmr_table_load_block(&x.t, 1);
	check_sums(&x);
	assert_true(x.t.sums.used == 1 && x.t.sums.pending == 1 && x.t.sums.bad == 1);
	assert_true(dmr_alloc_taken(&x.t, dmr_slot(504)));
	assert_false(dmr_alloc_taken(&x.t, dmr_slot(506)));
	test_table_free(&x);
}

static void random_changes_keep_the_sums(void **state)
{
	struct test_table x;
	u64 rnd = 5;
	unsigned int i;

	(void)state;
	test_table_make(&x, 3000, 4, true);
	for (i = 0; i < 20000; i++) {
		const struct dmr_slot s = dmr_slot(test_rnd_below(&rnd, 2016));
		const u64 b = test_rnd_below(&rnd, 1000);
		const u32 states = (u32)test_rnd(&rnd) & 0xffff;
		u64 w = 0;

		if (dmr_layout_is_meta(&x.sb, s))
			continue;
		switch (test_rnd_below(&rnd, 4)) {
		case 0:
			w = dmr_entry_make(DMR_KIND_USED, dmr_mblk(b), states, (u32)b);
			break;
		case 1:
			w = dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(b), states & 0x5555, 0);
			break;
		case 2:
			w = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
			break;
		}
		dmr_table_set(&x.t, s, w);
		assert_true(dmr_table_get(&x.t, s) == w);
		if (!w && test_rnd_below(&rnd, 2))
			dmr_alloc_release(&x.t, s);
		if (i % 1000 == 0)
			check_sums(&x);
	}
	check_sums(&x);
	test_table_free(&x);
}

/* R11: a slot that becomes free is not on offer before it is released. */
static void a_freed_slot_stays_taken(void **state)
{
	const struct dmr_slot s = dmr_slot(300);
	struct test_table x;
	u64 left;

	(void)state;
	test_table_make(&x, 1000, 2, true);
	left = dmr_alloc_left_below_mark(&x.t);
	dmr_table_set(&x.t, s, test_used(1));
	assert_true(dmr_alloc_left_below_mark(&x.t) == left - 1);
	dmr_table_set(&x.t, s, 0);
	assert_true(dmr_alloc_taken(&x.t, s));
	assert_true(dmr_alloc_left_below_mark(&x.t) == left - 1);
	dmr_alloc_release(&x.t, s);
	assert_false(dmr_alloc_taken(&x.t, s));
	assert_true(dmr_alloc_left_below_mark(&x.t) == left);
	test_table_free(&x);
}

/* R3: the one check before user data goes to a slot. */
/* A copy moves: its new place is taken and becomes metadata, its old one, no anchor, free. */
static void copy_moves(void **state)
{
	const u32 hwm[] = { 1, 3, 5 };
	struct test_table x;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(hwm); i++) {
		struct dmr_slot at = dmr_layout_alternate(2048, 0), next;
		u32 len;

		test_table_make(&x, 2048, hwm[i], true);
		len = dmr_layout_copy_len(&x.sb);
		next = dmr_layout_alternate(2048, 1);
		assert_true(dmr_alloc_run_free(&x.t, at, len));
		dmr_alloc_take_run(&x.t, at, len);
		assert_int_equal(dmr_alloc_run_free(&x.t, at, len), hwm[i] < 5);
		x.sb.copy_slot[1] = at;
		dmr_table_reserve(&x.t, at, len, true);
		assert_false(dmr_alloc_run_free(&x.t, at, len));
		check_sums(&x);
		assert_int_equal(x.t.sums.meta, 6 * len);
		x.sb.copy_slot[1] = next;
		dmr_alloc_take_run(&x.t, next, len);
		dmr_table_reserve(&x.t, next, len, true);
		dmr_table_reserve(&x.t, at, len, false);
		dmr_alloc_release_run(&x.t, at, len);
		check_sums(&x);
		assert_int_equal(x.t.sums.meta, 6 * len);
		assert_true(dmr_alloc_run_free(&x.t, at, len));
		assert_false(dmr_alloc_run_free(&x.t, dmr_slot(x.sb.slots / 16), len));
		test_table_free(&x);
	}
}

static void write_allowed(void **state)
{
	(void)state;
	assert_true(dmr_table_write_allowed(test_used(7), dmr_mblk(7)));
	assert_true(dmr_table_write_allowed(test_pending(7), dmr_mblk(7)));
	assert_true(dmr_table_write_allowed(0, dmr_mblk(7)));
	assert_false(dmr_table_write_allowed(test_used(8), dmr_mblk(7)));
	assert_false(dmr_table_write_allowed(test_pending(8), dmr_mblk(7)));
	assert_false(dmr_table_write_allowed(dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0),
					     dmr_mblk(0)));
	assert_false(dmr_table_write_allowed(dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0),
					     dmr_mblk(0)));
}

static void above_the_mark(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 20000, 8, true);
	assert_true(dmr_table_below_mark(&x.t, dmr_slot(4031)));
	assert_false(dmr_table_below_mark(&x.t, dmr_slot(4032)));
	assert_true(dmr_table_get(&x.t, dmr_slot(4032)) == 0);
	assert_true(dmr_entry_kind(dmr_table_get(&x.t, dmr_slot(10000))) == DMR_KIND_META);
	test_table_free(&x);
	/* the last block is not full: its tail does not exist */
	test_table_make(&x, 1000, 2, true);
	assert_true(dmr_table_below_mark(&x.t, dmr_slot(999)));
	assert_false(dmr_table_below_mark(&x.t, dmr_slot(1000)));
	test_table_free(&x);
}

/* Below the mark, and not in memory: the block follows from the copies' places. */
static void an_implied_block(void **state)
{
	struct test_table x;
	struct dmr_table_page *page;

	(void)state;
	test_table_make(&x, 20000, 8, true);
	page = x.page[3];
	x.page[3] = NULL;
	assert_false(dmr_table_below_mark(&x.t, dmr_slot(3 * 504)));
	assert_true(dmr_table_get(&x.t, dmr_slot(3 * 504)) ==
		    dmr_layout_computed_word(&x.sb, dmr_slot(3 * 504)));
	assert_true(dmr_table_page_full(x.page[3]));
	assert_false(dmr_table_page_full(x.page[4]));
	x.page[3] = page;
	test_table_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_tables),
		cmocka_unit_test(nothing_loaded_is_all_computed),
		cmocka_unit_test(loading_takes_what_is_not_free),
		cmocka_unit_test(random_changes_keep_the_sums),
		cmocka_unit_test(a_freed_slot_stays_taken),
		cmocka_unit_test(copy_moves),
		cmocka_unit_test(write_allowed),
		cmocka_unit_test(above_the_mark),
		cmocka_unit_test(an_implied_block),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
