// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slot: see slot.h.
 */
#include "mode.h"
#include "evidence.h"
#include "slot.h"

void remap_slot_retire(struct remap *r, struct dmr_slot s)
{
	mutex_lock(&r->map_lock);
	dmr_table_set(&r->table, s, dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0));
	remap_commit_dirty(r, s);
	mutex_unlock(&r->map_lock);
	remap_count(r, slots_retired);
	DMWARN("%s: slot %llu of the spare is bad and retired", remap_name(r),
	       (unsigned long long)s.v);
}

enum remap_slot_verdict remap_slot_judge(struct remap *r, struct remap_io *io,
					 struct remap_child *c, blk_status_t status)
{
	blk_status_t again;

	remap_count(r, slot_errors);
	if (remap_spare_class(r, status, c->began) != DMR_CLASS_CANDIDATE ||
	    !remap_evidence_spare(r)) {
		remap_mode_worsen(r, DMR_MODE_FAIL, DMR_WHY_SPARE);
		return REMAP_SLOT_GONE;
	}
	/* plain write and flush: a bridge may refuse FUA and nothing else */
	c->opf = REQ_OP_WRITE | REQ_SYNC;
	again = remap_child_run(r, io, c);
	if (!again)
		return remap_spare_flush(r) ? REMAP_SLOT_GONE : REMAP_SLOT_OK;
	if (remap_spare_class(r, again, c->began) == DMR_CLASS_CANDIDATE)
		return REMAP_SLOT_BAD;
	remap_mode_worsen(r, DMR_MODE_FAIL, DMR_WHY_SPARE);
	return REMAP_SLOT_GONE;
}

static void remap_slot_done(struct remap_part *p, blk_status_t status)
{
	p->state = REMAP_PART_DONE;
	p->status = status;
}

/* One durable write of the slot. True: settled; false: void meanwhile, to be done again. */
static bool remap_slot_write_once(struct remap *r, struct remap_io *io, struct remap_part *p,
				  struct remap_child *c)
{
	u32 void_seq = atomic_read(&r->spare_void);
	blk_status_t st;

	c->opf = REQ_OP_WRITE | REQ_FUA | REQ_SYNC;
	st = remap_child_run(r, io, c);
	if (!st) {
		remap_slot_done(p, BLK_STS_OK);
		return (u32)atomic_read(&r->spare_void) == void_seq;
	}
	remap_spare_voided(r);
	switch (remap_slot_judge(r, io, c, st)) {
	case REMAP_SLOT_OK:
		remap_slot_done(p, BLK_STS_OK);
		break;
	case REMAP_SLOT_GONE:
		remap_slot_done(p, st);
		break;
	case REMAP_SLOT_BAD:
		/* it holds data: the block moves to another slot, this write included */
		remap_slot_done(p, st);
		if (remap_can_map(r)) {
			p->state = REMAP_PART_BAD;
			p->move = true;
		}
		break;
	}
	return true;
}

void remap_slot_write(struct remap *r, struct remap_io *io, struct remap_part *p,
		      const struct remap_hit *hit)
{
	struct remap_child c = {
		.first_sect = p->first_sect,
		.nr_sect = p->nr_sect,
		.to_spare = true,
		.dest_sect = remap_slot_sect(hit->slot, p->first_sect),
		.owner = REMAP_OWNER_BLOCK,
		.b = hit->b,
	};

	if (READ_ONCE(r->mode) == DMR_MODE_FAIL) {
		remap_slot_done(p, BLK_STS_IOERR);
		return;
	}
	remap_count(r, slot_writes);
	if (remap_slot_write_once(r, io, p, &c) || remap_slot_write_once(r, io, p, &c))
		return;
	/* flushes fail faster than we can write: nothing here can be called durable */
	remap_mode_worsen(r, DMR_MODE_FAIL, DMR_WHY_FLUSH);
	remap_slot_done(p, BLK_STS_IOERR);
}

blk_status_t remap_slot_read(struct remap *r, struct remap_io *io, struct remap_part *p,
			     const struct remap_hit *hit)
{
	struct remap_child c = {
		.first_sect = p->first_sect,
		.nr_sect = p->nr_sect,
		.to_spare = true,
		.dest_sect = remap_slot_sect(hit->slot, p->first_sect),
	};
	blk_status_t st = remap_child_run(r, io, &c);

	if (!st)
		return st;
	remap_count(r, slot_errors);
	st = remap_child_run(r, io, &c);
	/* evidence is a write: none of that on a device opened read-only */
	if (st && !r->readonly && !remap_evidence_spare(r))
		remap_mode_worsen(r, DMR_MODE_FAIL, DMR_WHY_SPARE);
	return st;
}
