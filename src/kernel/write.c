// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write: settling a group of blocks of a held write.
 *
 * Each block is sorted by what the table says of it now (it may have changed
 * since the error: look it up again), tried on main by itself, and, if it
 * fails there twice around a piece of evidence, moved to a slot.
 */
#include "evidence.h"
#include "mode.h"
#include "pending.h"
#include "slot.h"

static void remap_part_end(struct remap_part *p, blk_status_t status)
{
	p->state = REMAP_PART_DONE;
	p->status = status;
}

/* Which of the covered sectors are in state @st, as a mask over the block's logical sectors? */
u32 remap_part_states(struct remap *r, const struct remap_part *p, u64 word, enum dmr_state st)
{
	u32 first = (p->first_sect % DMR_BLK_SECTS) / r->lbs_sect;
	u32 n = p->nr_sect / r->lbs_sect;
	u32 mask = 0;
	u32 i;

	for (i = first; i < first + n; i++)
		if (dmr_states_get(dmr_entry_states(word), i) == st)
			mask |= BIT(i);
	return mask;
}

u32 remap_part_mask(struct remap *r, const struct remap_part *p)
{
	return remap_part_states(r, p, 0, DMR_STATE_MAIN);
}

static void remap_main_child(struct remap_part *p)
{
	p->child = (struct remap_child){
		.first_sect = p->first_sect,
		.nr_sect = p->nr_sect,
		.dest_sect = p->first_sect,
	};
}

/* No change of the map is possible: what lives in the slot goes there, the rest to main. */
static void remap_write_unmapped(struct remap *r, struct remap_io *io, struct remap_part *p,
				 const struct remap_hit *hit)
{
	u64 end = p->first_sect + p->nr_sect;
	u64 sect;

	if (remap_part_states(r, p, hit->word, DMR_STATE_LOST)) {
		remap_part_end(p, BLK_STS_MEDIUM);
		return;
	}
	for (sect = p->first_sect; sect < end; sect += r->lbs_sect) {
		struct remap_part one = { .first_sect = sect, .nr_sect = r->lbs_sect };
		u32 i = (sect % DMR_BLK_SECTS) / r->lbs_sect;
		blk_status_t st;

		if (dmr_states_get(dmr_entry_states(hit->word), i) == DMR_STATE_SLOT) {
			remap_slot_write(r, io, &one, hit);
			st = one.status;
		} else {
			remap_main_child(&one);
			st = remap_child_run(r, io, &one.child);
			if (!st)
				remap_pending_clear(r, hit->b, i, 1);
		}
		if (st) {
			remap_part_end(p, st);
			return;
		}
	}
	remap_part_end(p, BLK_STS_OK);
}

/* Sort one block by its entry. */
static void remap_write_sort(struct remap *r, struct remap_io *io, struct remap_part *p)
{
	struct dmr_mblk b = dmr_mblk_of_sect(p->first_sect);
	enum remap_fence_mode mode;
	struct remap_hit hit;
	u32 all = remap_part_mask(r, p);

	if (remap_fence_first(r, b.v, b.v, true, &mode) == b.v) {
		/* we hold the range, so nobody is at work here: the commit is in doubt */
		remap_part_end(p, BLK_STS_IOERR);
		return;
	}
	if (!remap_find(r, b, &hit) ||
	    (dmr_entry_kind(hit.word) == DMR_KIND_PENDING &&
	     remap_part_states(r, p, hit.word, DMR_STATE_MAIN) == all)) {
		p->state = REMAP_PART_TRY;
		return;
	}
	if (remap_part_states(r, p, hit.word, DMR_STATE_SLOT) == all) {
		remap_slot_write(r, io, p, &hit);
		return;
	}
	if (remap_can_map(r))
		p->state = REMAP_PART_BAD;
	else
		remap_write_unmapped(r, io, p, &hit);
}

/* Try what is left on main, each block by itself, all at once. */
static void remap_write_try(struct remap *r, struct remap_io *io, struct remap_group *g)
{
	struct remap_batch b;
	u32 i;

	remap_batch_init(&b);
	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];

		if (p->state != REMAP_PART_TRY)
			continue;
		remap_main_child(p);
		remap_child_submit(r, io, &p->child, &b);
	}
	remap_batch_wait(&b);
}

static void remap_write_tried(struct remap *r, struct remap_io *io, struct remap_part *p)
{
	blk_opf_t opf = REQ_OP_WRITE;

	if (p->state != REMAP_PART_TRY)
		return;
	if (!p->child.status) {
		remap_evidence_success(r, true, p->child.began);
		if (io->status)
			remap_count(r, healed_write);
		remap_part_end(p, BLK_STS_OK);
		return;
	}
	if (remap_error_class(r, p->child.status, opf, p->first_sect, p->child.began) !=
	    DMR_CLASS_CANDIDATE || !remap_can_note(r)) {
		remap_part_end(p, p->child.status);
		return;
	}
	p->state = REMAP_PART_FAILED;
	p->status = p->child.status;
	p->failed_at = jiffies;
}

