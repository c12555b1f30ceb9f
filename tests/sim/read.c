// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read: where a sector is read from, and what a read error leaves; as the
 * kernel's read.c and pending.c.
 */
#include "sim.h"

u64 sim_word_of(struct sim *s, u32 b)
{
	u64 slot = s->v.slot_of[b];

	return slot == ~0ull ? 0 : dmr_table_get(&s->v.table, dmr_slot(slot));
}

int sim_read(struct sim *s, u32 b, u32 i, u32 *value)
{
	u32 states = dmr_entry_states(sim_word_of(s, b));
	sim_sect got = 0;
	enum dmr_sts st = DMR_STS_MEDIUM;

	switch (dmr_states_get(states, i)) {
	case DMR_STATE_MAIN:
	case DMR_STATE_PENDING:
		st = sim_main_read(s, b, i, &got);
		break;
	case DMR_STATE_SLOT:
		st = sim_spare_read(s, s->v.slot_of[b], i, 1, &got);
		break;
	case DMR_STATE_LOST:
		break;
	}
	*value = sim_store_value_of(got);
	return st ? -EIO : 0;
}

void sim_read_error(struct sim *s, u32 b, u32 i)
{
	u64 word = sim_word_of(s, b);
	u32 states = dmr_entry_states(word);
	struct dmr_slot at;

	if (s->v.mode != DMR_MODE_RW || dmr_states_get(states, i) != DMR_STATE_MAIN)
		return;
	sim_main_decay(s, b, i, true);
	sim_oracle_unreadable(&s->o, b, i);
	at = word ? dmr_slot(s->v.slot_of[b]) : dmr_alloc_take(&s->v.table);
	if (dmr_slot_is_none(at))
		return;
	word = dmr_entry_make(word ? dmr_entry_kind(word) : DMR_KIND_PENDING, dmr_mblk(b),
			      dmr_states_set(states, i, 1, DMR_STATE_PENDING),
			      dmr_entry_serial(word));
	dmr_table_set(&s->v.table, at, word);
	s->v.slot_of[b] = at.v;
	sim_commit_dirty(s, at.v);
}
