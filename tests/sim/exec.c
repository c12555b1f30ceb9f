// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exec: the steps of core/protocol.c, done on the simulated spare; the kernel's
 * are in commit-io.c and raise.c, in the same order.
 */
#include "sim.h"
#include "trace.h"

/* Write a finished metadata block to one place. */
enum dmr_sts sim_meta_write(struct sim *s, u64 slot, const void *blk)
{
	sim_sect sect[DMR_BLK_SECTS];
	enum dmr_sts st;

	if (!dmr_layout_is_meta(&s->v.sb, dmr_slot(slot)) && !sim_rebuild_place(s, slot))
		sim_blame(s, "R3: metadata was sent to slot %llu", (unsigned long long)slot);
	sim_store_bytes(blk, sect);
	st = sim_spare_write(s, slot, 0, DMR_BLK_SECTS, sect, false);
	sim_trace_write(s, slot, blk, st);
	return st;
}

static enum dmr_sts evidence_aux(struct sim *s)
{
	enum dmr_sts st = DMR_STS_IOERR;
	u8 blk[DMR_BLK_BYTES];
	u32 c;

	for (c = 0; st && c < s->v.sb.copies; c++) {
		struct dmr_slot at = dmr_layout_aux_slot(&s->v.sb, c);

		if (!(s->v.whole & BIT(c)))
			continue;
		dmr_codec_aux_encode(blk, s->v.sb.uuid, &s->v.sb.gen, c, at, NULL);
		st = sim_meta_write(s, at.v, blk);
	}
	return st;
}

/* A free slot anywhere; the kernel's is random, ours depends on what was written so far. */
static struct dmr_slot evidence_slot(struct sim *s)
{
	struct dmr_table *t = &s->v.table;
	u64 below = (u64)s->v.sb.hwm_blk * DMR_ENTRIES_PER_BLK;
	u64 cursor = t->cursor;
	struct dmr_slot at;

	if (below > s->v.sb.slots)
		below = s->v.sb.slots;
	t->cursor = (s->v.gen.counter * 5 + 3) % below;
	if (below > 64)
		t->cursor = s->v.sb.copy_slot[0].v + dmr_layout_copy_len(&s->v.sb) + 16;
	at = dmr_alloc_take(t);
	t->cursor = cursor;
	return at;
}

/* Is a slot that is free here free in whatever a later load may believe? */
static bool knows_all(const struct sim *s)
{
	return s->v.active && !(s->v.sb.insync & ~s->v.whole);
}

bool sim_evidence_spare(struct sim *s)
{
	static const sim_sect zero[DMR_BLK_SECTS];
	enum dmr_sts st = DMR_STS_IOERR;
	u32 tries;

	for (tries = 0; st && tries < 3; tries++) {
		struct dmr_slot at = knows_all(s) ? evidence_slot(s) : DMR_SLOT_NONE;

		if (dmr_slot_is_none(at))
			return !evidence_aux(s);
		st = sim_spare_write(s, at.v, 0, DMR_BLK_SECTS, zero, false);
		dmr_alloc_release(&s->v.table, at);
	}
	return !st || !evidence_aux(s);
}

static bool is_candidate(enum dmr_sts st)
{
	return dmr_verdict_classify(st, true, false, false) == DMR_CLASS_CANDIDATE;
}

/* One block to the copies in @mask: all of them, then a verdict on those that failed. */
static enum dmr_result write_copies(struct sim *s, u8 (*blk)[DMR_BLK_BYTES], const u64 *slot,
				    u32 mask, u32 *bad)
{
	enum dmr_sts st[DMR_COPIES_MAX] = {};
	u32 c;

	for (c = 0; c < s->v.sb.copies; c++)
		if (mask & BIT(c))
			st[c] = sim_meta_write(s, slot[c], blk[c]);
	for (c = 0; c < s->v.sb.copies; c++) {
		if (!(mask & BIT(c)) || !st[c] || (*bad & BIT(c)))
			continue;
		if (!is_candidate(st[c]) || !sim_evidence_spare(s))
			return DMR_RES_GONE;
		if (sim_meta_write(s, slot[c], blk[c]))
			*bad |= BIT(c);
	}
	return *bad ? DMR_RES_COPIES : DMR_RES_OK;
}

static enum dmr_result table_to(struct sim *s, const struct dmr_gen *gen, u32 index,
				const u64 *word, u32 mask, u32 *bad)
{
	u8 blk[DMR_COPIES_MAX][DMR_BLK_BYTES];
	u64 slot[DMR_COPIES_MAX];
	u32 c;

	for (c = 0; c < s->v.sb.copies; c++) {
		struct dmr_slot at = dmr_layout_table_slot(&s->v.sb, c, index);

		slot[c] = at.v;
		if (mask & BIT(c))
			dmr_codec_table_encode(blk[c], s->v.sb.uuid, gen, index, word, at);
	}
	return write_copies(s, blk, slot, mask, bad);
}

