// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protocol: the order of the steps of a commit, and what a failure does to it.
 *
 * There is no program counter. After each result the next step follows from
 * what is still owed, looked up from the top; the first line that applies:
 *
 *   owed                                              step        a good result means
 *   ------------------------------------------------- ----------- -----------------------
 *   the run ended                                     DONE, ABORT, DOUBT, for ever
 *   slot data void (a flush failed)                   DATA        data awaits its flush
 *   anything written and not flushed: slot data,
 *     images found at load, a round, a tombstone      FLUSH       flying -> durable
 *   COMMIT: table copies that may be torn             TABLE       those fly
 *   RAISE: copies without the empty blocks            EMPTY       all of them fly
 *   ACTIVATE: copies to fill                          FILL        the first of them flies
 *   superblocks: COMMIT: a copy was expelled, or some
 *     may be torn; RAISE, SUPER, ACTIVATE: always     SUPER       a round of them flies
 *   expelled copies that do not say so themselves     TOMBSTONE   they were tried
 *   COMMIT: table copies left                         TABLE       a round of them flies
 *   nothing                                           DONE
 *
 * Decisions:
 *   - A round is flushed before anything else is written, so what flies is
 *     always one round, and a good flush makes all of it durable.
 *   - Torn tables come before superblocks: when a superblock write costs one
 *     more copy, the table of each of the others is whole.
 *   - A copy lost during superblock rounds changes what the superblock says:
 *     the run of superblocks starts again, super_gen counts them.
 *   - Empty blocks need no rounds: nobody reads a block above the mark.
 *   - Fills go to one copy at a time: the images that were selected may be of a
 *     copy that was expelled, by a superblock that could not be read this time.
 *     Then those being overwritten are the only ones to be believed (A30).
 *   - Two failed flushes are "in a row" when no flush between them made
 *     anything durable that was not before. So a drive that takes the data
 *     again and again but never the table does not keep us here for ever.
 *
 * Invariants (A5, R5, R9):
 *   (1) A round leaves out at least one copy that is whole, for tables and for
 *       superblocks; all but a lone copy, which ACTIVATE and SUPER may write.
 *   (2) No TABLE before the data it refers to is flushed.
 *   (3) DONE: every in-sync copy has the image durably, and if any copy was
 *       expelled, every in-sync copy durably has a superblock that says so.
 *   (4) ABORT only when no TABLE was given out, DOUBT only when one was.
 */
#include "protocol.h"

static void rounds_begin(struct dmr_rounds *r, u32 todo, u32 torn)
{
	r->todo = todo;
	r->flying = 0;
	r->durable = 0;
	r->torn = torn;
}

/* The law of rounds, see the header. */
static u32 rounds_next(const struct dmr_rounds *r)
{
	const u32 torn = r->todo & r->torn;
	u32 half, left;

	if (r->durable)
		return r->todo;
	if (torn && torn != r->todo)
		return torn;
	/*
	 * Half of them, the lower ones; one at a time when nothing is known to
	 * be whole, for then most of them may be wrecks but for two.
	 */
	left = torn ? 1 : hweight32(r->todo) / 2;
	half = 0;
	do {
		half |= (r->todo & ~half) & -(r->todo & ~half);
	} while (left && --left);
	return half;
}

static void rounds_fly(struct dmr_rounds *r, u32 mask)
{
	r->flying |= mask & r->todo;
	r->todo &= ~mask;
}

static void rounds_land(struct dmr_rounds *r)
{
	r->durable |= r->flying;
	r->torn &= ~r->flying;
	r->flying = 0;
}

static void rounds_void(struct dmr_rounds *r)
{
	r->todo |= r->flying;
	r->torn |= r->flying;
	r->flying = 0;
}

/* Who is torn stays torn: the caller hands it to the run that takes the copy in again. */
static void rounds_drop(struct dmr_rounds *r, u32 mask)
{
	r->todo &= ~mask;
	r->flying &= ~mask;
	r->durable &= ~mask;
}

