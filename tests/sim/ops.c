// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ops: the operations that sequences are made of, faults included. Each one is
 * whole: what it makes fail on purpose answers again when it is over, unless
 * its name says otherwise.
 */
#include "sim.h"
#include "trace.h"

#define BAD_BLK		0u	/* cannot be written on main */
#define BAD_BLK2	1u
#define GOOD_BLK	2u
#define TAIL_BLK	(SIM_MAIN_BLKS - 1)

static void op_write(struct sim *s, u32 b)
{
	sim_write(s, b, 0, sim_blk_sects(b), false);
}

static void op_write_fua(struct sim *s, u32 b)
{
	sim_write(s, b, 0, sim_blk_sects(b), true);
}

static void op_write_part(struct sim *s, u32 first)
{
	sim_write(s, BAD_BLK, first, 1, false);
}

static void op_write_two(struct sim *s, u32 unused)
{
	(void)unused;
	sim_write_two(s, BAD_BLK, BAD_BLK2);
}

static void op_read_error(struct sim *s, u32 i)
{
	sim_read_error(s, BAD_BLK, i);
}

static void op_flush(struct sim *s, u32 unused)
{
	(void)unused;
	sim_flush(s);
}

static void op_lazy(struct sim *s, u32 unused)
{
	(void)unused;
	if (s->v.mode == DMR_MODE_RW)
		sim_commit_lazies(s);
}

static void op_thaw(struct sim *s, u32 unused)
{
	(void)unused;
	sim_thaw(s);
}

static void op_heal_thaw(struct sim *s, u32 unused)
{
	(void)unused;
	sim_fault_heal(s);
	sim_thaw(s);
}

static void slots_fail(struct sim *s, u64 first, u64 n, bool read, enum sim_keep keep)
{
	const struct sim_fault f = {
		.first = first, .n = n, .read = read, .write = true, .keep = keep,
	};

	sim_fault_add(s, f);
}

static void copy_fails(struct sim *s, u32 c, bool read, enum sim_keep keep)
{
	const struct dmr_super *sb = s->v.open ? &s->v.sb : &sim_format_sb;

	slots_fail(s, sb->copy_slot[c].v, dmr_layout_copy_len(sb), read, keep);
}

/* ---- closing and opening ---- */

static void reopen(struct sim *s)
{
	int err = sim_load(s, true);

	/* a set that could not be activated stays closed; with all faults gone it may not refuse */
	if (err && !s->d.nr_fault)
		sim_blame(s, "open: refused with %d", err);
}

static void op_reopen(struct sim *s, u32 unused)
{
	(void)unused;
	sim_close(s);
	reopen(s);
}

/* The machine starts anew, the drives keep their caches. */
static void op_reset(struct sim *s, u32 unused)
{
	(void)unused;
	s->v.open = false;
	reopen(s);
}

/* ... and the first flush of the new activation fails and drops what they had */
static void op_reset_flush_fails(struct sim *s, u32 unused)
{
	(void)unused;
	s->v.open = false;
	s->d.flush_fail_in = 1;
	if (sim_load(s, true))
		reopen(s);
	sim_fault_heal(s);
}

static void open_once_without(struct sim *s, u32 c)
{
	sim_close(s);
	copy_fails(s, c, true, SIM_KEEP_OLD);
	sim_load(s, true);
	sim_close(s);
	sim_fault_heal(s);
}

/* Copy @c is away for one opening, then it is back. */
static void op_away_and_back(struct sim *s, u32 c)
{
	open_once_without(s, c);
	reopen(s);
}

/* First one is away, then the other, never both. */
static void op_away_in_turn(struct sim *s, u32 unused)
{
	(void)unused;
	open_once_without(s, 0);
	open_once_without(s, sim_format_sb.copies - 1);
	reopen(s);
}

static void op_heal_reopen(struct sim *s, u32 unused)
{
	(void)unused;
	sim_close(s);
	sim_fault_heal(s);
	reopen(s);
}

static void op_heal_reset(struct sim *s, u32 unused)
{
	(void)unused;
	s->v.open = false;
	sim_fault_heal(s);
	reopen(s);
}

/* ---- a copy that fails ---- */

/* Copy @c takes no write, stays readable; the others go on, then it is well again. */
static void op_copy_fails(struct sim *s, u32 c)
{
	copy_fails(s, c, false, SIM_KEEP_OLD);
	sim_write(s, BAD_BLK, 1, 1, false);
	sim_fault_heal(s);
}

