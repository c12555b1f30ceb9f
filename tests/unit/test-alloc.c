// SPDX-License-Identifier: GPL-2.0-only
/* Alloc: next fit, only below the mark, never twice. */
#include "test-table.h"

/* Every free slot comes once, in order, then none. */
static void gives_each_slot_once(bool room)
{
	static const u64 sizes[] = { 9, 128, 504, 505, 1023, 3000, 9000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct test_table x;
		u64 last = 0, n = 0, left;

		test_table_make(&x, sizes[i], 8, room);
		left = dmr_alloc_left_below_mark(&x.t);
		while (true) {
			const struct dmr_slot s = dmr_alloc_take(&x.t);

			if (dmr_slot_is_none(s))
				break;
			assert_true(!n || s.v > last);
			assert_true(dmr_table_below_mark(&x.t, s));
			assert_false(dmr_layout_is_meta(&x.sb, s));
			assert_true(dmr_alloc_taken(&x.t, s));
			last = s.v;
			n++;
		}
		assert_true(n == left);
		assert_true(dmr_alloc_left_below_mark(&x.t) == 0);
		assert_true(dmr_slot_is_none(dmr_alloc_take(&x.t)));
		test_table_free(&x);
	}
}

static void each_slot_once_with_room(void **state)
{
	(void)state;
	gives_each_slot_once(true);
}

static void each_slot_once_without_room(void **state)
{
	(void)state;
	gives_each_slot_once(false);
}

static void smallest_spare_has_three(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 9, 8, true);
	assert_true(dmr_alloc_take(&x.t).v == 3);
	assert_true(dmr_alloc_take(&x.t).v == 4);
	assert_true(dmr_alloc_take(&x.t).v == 5);
	assert_true(dmr_slot_is_none(dmr_alloc_take(&x.t)));
	test_table_free(&x);
}

static void nothing_below_the_mark(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 5000, 0, true);
	assert_true(dmr_slot_is_none(dmr_alloc_take(&x.t)));
	assert_true(dmr_alloc_want_raise(&x.t));
	test_table_free(&x);
}

/* Slots taken and given back at random, from empty to full and back, several times. */
static void never_to_two(bool room)
{
	static bool mine[3000];
	static struct dmr_slot held[3000];
	struct test_table x;
	u64 rnd = 21, all;
	unsigned int n = 0, full = 0, i;

	memset(mine, 0, sizeof(mine));
	test_table_make(&x, 3000, 6, room);
	all = x.t.left;
	for (i = 0; i < 60000; i++) {
		const bool filling = i / 6000 % 2 == 0;

		if (n && test_rnd_below(&rnd, 10) < (filling ? 1 : 9)) {
			const unsigned int k = (unsigned int)test_rnd_below(&rnd, n);

			dmr_alloc_release(&x.t, held[k]);
			mine[held[k].v] = false;
			held[k] = held[--n];
		} else {
			const struct dmr_slot s = dmr_alloc_take(&x.t);

			assert_int_equal(dmr_slot_is_none(s), n == all);
			full += n == all;
			if (n == all)
				continue;
			assert_false(mine[s.v]);
			mine[s.v] = true;
			held[n++] = s;
		}
		assert_true(x.t.left == all - n);
	}
	assert_true(full > 100);
	test_table_free(&x);
}

static void never_to_two_with_room(void **state)
{
	(void)state;
	never_to_two(true);
}

static void never_to_two_without_room(void **state)
{
	(void)state;
	never_to_two(false);
}

static void wraps_to_a_released_slot(void **state)
{
	struct test_table x;
	struct dmr_slot first;

	(void)state;
	test_table_make(&x, 2000, 4, true);
	first = dmr_alloc_take(&x.t);
	while (!dmr_slot_is_none(dmr_alloc_take(&x.t)))
		;
	dmr_alloc_release(&x.t, first);
	assert_true(dmr_alloc_take(&x.t).v == first.v);
	test_table_free(&x);
}

static void a_released_slot_is_not_the_next(void **state)
{
	struct test_table x;
	struct dmr_slot s;

	(void)state;
	test_table_make(&x, 2000, 4, true);
	s = dmr_alloc_take(&x.t);
	dmr_alloc_release(&x.t, s);
	assert_true(dmr_alloc_take(&x.t).v == s.v + 1);
	test_table_free(&x);
}

/* The next one is looked for behind the cursor, also when there is one just before it. */
static void next_means_behind_the_cursor(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 5000, 2, true);
	while (x.t.cursor < 127)
		dmr_alloc_take(&x.t);
	dmr_table_take(&x.t, 0, 127);
	dmr_alloc_release(&x.t, dmr_slot(100));
	assert_true(dmr_alloc_take(&x.t).v == 128);
	test_table_free(&x);
}

/* The mark is raised before the blocks are loaded: they give nothing in between. */
static void below_the_mark_but_not_yet_loaded(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 5000, 1, true);
	x.page[1] = malloc(sizeof(**x.page));
	assert_non_null(x.page[1]);
	dmr_layout_empty_block(&x.sb, 1, x.page[1]->word);
	memset(x.page[1]->taken, 0xff, sizeof(x.page[1]->taken));
	x.sb.hwm_blk = 2;
	while (dmr_alloc_take(&x.t).v < 503)
		;
	assert_true(dmr_slot_is_none(dmr_alloc_take(&x.t)));
	dmr_table_load_block(&x.t, 1);
	assert_true(dmr_alloc_take(&x.t).v == 504);
	test_table_free(&x);
}