static bool ended(const struct dmr_proto *p)
{
	return p->phase == DMR_OP_DONE || p->phase == DMR_OP_ABORT || p->phase == DMR_OP_DOUBT;
}

static void end(struct dmr_proto *p, bool gone)
{
	rounds_void(&p->table);
	rounds_void(&p->super);
	p->gone = gone;
	p->phase = p->submitted ? DMR_OP_DOUBT : DMR_OP_ABORT;
}

/* Start a run of superblocks: what is on its way says something else by now. */
static void super_begin(struct dmr_proto *p)
{
	rounds_begin(&p->super, p->insync, p->super.torn | p->super.flying);
	p->super_gen++;
}

static bool too_few(const struct dmr_proto *p)
{
	if (p->kind == DMR_PROTO_COMMIT || p->kind == DMR_PROTO_RAISE)
		return hweight32(p->insync) < 2;
	return !(p->insync | p->fill);
}

static bool anything_unflushed(const struct dmr_proto *p)
{
	return p->base_due || p->tomb_flying || p->table.flying || p->super.flying;
}

static enum dmr_op image_op(enum dmr_proto_kind kind)
{
	switch (kind) {
	case DMR_PROTO_RAISE:
		return DMR_OP_EMPTY;
	case DMR_PROTO_ACTIVATE:
		return DMR_OP_FILL;
	default:
		return DMR_OP_TABLE;
	}
}

/* Expelled copies that have not been told. A lone copy goes on naming its last partner (R9). */
static u32 untold(const struct dmr_proto *p)
{
	return hweight32(p->insync) < 2 ? 0 : p->expelled & ~p->told;
}

/*
 * The first superblock run of a kind that always has one; and of a commit after
 * a run that left superblocks torn: a table write that fails must not cost the
 * copy that has the only whole one.
 */
static void super_begin_once(struct dmr_proto *p)
{
	if (p->super_gen)
		return;
	if (p->kind == DMR_PROTO_COMMIT && !(p->super.torn & p->insync))
		return;
	p->insync |= p->fill;
	p->fill = 0;
	super_begin(p);
}

/* The table at the top of this file, line by line. */
static enum dmr_op choose(struct dmr_proto *p)
{
	const bool commit = p->kind == DMR_PROTO_COMMIT;

	if (p->data_void)
		return DMR_OP_DATA;
	if (anything_unflushed(p))
		return DMR_OP_FLUSH;
	if (commit ? p->table.todo & p->table.torn : p->table.todo)
		return image_op(p->kind);
	super_begin_once(p);
	if (p->super.todo)
		return DMR_OP_SUPER;
	if (untold(p))
		return DMR_OP_TOMBSTONE;
	return p->table.todo ? DMR_OP_TABLE : DMR_OP_DONE;
}

void dmr_proto_begin(struct dmr_proto *p, enum dmr_proto_kind kind, u32 insync, u32 torn,
		     u32 fill, bool has_data)
{
	memset(p, 0, sizeof(*p));
	p->kind = kind;
	p->insync = insync;

	switch (kind) {
	case DMR_PROTO_COMMIT:
		rounds_begin(&p->table, insync, torn);
		p->has_data = has_data;
		p->base_due = has_data;
		break;
	case DMR_PROTO_RAISE:
		rounds_begin(&p->table, insync, 0);
		break;
	case DMR_PROTO_SUPER:
		break;
	case DMR_PROTO_ACTIVATE:
		/* What lags is not in sync until it is filled. */
		p->fill = fill;
		p->insync &= ~fill;
		rounds_begin(&p->table, p->fill, 0);
		/* The superblock of a copy that has to be filled may be a wreck. */
		p->super.torn = p->fill;
		p->base_due = true;
		break;
	}
	if (too_few(p))
		end(p, false);
	else
		p->phase = DMR_OP_FLUSH;	/* any but an end: the first next() chooses */
}

struct dmr_step dmr_proto_next(struct dmr_proto *p)
{
	struct dmr_step step = { .op = (enum dmr_op)p->phase };