static void op_copy_torn(struct sim *s, u32 c)
{
	copy_fails(s, c, false, SIM_KEEP_TORN);
	sim_write(s, BAD_BLK, 1, 1, false);
	sim_fault_heal(s);
}

/* It says error and has done it all the same. */
static void op_copy_lies(struct sim *s, u32 c)
{
	copy_fails(s, c, false, SIM_KEEP_NEW);
	sim_write(s, BAD_BLK, 1, 1, false);
	sim_fault_heal(s);
}

static void op_two_copies_fail(struct sim *s, u32 keep)
{
	copy_fails(s, 0, false, (enum sim_keep)keep);
	copy_fails(s, s->v.sb.copies - 1, false, (enum sim_keep)keep);
	sim_write(s, BAD_BLK, 1, 1, false);
	sim_fault_heal(s);
}

/* The table of one copy and the superblock of another. */
static void op_table_and_super_fail(struct sim *s, u32 c)
{
	u32 other = (c + 1) % s->v.sb.copies;

	slots_fail(s, s->v.sb.copy_slot[c].v + 1, s->v.sb.table_blk, false, SIM_KEEP_OLD);
	slots_fail(s, s->v.sb.copy_slot[other].v, 1, false, SIM_KEEP_OLD);
	sim_write(s, BAD_BLK, 1, 1, false);
	sim_fault_heal(s);
}

/* The spare went away in a commit; then copy @c takes no write in the thaw. */
static void op_thaw_copy_fails(struct sim *s, u32 c)
{
	s->d.gone_in = 5;
	op_write(s, BAD_BLK);
	sim_fault_heal(s);
	copy_fails(s, c, false, SIM_KEEP_OLD);
	sim_thaw(s);
	sim_fault_heal(s);
}

/* ---- a copy that moves ---- */

/* Copy @c takes no write, and nothing can be written where it is; the others go on. */
static void expel(struct sim *s, u32 c, enum sim_keep keep)
{
	copy_fails(s, c, false, keep);
	sim_write(s, BAD_BLK, 1, 1, false);
}

static void op_copy_moves(struct sim *s, u32 c)
{
	expel(s, c, SIM_KEEP_OLD);
	sim_rebuild(s);
	sim_fault_heal(s);
}

/* Its superblock can be written, so that its old place says where it went. */
static void op_copy_moves_told(struct sim *s, u32 c)
{
	expel(s, c, SIM_KEEP_TORN);
	sim_fault_heal(s);
	sim_rebuild(s);
}

/* A commit while it is on its way, and a raise perhaps. */
static void op_copy_moves_meanwhile(struct sim *s, u32 c)
{
	expel(s, c, SIM_KEEP_OLD);
	sim_rebuild_step(s);
	sim_write(s, BAD_BLK2, 0, sim_blk_sects(BAD_BLK2), false);
	sim_rebuild(s);
	sim_fault_heal(s);
}

/* A flush of somebody else's fails while it is on its way, and drops what is there of it. */
static void op_copy_moves_dropped(struct sim *s, u32 c)
{
	expel(s, c, SIM_KEEP_OLD);
	s->d.flush_fail_in = 1;
	sim_rebuild_step(s);
	sim_write(s, BAD_BLK2, 0, sim_blk_sects(BAD_BLK2), false);
	sim_rebuild(s);
	sim_fault_heal(s);
}

/* Nor can the first place that it goes to. */
static void op_copy_moves_far(struct sim *s, u32 c)
{
	struct dmr_slot at = DMR_SLOT_NONE;
	u32 k;

	for (k = 0; k < DMR_ALTERNATES && dmr_slot_is_none(at); k++)
		at = dmr_layout_alternate(sim_format_sb.slots, k);
	slots_fail(s, at.v, dmr_layout_copy_len(&sim_format_sb), false, SIM_KEEP_OLD);
	expel(s, c, SIM_KEEP_OLD);
	sim_rebuild(s);
	sim_fault_heal(s);
}

/* Left on its way, by a close. */
static void op_copy_moves_closed(struct sim *s, u32 c)
{
	expel(s, c, SIM_KEEP_OLD);
	sim_rebuild_step(s);
	sim_close(s);
	reopen(s);
	sim_rebuild(s);
	sim_fault_heal(s);
}

static void op_gone_moving(struct sim *s, u32 k)
{
	expel(s, 1, SIM_KEEP_OLD);
	s->d.gone_in = k;
	sim_rebuild(s);
	sim_fault_heal(s);
	sim_thaw(s);
}