/*
 * The last attempt: by itself, and without FUA, since some bridges refuse every
 * FUA write while plain ones succeed; the flush makes up for it.
 */
static void remap_write_again(struct remap *r, struct remap_io *io, struct remap_part *p)
{
	bool fua = remap_bio_of(io)->bi_opf & REQ_FUA;
	blk_status_t st;

	remap_main_child(p);
	p->child.again = true;
	p->child.opf = REQ_OP_WRITE | (remap_bio_of(io)->bi_opf & (REQ_SYNC | REQ_META | REQ_PRIO));
	st = remap_child_run(r, io, &p->child);
	if (!st && fua && blkdev_issue_flush(r->main)) {
		/* a failed flush says nothing of this block */
		remap_part_end(p, BLK_STS_IOERR);
		return;
	}
	if (!st) {
		remap_evidence_success(r, true, p->child.began);
		remap_count(r, healed_write);
		remap_part_end(p, BLK_STS_OK);
		return;
	}
	p->status = st;
	if (remap_error_class(r, st, REQ_OP_WRITE, p->first_sect, p->child.began) ==
	    DMR_CLASS_CANDIDATE)
		p->state = REMAP_PART_BAD;
	else
		remap_part_end(p, st);
}

/* The block is bad on main; what the policy and the allowance make of it. */
static void remap_write_verdict(struct remap *r, struct remap_group *g, struct remap_part *p,
				enum remap_evidence e)
{
	enum dmr_spend spend;

	if (p->state != REMAP_PART_BAD)
		return;
	if (!remap_can_map(r)) {
		if (remap_can_note(r))
			remap_pending_note(r, dmr_mblk_of_sect(p->first_sect),
					   remap_part_mask(r, p));
		remap_part_end(p, p->status);
		return;
	}
	if (e != REMAP_EVIDENCE_ALLOWANCE)
		return;
	spend = remap_evidence_spend(r);
	if (spend != DMR_SPEND_YES)
		g->freeze = true;
	if (spend == DMR_SPEND_NO) {
		remap_count(r, no_verdict);
		remap_part_end(p, p->status);
	}
}

static void remap_write_judge(struct remap *r, struct remap_io *io, struct remap_group *g)
{
	enum remap_evidence e;
	unsigned long failed_at = 0;
	bool any = false;
	u32 i;

	for (i = 0; i < g->n; i++) {
		if (g->part[i]->state != REMAP_PART_FAILED)
			continue;
		if (!any || time_after(g->part[i]->failed_at, failed_at))
			failed_at = g->part[i]->failed_at;
		any = true;
	}
	if (!any)
		return;
	e = remap_evidence_write(r, io, g, failed_at);
	for (i = 0; i < g->n; i++) {
		struct remap_part *p = g->part[i];

		if (p->state != REMAP_PART_FAILED)
			continue;
		if (e == REMAP_EVIDENCE_NONE || remap_error_expired(io)) {
			if (e == REMAP_EVIDENCE_NONE)
				remap_count(r, no_verdict);
			else
				remap_count(r, timed_out);
			remap_part_end(p, p->status);
			continue;
		}
		remap_write_again(r, io, p);
		remap_write_verdict(r, g, p, e);
	}
}

/* One block, one attempt, one error: it has failed by itself already. */
static bool remap_write_failed_alone(struct remap_io *io, struct remap_group *g)
{
	return io->status && io->first == io->last && g->n == 1 &&
	       g->part[0]->state == REMAP_PART_TRY;
}

bool remap_write_group(struct remap *r, struct remap_io *io, struct remap_group *g)
{
	u32 i;

	for (i = 0; i < g->n; i++) {
		if (remap_error_expired(io)) {
			remap_count(r, timed_out);
			remap_part_end(g->part[i], io->status ? io->status : BLK_STS_IOERR);
			continue;
		}
		remap_write_sort(r, io, g->part[i]);
	}
	if (remap_write_failed_alone(io, g)) {
		g->part[0]->state = REMAP_PART_FAILED;
		g->part[0]->status = io->status;
		g->part[0]->failed_at = io->failed_at;
	} else {
		remap_write_try(r, io, g);
		for (i = 0; i < g->n; i++)
			remap_write_tried(r, io, g->part[i]);
	}
	remap_write_judge(r, io, g);
	return remap_relocate_group(r, io, g);
}
