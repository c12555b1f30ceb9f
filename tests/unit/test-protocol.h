/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run of the protocol, written down step by step.
 */
#ifndef DMR_TEST_PROTOCOL_H
#define DMR_TEST_PROTOCOL_H

#include "test.h"
#include "protocol.h"

static const char *const op_name[] = {
	"DATA", "FLUSH", "TABLE", "EMPTY", "FILL", "SUPER", "TOMBSTONE", "DONE", "ABORT", "DOUBT",
};

static inline void expect(struct dmr_proto *p, enum dmr_op op, u32 mask)
{
	struct dmr_step step = dmr_proto_next(p);

	if (step.op != op || step.mask != mask)
		fail_msg("wanted %s 0x%x, got %s 0x%x", op_name[op], mask, op_name[step.op],
			 step.mask);
	/* asking again changes nothing */
	step = dmr_proto_next(p);
	assert_int_equal(step.op, op);
	assert_int_equal(step.mask, mask);
}

/* The step is to be @op to @mask, and it works. */
static inline void good(struct dmr_proto *p, enum dmr_op op, u32 mask)
{
	expect(p, op, mask);
	dmr_proto_result(p, DMR_RES_OK, 0);
}

/* The same, and so does the flush that has to follow. */
static inline void flushed(struct dmr_proto *p, enum dmr_op op, u32 mask)
{
	good(p, op, mask);
	good(p, DMR_OP_FLUSH, 0);
}

/* The step is to be @op to @mask, and @failed of them fail for good. */
static inline void bad(struct dmr_proto *p, enum dmr_op op, u32 mask, u32 failed)
{
	expect(p, op, mask);
	dmr_proto_result(p, DMR_RES_COPIES, failed);
}

static inline void no_flush(struct dmr_proto *p, enum dmr_op op, u32 mask)
{
	expect(p, op, mask);
	dmr_proto_result(p, DMR_RES_FLUSH, 0);
}

/* The run ends so, and stays so whatever is said to it. */
static inline void ends(struct dmr_proto *p, enum dmr_op op, bool gone)
{
	expect(p, op, 0);
	assert_int_equal(p->gone, gone);
	dmr_proto_result(p, DMR_RES_GONE, 0);
	dmr_proto_result(p, DMR_RES_COPIES, ~0u);
	expect(p, op, 0);
	assert_int_equal(p->gone, gone);
}

#endif
