// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read: settling a group of blocks of a held read.
 *
 * Errors are narrowed to logical sectors: only those that fail by themselves,
 * twice around a reference read, become pending. The reader gets his error
 * either way; the entry is a hint for the next write and the next reader.
 */
#include "evidence.h"
#include "pending.h"
#include "slot.h"

static void remap_read_end(struct remap_part *p, blk_status_t status)
{
	p->state = REMAP_PART_DONE;
	if (!p->status)
		p->status = status;
}

static blk_status_t remap_read_main(struct remap *r, struct remap_io *io, u64 sect, u32 nr_sect,
				    unsigned long *began)
{
	struct remap_child c = {
		.first_sect = sect,
		.nr_sect = nr_sect,
		.dest_sect = sect,
	};
	blk_status_t st = remap_child_run(r, io, &c);

	*began = c.began;
	if (!st)
		remap_evidence_success(r, false, c.began);
	return st;
}

/*
 * Sectors of one block that failed together: find those that fail alone.
 * Return: mask of them, all candidates; *status gets the first error that is not.
 */
static u32 remap_read_narrow(struct remap *r, struct remap_io *io, struct remap_part *p, u32 mask,
			     blk_status_t *other)
{
	u64 blk_sect = p->first_sect - p->first_sect % DMR_BLK_SECTS;
	u32 failed = 0;
	u32 i;

	for (i = 0; i < DMR_STATES_PER_BLK; i++) {
		u64 sect = blk_sect + i * r->lbs_sect;
		unsigned long began;
		blk_status_t st;

		if (!(mask & BIT(i)) || remap_error_expired(io))
			continue;
		st = remap_read_main(r, io, sect, r->lbs_sect, &began);
		if (!st)
			continue;
		p->status = st;
		if (remap_error_class(r, st, REQ_OP_READ, sect, began) == DMR_CLASS_CANDIDATE)
			failed |= BIT(i);
		else
			*other = st;
	}
	return failed;
}

/* Main gave an error for all of @mask together: verdict sector by sector. */
static void remap_read_judge(struct remap *r, struct remap_io *io, struct remap_part *p, u32 mask,
			     blk_status_t status)
{
	struct dmr_mblk b = dmr_mblk_of_sect(p->first_sect);
	blk_status_t other = BLK_STS_OK;
	u32 bad = mask;

	if (remap_error_expired(io)) {
		remap_count(r, timed_out);
		remap_read_end(p, status);
		return;
	}
	if (hweight32(mask) > 1)
		bad = remap_read_narrow(r, io, p, mask, &other);
	if (bad && (other || remap_evidence_read(r) == REMAP_EVIDENCE_NONE)) {
		remap_count(r, no_verdict);
		remap_read_end(p, status);
		return;
	}
	if (bad) {
		p->status = BLK_STS_OK;
		bad = remap_read_narrow(r, io, p, bad, &other);
	}
	if (!bad && !other) {
		if (remap_error_expired(io))
			remap_read_end(p, status);
		else
			remap_count(r, healed_read);
		return;
	}
	if (bad && remap_can_note(r))
		remap_pending_note(r, b, bad);
	remap_read_end(p, status);
}

static blk_status_t remap_read_pending(struct remap *r, struct remap_io *io,
				       struct remap_part *one, const struct remap_hit *hit)
{
	u32 i = (one->first_sect % DMR_BLK_SECTS) / r->lbs_sect;
	unsigned long began;
	blk_status_t st;

	if (!remap_pending_may_try(r, hit->slot, remap_part_mask(r, one)))
		return BLK_STS_MEDIUM;
	st = remap_read_main(r, io, one->first_sect, one->nr_sect, &began);
	if (!st)
		remap_pending_clear(r, hit->b, i, one->nr_sect / r->lbs_sect);
	return st;
}

/* One run of sectors in the same state. */
static void remap_read_run(struct remap *r, struct remap_io *io, struct remap_part *p,
			   struct remap_part *one, const struct remap_hit *hit,
			   enum dmr_state state)
{
	blk_status_t st = BLK_STS_MEDIUM;
	unsigned long began;

	switch (state) {
	case DMR_STATE_MAIN:
		st = remap_read_main(r, io, one->first_sect, one->nr_sect, &began);
		if (st && remap_error_class(r, st, REQ_OP_READ, one->first_sect, began) ==
		    DMR_CLASS_CANDIDATE && remap_can_note(r)) {
			remap_read_judge(r, io, one, remap_part_mask(r, one), st);
			st = one->status;
		}
		break;
	case DMR_STATE_PENDING:
		st = remap_read_pending(r, io, one, hit);
		break;
	case DMR_STATE_SLOT:
		/* as in map(): it may be somebody else's by now (A42) */
		st = READ_ONCE(r->unseen) ? BLK_STS_IOERR : remap_slot_read(r, io, one, hit);
		break;
	case DMR_STATE_LOST:
		break;
	}
	if (st)
		remap_read_end(p, st);
}

/* A block with an entry: run by run, each from where it lives. */
static void remap_read_entry(struct remap *r, struct remap_io *io, struct remap_part *p,
			     const struct remap_hit *hit)
{
	u32 states = dmr_entry_states(hit->word);
	u64 end = p->first_sect + p->nr_sect;
	u64 sect = p->first_sect;

	while (sect < end) {
		struct remap_part one = { .first_sect = sect };
		enum dmr_state state;

		state = dmr_states_get(states, (sect % DMR_BLK_SECTS) / r->lbs_sect);
		while (sect < end &&
		       dmr_states_get(states, (sect % DMR_BLK_SECTS) / r->lbs_sect) == state) {
			sect += r->lbs_sect;
			if (sect % DMR_BLK_SECTS == 0)
				break;
		}
		one.nr_sect = sect - one.first_sect;
		remap_read_run(r, io, p, &one, hit, state);
	}
	p->state = REMAP_PART_DONE;
}

/* A block without an entry: on main, and judged when that fails. */
static void remap_read_plain(struct remap *r, struct remap_io *io, struct remap_part *p)
{
	blk_status_t st = p->child.status;

	if (!st) {
		remap_evidence_success(r, false, p->child.began);
		if (io->status)
			remap_count(r, healed_read);
	} else if (remap_error_class(r, st, REQ_OP_READ, p->first_sect, p->child.began) ==
		   DMR_CLASS_CANDIDATE && remap_can_note(r)) {
		remap_read_judge(r, io, p, remap_part_mask(r, p), st);
	} else {
		remap_read_end(p, st);
	}
	p->state = REMAP_PART_DONE;
}

void remap_read_group(struct remap *r, struct remap_io *io, struct remap_group *g)
{
	struct remap_batch b;
	struct remap_hit hit;
	u32 i;

	remap_batch_init(&b);
	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];

		if (remap_find(r, dmr_mblk_of_sect(p->first_sect), &hit))
			continue;
		p->state = REMAP_PART_FAILED;	/* on its way */
		p->child.first_sect = p->first_sect;
		p->child.nr_sect = p->nr_sect;
		p->child.dest_sect = p->first_sect;
		remap_child_submit(r, io, &p->child, &b);
	}
	remap_batch_wait(&b);
	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];

		if (p->state == REMAP_PART_FAILED)
			remap_read_plain(r, io, p);
		else if (remap_find(r, dmr_mblk_of_sect(p->first_sect), &hit))
			remap_read_entry(r, io, p, &hit);
	}
}
