// SPDX-License-Identifier: GPL-2.0-only
/*
 * Io: what a user's writes set off; as the kernel's map.c, write.c, relocate.c,
 * move.c and slot.c.
 *
 * Verdicts on main are taken for granted: a block that is bad here has failed,
 * and failed again, with evidence between. What the spare does is judged as in
 * the kernel, evidence writes and all.
 */
#include "sim.h"

enum settled { SETTLED, TO_COMMIT };	/* or -errno */

static u32 covered_in(u32 states, u32 first, u32 n, enum dmr_state st)
{
	u32 mask = 0;
	u32 i;

	for (i = first; i < first + n; i++)
		if (dmr_states_get(states, i) == st)
			mask |= 1u << i;
	return mask;
}

bool sim_candidate(enum dmr_sts st)
{
	return dmr_verdict_classify(st, true, false, false) == DMR_CLASS_CANDIDATE;
}

struct dmr_slot sim_take_slot(struct sim *s)
{
	struct dmr_slot at = dmr_alloc_take(&s->v.table);

	if (!dmr_slot_is_none(at))
		return at;
	at = dmr_alloc_hint(&s->v.table);
	if (dmr_slot_is_none(at))
		return at;
	s->v.slot_of[dmr_entry_mblk(dmr_table_get(&s->v.table, at)).v] = ~0ull;
	dmr_table_set(&s->v.table, at, 0);
	sim_commit_dirty(s, at.v);
	return at;
}

enum dmr_sts sim_data_write(struct sim *s, u64 slot, u32 b, u32 first, u32 n,
			    const sim_sect *sect, bool fua)
{
	if (dmr_layout_is_meta(&s->v.sb, dmr_slot(slot)) ||
	    !dmr_table_write_allowed(dmr_table_get(&s->v.table, dmr_slot(slot)), dmr_mblk(b)))
		sim_blame(s, "R3: data of block %u was sent to slot %llu", b,
			  (unsigned long long)slot);
	return sim_spare_write(s, slot, first, n, sect, fua);
}

/* A write to a slot failed with @st. Return: OK: it went through; MEDIUM: the place; else gone. */
static enum dmr_sts slot_judge(struct sim *s, struct sim_req *req, u64 slot, enum dmr_sts st)
{
	if (!sim_candidate(st) || !sim_evidence_spare(s))
		goto gone;
	st = sim_data_write(s, slot, req->b, req->first, req->n, req->sect, false);
	if (!st)
		return sim_spare_flush(s) ? DMR_STS_OFFLINE : DMR_STS_OK;
	if (sim_candidate(st))
		return DMR_STS_MEDIUM;
gone:
	sim_mode_worsen(s, DMR_MODE_FAIL);
	return DMR_STS_OFFLINE;
}

/* ---- moving a slot that holds data ---- */

static int move_carry(struct sim *s, struct sim_req *req, u64 old, u32 *states)
{
	u32 covered = covered_in(0, req->first, req->n, DMR_STATE_MAIN);
	u64 from = req->follow.slot.v;
	u32 i;

	*states = dmr_entry_states(old);
	req->carry_mask = 0;
	for (i = 0; i < DMR_BLK_SECTS; i++) {
		enum dmr_sts st;

		if (covered & BIT(i) || dmr_states_get(*states, i) != DMR_STATE_SLOT)
			continue;
		st = sim_spare_read(s, from, i, 1, &req->carry[i]);
		if (st && (!sim_candidate(st) || !sim_evidence_spare(s)))
			return -EIO;
		if (st)
			st = sim_spare_read(s, from, i, 1, &req->carry[i]);
		if (!st)
			req->carry_mask |= BIT(i);
		else
			*states = dmr_states_set(*states, i, 1, DMR_STATE_LOST);
	}
	return 0;
}

