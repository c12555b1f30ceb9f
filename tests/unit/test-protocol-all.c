// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protocol, all of it: every set of copies, every answer at every step, up to
 * a number of failures per run, against a model of what the copies hold.
 *
 * The model knows nothing of rounds. It is told what is written and how it
 * went, and keeps for each copy of the table and of the superblock: whole or
 * torn, on its way or flushed. What was written since the last good flush may
 * be there, or not, or half. Against it are checked, at every step:
 *
 *   (a) a write leaves out at least one member that is whole
 *   (b) no table before the data it refers to is flushed
 *   (c) data whose flush failed is asked for again
 *   (d) no superblock that names a copy whose table, empty blocks or fill are
 *       not durable; no superblock from fewer than two (COMMIT, RAISE)
 *   (e) DONE only when all that was to be written is durable in all members,
 *       and a changed membership is durable in all members' superblocks
 *   (f) ABORT only without a table write, DOUBT only after one; gone is said
 *       exactly when the spare did not answer or lost two flushes
 *   (g) a tombstone only after (e)'s superblocks, to expelled copies only
 *   (h) one number of superblock content never stands for two memberships
 *   (i) who is torn at the end is known to the caller, and a next run that is
 *       told so keeps (a)
 *   (j) the run ends
 */
#include "test.h"
#include "protocol.h"

#define COPIES		5
#define STEPS_MAX	80
#define GENS_MAX	16

/* Kept for each copy, of the table and of the superblock. */
struct cell {
	bool torn;
	bool flying;
	bool fresh;	/* holds (if whole) what this run writes */
	u32 says;	/* superblock: membership it states */
};

struct model {
	enum dmr_proto_kind kind;
	u32 members;	/* copies without a verdict against them, filled or in sync */
	u32 to_fill;
	u32 expelled;
	struct cell table[COPIES];
	struct cell super[COPIES];
	bool alone_ok;	/* a lone whole superblock may be written in place */
	bool has_data;
	bool data_flying;
	bool data_durable;
	bool data_lost;
	bool base_flushed;
	bool submitted;
	bool data_ever;
	u32 flushes_failed;	/* in a row */
	u32 gen;
	u32 gen_says[GENS_MAX];
	u32 steps;
	bool few;	/* the last answer left too few */
	bool gone;	/* the last answer said gone, or a flush failed */
	bool retry;	/* this is already a second run */
};

/* What was asked and answered so far, for the message when a check fails. */
static struct {
	struct dmr_step step;
	enum dmr_result res;
	u32 mask;
} trail[2 * STEPS_MAX];

static unsigned long long runs;
static unsigned int failures_max;

static const char *const op_name[] = {
	"DATA", "FLUSH", "TABLE", "EMPTY", "FILL", "SUPER", "TOMBSTONE", "DONE", "ABORT", "DOUBT",
};

static const char *const res_name[] = { "ok", "copies", "flush", "gone" };

static void show_trail(u32 steps)
{
	u32 i;

	for (i = 0; i < steps; i++)
		print_error("  %s 0x%x: %s 0x%x\n", op_name[trail[i].step.op], trail[i].step.mask,
			    res_name[trail[i].res], trail[i].mask);
}