static enum dmr_result step_table(struct sim *s, struct sim_exec *x, u32 mask, u32 *bad)
{
	enum dmr_result res = DMR_RES_OK;
	u32 i;

	for (i = 0; i < s->v.sb.hwm_blk && res != DMR_RES_GONE; i++)
		if (x->blks & BIT(i))
			res = table_to(s, &x->table_gen, i, x->word[i], mask & ~*bad, bad);
	if (res == DMR_RES_GONE)
		return res;
	return *bad ? DMR_RES_COPIES : DMR_RES_OK;
}

static enum dmr_result step_empty(struct sim *s, struct sim_exec *x, u32 mask, u32 *bad)
{
	enum dmr_result res = DMR_RES_OK;
	u64 word[DMR_ENTRIES_PER_BLK];
	u32 blk;

	for (blk = s->v.sb.hwm_blk; blk < x->raise_to && res != DMR_RES_GONE; blk++) {
		dmr_layout_empty_block(&s->v.sb, blk, word);
		res = table_to(s, &s->v.gen, blk, word, mask & ~*bad, bad);
	}
	if (res == DMR_RES_GONE)
		return res;
	return *bad ? DMR_RES_COPIES : DMR_RES_OK;
}

static enum dmr_result step_super(struct sim *s, struct sim_exec *x, u32 mask, u32 *bad)
{
	u8 blk[DMR_COPIES_MAX][DMR_BLK_BYTES];
	u64 slot[DMR_COPIES_MAX];
	u32 c;

	if (x->super_gen != x->p.super_gen) {
		x->super_gen = x->p.super_gen;
		s->v.gen.counter++;
		x->sb.gen = s->v.gen;
		x->sb.insync = dmr_copies_named(x->p.insync, s->v.sb.insync);
	}
	for (c = 0; c < s->v.sb.copies; c++) {
		slot[c] = dmr_layout_super_slot(&x->sb, c).v;
		if (mask & BIT(c))
			dmr_codec_super_encode(blk[c], &x->sb, c, dmr_slot(slot[c]));
	}
	return write_copies(s, blk, slot, mask, bad);
}

/* The selected image of a table block, from the first copy in @from that gives it. */
static const struct sim_block *fill_read(struct sim *s, u32 from, u32 blk)
{
	u32 c;

	for (c = 0; c < s->v.sb.copies; c++) {
		u64 slot = dmr_layout_table_slot(&s->v.sb, c, blk).v;
		const struct sim_block *b;
		sim_sect sect[DMR_BLK_SECTS];

		if (!(from & BIT(c)) || sim_spare_read(s, slot, 0, DMR_BLK_SECTS, sect))
			continue;
		b = sim_store_table(slot, sect, &s->v.sb, blk);
		if (b->st == DMR_BLK_OK)
			return b;
	}
	return NULL;
}

int sim_fill_block(struct sim *s, u32 from, struct dmr_slot at, u32 blk)
{
	const struct dmr_slot dst = dmr_slot(at.v + 1 + blk);
	const struct sim_block *b = fill_read(s, from, blk);
	u8 bytes[DMR_BLK_BYTES];

	if (!b)
		return -ENODATA;
	dmr_codec_table_encode(bytes, s->v.sb.uuid, &b->gen, blk, b->data, dst);
	if (!sim_meta_write(s, dst.v, bytes))
		return 0;
	return sim_meta_write(s, dst.v, bytes) ? -EIO : 0;
}

static int fill_copy(struct sim *s, struct sim_exec *x, u32 to)
{
	struct dmr_slot at = dmr_layout_aux_slot(&x->sb, to);
	u8 bytes[DMR_BLK_BYTES];
	u32 blk;

	for (blk = 0; blk < s->v.sb.hwm_blk && !x->moved; blk++) {
		u32 from = x->fill_same ? x->fill_same[blk] : x->p.insync;

		if (x->fill_same && (from & BIT(to)))
			continue;
		if (sim_fill_block(s, from & ~BIT(to), s->v.sb.copy_slot[to], blk))
			return -EIO;
	}
	dmr_codec_aux_encode(bytes, s->v.sb.uuid, &s->v.gen, to, at, NULL);
	return sim_meta_write(s, at.v, bytes) ? -EIO : 0;
}

static enum dmr_result step_fill(struct sim *s, struct sim_exec *x, u32 mask, u32 *bad)
{
	u32 c;

	for (c = 0; c < s->v.sb.copies; c++)
		if ((mask & BIT(c)) && fill_copy(s, x, c))
			*bad |= BIT(c);
	if (!*bad)
		return DMR_RES_OK;
	return sim_evidence_spare(s) ? DMR_RES_COPIES : DMR_RES_GONE;
}

