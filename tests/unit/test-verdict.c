// SPDX-License-Identifier: GPL-2.0-only
/* Verdict: every class of error, and when the breaker trips. */
#include "test.h"
#include "verdict.h"

static void every_class(void **state)
{
	static const enum dmr_class plain[] = {
		[DMR_STS_OK] = DMR_CLASS_PASS,
		[DMR_STS_MEDIUM] = DMR_CLASS_CANDIDATE,
		[DMR_STS_IOERR] = DMR_CLASS_CANDIDATE,
		[DMR_STS_TARGET] = DMR_CLASS_CANDIDATE,
		[DMR_STS_PROTECTION] = DMR_CLASS_CANDIDATE,
		[DMR_STS_TRANSPORT] = DMR_CLASS_PATH,
		[DMR_STS_TIMEOUT] = DMR_CLASS_PATH,
		[DMR_STS_OFFLINE] = DMR_CLASS_PATH,
		[DMR_STS_AGAIN] = DMR_CLASS_PASS,
		[DMR_STS_OTHER] = DMR_CLASS_PASS,
	};
	unsigned int sts, flags;

	(void)state;
	for (sts = 0; sts < ARRAY_SIZE(plain); sts++) {
		for (flags = 0; flags < 8; flags++) {
			const bool rw = flags & 1, may_fail = flags & 2, slow = flags & 4;
			enum dmr_class want = plain[sts];

			if (slow && sts != DMR_STS_OK && sts != DMR_STS_AGAIN)
				want = DMR_CLASS_PATH;
			if (!rw || may_fail)
				want = DMR_CLASS_PASS;
			assert_int_equal(dmr_verdict_classify((enum dmr_sts)sts, rw, may_fail,
							      slow), want);
		}
	}
	/* a status from a later kernel */
	assert_int_equal(dmr_verdict_classify((enum dmr_sts)99, true, false, false),
			 DMR_CLASS_PASS);
}

static void allowance_is_spent_and_refilled(void **state)
{
	struct dmr_breaker b;
	unsigned int i;

	(void)state;
	dmr_breaker_init(&b, 3);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_YES);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_YES);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_LAST);
	for (i = 0; i < 5; i++)
		assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_NO);
	dmr_breaker_read_ok(&b);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_NO);
	dmr_breaker_write_ok(&b);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_YES);
	/* a disk that reads well and refuses every write costs at most the allowance */
	dmr_breaker_init(&b, 16);
	for (i = 0; dmr_breaker_spend(&b) != DMR_SPEND_NO; i++)
		dmr_breaker_read_ok(&b);
	assert_int_equal(i, 16);
}

static void no_allowance_at_all(void **state)
{
	struct dmr_breaker b;

	(void)state;
	dmr_breaker_init(&b, 0);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_NO);
	dmr_breaker_write_ok(&b);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_NO);
	dmr_breaker_thaw(&b, 1);
	assert_int_equal(dmr_breaker_spend(&b), DMR_SPEND_LAST);
}

static void path_errors_in_a_row(void **state)
{
	struct dmr_breaker b;
	unsigned int i;

	(void)state;
	dmr_breaker_init(&b, 16);
	for (i = 0; i < 63; i++)
		assert_false(dmr_breaker_path(&b));
	dmr_breaker_read_ok(&b);
	for (i = 0; i < 63; i++)
		assert_false(dmr_breaker_path(&b));
	dmr_breaker_write_ok(&b);
	for (i = 0; i < 63; i++)
		assert_false(dmr_breaker_path(&b));
	for (i = 0; i < 100; i++)
		assert_true(dmr_breaker_path(&b));
	assert_int_equal(b.path_row, 64);
}

static void rounds_of_reference_reads(void **state)
{
	struct dmr_breaker b;

	(void)state;
	dmr_breaker_init(&b, 16);
	assert_false(dmr_breaker_probe(&b, false));
	assert_false(dmr_breaker_probe(&b, false));
	assert_false(dmr_breaker_probe(&b, true));
	assert_false(dmr_breaker_probe(&b, false));
	assert_false(dmr_breaker_probe(&b, false));
	/* other successes say nothing about reference reads */
	dmr_breaker_read_ok(&b);
	dmr_breaker_write_ok(&b);
	assert_true(dmr_breaker_probe(&b, false));
	assert_true(dmr_breaker_probe(&b, false));
	assert_false(dmr_breaker_probe(&b, true));
}

static void thaw_starts_anew(void **state)
{
	struct dmr_breaker b;
	unsigned int i;

	(void)state;
	dmr_breaker_init(&b, 2);
	while (dmr_breaker_spend(&b) != DMR_SPEND_NO)
		;
	for (i = 0; i < 70; i++)
		dmr_breaker_path(&b);
	for (i = 0; i < 4; i++)
		dmr_breaker_probe(&b, false);
	dmr_breaker_thaw(&b, 0);
	assert_int_equal(b.left, 2);
	assert_int_equal(b.path_row, 0);
	assert_int_equal(b.probe_row, 0);
	dmr_breaker_thaw(&b, 100);
	assert_int_equal(b.left, 100);
	dmr_breaker_write_ok(&b);
	assert_int_equal(b.left, 100);	/* a success takes nothing away */
	assert_int_equal(b.allowance, 2);
	dmr_breaker_thaw(&b, ~0u);
	assert_int_equal(b.left, DMR_ALLOWANCE_MAX);
	dmr_breaker_init(&b, ~0u);
	assert_int_equal(b.allowance, DMR_ALLOWANCE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class),
		cmocka_unit_test(allowance_is_spent_and_refilled),
		cmocka_unit_test(no_allowance_at_all),
		cmocka_unit_test(path_errors_in_a_row),
		cmocka_unit_test(rounds_of_reference_reads),
		cmocka_unit_test(thaw_starts_anew),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