#define CHECK(m, cond)							\
	do {								\
		if (!(cond)) {						\
			show_trail((m)->steps);				\
			fail_msg("kind %d, members 0x%x: %s", (m)->kind, (m)->members, #cond); \
		}							\
	} while (0)

static bool in(u32 set, u32 i)
{
	return set >> i & 1;
}

static bool whole(const struct cell *c)
{
	return !c->torn && !c->flying;
}

static u32 whole_set(const struct cell *c, u32 set)
{
	u32 out = 0;
	u32 i;

	for (i = 0; i < COPIES; i++)
		if (in(set, i) && whole(&c[i]))
			out |= 1u << i;
	return out;
}

static bool all_durable(const struct cell *c, u32 set)
{
	u32 i;

	for (i = 0; i < COPIES; i++)
		if (in(set, i) && !(whole(&c[i]) && c[i].fresh))
			return false;
	return true;
}

static bool all_say(const struct model *m)
{
	u32 i;

	for (i = 0; i < COPIES; i++)
		if (in(m->members, i) && !(whole(&m->super[i]) && m->super[i].fresh &&
					   m->super[i].says == m->members))
			return false;
	return true;
}

/* ---- what is checked when a step is given ---- */

static void check_super(struct model *m, const struct dmr_proto *p, u32 mask)
{
	const u32 left = whole_set(m->super, m->members) & ~mask;
	const bool alone = m->alone_ok && hweight32(whole_set(m->super, m->members)) <= 1;

	CHECK(m, left || alone);
	CHECK(m, p->insync == m->members);
	CHECK(m, p->super_gen && p->super_gen < GENS_MAX);
	CHECK(m, p->super_gen >= m->gen);
	if (p->super_gen == m->gen)
		CHECK(m, m->gen_says[m->gen] == m->members);
	m->gen = p->super_gen;
	m->gen_says[m->gen] = m->members;

	switch (m->kind) {
	case DMR_PROTO_COMMIT:
		CHECK(m, hweight32(m->members) >= 2);
		CHECK(m, whole_set(m->table, m->members) == m->members);
		break;
	case DMR_PROTO_RAISE:
		CHECK(m, hweight32(m->members) >= 2);
		CHECK(m, all_durable(m->table, m->members));
		break;
	case DMR_PROTO_ACTIVATE:
		CHECK(m, m->base_flushed);
		CHECK(m, all_durable(m->table, m->members));
		break;
	case DMR_PROTO_SUPER:
		break;
	}
}

static void check_step(struct model *m, const struct dmr_proto *p, struct dmr_step s)
{
	CHECK(m, !(s.mask & ~m->members) || s.op == DMR_OP_TOMBSTONE);
	if (m->data_lost)
		CHECK(m, s.op == DMR_OP_DATA);
	switch (s.op) {
	case DMR_OP_TABLE:
		CHECK(m, m->kind == DMR_PROTO_COMMIT && s.mask);
		CHECK(m, !m->has_data || m->data_durable);
		CHECK(m, whole_set(m->table, m->members) & ~s.mask);
		m->submitted = true;
		break;
	case DMR_OP_EMPTY:
		CHECK(m, m->kind == DMR_PROTO_RAISE && s.mask);
		break;
	case DMR_OP_FILL:
		CHECK(m, m->kind == DMR_PROTO_ACTIVATE && m->base_flushed);
		CHECK(m, s.mask == (m->to_fill & m->members));
		break;
	case DMR_OP_SUPER:
		CHECK(m, s.mask);
		check_super(m, p, s.mask);
		break;
	case DMR_OP_TOMBSTONE:
		CHECK(m, s.mask && !(s.mask & ~m->expelled));
		CHECK(m, all_say(m));
		break;
	case DMR_OP_DATA:
		CHECK(m, m->has_data);
		break;
	default:
		break;
	}
}

static void check_end(const struct model *m, const struct dmr_proto *p, enum dmr_op how)
{
	const u32 torn_tables = m->members & ~whole_set(m->table, m->members);
	const u32 torn_supers = m->members & ~whole_set(m->super, m->members);

	runs++;
	CHECK(m, p->insync == m->members || (how != DMR_OP_DONE && !(p->insync & ~m->members)));
	CHECK(m, p->expelled == m->expelled);
	if (how == DMR_OP_DONE) {
		CHECK(m, m->kind == DMR_PROTO_SUPER || all_durable(m->table, m->members));
		CHECK(m, m->kind == DMR_PROTO_COMMIT ? !m->expelled || all_say(m) : all_say(m));
		CHECK(m, m->alone_ok || hweight32(m->members) >= 2);
		CHECK(m, !m->has_data || m->data_durable);
		CHECK(m, !m->few && !m->gone);
		return;
	}
	CHECK(m, (how == DMR_OP_DOUBT) == m->submitted);
	CHECK(m, p->gone == !m->few);
	CHECK(m, m->few || m->gone);
	/* (i) */
	CHECK(m, !(torn_supers & ~p->super.torn));
	if (m->kind == DMR_PROTO_COMMIT)
		CHECK(m, !(torn_tables & ~p->table.torn));
}

/* ---- what a step does to the copies ---- */

static void lose_unflushed(struct model *m)
{
	u32 i;

	for (i = 0; i < COPIES; i++) {
		m->table[i].torn |= m->table[i].flying;
		m->super[i].torn |= m->super[i].flying;
		m->table[i].flying = false;
		m->super[i].flying = false;
	}
	if (m->data_flying)
		m->data_lost = true;
	m->data_flying = false;
}

/* Failed flushes are in a row unless one between made something durable for the first time. */
static bool flush_helps(const struct model *m)
{
	u32 i;

	for (i = 0; i < COPIES; i++)
		if (m->table[i].flying || m->super[i].flying)
			return true;
	return (m->data_flying && !m->data_ever) ||
	       (m->kind == DMR_PROTO_ACTIVATE && !m->base_flushed);
}

static void flush(struct model *m)
{
	u32 i;

	if (flush_helps(m))
		m->flushes_failed = 0;
	for (i = 0; i < COPIES; i++) {
		if (m->table[i].flying)
			m->table[i].torn = false;
		if (m->super[i].flying)
			m->super[i].torn = false;
		m->table[i].flying = false;
		m->super[i].flying = false;
	}
	if (m->data_flying) {
		m->data_durable = true;
		m->data_ever = true;
	}
	m->data_flying = false;
	m->base_flushed = true;
}

static struct cell *cells_of(struct model *m, enum dmr_op op)
{
	if (op == DMR_OP_TABLE || op == DMR_OP_EMPTY || op == DMR_OP_FILL)
		return m->table;
	return op == DMR_OP_SUPER ? m->super : NULL;
}

static void write_copies(struct model *m, struct dmr_step s, u32 failed)
{
	struct cell *c = cells_of(m, s.op);
	u32 i;

	for (i = 0; c && i < COPIES; i++) {
		if (!in(s.mask, i))
			continue;
		c[i].fresh = true;
		c[i].says = s.op == DMR_OP_SUPER ? m->members : 0;
		c[i].flying = !in(failed, i);
		if (in(failed, i))
			c[i].torn = true;
	}
	if (s.op == DMR_OP_DATA) {
		m->data_lost = false;
		m->data_durable = false;
		m->data_flying = true;
	}
}

static void expel(struct model *m, u32 failed)
{
	const u32 least = m->kind == DMR_PROTO_COMMIT || m->kind == DMR_PROTO_RAISE ? 2 : 1;

	m->members &= ~failed;
	m->expelled |= failed;
	m->few = hweight32(m->members) < least;
	/* whoever is left, someone has it whole */
	if (m->members && m->kind != DMR_PROTO_ACTIVATE)
		CHECK(m, whole_set(m->table, m->members) || m->kind == DMR_PROTO_RAISE);
	if (m->members && !m->alone_ok)
		CHECK(m, whole_set(m->super, m->members));
}

static void answer(struct model *m, struct dmr_step s, enum dmr_result res, u32 failed)
{
	m->few = false;
	m->gone = false;
	switch (res) {
	case DMR_RES_OK:
		if (s.op == DMR_OP_FLUSH)
			flush(m);
		else
			write_copies(m, s, 0);
		break;
	case DMR_RES_COPIES:
		write_copies(m, s, failed);
		if (s.op != DMR_OP_TOMBSTONE)
			expel(m, failed);
		break;
	case DMR_RES_FLUSH:
		write_copies(m, s, 0);
		lose_unflushed(m);
		m->gone = ++m->flushes_failed >= 2 ||
			  (m->kind == DMR_PROTO_ACTIVATE && !m->base_flushed);
		break;
	case DMR_RES_GONE:
		write_copies(m, s, s.mask);
		lose_unflushed(m);
		m->gone = true;
		break;
	}
}

/* ---- the walk ---- */

static void walk(const struct model *m0, const struct dmr_proto *p0, unsigned int failures);

/* After a doubt: the same blocks once more, from what is on the spare now. */
static void walk_retry(const struct model *old, const struct dmr_proto *p, unsigned int failures)
{
	const u32 named = old->gen ? old->gen_says[old->gen] : old->members | old->expelled;
	struct dmr_proto q;
	struct model m;
	u32 i;

	if (old->retry || hweight32(named) < 2)
		return;
	memset(&m, 0, sizeof(m));
	m.kind = DMR_PROTO_COMMIT;
	m.members = named;
	m.retry = true;
	m.steps = old->steps;
	memcpy(m.table, old->table, sizeof(m.table));
	memcpy(m.super, old->super, sizeof(m.super));
	for (i = 0; i < COPIES; i++) {
		m.table[i].torn |= m.table[i].flying;
		m.super[i].torn |= m.super[i].flying;
		m.table[i].flying = false;
		m.super[i].flying = false;
		m.table[i].fresh = false;
		m.super[i].fresh = false;
	}
	dmr_proto_begin(&q, DMR_PROTO_COMMIT, named, p->table.torn, 0, false);
	q.super.torn |= p->super.torn;
	walk(&m, &q, failures);
}

static void branch(const struct model *m0, const struct dmr_proto *p0, struct dmr_step s,
		   enum dmr_result res, u32 mask, unsigned int failures)
{
	struct dmr_proto p = *p0;
	struct model m = *m0;

	trail[m.steps].step = s;
	trail[m.steps].res = res;
	trail[m.steps].mask = mask;
	m.steps++;
	CHECK(&m, m.steps < 2 * STEPS_MAX);
	answer(&m, s, res, mask);
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
		check_end(&m, &p, s.op);
		if (s.op == DMR_OP_DOUBT)
			walk_retry(&m, &p, failures);
		return;
	}
	check_step(&m, &p, s);
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

static void start(struct model *m, enum dmr_proto_kind kind, u32 members)
{
	memset(m, 0, sizeof(*m));
	m->kind = kind;
	m->members = members;
	m->alone_ok = kind == DMR_PROTO_SUPER || kind == DMR_PROTO_ACTIVATE;
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
			start(&m, DMR_PROTO_COMMIT, insync);
			m.has_data = torn == 0;
			m.data_flying = m.has_data;
			for (i = 0; i < COPIES; i++)
				m.table[i].torn = in(torn, i);
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
		start(&m, DMR_PROTO_RAISE, insync);
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
			start(&m, DMR_PROTO_SUPER, insync);
			for (i = 0; i < COPIES; i++)
				m.super[i].torn = in(torn, i);
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

	start(&m, DMR_PROTO_ACTIVATE, insync | fill);
	m.to_fill = fill;
	for (i = 0; i < COPIES; i++) {
		m.super[i].torn = in(wrecks, i);
		m.table[i].fresh = in(insync, i);
		m.table[i].torn = in(fill, i);
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