static int move_prepare(struct sim *s, struct sim_req *req)
{
	u64 old = sim_word_of(s, req->b);
	u32 states;

	req->follow.slot = dmr_slot(s->v.slot_of[req->b]);
	req->follow.old = old;
	req->follow.word = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	req->chg.old = 0;
	req->chg.slot = s->v.mode == DMR_MODE_RW ? sim_take_slot(s) : DMR_SLOT_NONE;
	if (dmr_slot_is_none(req->chg.slot))
		return -ENOSPC;
	req->has_follow = true;
	if (move_carry(s, req, old, &states)) {
		sim_mode_worsen(s, DMR_MODE_FAIL);
		dmr_alloc_release(&s->v.table, req->chg.slot);
		return -EIO;
	}
	states = dmr_states_set(states, req->first, req->n, DMR_STATE_SLOT);
	req->chg.word = dmr_entry_make(DMR_KIND_USED, dmr_mblk(req->b), states,
				       dmr_entry_serial(old) + 1);
	return 0;
}

/* ---- relocating ---- */

static int reloc_choose(struct sim *s, struct sim_req *req)
{
	u64 old = sim_word_of(s, req->b);
	u32 states = dmr_entry_states(old);

	if (s->v.mode != DMR_MODE_RW)
		return -EROFS;
	req->chg.old = old;
	req->chg.slot = old ? dmr_slot(s->v.slot_of[req->b]) : sim_take_slot(s);
	if (dmr_slot_is_none(req->chg.slot))
		return -ENOSPC;
	states = dmr_states_set(states, req->first, req->n, DMR_STATE_SLOT);
	req->chg.word = dmr_entry_make(DMR_KIND_USED, dmr_mblk(req->b), states,
				       dmr_entry_serial(old));
	return 0;
}

static int reloc_carried(struct sim *s, struct sim_req *req)
{
	u32 i;

	for (i = 0; (req->has_follow || req->asked) && i < DMR_BLK_SECTS; i++)
		if (req->carry_mask & BIT(i) &&
		    sim_data_write(s, req->chg.slot.v, req->b, i, 1, &req->carry[i], false))
			return -EIO;
	return 0;
}

static enum dmr_sts reloc_own(struct sim *s, struct sim_req *req)
{
	return sim_data_write(s, req->chg.slot.v, req->b, req->first, req->n, req->sect, false);
}

/* Asked for by a commit whose flush failed. */
int sim_reloc_data(struct sim *s, struct sim_req *req)
{
	if (req->asked)
		return req->chg.word ? reloc_carried(s, req) : 0;
	return reloc_carried(s, req) || reloc_own(s, req) ? -EIO : 0;
}

void sim_retire(struct sim *s, u64 slot)
{
	dmr_table_set(&s->v.table, dmr_slot(slot),
		      dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0));
	sim_commit_dirty(s, slot);
}

static void reloc_give_up(struct sim *s, struct sim_req *req)
{
	if (!req->chg.old && !dmr_slot_is_none(req->chg.slot))
		dmr_alloc_release(&s->v.table, req->chg.slot);
}

/* A slot with the data in it; one that fails is retired or, with data in it, replaced. */
static int reloc(struct sim *s, struct sim_req *req, bool move)
{
	u32 tries;
	int err = move ? move_prepare(s, req) : reloc_choose(s, req);

	if (err)
		return err;
	for (tries = 0; tries < 8; tries++) {
		enum dmr_sts st;

		if (reloc_carried(s, req))
			break;
		st = reloc_own(s, req);
		if (st)
			st = slot_judge(s, req, req->chg.slot.v, st);
		if (!st)
			return TO_COMMIT;
		if (st != DMR_STS_MEDIUM)
			break;
		if (req->chg.old)
			move = true;
		else
			sim_retire(s, req->chg.slot.v);
		req->chg.slot = DMR_SLOT_NONE;
		err = move ? move_prepare(s, req) : reloc_choose(s, req);
		if (err)
			return err;
	}
	reloc_give_up(s, req);
	return -EIO;
}

/* A durable write of sectors that live in the slot. */
static int slot_write(struct sim *s, struct sim_req *req)
{
	u64 slot = s->v.slot_of[req->b];
	enum dmr_sts st;

	if (s->v.mode == DMR_MODE_FAIL)
		return -EIO;
	st = sim_data_write(s, slot, req->b, req->first, req->n, req->sect, true);
	if (st)
		st = slot_judge(s, req, slot, st);
	if (st == DMR_STS_MEDIUM && s->v.mode == DMR_MODE_RW)
		return reloc(s, req, true);
	return st ? -EIO : SETTLED;
}