static void op_flush_fails_moving(struct sim *s, u32 k)
{
	expel(s, 1, SIM_KEEP_OLD);
	s->d.flush_fail_in = k;
	sim_rebuild(s);
	sim_fault_heal(s);
}

/* Closed, and opened again without copy @c: neither read nor written, until healed. */
static void op_open_without(struct sim *s, u32 c)
{
	sim_close(s);
	copy_fails(s, c, true, SIM_KEEP_OLD);
	reopen(s);
}

/* ---- slots that fail ---- */

static void op_next_slot_fails(struct sim *s, u32 keep)
{
	struct dmr_slot at = dmr_alloc_take(&s->v.table);

	if (!dmr_slot_is_none(at)) {
		s->v.table.cursor = at.v;
		dmr_alloc_release(&s->v.table, at);
		slots_fail(s, at.v, 1, false, (enum sim_keep)keep);
	}
	op_write(s, BAD_BLK2);
	sim_fault_heal(s);
}

/* Block 0 is written again, its slot refuses; @arg: and cannot be read either. */
static void op_own_slot_fails(struct sim *s, u32 arg)
{
	u64 slot = s->v.slot_of[BAD_BLK];
	u32 i;

	if (slot != ~0ull)
		slots_fail(s, slot, 1, arg, SIM_KEEP_OLD);
	for (i = 0; arg && i < DMR_BLK_SECTS; i++)
		sim_oracle_unreadable(&s->o, BAD_BLK, i);
	sim_write(s, BAD_BLK, 6, 1, false);
	sim_fault_heal(s);
}

/* ---- a spare that does not answer, a flush that fails ---- */

static void op_gone(struct sim *s, u32 k)
{
	s->d.gone_in = k;
	op_write(s, BAD_BLK);
	sim_fault_heal(s);
}

static void op_gone_thaw(struct sim *s, u32 k)
{
	op_gone(s, k);
	sim_thaw(s);
}

/* Fails, thaws, fails again. */
static void op_gone_thrice(struct sim *s, u32 k)
{
	op_gone_thaw(s, k);
	op_gone_thaw(s, k + 1);
	op_gone(s, k + 2);
}

static void op_gone_thaw_gone(struct sim *s, u32 k)
{
	op_gone(s, 5);
	s->d.gone_in = k;
	sim_thaw(s);
	sim_fault_heal(s);
}

static void op_flush_fails(struct sim *s, u32 k)
{
	s->d.flush_fail_in = k;
	op_write(s, BAD_BLK);
	sim_fault_heal(s);
}

static void op_flush_fails_two(struct sim *s, u32 k)
{
	s->d.flush_fail_in = k;
	op_write_two(s, 0);
	sim_fault_heal(s);
}

/* Main takes everything again, and the block goes back there. */
static void op_heal_back(struct sim *s, u32 b)
{
	u32 i;

	s->d.bad_write[b] = 0;
	for (i = 0; i < DMR_BLK_SECTS; i++)
		sim_main_decay(s, b, i, false);
	sim_move_back(s, b);
}

static void op_back(struct sim *s, u32 b)
{
	sim_move_back(s, b);
}

static void op_out(struct sim *s, u32 b)
{
	sim_move_out(s, &b, 1);
}

static void op_out_two(struct sim *s, u32 unused)
{
	static const u32 b[] = { GOOD_BLK, TAIL_BLK };

	(void)unused;
	sim_move_out(s, b, ARRAY_SIZE(b));
}

