// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commit: batches, lazies, and settling what is in doubt; as the kernel's
 * commit.c and thaw.c.
 */
#include "sim.h"

void sim_dev_relink(struct sim_dev *v)
{
	u32 i;

	for (i = 0; i < SIM_TABLE_BLKS; i++)
		v->pagep[i] = &v->page[i];
	v->table.sb = &v->sb;
	v->table.page = v->pagep;
	if (v->table.room.link)
		v->table.room.link = (struct dmr_room_link *)v->room;
}

void sim_commit_dirty(struct sim *s, u64 slot)
{
	s->v.dirty |= 1u << dmr_table_blk_of(dmr_slot(slot));
}

void sim_mode_worsen(struct sim *s, enum dmr_mode mode)
{
	if (s->v.mode < mode)
		s->v.mode = mode;
}

static void publish(struct sim *s, struct sim_req *req)
{
	dmr_txn_publish(&s->v.table, &req->chg, 1);
	s->v.slot_of[req->b] = req->chg.word ? req->chg.slot.v : ~0ull;
	if (!req->has_follow)
		return;
	dmr_txn_publish(&s->v.table, &req->follow, 1);
	sim_commit_dirty(s, req->follow.slot.v);
}

static void failed(struct sim *s, struct sim_exec *x, enum dmr_op how)
{
	u32 i;

	s->v.dirty |= x->blks;
	sim_mode_worsen(s, x->p.gone ? DMR_MODE_FAIL : DMR_MODE_MAP_RO);
	if (how == DMR_OP_DOUBT) {
		s->v.doubt |= x->blks;
		s->v.torn |= x->p.table.torn;
	}
	for (i = 0; i < x->nr_req; i++) {
		if (how == DMR_OP_DOUBT && s->v.nr_doubtful < SIM_DOUBTS) {
			s->v.doubtful_b[s->v.nr_doubtful] = x->req[i].b;
			s->v.doubtful[s->v.nr_doubtful++] = x->req[i].chg;
		} else if (!x->req[i].chg.old) {
			dmr_alloc_release(&s->v.table, x->req[i].chg.slot);
		}
	}
}

/* One commit of the table blocks in @x->blks and of the requests in it. */
static int run(struct sim *s, struct sim_exec *x)
{
	u64 word[SIM_TABLE_BLKS][DMR_ENTRIES_PER_BLK];
	struct dmr_change chg[SIM_REQS];
	enum dmr_op how;
	u32 i;

	for (i = 0; i < x->nr_req; i++)
		chg[i] = x->req[i].chg;
	s->v.gen.counter++;
	x->table_gen = s->v.gen;
	x->word = word;
	for (i = 0; i < s->v.sb.hwm_blk; i++)
		if (x->blks & BIT(i) &&
		    dmr_txn_build(&s->v.table, i, chg, x->nr_req, word[i]))
			sim_blame(s, "a change was queued against an entry that has changed");
	s->v.dirty &= ~x->blks;
	dmr_proto_begin(&x->p, DMR_PROTO_COMMIT, s->v.whole, s->v.torn, 0, x->nr_req);
	how = sim_exec_run(s, x);
	if (how != DMR_OP_DONE) {
		failed(s, x, how);
		return -EIO;
	}
	s->v.doubt &= ~x->blks;
	for (i = 0; i < x->nr_req; i++)
		publish(s, &x->req[i]);
	sim_rebuild_follow(s, x->blks);
	return 0;
}

int sim_commit(struct sim *s, struct sim_req *req, u32 n)
{
	struct sim_exec x;
	const u32 voids = s->d.voids;
	bool moves = false;
	u32 i;
	int err;

	for (i = 0; i < n; i++)
		moves |= req[i].has_follow || !req[i].chg.word || !req[i].chg.old;
	if (moves && s->v.mode == DMR_MODE_RW)
		sim_commit_lazies(s);
	x = sim_exec_new(s);
	x.req = req;
	x.nr_req = n;
	x.data_void = voids != s->d.voids;
	for (i = 0; i < n; i++)
		x.blks |= 1u << dmr_table_blk_of(req[i].chg.slot);
	if (s->v.mode != DMR_MODE_RW) {
		for (i = 0; i < n; i++)
			if (!req[i].chg.old)
				dmr_alloc_release(&s->v.table, req[i].chg.slot);
		return -EROFS;
	}
	err = run(s, &x);
	if (!err && dmr_alloc_want_raise(&s->v.table))
		sim_raise(s);
	return err;
}

int sim_commit_lazies(struct sim *s)
{
	int err = 0;

	while (!err && s->v.dirty) {
		struct sim_exec x = sim_exec_new(s);
		u32 i, n = 0;

		for (i = 0; i < s->v.sb.hwm_blk && n < 8; i++) {
			if (s->v.dirty & BIT(i)) {
				x.blks |= 1u << i;
				n++;
			}
		}
		err = run(s, &x);
	}
	return err;
}

static int thaw_settle(struct sim *s)
{
	u32 i;
	int err;

	if (!s->v.doubt)
		return 0;
	s->v.whole = s->v.sb.insync;
	s->v.dirty |= s->v.doubt;
	err = sim_commit_lazies(s);
	if (err)
		return err;
	for (i = 0; i < s->v.nr_doubtful; i++)
		if (!s->v.doubtful[i].old)
			dmr_alloc_release(&s->v.table, s->v.doubtful[i].slot);
	s->v.nr_doubtful = 0;
	s->v.torn = 0;
	return 0;
}

static int thaw_fill(struct sim *s)
{
	struct sim_exec x = sim_exec_new(s);
	u32 all = BIT(s->v.sb.copies) - 1;

	x.sb.activity = DMR_ACTIVITY_IN_USE;
	dmr_proto_begin(&x.p, DMR_PROTO_ACTIVATE, s->v.whole, 0, all & ~s->v.whole, false);
	if (sim_exec_run(s, &x) != DMR_OP_DONE)
		return -EIO;
	s->v.unread &= ~s->v.whole;
	return hweight32(s->v.whole) >= 2 ? 0 : -EIO;
}

int sim_thaw(struct sim *s)
{
	int err = 0;

	if (s->v.mode == DMR_MODE_READONLY)
		return -EROFS;
	s->v.rebuild.given_up = 0;
	if (s->v.mode >= DMR_MODE_MAP_RO)
		err = thaw_settle(s);
	if (!err && (s->v.mode >= DMR_MODE_MAP_RO || s->v.expelled))
		err = thaw_fill(s);
	if (err)
		return err;
	s->v.mode = DMR_MODE_RW;
	sim_commit_lazies(s);
	return 0;
}
