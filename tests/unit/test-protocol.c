// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protocol, case by case: what a commit does, step for step. Runs that begin with
 * superblocks are in test-protocol-super.c, the exhaustive proof is in
 * test-protocol-all.c.
 */
#include "test-protocol.h"

static void commit_takes_three_flushes_and_one_write_per_copy(void **state)
{
	static const struct {
		u32 insync, first, second;
	} t[] = {
		{ 0x03, 0x01, 0x02 }, { 0x07, 0x01, 0x06 }, { 0x0f, 0x03, 0x0c },
		{ 0x1f, 0x03, 0x1c }, { 0x12, 0x02, 0x10 }, { 0x1c, 0x04, 0x18 },
	};
	struct dmr_proto p;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		dmr_proto_begin(&p, DMR_PROTO_COMMIT, t[i].insync, 0, 0, true);
		good(&p, DMR_OP_FLUSH, 0);
		flushed(&p, DMR_OP_TABLE, t[i].first);
		flushed(&p, DMR_OP_TABLE, t[i].second);
		ends(&p, DMR_OP_DONE, false);
		assert_int_equal(p.insync, t[i].insync);
		assert_int_equal(p.super_gen, 0);
	}
}

static void commit_without_data_needs_no_first_flush(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x3, 0, 0, false);
	flushed(&p, DMR_OP_TABLE, 0x1);
	flushed(&p, DMR_OP_TABLE, 0x2);
	ends(&p, DMR_OP_DONE, false);
}

static void commit_with_fewer_than_two_copies_does_nothing(void **state)
{
	static const u32 few[] = { 0, 1, 2, 16 };
	struct dmr_proto p;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(few); i++) {
		dmr_proto_begin(&p, DMR_PROTO_COMMIT, few[i], 0, 0, true);
		ends(&p, DMR_OP_ABORT, false);
		dmr_proto_begin(&p, DMR_PROTO_RAISE, few[i], 0, 0, false);
		ends(&p, DMR_OP_ABORT, false);
	}
}

static void commit_expels_before_it_goes_on(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x1f, 0, 0, true);
	good(&p, DMR_OP_FLUSH, 0);
	bad(&p, DMR_OP_TABLE, 0x03, 0x02);
	assert_int_equal(p.super_gen, 1);
	assert_int_equal(p.insync, 0x1d);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_SUPER, 0x05);
	flushed(&p, DMR_OP_SUPER, 0x18);
	bad(&p, DMR_OP_TOMBSTONE, 0x02, 0x02);	/* tried is enough */
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_TABLE, 0x1c);
	ends(&p, DMR_OP_DONE, false);
	assert_int_equal(p.expelled, 0x02);
	assert_int_equal(p.super_gen, 1);
}

static void commit_expels_in_the_last_round_before_done(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x07, 0, 0, true);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_TABLE, 0x01);
	bad(&p, DMR_OP_TABLE, 0x06, 0x04);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_SUPER, 0x01);
	flushed(&p, DMR_OP_SUPER, 0x02);
	flushed(&p, DMR_OP_TOMBSTONE, 0x04);
	ends(&p, DMR_OP_DONE, false);
}

static void a_copy_lost_while_expelling_starts_the_superblocks_again(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x1f, 0, 0, false);
	bad(&p, DMR_OP_TABLE, 0x03, 0x01);
	good(&p, DMR_OP_FLUSH, 0);
	bad(&p, DMR_OP_SUPER, 0x06, 0x02);
	assert_int_equal(p.super_gen, 2);
	/* 2 has a superblock that still names 1, unflushed: it goes first, alone */
	flushed(&p, DMR_OP_SUPER, 0x04);
	flushed(&p, DMR_OP_SUPER, 0x18);
	flushed(&p, DMR_OP_TOMBSTONE, 0x03);
	flushed(&p, DMR_OP_TABLE, 0x04);
	flushed(&p, DMR_OP_TABLE, 0x18);
	ends(&p, DMR_OP_DONE, false);
	assert_int_equal(p.insync, 0x1c);
}

static void one_of_the_last_two_fails_in_doubt(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0, 0, true);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_TABLE, 0x01);
	bad(&p, DMR_OP_TABLE, 0x02, 0x02);
	ends(&p, DMR_OP_DOUBT, false);
	assert_int_equal(p.insync, 0x01);
	assert_int_equal(p.expelled, 0x02);
	assert_int_equal(p.table.torn, 0x02);
	assert_int_equal(p.super_gen, 0);
}

static void the_next_commit_writes_the_torn_copy_first(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0x02, 0, false);
	flushed(&p, DMR_OP_TABLE, 0x02);
	flushed(&p, DMR_OP_TABLE, 0x01);
	ends(&p, DMR_OP_DONE, false);
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x1f, 0x16, 0, false);
	flushed(&p, DMR_OP_TABLE, 0x16);
	flushed(&p, DMR_OP_TABLE, 0x09);
	ends(&p, DMR_OP_DONE, false);
}