static const struct sim_op plain[] = {
	{ "write a bad block", op_write, BAD_BLK },
	{ "write another bad block", op_write, BAD_BLK2 },
	{ "write the short last block", op_write, TAIL_BLK },
	{ "write sector 1 of the bad block", op_write_part, 1 },
	{ "write sector 2 of the bad block", op_write_part, 2 },
	{ "write two bad blocks at once", op_write_two, 0 },
	{ "read error in sector 2", op_read_error, 2 },
	{ "read error in sector 5", op_read_error, 5 },
	{ "write a good block", op_write, GOOD_BLK },
	{ "write a good block, FUA", op_write_fua, GOOD_BLK },
	{ "move a good block out", op_out, GOOD_BLK },
	{ "move the bad block out", op_out, BAD_BLK },
	{ "move two blocks out", op_out_two, 0 },
	{ "move a good block back", op_back, GOOD_BLK },
	{ "main heals, move the bad block back", op_heal_back, BAD_BLK },
	{ "flush", op_flush, 0 },
	{ "lazy commit", op_lazy, 0 },
	{ "thaw", op_thaw, 0 },
	{ "heal, thaw", op_heal_thaw, 0 },
	{ "close, open", op_reopen, 0 },
	{ "warm reset, open", op_reset, 0 },
	{ "warm reset, open, flush fails", op_reset_flush_fails, 0 },
	{ "copies are away in turn", op_away_in_turn, 0 },
	{ "heal, close, open", op_heal_reopen, 0 },
	{ "heal, warm reset, open", op_heal_reset, 0 },
	{ "next slot fails", op_next_slot_fails, SIM_KEEP_OLD },
	{ "next slot fails and has it", op_next_slot_fails, SIM_KEEP_NEW },
	{ "own slot fails", op_own_slot_fails, 0 },
	{ "own slot fails and cannot be read", op_own_slot_fails, 1 },
	{ "two copies fail", op_two_copies_fail, SIM_KEEP_OLD },
	{ "two copies fail, torn", op_two_copies_fail, SIM_KEEP_TORN },
	{ "a table and a superblock fail", op_table_and_super_fail, 0 },
	{ "the last table, the first superblock", op_table_and_super_fail, 1 },
	{ "flush 1 fails", op_flush_fails, 1 },
	{ "flush 2 fails", op_flush_fails, 2 },
	{ "flush 3 fails", op_flush_fails, 3 },
	{ "flush 2 of two blocks fails", op_flush_fails_two, 2 },
	{ "gone at 2", op_gone, 2 },
	{ "gone at 3", op_gone, 3 },
	{ "gone at 4", op_gone, 4 },
	{ "gone at 5", op_gone, 5 },
	{ "gone at 3, thaw", op_gone_thaw, 3 },
	{ "gone at 4, thaw", op_gone_thaw, 4 },
	{ "gone at 5, thaw", op_gone_thaw, 5 },
	{ "gone three times", op_gone_thrice, 3 },
	{ "gone, gone in the thaw at 2", op_gone_thaw_gone, 2 },
	{ "gone, gone in the thaw at 4", op_gone_thaw_gone, 4 },
};

/* for the first and the last copy; for the record of all runs, for each */
static const struct sim_op each_copy[] = {
	{ "a copy fails", op_copy_fails, 0 },
	{ "a copy fails, torn", op_copy_torn, 0 },
	{ "a copy fails and has it", op_copy_lies, 0 },
	{ "gone, a copy fails in the thaw", op_thaw_copy_fails, 0 },
	{ "a copy moves", op_copy_moves, 0 },
	{ "a copy moves, tombstone", op_copy_moves_told, 0 },
	{ "a copy moves while the map changes", op_copy_moves_meanwhile, 0 },
	{ "a copy moves, what is there of it is dropped", op_copy_moves_dropped, 0 },
	{ "a copy moves to the second place", op_copy_moves_far, 0 },
	{ "a copy on its way, close, open", op_copy_moves_closed, 0 },
	{ "open without a copy", op_open_without, 0 },
	{ "a copy is away and back", op_away_and_back, 0 },
};

/*
 * For every k, as the first of two operations: the k-th I/O of the spare and all
 * that follow fail; the k-th flush fails.
 */
static const struct sim_op each_k[] = {
	{ "gone from some I/O on", op_gone, 0 },
	{ "gone from some I/O on, thaw", op_gone_thaw, 0 },
	{ "gone, gone in the thaw from some I/O on", op_gone_thaw_gone, 0 },
	{ "some flush fails", op_flush_fails, 0 },
	{ "a copy moves, gone from some I/O on, thaw", op_gone_moving, 0 },
	{ "a copy moves, some flush fails", op_flush_fails_moving, 0 },
};

u32 sim_ops_each_k(struct sim_op *op, u32 k)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(each_k); i++) {
		op[i] = each_k[i];
		op[i].arg = k;
	}
	return i;
}

u32 sim_ops(struct sim_op *op, u32 copies)
{
	u32 n = 0;
	u32 i, c;

	for (i = 0; i < ARRAY_SIZE(plain); i++)
		op[n++] = plain[i];
	for (i = 0; i < ARRAY_SIZE(each_copy); i++) {
		for (c = 0; c < copies; c += sim_tracing ? 1 : copies - 1) {
			op[n] = each_copy[i];
			op[n++].arg = c;
		}
	}
	return n;
}
