// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load: from the spare to memory, and the activation that makes the copies
 * identical (R14); as the kernel's load.c and load-table.c.
 */
#include <stdlib.h>

#include "sim.h"

static int load_supers(struct sim *s, struct dmr_verdict_copies *v)
{
	static struct dmr_search find;
	struct dmr_slot at;
	int err;

	if (dmr_search_begin(&find, sim_format_sb.spare_sect))
		abort();
	for (at = dmr_search_next(&find); !dmr_slot_is_none(at); at = dmr_search_next(&find)) {
		const struct sim_block *b;
		sim_sect sect[DMR_BLK_SECTS];

		if (sim_spare_read(s, at.v, 0, DMR_BLK_SECTS, sect)) {
			dmr_search_gave(&find, DMR_BLK_UNREAD, NULL);
			continue;
		}
		b = sim_store_super(at.v, sect);
		dmr_search_gave(&find, b->st, b->data);
	}
	err = dmr_copies_judge(find.seen, find.n, v);
	if (!err)
		s->v.sb = find.seen[v->best].sb;
	return err;
}

/* Two entries for one block: the next serial counts, the other becomes free (A6). */
static int load_double(struct sim *s, u32 b, u64 slot, bool activating)
{
	u64 other = s->v.slot_of[b];
	int winner = dmr_check_winner(dmr_table_get(&s->v.table, dmr_slot(other)),
				      dmr_table_get(&s->v.table, dmr_slot(slot)));
	u64 loser;

	if (winner < 0)
		return -EUCLEAN;
	loser = winner ? other : slot;
	if (winner)
		s->v.slot_of[b] = slot;
	/* a third one is refused: nothing says which counts */
	if (s->v.doubles & 1u << b)
		return -EUCLEAN;
	s->v.doubles |= 1u << b;
	if (!activating)
		return 0;
	dmr_table_set(&s->v.table, dmr_slot(loser), 0);
	sim_commit_dirty(s, loser);
	return 0;
}

static int load_entries(struct sim *s, const struct sim_block *from, u32 blk, bool activating)
{
	const u64 *word = from->data;
	u32 i;

	for (i = 0; i < from->nr_map; i++) {
		u64 slot = (u64)blk * DMR_ENTRIES_PER_BLK + from->map[i];
		u32 b = (u32)dmr_entry_mblk(word[from->map[i]]).v;

		if (s->v.slot_of[b] == ~0ull) {
			s->v.slot_of[b] = slot;
		} else {
			int err = load_double(s, b, slot, activating);

			if (err)
				return err;
		}
	}
	return 0;
}

static int load_block(struct sim *s, u32 blk, u32 candidates, u8 *same, bool activating)
{
	const struct sim_block *from[DMR_COPIES_MAX] = {};
	struct dmr_table_seen seen[DMR_COPIES_MAX] = {};
	u32 best, alike, c;
	int err;

	for (c = 0; c < s->v.sb.copies; c++) {
		u64 slot = dmr_layout_table_slot(&s->v.sb, c, blk).v;
		const struct sim_block *b;
		sim_sect sect[DMR_BLK_SECTS];

		seen[c].st = DMR_BLK_UNREAD;
		if (sim_spare_read(s, slot, 0, DMR_BLK_SECTS, sect))
			continue;
		b = sim_store_table(slot, sect, &s->v.sb, blk);
		seen[c].st = b->st;
		seen[c].gen = b->gen;
		seen[c].word = b->data;
		from[c] = b;
	}
	err = dmr_copies_pick(seen, s->v.sb.copies, candidates, &best, &alike);
	if (err)
		return err;
	same[blk] = (u8)alike;
	if (activating) {
		if (from[best]->unsettled)
			s->v.dirty |= 1u << blk;
		memcpy(s->v.page[blk].word, seen[best].word, sizeof(s->v.page[blk].word));
		dmr_table_load_block(&s->v.table, blk);
	} else {
		/* only the words are looked at */
		s->v.pagep[blk] = (struct dmr_table_page *)seen[best].word;
	}
	return load_entries(s, from[best], blk, activating);
}

