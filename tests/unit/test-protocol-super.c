// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protocol, case by case: raising the mark, activation, and superblocks alone.
 */
#include "test-protocol.h"

static void raise_writes_empty_blocks_everywhere_first(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_RAISE, 0x1f, 0, 0, false);
	bad(&p, DMR_OP_EMPTY, 0x1f, 0x08);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_SUPER, 0x03);
	flushed(&p, DMR_OP_SUPER, 0x14);
	flushed(&p, DMR_OP_TOMBSTONE, 0x08);
	ends(&p, DMR_OP_DONE, false);

	dmr_proto_begin(&p, DMR_PROTO_RAISE, 0x03, 0, 0, false);
	bad(&p, DMR_OP_EMPTY, 0x03, 0x01);
	ends(&p, DMR_OP_ABORT, false);
}

static void activate_brings_all_to_one_state(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0x1f, 0, 0, false);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_SUPER, 0x03);
	flushed(&p, DMR_OP_SUPER, 0x1c);
	ends(&p, DMR_OP_DONE, false);

	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0x06, 0, 0x19, false);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_FILL, 0x01);	/* one copy at a time (A30) */
	flushed(&p, DMR_OP_FILL, 0x08);
	bad(&p, DMR_OP_FILL, 0x10, 0x10);
	flushed(&p, DMR_OP_SUPER, 0x09);	/* may be wrecks: first */
	flushed(&p, DMR_OP_SUPER, 0x06);
	flushed(&p, DMR_OP_TOMBSTONE, 0x10);
	ends(&p, DMR_OP_DONE, false);
	assert_int_equal(p.insync, 0x0f);
}

static void activate_after_a_crash_in_the_middle_of_a_batch(void **state)
{
	struct dmr_proto p;

	(void)state;
	/* each copy lacks a block that another one has: all are to be filled */
	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0, 0, 0x07, false);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_FILL, 0x01);
	flushed(&p, DMR_OP_FILL, 0x02);
	flushed(&p, DMR_OP_FILL, 0x04);
	flushed(&p, DMR_OP_SUPER, 0x01);
	flushed(&p, DMR_OP_SUPER, 0x06);
	ends(&p, DMR_OP_DONE, false);
	assert_int_equal(p.insync, 0x07);
}

static void activate_what_lags_is_filled_even_if_named_in_sync(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0x03, 0, 0x02, false);
	good(&p, DMR_OP_FLUSH, 0);
	good(&p, DMR_OP_FILL, 0x02);
}

static void activate_goes_down_to_one_copy_in_place(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0x03, 0, 0, false);
	good(&p, DMR_OP_FLUSH, 0);
	flushed(&p, DMR_OP_SUPER, 0x01);
	bad(&p, DMR_OP_SUPER, 0x02, 0x02);
	assert_int_equal(p.super_gen, 2);
	flushed(&p, DMR_OP_SUPER, 0x01);
	ends(&p, DMR_OP_DONE, false);	/* no tombstone: the lone copy goes on naming both */
	assert_int_equal(p.insync, 0x01);
	assert_int_equal(p.expelled, 0x02);

	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0x01, 0, 0, false);
	good(&p, DMR_OP_FLUSH, 0);
	bad(&p, DMR_OP_SUPER, 0x01, 0x01);
	ends(&p, DMR_OP_ABORT, false);

	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0, 0, 0x02, false);
	good(&p, DMR_OP_FLUSH, 0);
	bad(&p, DMR_OP_FILL, 0x02, 0x02);
	ends(&p, DMR_OP_ABORT, false);

	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0, 0, 0, false);
	ends(&p, DMR_OP_ABORT, false);
}

static void activate_first_flush_fails(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, 0x03, 0, 0x04, false);
	/* what it chose may have been in the cache that is gone: no second try (A27) */
	no_flush(&p, DMR_OP_FLUSH, 0);
	ends(&p, DMR_OP_ABORT, true);
}

static void close_with_one_copy_is_written_in_place(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_SUPER, 0x02, 0, 0, false);
	flushed(&p, DMR_OP_SUPER, 0x02);
	ends(&p, DMR_OP_DONE, false);

	dmr_proto_begin(&p, DMR_PROTO_SUPER, 0x03, 0, 0, false);
	bad(&p, DMR_OP_SUPER, 0x01, 0x01);
	flushed(&p, DMR_OP_SUPER, 0x02);
	ends(&p, DMR_OP_DONE, false);
	assert_int_equal(p.insync, 0x02);

	dmr_proto_begin(&p, DMR_PROTO_SUPER, 0, 0, 0, false);
	ends(&p, DMR_OP_ABORT, false);
}

static void torn_superblocks_of_an_earlier_run_go_first(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_SUPER, 0x0f, 0, 0, false);
	p.super.torn |= 0x0c;
	flushed(&p, DMR_OP_SUPER, 0x0c);
	flushed(&p, DMR_OP_SUPER, 0x03);
	ends(&p, DMR_OP_DONE, false);
	assert_int_equal(p.super.torn, 0);
}

static void a_verdict_against_no_one_is_ok(void **state)
{
	struct dmr_proto p;

	(void)state;
	dmr_proto_begin(&p, DMR_PROTO_SUPER, 0x03, 0, 0, false);
	bad(&p, DMR_OP_SUPER, 0x01, 0);
	good(&p, DMR_OP_FLUSH, 0);
	bad(&p, DMR_OP_SUPER, 0x02, 0x0d);	/* not of this round */
	good(&p, DMR_OP_FLUSH, 0);
	ends(&p, DMR_OP_DONE, false);
	assert_int_equal(p.insync, 0x03);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raise_writes_empty_blocks_everywhere_first),
		cmocka_unit_test(activate_brings_all_to_one_state),
		cmocka_unit_test(activate_after_a_crash_in_the_middle_of_a_batch),
		cmocka_unit_test(activate_what_lags_is_filled_even_if_named_in_sync),
		cmocka_unit_test(activate_goes_down_to_one_copy_in_place),
		cmocka_unit_test(activate_first_flush_fails),
		cmocka_unit_test(close_with_one_copy_is_written_in_place),
		cmocka_unit_test(torn_superblocks_of_an_earlier_run_go_first),
		cmocka_unit_test(a_verdict_against_no_one_is_ok),
	};

	return cmocka_run_group_tests_name("protocol-super", tests, NULL, NULL);
}
