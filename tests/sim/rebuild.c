// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rebuild: a copy whose place went bad is built anew somewhere else; as the kernel's
 * rebuild.c, step by step, so that an operation can do something in between.
 */
#include "sim.h"
#include "trace.h"

static u32 copy_len(const struct sim *s)
{
	return dmr_layout_copy_len(&s->v.sb);
}

bool sim_rebuild_place(const struct sim *s, u64 slot)
{
	return s->v.rebuild.active && slot - s->v.rebuild.at.v < copy_len(s);
}

void sim_rebuild_hold(struct sim *s)
{
	if (s->v.rebuild.active || s->v.rebuild.ghost)
		dmr_alloc_take_run(&s->v.table, s->v.rebuild.at, copy_len(s));
}

static bool may(const struct sim *s)
{
	return s->v.mode == DMR_MODE_RW && hweight32(s->v.whole) >= 2 && !s->v.doubt &&
	       !(s->v.sb.insync & ~s->v.whole);
}

static bool find(struct sim *s, u32 copy, u32 k)
{
	struct sim_rebuild *b = &s->v.rebuild;

	for (; k < DMR_ALTERNATES && !b->active; k++) {
		struct dmr_slot at = dmr_layout_alternate(s->v.sb.slots, k);

		if (dmr_slot_is_none(at) ||
		    !dmr_alloc_run_free(&s->v.table, at, copy_len(s)))
			continue;
		*b = (struct sim_rebuild){
			.active = true, .copy = copy, .at = at, .k = k, .given_up = b->given_up,
			.voids = s->d.voids,
		};
		dmr_alloc_take_run(&s->v.table, at, copy_len(s));
	}
	if (!b->active)
		b->given_up |= 1u << copy;
	return b->active;
}

static bool begin(struct sim *s)
{
	u32 want = ((1u << s->v.sb.copies) - 1) & ~s->v.whole & ~s->v.rebuild.given_up;
	u32 c = 0;

	if (!want || !may(s))
		return false;
	while (!(want >> c & 1))
		c++;
	return find(s, c, 0);
}

static void leave(struct sim *s)
{
	s->v.rebuild.active = false;
	s->v.rebuild.ghost = false;
	dmr_alloc_release_run(&s->v.table, s->v.rebuild.at, copy_len(s));
}

static void failed(struct sim *s, int err)
{
	u32 copy = s->v.rebuild.copy;
	u32 k = s->v.rebuild.k;
	bool place = err == -EIO && sim_evidence_spare(s);

	leave(s);
	if (place)
		find(s, copy, k + 1);
	else
		s->v.rebuild.given_up |= 1u << copy;
}

void sim_rebuild_follow(struct sim *s, u32 blks)
{
	u32 blk;
	int err;

	for (blk = 0; blk < s->v.rebuild.next && s->v.rebuild.active; blk++) {
		if (!(blks & BIT(blk)))
			continue;
		err = sim_fill_block(s, s->v.whole, s->v.rebuild.at, blk);
		if (err) {
			failed(s, err);
			return;
		}
	}
}

static void bury_at(struct sim *s, struct sim_exec *x, u32 c, struct dmr_slot at)
{
	u8 blk[DMR_BLK_BYTES];

	dmr_codec_tomb_encode(blk, &x->sb, c, at);
	if (sim_meta_write(s, at.v, blk))
		sim_meta_write(s, at.v, blk);
}

static void bury(struct sim *s, struct sim_exec *x)
{
	struct dmr_slot old = s->v.sb.copy_slot[s->v.rebuild.copy];
	u32 c;

	s->v.gen.counter++;
	x->sb.gen = s->v.gen;
	for (c = 0; c < x->sb.copies; c++)
		if (dmr_layout_moved(&x->sb, c))
			bury_at(s, x, c, dmr_layout_anchor(&x->sb, c));
	if (dmr_layout_moved(&s->v.sb, s->v.rebuild.copy))
		bury_at(s, x, s->v.rebuild.copy, old);
}

static void entries(struct sim *s, struct dmr_slot at, bool meta)
{
	u64 slot;

	dmr_table_reserve(&s->v.table, at, copy_len(s), meta);
	for (slot = at.v; slot < at.v + copy_len(s); slot++)
		if (dmr_table_below_mark(&s->v.table, dmr_slot(slot)))
			sim_commit_dirty(s, slot);
	if (!meta)
		dmr_alloc_release_run(&s->v.table, at, copy_len(s));
}

void sim_rebuild_settle(struct sim *s, struct dmr_slot old)
{
	entries(s, s->v.rebuild.at, true);
	if (old.v != dmr_layout_anchor(&s->v.sb, s->v.rebuild.copy).v)
		entries(s, old, false);
	s->v.rebuild.active = false;
}

static void move(struct sim *s)
{
	struct sim_exec x = sim_exec_new(s);
	u32 copy = s->v.rebuild.copy;

	x.moved = true;
	x.sb.copy_slot[copy] = s->v.rebuild.at;
	sim_trace_begin(s);
	bury(s, &x);
	dmr_proto_begin(&x.p, DMR_PROTO_ACTIVATE, s->v.whole, 0, 1u << copy, false);
	if (sim_exec_run(s, &x) == DMR_OP_DONE) {
		if (hweight32(s->v.whole) < 2)
			sim_mode_worsen(s, DMR_MODE_MAP_RO);
		return;
	}
	if (!x.super_gen) {
		s->v.rebuild.given_up |= 1u << copy;
		leave(s);
		return;
	}
	s->v.whole &= ~(1u << copy);
	s->v.sb.insync &= ~(1u << copy);
	s->v.rebuild.active = false;
	s->v.rebuild.ghost = true;
	s->v.rebuild.given_up |= 1u << copy;
	if (x.p.gone)
		sim_mode_worsen(s, DMR_MODE_FAIL);
}

/*
 * Until a superblock names the place nobody reads what is in it, and before that
 * there is a flush: which of these writes a power cut leaves is all the same. Some
 * are cut like any other, so that a flush that is missing is found.
 */
static int fill(struct sim *s)
{
	int err;

	/* where a flush fails, more of them are what a cache drops */
	s->d.unseen = sim_draw(s->d.flush_fail_in || s->d.voids ? 4 : 16);
	err = sim_fill_block(s, s->v.whole, s->v.rebuild.at, s->v.rebuild.next);
	s->d.unseen = false;
	return err;
}

bool sim_rebuild_step(struct sim *s)
{
	struct sim_rebuild *b = &s->v.rebuild;
	int err = 0;

	if (b->ghost && !s->v.super_torn)
		leave(s);
	if (b->ghost || (!b->active && !begin(s)) || !may(s))
		return false;
	if (s->v.whole >> b->copy & 1) {
		leave(s);
		return true;
	}
	if (b->voids != s->d.voids) {
		b->voids = s->d.voids;
		b->next = 0;
	}
	if (b->next < s->v.sb.hwm_blk) {
		err = fill(s);
		b->next += !err;
	}
	if (err)
		failed(s, err);
	else if (b->next == s->v.sb.hwm_blk)
		move(s);
	return true;
}

void sim_rebuild(struct sim *s)
{
	while (sim_rebuild_step(s))
		;
}
