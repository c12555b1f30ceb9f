// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of a run of the protocol; see protocol-model.h.
 */
#include "protocol-model.h"
#include "test-protocol.h"

#define STEPS_MAX	80

/* What was asked and answered so far, for the message when a check fails. */
static struct {
	struct dmr_step step;
	enum dmr_result res;
	u32 mask;
} trail[2 * STEPS_MAX];

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

void model_start(struct model *m, enum dmr_proto_kind kind, u32 members)
{
	memset(m, 0, sizeof(*m));
	m->kind = kind;
	m->members = members;
	m->alone_ok = kind == DMR_PROTO_SUPER || kind == DMR_PROTO_ACTIVATE;
}

bool model_retry(struct model *m, const struct model *old)
{
	const u32 named = old->gen ? old->gen_says[old->gen] : old->members | old->expelled;
	u32 i;

	if (old->retry || hweight32(named) < 2)
		return false;
	model_start(m, DMR_PROTO_COMMIT, named);
	m->retry = true;
	m->steps = old->steps;
	memcpy(m->table, old->table, sizeof(m->table));
	memcpy(m->super, old->super, sizeof(m->super));
	for (i = 0; i < COPIES; i++) {
		m->table[i].torn |= m->table[i].flying;
		m->super[i].torn |= m->super[i].flying;
		m->table[i].flying = false;
		m->super[i].flying = false;
		m->table[i].fresh = false;
		m->super[i].fresh = false;
	}
	return true;
}

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

void model_check_step(struct model *m, const struct dmr_proto *p, struct dmr_step s)
{
	u32 i;

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
		/* one at a time: all but this one are whole, or what they were (A30) */
		CHECK(m, hweight32(s.mask) == 1 && !(s.mask & ~(m->to_fill & m->members)));
		for (i = 0; i < COPIES; i++)
			CHECK(m, !m->table[i].flying);
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

void model_check_end(const struct model *m, const struct dmr_proto *p, enum dmr_op how)
{
	const u32 torn_tables = m->members & ~whole_set(m->table, m->members);
	const u32 torn_supers = m->members & ~whole_set(m->super, m->members);

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

void model_answer(struct model *m, struct dmr_step s, enum dmr_result res, u32 failed)
{
	trail[m->steps].step = s;
	trail[m->steps].res = res;
	trail[m->steps].mask = failed;
	m->steps++;
	CHECK(m, m->steps < 2 * STEPS_MAX);
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