/* No change of the map is possible: each sector to where it lives. */
static int write_unmapped(struct sim *s, struct sim_req *req, u32 states, u32 *durable)
{
	u32 i;

	if (covered_in(states, req->first, req->n, DMR_STATE_LOST))
		return -EIO;
	for (i = req->first; i < req->first + req->n; i++) {
		struct sim_req one = *req;

		one.first = i;
		one.n = 1;
		if (dmr_states_get(states, i) == DMR_STATE_SLOT) {
			if (slot_write(s, &one))
				return -EIO;
			*durable |= BIT(i);
		} else if (sim_main_write(s, req->b, i, 1, req->sect, false)) {
			return -EIO;
		}
	}
	return SETTLED;
}

static bool in_doubt(struct sim *s, u32 b)
{
	u32 i;

	for (i = 0; i < s->v.nr_doubtful; i++)
		if (s->v.doubtful_b[i] == b)
			return true;
	return false;
}

/* What a write comes to: settled, a change to be committed, or an error. */
static int write_sort(struct sim *s, struct sim_req *req, bool fua, u32 *durable)
{
	u64 word = sim_word_of(s, req->b);
	u32 all = covered_in(0, req->first, req->n, DMR_STATE_MAIN);
	u32 states = dmr_entry_states(word);

	if (in_doubt(s, req->b))
		return -EIO;
	if (!word || (dmr_entry_kind(word) == DMR_KIND_PENDING &&
		      covered_in(states, req->first, req->n, DMR_STATE_MAIN) == all)) {
		*durable = fua ? all : 0;
		if (!sim_main_write(s, req->b, req->first, req->n, req->sect, fua))
			return SETTLED;
		return s->v.mode == DMR_MODE_RW ? reloc(s, req, false) : -EIO;
	}
	if (covered_in(states, req->first, req->n, DMR_STATE_SLOT) == all) {
		*durable = all;
		return slot_write(s, req);
	}
	if (s->v.mode == DMR_MODE_RW)
		return reloc(s, req, false);
	return write_unmapped(s, req, states, durable);
}

static int write_begin(struct sim *s, struct sim_req *req, u32 b, u32 first, u32 n, bool fua,
		       u32 *durable)
{
	u32 i;

	*durable = 0;
	memset(req, 0, sizeof(*req));
	req->b = b;
	req->first = first;
	req->n = n;
	if (s->v.mode == DMR_MODE_READONLY)
		return -EROFS;
	if (sim_oracle_full(&s->o, b, first, n))
		return -EBUSY;
	s->value++;
	for (i = 0; i < n; i++)
		req->sect[i] = sim_store_value(s->value);
	sim_oracle_submit(&s->o, b, first, n, s->value);
	return write_sort(s, req, fua, durable);
}

static void acknowledge(struct sim *s, const struct sim_req *req, u32 durable)
{
	u32 i;

	for (i = req->first; i < req->first + req->n; i++)
		sim_oracle_ack(&s->o, req->b, i, 1, durable & BIT(i));
	sim_event(s, false);
}

int sim_write(struct sim *s, u32 b, u32 first, u32 n, bool fua)
{
	struct sim_req req;
	u32 durable = 0;
	int err = write_begin(s, &req, b, first, n, fua, &durable);

	if (err == TO_COMMIT) {
		err = sim_commit(s, &req, 1);
		durable = ~0u;
	}
	if (!err)
		acknowledge(s, &req, durable);
	return err;
}

int sim_write_two(struct sim *s, u32 a, u32 b)
{
	struct sim_req req[2];
	u32 durable[2] = {};
	u32 n = 0;
	u32 i;
	int err = 0;

	for (i = 0; i < 2; i++) {
		u32 blk = i ? b : a;
		int how = write_begin(s, &req[n], blk, 0, sim_blk_sects(blk), false, &durable[n]);

		if (how == TO_COMMIT)
			n++;
		else if (how == SETTLED)
			acknowledge(s, &req[n], durable[n]);
	}
	if (n)
		err = sim_commit(s, req, n);
	for (i = 0; i < n && !err; i++)
		acknowledge(s, &req[i], ~0u);
	return err;
}

void sim_flush(struct sim *s)
{
	sim_main_flush(s);
	sim_oracle_flushed(&s->o);
	sim_event(s, false);
}