static void a_failed_data_flush_asks_for_the_data_again(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0, 0, true);
	no_flush(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_DATA, 0);
	good(&p, DMR_OP_TABLE, 0x01);
	/* not in a row with the first: data became durable between */
	no_flush(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_DATA, 0);
	flushed(&p, DMR_OP_TABLE, 0x01);
	flushed(&p, DMR_OP_TABLE, 0x02);
	ends(&p, DMR_OP_DONE, false);
}

static void two_failed_flushes_before_a_table_write_abort(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0, 0, true);
	no_flush(&p, DMR_OP_FLUSH, 0);
	good(&p, DMR_OP_DATA, 0);
	no_flush(&p, DMR_OP_FLUSH, 0);
	ends(&p, DMR_OP_ABORT, true);
}

static void two_failed_flushes_of_a_round_are_doubt(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x0f, 0, 0, true);
	good(&p, DMR_OP_FLUSH, 0);
	good(&p, DMR_OP_TABLE, 0x03);
	no_flush(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_DATA, 0);
	good(&p, DMR_OP_TABLE, 0x03);
	no_flush(&p, DMR_OP_FLUSH, 0);
	ends(&p, DMR_OP_DOUBT, true);
	assert_int_equal(p.table.torn, 0x03);
	assert_int_equal(p.insync, 0x0f);
}

static void a_flush_that_failed_for_someone_else_voids_the_round(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x07, 0, 0, true);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_TABLE, 0x01);
	no_flush(&p, DMR_OP_TABLE, 0x06);
	flushed(&p, DMR_OP_DATA, 0);
	flushed(&p, DMR_OP_TABLE, 0x06);
	ends(&p, DMR_OP_DONE, false);
}

static void torn_tables_are_mended_before_superblocks(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x07, 0x03, 0, false);
	bad(&p, DMR_OP_TABLE, 0x03, 0x02);
	no_flush(&p, DMR_OP_FLUSH, 0);
	/* 0 is torn, only 2 is whole: a superblock write that costs 2 must not come first */
	flushed(&p, DMR_OP_TABLE, 0x01);
	flushed(&p, DMR_OP_SUPER, 0x01);
	bad(&p, DMR_OP_SUPER, 0x04, 0x04);
	ends(&p, DMR_OP_DOUBT, false);
	assert_int_equal(p.super.torn, 0x04);
}

/* No copy has part in a flush: what a worker says of one there is taken as a failed flush. */
static void a_verdict_at_a_flush_is_a_failed_flush(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0, 0, true);
	bad(&p, DMR_OP_FLUSH, 0, 0x01);
	assert_int_equal(p.insync, 0x03);
	assert_int_equal(p.flush_fails, 1);
	good(&p, DMR_OP_DATA, 0);
	good(&p, DMR_OP_FLUSH, 0);
	expect(&p, DMR_OP_TABLE, 0x01);
}

static void gone_at_any_time(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0, 0, true);
	expect(&p, DMR_OP_FLUSH, 0);
	dmr_proto_result(&p, DMR_RES_GONE, 0);
	ends(&p, DMR_OP_ABORT, true);
	assert_int_equal(p.flush_fails, 0);

	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0, 0, true);
	good(&p, DMR_OP_FLUSH, 0);
	expect(&p, DMR_OP_TABLE, 0x01);
	dmr_proto_result(&p, DMR_RES_GONE, 0);
	ends(&p, DMR_OP_DOUBT, true);
	assert_int_equal(p.table.torn, 0x01);
}

static void data_that_cannot_be_rewritten_ends_the_run(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_COMMIT, 0x03, 0, 0, true);
	no_flush(&p, DMR_OP_FLUSH, 0);
	bad(&p, DMR_OP_DATA, 0, 0x01);
	ends(&p, DMR_OP_ABORT, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commit_takes_three_flushes_and_one_write_per_copy),
		cmocka_unit_test(commit_without_data_needs_no_first_flush),
		cmocka_unit_test(commit_with_fewer_than_two_copies_does_nothing),
		cmocka_unit_test(commit_expels_before_it_goes_on),
		cmocka_unit_test(commit_expels_in_the_last_round_before_done),
		cmocka_unit_test(a_copy_lost_while_expelling_starts_the_superblocks_again),
		cmocka_unit_test(one_of_the_last_two_fails_in_doubt),
		cmocka_unit_test(the_next_commit_writes_the_torn_copy_first),
		cmocka_unit_test(a_failed_data_flush_asks_for_the_data_again),
		cmocka_unit_test(two_failed_flushes_before_a_table_write_abort),
		cmocka_unit_test(two_failed_flushes_of_a_round_are_doubt),
		cmocka_unit_test(a_flush_that_failed_for_someone_else_voids_the_round),
		cmocka_unit_test(torn_tables_are_mended_before_superblocks),
		cmocka_unit_test(a_verdict_at_a_flush_is_a_failed_flush),
		cmocka_unit_test(gone_at_any_time),
		cmocka_unit_test(data_that_cannot_be_rewritten_ends_the_run),
	};

	return cmocka_run_group_tests_name("protocol", tests, NULL, NULL);
}