static void release_is_careful(void **state)
{
	struct test_table x;
	struct dmr_slot s;
	u64 left;

	(void)state;
	test_table_make(&x, 5000, 2, true);
	left = x.t.left;
	dmr_alloc_release(&x.t, dmr_slot(700));		/* not taken */
	dmr_alloc_release(&x.t, dmr_slot(0));		/* metadata */
	dmr_alloc_release(&x.t, dmr_slot(4999));	/* above the mark */
	dmr_alloc_release(&x.t, DMR_SLOT_NONE);
	assert_true(x.t.left == left);
	s = dmr_alloc_take(&x.t);
	dmr_table_set(&x.t, s, test_used(1));
	dmr_alloc_release(&x.t, s);			/* in use */
	assert_true(dmr_alloc_taken(&x.t, s));
	assert_true(x.t.left == left - 1);
	test_table_free(&x);
}

static void taken_outside(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 5000, 2, true);
	assert_true(dmr_alloc_taken(&x.t, dmr_slot(2500)));	/* copy 4, above the mark */
	assert_false(dmr_alloc_taken(&x.t, dmr_slot(2499)));
	assert_true(dmr_alloc_taken(&x.t, dmr_slot(5000)));
	assert_true(dmr_alloc_taken(&x.t, DMR_SLOT_NONE));
	test_table_free(&x);
}

static void hints(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 3000, 4, true);
	assert_true(dmr_slot_is_none(dmr_alloc_hint(&x.t)));
	dmr_table_set(&x.t, dmr_slot(50), test_pending(1));
	dmr_table_set(&x.t, dmr_slot(60), test_used(3));
	dmr_table_set(&x.t, dmr_slot(2000), test_pending(2));
	assert_true(dmr_alloc_hint(&x.t).v == 50);
	assert_true(dmr_alloc_hint(&x.t).v == 2000);
	assert_true(dmr_alloc_hint(&x.t).v == 50);
	dmr_table_set(&x.t, dmr_slot(2000), 0);
	assert_true(dmr_alloc_hint(&x.t).v == 50);
	assert_true(dmr_alloc_hint(&x.t).v == 50);
	dmr_table_set(&x.t, dmr_slot(50), test_used(1));
	assert_true(dmr_slot_is_none(dmr_alloc_hint(&x.t)));
	test_table_free(&x);
}

static void raise_in_time(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 20000, 8, true);
	assert_false(dmr_alloc_want_raise(&x.t));
	while (x.t.left >= 2016) {
		assert_false(dmr_alloc_want_raise(&x.t));
		dmr_alloc_take(&x.t);
	}
	assert_true(dmr_alloc_want_raise(&x.t));
	while (x.sb.hwm_blk < 16)
		test_table_load(&x, x.sb.hwm_blk++);
	assert_false(dmr_alloc_want_raise(&x.t));
	test_table_free(&x);
	/* the whole table is below the mark: nothing to raise, however little is left */
	test_table_make(&x, 100, 8, true);
	assert_false(dmr_alloc_want_raise(&x.t));
	test_table_free(&x);
}

/* One free slot at the far end of 1 TiB, found without a walk over the table. */
static void far_end_of_a_large_spare(void **state)
{
	static struct dmr_table_page full, last;
	struct test_table x;
	u32 i;

	(void)state;
	test_super(&x.sb, 1 << 20, 1ull << 31);
	x.sb.hwm_blk = x.sb.table_blk;
	x.page = malloc(x.sb.table_blk * sizeof(*x.page));
	x.room = malloc(dmr_room_words(x.sb.table_blk) * sizeof(*x.room));
	assert_non_null(x.page);
	assert_non_null(x.room);
	memset(&full, 0xff, sizeof(full));
	for (i = 0; i < x.sb.table_blk; i++)
		x.page[i] = &full;
	x.page[x.sb.table_blk - 1] = &last;
	dmr_table_init(&x.t, &x.sb, x.page);
	dmr_table_use_room(&x.t, x.sb.table_blk, x.room);
	dmr_table_load_block(&x.t, x.sb.table_blk - 1);
	for (i = 0; i < 100000; i++) {
		const struct dmr_slot s = dmr_alloc_take(&x.t);

		assert_true(dmr_table_blk_of(s) == x.sb.table_blk - 1);
		x.t.cursor = i;
		dmr_alloc_release(&x.t, s);
	}
	free(x.page);
	free(x.room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_slot_once_with_room),
		cmocka_unit_test(each_slot_once_without_room),
		cmocka_unit_test(smallest_spare_has_three),
		cmocka_unit_test(nothing_below_the_mark),
		cmocka_unit_test(never_to_two_with_room),
		cmocka_unit_test(never_to_two_without_room),
		cmocka_unit_test(wraps_to_a_released_slot),
		cmocka_unit_test(a_released_slot_is_not_the_next),
		cmocka_unit_test(next_means_behind_the_cursor),
		cmocka_unit_test(below_the_mark_but_not_yet_loaded),
		cmocka_unit_test(release_is_careful),
		cmocka_unit_test(taken_outside),
		cmocka_unit_test(hints),
		cmocka_unit_test(raise_in_time),
		cmocka_unit_test(far_end_of_a_large_spare),
	};

	return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
