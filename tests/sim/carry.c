// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carry: blocks moved because somebody asked; as the kernel's carry.c and
 * carry-copy.c. That nothing is in flight to a block that moves is taken for
 * granted here.
 */
#include "sim.h"

/* Main gives sectors [0, n) of the block but those that are elsewhere. */
static u32 copy_main(struct sim *s, struct sim_req *req, u32 states, u32 *bad)
{
	u32 got = 0;
	u32 i;

	for (i = 0; i < sim_blk_sects(req->b); i++) {
		const enum dmr_state st = dmr_states_get(states, i);

		if (st != DMR_STATE_MAIN && st != DMR_STATE_PENDING)
			continue;
		if (sim_main_read(s, req->b, i, &req->carry[i]))
			*bad |= BIT(i);
		else
			got |= BIT(i);
	}
	return got;
}

static int out_choose(struct sim *s, struct sim_req *req, u32 bad)
{
	u64 old = sim_word_of(s, req->b);
	u32 states = dmr_entry_states(old);
	u32 i;

	req->chg.old = old;
	req->chg.slot = old ? dmr_slot(s->v.slot_of[req->b]) : sim_take_slot(s);
	if (dmr_slot_is_none(req->chg.slot))
		return -ENOSPC;
	for (i = 0; i < DMR_BLK_SECTS; i++) {
		if (req->carry_mask & BIT(i))
			states = dmr_states_set(states, i, 1, DMR_STATE_SLOT);
		else if (bad & BIT(i))
			states = dmr_states_set(states, i, 1, DMR_STATE_PENDING);
	}
	req->chg.word = dmr_entry_make(DMR_KIND_USED, dmr_mblk(req->b), states,
				       dmr_entry_serial(old));
	return 0;
}

/* The slot fails: retired when it was empty; the block stays where it is either way. */
static void out_failed(struct sim *s, struct sim_req *req, enum dmr_sts st)
{
	if (!sim_candidate(st) || !sim_evidence_spare(s))
		sim_mode_worsen(s, DMR_MODE_FAIL);
	else if (!req->chg.old)
		sim_retire(s, req->chg.slot.v);
	if (!req->chg.old)
		dmr_alloc_release(&s->v.table, req->chg.slot);
}

/* Up to the data in the slot. */
static int out_copy(struct sim *s, struct sim_req *req)
{
	enum dmr_sts st = DMR_STS_OK;
	u32 bad = 0;
	u32 i;

	req->carry_mask = copy_main(s, req, dmr_entry_states(sim_word_of(s, req->b)), &bad);
	if (!req->carry_mask || out_choose(s, req, bad))
		return -ENOSPC;
	for (i = 0; i < DMR_BLK_SECTS && !st; i++)
		if (req->carry_mask & BIT(i))
			st = sim_data_write(s, req->chg.slot.v, req->b, i, 1, &req->carry[i],
					    false);
	if (!st)
		return 0;
	out_failed(s, req, st);
	return -EIO;
}

int sim_move_out(struct sim *s, const u32 *b, u32 n)
{
	struct sim_req req[SIM_MOVE_MAX];
	u32 moved = 0;
	u32 i;

	if (s->v.mode != DMR_MODE_RW)
		return -EROFS;
	for (i = 0; i < n; i++) {
		req[moved] = (struct sim_req){ .b = b[i], .asked = true };
		if (!out_copy(s, &req[moved]))
			moved++;
	}
	return moved ? sim_commit(s, req, moved) : -EIO;
}

/* A pending sector has to be readable on main again; what lives in the slot goes there. */
static int back_copy(struct sim *s, struct sim_req *req, u64 word)
{
	u32 i;

	for (i = 0; i < sim_blk_sects(req->b); i++) {
		sim_sect got;

		switch (dmr_states_get(dmr_entry_states(word), i)) {
		case DMR_STATE_MAIN:
			break;
		case DMR_STATE_LOST:
			return -ENODATA;
		case DMR_STATE_PENDING:
			if (sim_main_read(s, req->b, i, &got))
				return -EIO;
			break;
		case DMR_STATE_SLOT:
			if (sim_spare_read(s, req->chg.slot.v, i, 1, &got) ||
			    sim_main_write(s, req->b, i, 1, &got, false))
				return -EIO;
		}
	}
	return 0;
}

int sim_move_back(struct sim *s, u32 b)
{
	u64 word = sim_word_of(s, b);
	struct sim_req req = {
		.b = b, .asked = true, .chg = { .slot = { s->v.slot_of[b] }, .old = word },
	};
	int err;

	if (!word || s->v.mode != DMR_MODE_RW)
		return -EROFS;
	err = back_copy(s, &req, word);
	if (err)
		return err;
	sim_main_flush(s);
	err = sim_commit(s, &req, 1);
	if (!err)
		dmr_alloc_release(&s->v.table, req.chg.slot);
	return err;
}