	if (ended(p))
		return step;
	step.op = choose(p);
	switch (step.op) {
	case DMR_OP_TABLE:
		p->submitted = true;
		step.mask = rounds_next(&p->table);
		break;
	case DMR_OP_EMPTY:
		step.mask = p->table.todo;
		break;
	case DMR_OP_FILL:
		step.mask = p->table.todo & -p->table.todo;
		break;
	case DMR_OP_SUPER:
		step.mask = rounds_next(&p->super);
		break;
	case DMR_OP_TOMBSTONE:
		step.mask = untold(p);
		break;
	default:
		break;
	}
	p->phase = step.op;
	p->mask = step.mask;
	return step;
}

/* The rounds that a step writes, NULL for any other step. */
static struct dmr_rounds *rounds_of(struct dmr_proto *p)
{
	switch ((enum dmr_op)p->phase) {
	case DMR_OP_TABLE:
	case DMR_OP_EMPTY:
	case DMR_OP_FILL:
		return &p->table;
	case DMR_OP_SUPER:
		return &p->super;
	default:
		return NULL;
	}
}

static void step_ok(struct dmr_proto *p)
{
	struct dmr_rounds *r = rounds_of(p);

	if (r) {
		rounds_fly(r, p->mask);
	} else if (p->phase == DMR_OP_DATA) {
		p->data_void = false;
		p->base_due = true;
	} else if (p->phase == DMR_OP_TOMBSTONE) {
		p->told |= p->mask;
		p->tomb_flying = true;
	} else if (p->phase == DMR_OP_FLUSH) {
		if ((p->base_due && !p->based) || p->table.flying || p->super.flying)
			p->flush_fails = 0;
		p->based |= p->base_due;
		p->base_due = false;
		p->tomb_flying = false;
		rounds_land(&p->table);
		rounds_land(&p->super);
	}
}

/* Copies in @mask have a verdict against them; the rest of the step is written. */
static void step_copies(struct dmr_proto *p, u32 mask)
{
	struct dmr_rounds *r = rounds_of(p);

	mask &= p->mask;
	if (!r || !mask) {
		step_ok(p);
		return;
	}
	rounds_fly(r, p->mask);
	rounds_drop(&p->table, mask);
	rounds_drop(&p->super, mask);
	r->torn |= mask;
	p->insync &= ~mask;
	p->fill &= ~mask;
	p->expelled |= mask;
	if (too_few(p))
		end(p, false);
	else if (p->phase == DMR_OP_TABLE || p->phase == DMR_OP_SUPER)
		super_begin(p);
}

/* All that was written since the last good flush is void: again from the data. */
static void step_void(struct dmr_proto *p)
{
	struct dmr_rounds *r = rounds_of(p);

	if (r)
		rounds_fly(r, p->mask);
	rounds_void(&p->table);
	rounds_void(&p->super);
	p->tomb_flying = false;
	if (p->has_data) {
		p->data_void = true;
		p->base_due = false;
	}
}

/*
 * What an activation has chosen was read before its first flush; the cache that
 * this flush dropped may have been all there was of it (A27).
 */
static bool chosen_void(const struct dmr_proto *p)
{
	return p->kind == DMR_PROTO_ACTIVATE && !p->based;
}

void dmr_proto_result(struct dmr_proto *p, enum dmr_result res, u32 mask)
{
	if (ended(p))
		return;
	/* Neither slot data nor a flush is a copy's: a verdict there makes no sense, be careful. */
	if (res == DMR_RES_COPIES && p->phase == DMR_OP_FLUSH)
		res = DMR_RES_FLUSH;
	if (res == DMR_RES_COPIES && p->phase == DMR_OP_DATA)
		res = DMR_RES_GONE;

	switch (res) {
	case DMR_RES_OK:
		step_ok(p);
		break;
	case DMR_RES_COPIES:
		step_copies(p, mask);
		break;
	case DMR_RES_FLUSH:
		step_void(p);
		if (++p->flush_fails >= 2 || chosen_void(p))
			end(p, true);
		break;
	case DMR_RES_GONE:
		step_void(p);
		end(p, true);
		break;
	}
}