/* Copies that may hold older images than the ones selected; as remap_load_behind(). */
static u32 load_behind(struct sim *s, const struct dmr_verdict_copies *v, const u8 *same)
{
	u32 behind = s->v.sb.activity == DMR_ACTIVITY_CLEAN ? 0 : v->unread;
	u32 blk;

	for (blk = 0; blk < s->v.sb.hwm_blk; blk++)
		behind |= v->candidates & ~(u32)same[blk];
	return behind & s->v.sb.insync;
}

static int activate(struct sim *s, const struct dmr_verdict_copies *v, const u8 *same)
{
	u32 behind = load_behind(s, v, same);
	u32 whole = v->candidates;
	struct sim_exec x;
	enum dmr_op how;
	u32 fill, blk;

	for (blk = 0; blk < s->v.sb.hwm_blk; blk++)
		whole &= same[blk];
	fill = (v->candidates | v->rebuild | v->unread) & ~whole;
	s->v.whole = whole;
	s->v.gen.epoch = dmr_copies_epoch(s->v.gen.epoch, v->unread);
	s->v.gen.counter = 0;
	/* random in the kernel; here the same for the same disk, else no state comes twice */
	s->v.gen.nonce = (u32)(s->d.cur.hash >> 16) ^ s->opens;
	x = sim_exec_new(s);
	x.sb.activity = DMR_ACTIVITY_IN_USE;
	x.fill_same = same;
	dmr_proto_begin(&x.p, DMR_PROTO_ACTIVATE, whole, 0, fill, false);
	x.behind = behind;
	how = sim_exec_run(s, &x);
	if (x.lone_behind) {
		s->v.readonly = true;
		return 0;
	}
	if (how != DMR_OP_DONE)
		return -EIO;
	s->v.unread &= ~s->v.whole;
	s->v.active = true;
	return 0;
}

static int load_all(struct sim *s, bool activating)
{
	struct sim_dev *v = &s->v;
	struct dmr_verdict_copies copies;
	u8 same[SIM_TABLE_BLKS] = {};
	u32 blk;
	int err;

	memset(v, 0, offsetof(struct sim_dev, page));
	memset(v->slot_of, 0xff, sizeof(v->slot_of));
	v->dirty = 0;
	v->doubt = 0;
	v->torn = 0;
	v->super_torn = 0;
	v->nr_doubtful = 0;
	v->doubles = 0;
	sim_dev_relink(v);
	err = load_supers(s, &copies);
	if (err)
		return err;
	v->gen = v->sb.gen;
	v->unread = copies.unread;
	dmr_table_init(&v->table, &v->sb, v->pagep);
	dmr_table_use_room(&v->table, v->sb.table_blk, v->room);
	for (blk = 0; blk < v->sb.hwm_blk; blk++) {
		err = load_block(s, blk, copies.candidates, same, activating);
		if (err)
			return err;
	}
	v->table.cursor = sim_geometry->cursor;
	v->whole = copies.candidates;
	v->expelled = (BIT(v->sb.copies) - 1) & ~v->sb.insync;
	return activating ? activate(s, &copies, same) : 0;
}

int sim_load(struct sim *s, bool activating)
{
	int err = load_all(s, activating);

	s->opens++;
	s->v.open = !err;
	if (err)
		return err;
	if (!activating || s->v.readonly)
		s->v.mode = DMR_MODE_READONLY;
	else
		s->v.mode = hweight32(s->v.whole) < 2 ? DMR_MODE_MAP_RO : DMR_MODE_RW;
	if (s->v.mode == DMR_MODE_RW && s->v.dirty)
		sim_commit_lazies(s);
	return 0;
}

void sim_close(struct sim *s)
{
	if (s->v.open && s->v.mode != DMR_MODE_READONLY) {
		if (s->v.mode == DMR_MODE_RW)
			sim_commit_lazies(s);
		if (s->v.mode != DMR_MODE_FAIL && !s->v.doubt &&
		    !(s->v.sb.insync & ~s->v.whole))
			sim_super_write(s, DMR_ACTIVITY_CLEAN);
	}
	s->v.open = false;
}
