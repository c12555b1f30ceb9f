// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protocol, all of it: every set of copies, every answer at every step, up to
 * a number of failures per run, against a model of what the copies hold
 * (protocol-model.h).
 */
#include "test.h"
#include "protocol-model.h"

static unsigned long long runs;
static unsigned int failures_max;

static void walk(const struct model *m0, const struct dmr_proto *p0, unsigned int failures);

/* After a doubt: the same blocks once more. */
static void walk_retry(const struct model *old, const struct dmr_proto *p, unsigned int failures)
{
	struct dmr_proto q;
	struct model m;

	if (!model_retry(&m, old))
		return;
	dmr_proto_begin(&q, DMR_PROTO_COMMIT, m.members, p->table.torn, 0, false);
	q.super.torn |= p->super.torn;
	walk(&m, &q, failures);
}

static void branch(const struct model *m0, const struct dmr_proto *p0, struct dmr_step s,
		   enum dmr_result res, u32 mask, unsigned int failures)
{
	struct dmr_proto p = *p0;
	struct model m = *m0;

	model_answer(&m, s, res, mask);
	dmr_proto_result(&p, res, mask);
	walk(&m, &p, failures);
}

static void walk(const struct model *m0, const struct dmr_proto *p0, unsigned int failures)
{
	struct dmr_proto p = *p0;
	struct model m = *m0;
	const struct dmr_step s = dmr_proto_next(&p);
	u32 bad;

	if (s.op == DMR_OP_DONE || s.op == DMR_OP_ABORT || s.op == DMR_OP_DOUBT) {
		runs++;
		model_check_end(&m, &p, s.op);
		if (s.op == DMR_OP_DOUBT)
			walk_retry(&m, &p, failures);
		return;
	}
	model_check_step(&m, &p, s);
	branch(&m, &p, s, DMR_RES_OK, 0, failures);
	if (failures == failures_max)
		return;
	/* every set of copies that may fail in this step */
	if (s.op != DMR_OP_FLUSH && s.op != DMR_OP_DATA)
		for (bad = s.mask; bad; bad = (bad - 1) & s.mask)
			branch(&m, &p, s, DMR_RES_COPIES, bad, failures + 1);
	branch(&m, &p, s, DMR_RES_FLUSH, 0, failures + 1);
	branch(&m, &p, s, DMR_RES_GONE, 0, failures + 1);
}

static void commits(u32 max_copies, unsigned int failures, bool with_torn)
{
	struct dmr_proto p;
	struct model m;
	u32 insync, torn, i;

	failures_max = failures;
	for (insync = 3; insync < 1u << max_copies; insync++) {
		if (hweight32(insync) < 2)
			continue;
		/* from all but one down to none */
		for (torn = with_torn ? insync : 0;; torn = (torn - 1) & insync) {
			model_start(&m, DMR_PROTO_COMMIT, insync);
			m.has_data = torn == 0;
			m.data_flying = m.has_data;
			for (i = 0; i < COPIES; i++)
				m.table[i].torn = torn >> i & 1;
			dmr_proto_begin(&p, DMR_PROTO_COMMIT, insync, torn, 0, m.has_data);
			if (torn != insync)
				walk(&m, &p, 0);
			if (!torn)
				break;
		}
	}
}

static void commit_all_sets_three_failures(void **state)
{
	(void)state;
	commits(5, 3, false);
}

static void commit_with_torn_tables(void **state)
{
	(void)state;
	commits(4, 3, true);
	commits(5, 2, true);
}

static void raise_all_sets_three_failures(void **state)
{
	struct dmr_proto p;
	struct model m;
	u32 insync;

	(void)state;
	failures_max = 3;
	for (insync = 3; insync < 1u << COPIES; insync++) {
		if (hweight32(insync) < 2)
			continue;
		model_start(&m, DMR_PROTO_RAISE, insync);
		dmr_proto_begin(&p, DMR_PROTO_RAISE, insync, 0, 0, false);
		walk(&m, &p, 0);
	}
}

static void super_all_sets_torn_ones_included(void **state)
{
	struct dmr_proto p;
	struct model m;
	u32 insync, torn, i;

	(void)state;
	failures_max = 3;
	for (insync = 1; insync < 1u << COPIES; insync++) {
		for (torn = insync;; torn = (torn - 1) & insync) {
			model_start(&m, DMR_PROTO_SUPER, insync);
			for (i = 0; i < COPIES; i++)
				m.super[i].torn = torn >> i & 1;
			dmr_proto_begin(&p, DMR_PROTO_SUPER, insync, 0, 0, false);
			p.super.torn |= torn;
			if (torn != insync)
				walk(&m, &p, 0);
			if (!torn)
				break;
		}
	}
}

static void activate_one(u32 insync, u32 fill, u32 wrecks)
{
	struct dmr_proto p;
	struct model m;
	u32 i;

	model_start(&m, DMR_PROTO_ACTIVATE, insync | fill);
	m.to_fill = fill;
	for (i = 0; i < COPIES; i++) {
		m.super[i].torn = wrecks >> i & 1;
		m.table[i].fresh = insync >> i & 1;
		m.table[i].torn = fill >> i & 1;
	}
	dmr_proto_begin(&p, DMR_PROTO_ACTIVATE, insync, 0, fill, false);
	walk(&m, &p, 0);
}

/* Copies to fill may be wrecks; when none is in sync, two at least have a superblock. */
static void activate_all_sets(void **state)
{
	u32 insync, fill, wrecks;

	(void)state;
	for (insync = 0; insync < 1u << COPIES; insync++) {
		for (fill = 0; fill < 1u << COPIES; fill++) {
			if (insync & fill || !(insync | fill))
				continue;
			failures_max = hweight32(insync | fill) == 5 ? 2 : 3;
			for (wrecks = fill;; wrecks = (wrecks - 1) & fill) {
				if (insync || hweight32(fill & ~wrecks) >= 2)
					activate_one(insync, fill, wrecks);
				if (!wrecks)
					break;
			}
		}
	}
}

static void that_was_a_lot(void **state)
{
	(void)state;
	print_message("# %llu runs\n", runs);
	assert_true(runs > 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commit_all_sets_three_failures),
		cmocka_unit_test(commit_with_torn_tables),
		cmocka_unit_test(raise_all_sets_three_failures),
		cmocka_unit_test(super_all_sets_torn_ones_included),
		cmocka_unit_test(activate_all_sets),
		cmocka_unit_test(that_was_a_lot),
	};

	return cmocka_run_group_tests_name("protocol-all", tests, NULL, NULL);
}
