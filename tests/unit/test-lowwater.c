// SPDX-License-Identifier: GPL-2.0-only
/* Lowwater: levels by free slots, and that each is said once. */
#include "test.h"
#include "lowwater.h"

static enum dmr_level level(u64 all, u64 free, enum dmr_level was)
{
	const struct dmr_table_sums sums = { .total = all + 30, .meta = 30, .free = free };
	struct dmr_args a;

	dmr_args_init(&a);
	return dmr_lowwater_level(&a, &sums, was);
}

static void exactly_at_the_marks(void **state)
{
	(void)state;
	assert_int_equal(level(1000, 1000, DMR_LEVEL_OK), DMR_LEVEL_OK);
	assert_int_equal(level(1000, 200, DMR_LEVEL_OK), DMR_LEVEL_OK);
	assert_int_equal(level(1000, 199, DMR_LEVEL_OK), DMR_LEVEL_LOW);
	assert_int_equal(level(1000, 50, DMR_LEVEL_LOW), DMR_LEVEL_LOW);
	assert_int_equal(level(1000, 49, DMR_LEVEL_LOW), DMR_LEVEL_CRITICAL);
	assert_int_equal(level(1000, 49, DMR_LEVEL_OK), DMR_LEVEL_CRITICAL);
	assert_int_equal(level(1000, 0, DMR_LEVEL_OK), DMR_LEVEL_FULL);
}

static void better_only_with_a_hundredth_more(void **state)
{
	(void)state;
	assert_int_equal(level(1000, 209, DMR_LEVEL_LOW), DMR_LEVEL_LOW);
	assert_int_equal(level(1000, 210, DMR_LEVEL_LOW), DMR_LEVEL_OK);
	assert_int_equal(level(1000, 59, DMR_LEVEL_CRITICAL), DMR_LEVEL_CRITICAL);
	assert_int_equal(level(1000, 60, DMR_LEVEL_CRITICAL), DMR_LEVEL_LOW);
	assert_int_equal(level(1000, 205, DMR_LEVEL_CRITICAL), DMR_LEVEL_LOW);
	assert_int_equal(level(1000, 10, DMR_LEVEL_FULL), DMR_LEVEL_FULL);
	assert_int_equal(level(1000, 11, DMR_LEVEL_FULL), DMR_LEVEL_CRITICAL);
	assert_int_equal(level(1000, 1000, DMR_LEVEL_FULL), DMR_LEVEL_OK);
}

/* Three slots: no hundredth to wait for. */
static void smallest_spare(void **state)
{
	(void)state;
	assert_int_equal(level(3, 3, DMR_LEVEL_OK), DMR_LEVEL_OK);
	assert_int_equal(level(3, 1, DMR_LEVEL_OK), DMR_LEVEL_OK);
	assert_int_equal(level(3, 0, DMR_LEVEL_OK), DMR_LEVEL_FULL);
	assert_int_equal(level(3, 1, DMR_LEVEL_FULL), DMR_LEVEL_OK);
}

static void largest_spare_does_not_overflow(void **state)
{
	const u64 all = 1ull << 41;

	(void)state;
	assert_int_equal(level(all, all, DMR_LEVEL_FULL), DMR_LEVEL_OK);
	assert_int_equal(level(all, all / 10, DMR_LEVEL_OK), DMR_LEVEL_LOW);
	assert_int_equal(level(all, all / 50, DMR_LEVEL_OK), DMR_LEVEL_CRITICAL);
}

static void marks_that_are_off(void **state)
{
	const struct dmr_table_sums one = { .total = 1000, .free = 1 };
	const struct dmr_table_sums none = { .total = 1000 };
	struct dmr_args a;

	(void)state;
	dmr_args_init(&a);
	a.low_pct = 0;
	a.critical_pct = 0;
	assert_int_equal(dmr_lowwater_level(&a, &one, DMR_LEVEL_OK), DMR_LEVEL_OK);
	assert_int_equal(dmr_lowwater_level(&a, &none, DMR_LEVEL_OK), DMR_LEVEL_FULL);
}

/* Taken and given back at a mark, over and over: said once. */
static void to_and_fro_is_said_once(void **state)
{
	enum dmr_level l = DMR_LEVEL_OK;
	unsigned int i, worse = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		const enum dmr_level is = level(1000, i & 1 ? 199 : 205, l);

		worse += is > l;
		l = is;
	}
	assert_int_equal(worse, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_at_the_marks),
		cmocka_unit_test(better_only_with_a_hundredth_more),
		cmocka_unit_test(smallest_spare),
		cmocka_unit_test(largest_spare_does_not_overflow),
		cmocka_unit_test(marks_that_are_off),
		cmocka_unit_test(to_and_fro_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
