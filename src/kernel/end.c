// SPDX-License-Identifier: GPL-2.0-only
/*
 * End: what is looked at when a bio comes back from where map() sent it.
 *
 * The hot path is remap_end_io() down to its first return, as in map.c (R12).
 */
#include <linux/rcupdate.h>

#include "error.h"
#include "evidence.h"
#include "index.h"
#include "map.h"
#include "slotio.h"

/*
 * A write to main has ended well. Has its block been moved, or is it being moved,
 * while it was on its way? Then it may have come too late for the copy (B8).
 */
static bool remap_moved_under(struct remap *r, struct bio *bio)
{
	struct remap_io *io = remap_io_of(bio);
	u64 first, last;
	enum remap_fence_mode mode;
	struct remap_hit hit;
	bool moved;

	if (!op_is_write(bio_op(bio)) || bio_op(bio) == REQ_OP_DISCARD || !io->iter.bi_size)
		return false;
	first = dmr_mblk_of_sect(io->iter.bi_sector).v;
	last = dmr_mblk_of_sect(io->iter.bi_sector + (io->iter.bi_size >> SECTOR_SHIFT) - 1).v;
	preempt_disable();
	if (remap_index_quiet(rcu_dereference_sched(r->index), io->iter.bi_sector,
			      io->iter.bi_size >> SECTOR_SHIFT)) {
		preempt_enable();
		return false;
	}
	moved = remap_fence_first(r, first, last, true, &mode) <= last;
	/* as in map() */
	smp_rmb();
	moved |= remap_index_first(rcu_dereference_sched(r->index), first, last, &hit) <= last;
	preempt_enable();
	return moved;
}

static noinline int remap_end_main(struct remap *r, struct bio *bio, struct remap_io *io,
				   blk_status_t error)
{
	unsigned long now = jiffies;	/* once: never later than it was (B1) */
	unsigned long began = now - (u32)((u32)now - io->began);
	enum req_op op = bio_op(bio);

	if (!error && unlikely(READ_ONCE(r->moving)) && remap_moved_under(r, bio)) {
		remap_hold(r, bio, BLK_STS_OK);
		return DM_ENDIO_INCOMPLETE;
	}

	/* a flush is a write without data: like discard and write-zeroes it is no evidence */
	if (!io->iter.bi_size || (op != REQ_OP_READ && op != REQ_OP_WRITE)) {
		if (error)
			remap_count(r, passed);
		return DM_ENDIO_DONE;
	}
	if (!error) {
		if (jiffies - began >= r->slow)
			remap_error_slow(r, io->iter.bi_sector, began);
		remap_evidence_success(r, op == REQ_OP_WRITE, began);
		return DM_ENDIO_DONE;
	}
	if (remap_error_class(r, error, bio->bi_opf, io->iter.bi_sector, began) !=
	    DMR_CLASS_CANDIDATE || !remap_can_note(r)) {
		remap_count(r, passed);
		return DM_ENDIO_DONE;
	}
	remap_hold(r, bio, error);
	return DM_ENDIO_INCOMPLETE;
}

/* Did it end well? A write whose cache may have been dropped has not. */
static inline bool remap_slot_good(struct remap *r, struct bio *bio, const struct remap_io *io,
				   blk_status_t error)
{
	return !error && (!op_is_write(bio_op(bio)) ||
			  io->void_seq == (u32)atomic_read(&r->spare_void));
}

static noinline int remap_end_slot(struct remap *r, struct bio *bio, struct remap_io *io,
				   blk_status_t error)
{
	bool write = op_is_write(bio_op(bio));

	remap_slotio_wake(&r->slotio);
	if (remap_slot_good(r, bio, io, error))
		return DM_ENDIO_DONE;
	if (error && (READ_ONCE(r->mode) == DMR_MODE_FAIL || error == BLK_STS_AGAIN))
		return DM_ENDIO_DONE;
	/* its FUA may have dropped a cache, whoever sent it */
	if (error && write)
		remap_spare_voided(r);
	if (error && remap_may_fail(bio->bi_opf)) {
		remap_count(r, passed);
		return DM_ENDIO_DONE;
	}
	remap_hold(r, bio, error);
	return DM_ENDIO_INCOMPLETE;
}

static noinline int remap_end_slow(struct remap *r, struct bio *bio, blk_status_t error)
{
	struct remap_io *io = bio->bi_private;

	if (io->dest == REMAP_DEST_SLOT) {
		bool wanted = remap_slotio_put(&r->slotio, io);

		if (likely(!wanted && remap_slot_good(r, bio, io, error)))
			return DM_ENDIO_DONE;
		return remap_end_slot(r, bio, io, error);
	}
	if (io->dest == REMAP_DEST_MAIN)
		return remap_end_main(r, bio, io, error);
	return DM_ENDIO_DONE;
}

int remap_end_io(struct dm_target *ti, struct bio *bio, blk_status_t *error)
{
	const struct remap_io *io = bio->bi_private;
	struct remap *r = ti->private;

	/* good, quick, to main, and nobody wants to know: one comparison says it all */
	if (likely(!*error && (u32)jiffies - io->began < READ_ONCE(r->quick)))
		return DM_ENDIO_DONE;
	return remap_end_slow(r, bio, *error);
}