static enum dmr_result step_data(struct sim *s, struct sim_exec *x)
{
	u32 i;

	for (i = 0; i < x->nr_req; i++)
		if (sim_reloc_data(s, &x->req[i]))
			return DMR_RES_GONE;
	return DMR_RES_OK;
}

static enum dmr_result step_flush(struct sim *s, struct sim_exec *x)
{
	enum dmr_sts st;

	if (x->data_void) {
		/* a flush failed after the data was written: it has to be written again */
		x->data_void = false;
		return DMR_RES_FLUSH;
	}
	st = sim_spare_flush(s);

	sim_trace_flush(s, st);
	return st ? DMR_RES_FLUSH : DMR_RES_OK;
}

static enum dmr_result one_step(struct sim *s, struct sim_exec *x, struct dmr_step step, u32 *bad)
{
	switch (step.op) {
	case DMR_OP_DATA:
		return step_data(s, x);
	case DMR_OP_FLUSH:
		return step_flush(s, x);
	case DMR_OP_TABLE:
		return step_table(s, x, step.mask, bad);
	case DMR_OP_EMPTY:
		return step_empty(s, x, step.mask, bad);
	case DMR_OP_FILL:
		return step_fill(s, x, step.mask, bad);
	case DMR_OP_SUPER:
		x->lone_behind = hweight32(x->p.insync) < 2 && (x->behind & ~x->p.insync);
		return x->lone_behind ? DMR_RES_GONE : step_super(s, x, step.mask, bad);
	case DMR_OP_TOMBSTONE:
		step_super(s, x, step.mask, bad);
		*bad = 0;
		return DMR_RES_OK;
	default:
		return DMR_RES_GONE;
	}
}

/* What became durable, whatever the end; as remap_exec_settle(). */
static void settle(struct sim *s, struct sim_exec *x, enum dmr_op how)
{
	struct sim_dev *v = &s->v;
	struct dmr_slot old = v->sb.copy_slot[v->rebuild.copy];

	if (x->super_gen && how == DMR_OP_DONE) {
		v->sb = x->sb;
		if (x->moved)
			sim_rebuild_settle(s, old);
	} else if (x->p.expelled) {
		v->sb.insync = x->sb.insync;
		v->sb.gen = x->sb.gen;
	}
	v->whole = x->p.insync;
	v->super_torn = how == DMR_OP_DONE ? 0 : v->super_torn | x->p.super.torn |
						 (x->super_gen ? x->p.insync : 0);
	v->expelled = (BIT(v->sb.copies) - 1) & ~v->sb.insync;
}

struct sim_exec sim_exec_new(struct sim *s)
{
	return (struct sim_exec){ .sb = s->v.sb };
}

enum dmr_op sim_exec_run(struct sim *s, struct sim_exec *x)
{
	x->p.super.torn |= s->v.super_torn;
	if (!x->moved)
		sim_trace_begin(s);
	for (;;) {
		struct dmr_step step = dmr_proto_next(&x->p);
		enum dmr_result res;
		u32 bad = 0;

		if (step.op == DMR_OP_DONE || step.op == DMR_OP_ABORT ||
		    step.op == DMR_OP_DOUBT) {
			sim_trace_end(step.op == DMR_OP_DONE);
			settle(s, x, step.op);
			return step.op;
		}
		res = one_step(s, x, step, &bad);
		dmr_proto_result(&x->p, res, bad);
	}
}

int sim_raise(struct sim *s)
{
	struct sim_exec x;
	u32 from = s->v.sb.hwm_blk;
	u32 to = dmr_layout_raised(&s->v.sb, from);
	u32 blk;

	if (to == from)
		return -ENOSPC;
	for (blk = from; blk < to; blk++) {
		dmr_layout_empty_block(&s->v.sb, blk, s->v.page[blk].word);
		memset(s->v.page[blk].taken, 0xff, sizeof(s->v.page[blk].taken));
	}
	if (s->v.super_torn && sim_super_write(s, s->v.sb.activity))
		return -EIO;
	x = sim_exec_new(s);
	x.raise_to = to;
	x.sb.hwm_blk = to;
	s->v.gen.counter++;
	dmr_proto_begin(&x.p, DMR_PROTO_RAISE, s->v.whole, 0, 0, false);
	if (sim_exec_run(s, &x) != DMR_OP_DONE)
		return -EIO;
	for (blk = from; blk < to; blk++)
		dmr_table_load_block(&s->v.table, blk);
	sim_rebuild_hold(s);
	return 0;
}

int sim_super_write(struct sim *s, u32 activity)
{
	struct sim_exec x = sim_exec_new(s);

	x.sb.activity = activity;
	dmr_proto_begin(&x.p, DMR_PROTO_SUPER, s->v.whole, 0, 0, false);
	return sim_exec_run(s, &x) == DMR_OP_DONE ? 0 : -EIO;
}
