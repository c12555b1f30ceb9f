// SPDX-License-Identifier: GPL-2.0-only
/* Txn: images from changes, and changes that came too late. */
#include "test-table.h"
#include "txn.h"

static u64 image[DMR_ENTRIES_PER_BLK];

static void applies_only_its_own_block(void **state)
{
	struct test_table x;
	struct dmr_change chg[3];
	u64 want[DMR_ENTRIES_PER_BLK];

	(void)state;
	test_table_make(&x, 3000, 4, true);
	dmr_table_set(&x.t, dmr_slot(30), test_used(9));
	chg[0] = (struct dmr_change){ dmr_slot(20), 0, test_used(1) };
	chg[1] = (struct dmr_change){ dmr_slot(600), 0, test_used(2) };
	chg[2] = (struct dmr_change){ dmr_slot(30), test_used(9), 0 };
	memcpy(want, x.page[0]->word, sizeof(want));
	want[20] = test_used(1);
	want[30] = 0;
	assert_int_equal(dmr_txn_build(&x.t, 0, chg, 3, image), 0);
	assert_memory_equal(image, want, sizeof(want));
	memcpy(want, x.page[1]->word, sizeof(want));
	want[96] = test_used(2);
	assert_int_equal(dmr_txn_build(&x.t, 1, chg, 3, image), 0);
	assert_memory_equal(image, want, sizeof(want));
	assert_int_equal(dmr_txn_build(&x.t, 2, chg, 3, image), 0);
	assert_memory_equal(image, x.page[2]->word, sizeof(want));
	/* nothing is published by building */
	assert_true(dmr_table_get(&x.t, dmr_slot(20)) == 0);
	test_table_free(&x);
}

static void no_changes_is_the_published_block(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 3000, 4, true);
	assert_int_equal(dmr_txn_build(&x.t, 0, NULL, 0, image), 0);
	assert_memory_equal(image, x.page[0]->word, sizeof(image));
	test_table_free(&x);
}

/* A9: what was queued against an entry that has changed since does not apply. */
static void changed_since_it_was_queued(void **state)
{
	struct dmr_change chg = { dmr_slot(20), test_pending(1), test_used(1) };
	struct test_table x;

	(void)state;
	test_table_make(&x, 3000, 4, true);
	assert_int_equal(dmr_txn_build(&x.t, 0, &chg, 1, image), -EAGAIN);
	dmr_table_set(&x.t, dmr_slot(20), test_pending(1));
	assert_int_equal(dmr_txn_build(&x.t, 0, &chg, 1, image), 0);
	dmr_table_set(&x.t, dmr_slot(20), test_pending(2));
	assert_int_equal(dmr_txn_build(&x.t, 0, &chg, 1, image), -EAGAIN);
	/* of no interest to another block */
	assert_int_equal(dmr_txn_build(&x.t, 1, &chg, 1, image), 0);
	test_table_free(&x);
}

static void two_changes_of_one_slot(void **state)
{
	struct dmr_change chg[2];
	struct test_table x;

	(void)state;
	test_table_make(&x, 3000, 4, true);
	chg[0] = (struct dmr_change){ dmr_slot(20), 0, test_pending(1) };
	chg[1] = (struct dmr_change){ dmr_slot(20), test_pending(1), test_used(1) };
	assert_int_equal(dmr_txn_build(&x.t, 0, chg, 2, image), 0);
	assert_true(image[20] == test_used(1));
	/* both made for the same old word: the second has lost */
	chg[1].old = 0;
	assert_int_equal(dmr_txn_build(&x.t, 0, chg, 2, image), -EAGAIN);
	test_table_free(&x);
}

static void above_the_mark_there_is_no_block(void **state)
{
	struct test_table x;

	(void)state;
	test_table_make(&x, 20000, 4, true);
	assert_int_equal(dmr_txn_build(&x.t, 4, NULL, 0, image), -EAGAIN);
	test_table_free(&x);
}

static void publish_in_order(void **state)
{
	struct dmr_change chg[3];
	struct test_table x;

	(void)state;
	test_table_make(&x, 3000, 4, true);
	chg[0] = (struct dmr_change){ dmr_slot(20), 0, test_pending(1) };
	chg[1] = (struct dmr_change){ dmr_slot(600), 0, test_used(2) };
	chg[2] = (struct dmr_change){ dmr_slot(20), test_pending(1), test_used(1) };
	dmr_txn_publish(&x.t, chg, 3);
	assert_true(dmr_table_get(&x.t, dmr_slot(20)) == test_used(1));
	assert_true(dmr_table_get(&x.t, dmr_slot(600)) == test_used(2));
	assert_true(x.t.sums.used == 2 && x.t.sums.pending == 0);
	assert_true(dmr_alloc_taken(&x.t, dmr_slot(20)));
	test_table_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(applies_only_its_own_block),
		cmocka_unit_test(no_changes_is_the_published_block),
		cmocka_unit_test(changed_since_it_was_queued),
		cmocka_unit_test(two_changes_of_one_slot),
		cmocka_unit_test(above_the_mark_there_is_no_block),
		cmocka_unit_test(publish_in_order),
	};

	return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
