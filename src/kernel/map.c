// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map: where a bio goes, and what is looked at when it comes back.
 *
 * The hot path is remap_map() down to its first return, and remap_end_io()
 * down to its first return: no lock, no shared cache line written, no
 * allocation (R12). Everything else is out of line.
 */
#include <linux/rcupdate.h>

#include "compat.h"
#include "error.h"
#include "evidence.h"
#include "guard.h"
#include "index.h"
#include "map.h"
#include "slotio.h"

/**
 * enum remap_way - what is to become of a run of sectors
 * @REMAP_WAY_MAIN: sent to main
 * @REMAP_WAY_SLOT: sent to the slot
 * @REMAP_WAY_WORKER: held: settled by an error worker
 * @REMAP_WAY_ERROR: ended with an error
 */
enum remap_way {
	REMAP_WAY_MAIN,
	REMAP_WAY_SLOT,
	REMAP_WAY_WORKER,
	REMAP_WAY_ERROR,
};

/* One sector of a block with an entry. */
static enum remap_way remap_way_of(u64 word, enum req_op op, enum dmr_state state)
{
	if (op == REQ_OP_READ) {
		switch (state) {
		case DMR_STATE_MAIN:
			return REMAP_WAY_MAIN;
		case DMR_STATE_SLOT:
			return REMAP_WAY_SLOT;
		case DMR_STATE_PENDING:
			return REMAP_WAY_WORKER;
		case DMR_STATE_LOST:
			return REMAP_WAY_ERROR;
		}
	}
	if (op == REQ_OP_WRITE && state == DMR_STATE_SLOT)
		return REMAP_WAY_SLOT;
	if (dmr_entry_kind(word) == DMR_KIND_PENDING && state == DMR_STATE_MAIN)
		return REMAP_WAY_MAIN;
	return REMAP_WAY_WORKER;
}

/* Sectors from @sect on that go the same way, within their block. */
static u32 remap_run(struct remap *r, u64 word, enum req_op op, u64 sect, u64 end,
		     enum remap_way *way)
{
	u64 stop = min(end, (sect / DMR_BLK_SECTS + 1) * DMR_BLK_SECTS);
	u32 states = dmr_entry_states(word);
	u64 s = sect;

	*way = remap_way_of(word, op, dmr_states_get(states, (s % DMR_BLK_SECTS) / r->lbs_sect));
	for (s += r->lbs_sect; s < stop; s += r->lbs_sect)
		if (remap_way_of(word, op, dmr_states_get(states, (s % DMR_BLK_SECTS) /
							  r->lbs_sect)) != *way)
			break;
	return min(s, stop) - sect;
}

/* A run that fills its block to the end may go on in the next slot. */
static u32 remap_run_extend(struct remap *r, const struct remap_index *idx, struct remap_hit hit,
			    enum req_op op, u64 sect, u64 end)
{
	while (sect < end) {
		struct remap_hit next;
		enum remap_way way;
		u32 n;

		if (!remap_index_lookup(idx, dmr_mblk(hit.b.v + 1), &next) ||
		    next.slot.v != hit.slot.v + 1)
			break;
		n = remap_run(r, next.word, op, sect, end, &way);
		if (way != REMAP_WAY_SLOT)
			break;
		sect += n;
		if (sect % DMR_BLK_SECTS)
			break;
		hit = next;
	}
	return sect;
}

static int remap_to_main(struct remap *r, struct bio *bio)
{
	remap_compat_send(bio, r->main);
	return DM_MAPIO_REMAPPED;
}

static int remap_end_now(struct bio *bio, blk_status_t status)
{
	remap_bio_end(bio, status);
	return DM_MAPIO_SUBMITTED;
}

static int remap_to_worker(struct remap *r, struct bio *bio)
{
	/* the worker waits for commits: not what a NOWAIT submitter asked for */
	if (bio->bi_opf & REQ_NOWAIT)
		return remap_end_now(bio, BLK_STS_AGAIN);
	remap_hold(r, bio, BLK_STS_OK);
	return DM_MAPIO_SUBMITTED;
}

/* Context: preemption off: the slot is counted before a drain could miss it. */
static int remap_to_slot(struct remap *r, struct bio *bio, struct remap_io *io,
			 const struct remap_hit *hit)
{
	bool write = op_is_write(bio_op(bio));

	/* nor is read what may be somebody else's by now (A42) */
	if (READ_ONCE(r->mode) == DMR_MODE_FAIL && (write || READ_ONCE(r->unseen)))
		return remap_end_now(bio, BLK_STS_IOERR);
	if (write && unlikely(!dmr_table_write_allowed(hit->word, hit->b))) {
		remap_guard_violated(r, "a block", dmr_slot_sect(hit->slot));
		return remap_end_now(bio, BLK_STS_IOERR);
	}
	if ((bio->bi_opf & REQ_NOWAIT) && !bdev_nowait(r->spare))
		return remap_end_now(bio, BLK_STS_AGAIN);
	remap_io_dest(bio, io, REMAP_DEST_SLOT);
	io->void_seq = atomic_read(&r->spare_void);
	remap_slotio_get(&r->slotio, io, hit->slot);
	if (write) {
		remap_count(r, slot_writes);
		/* durable when it completes: a flush from above concerns main alone */
		bio->bi_opf |= REQ_FUA;
	} else {
		remap_count(r, slot_reads);
	}
	bio->bi_opf &= ~REQ_POLLED;
	bio->bi_iter.bi_sector = dmr_slot_sect(hit->slot) + io->iter.bi_sector % DMR_BLK_SECTS;
	remap_compat_send(bio, r->spare);
	return DM_MAPIO_REMAPPED;
}

/* Keep the first @nr_sect sectors; dm sends the rest again. */
static void remap_cut(struct bio *bio, struct remap_io *io, u32 nr_sect)
{
	if (nr_sect == bio_sectors(bio))
		return;
	dm_accept_partial_bio(bio, nr_sect);
	io->iter = bio->bi_iter;
}

/* The bio starts in a block with an entry. Context: preemption off. */
static int remap_map_entry(struct remap *r, struct bio *bio, struct remap_io *io,
			   const struct remap_index *idx, const struct remap_hit *hit)
{
	u64 sect = bio->bi_iter.bi_sector;
	u64 end = bio_end_sector(bio);
	enum remap_way way;
	u32 n = remap_run(r, hit->word, bio_op(bio), sect, end, &way);

	if (way == REMAP_WAY_SLOT && (sect + n) % DMR_BLK_SECTS == 0)
		n = remap_run_extend(r, idx, *hit, bio_op(bio), sect + n, end) - sect;
	remap_cut(bio, io, n);
	switch (way) {
	case REMAP_WAY_MAIN:
		return remap_to_main(r, bio);
	case REMAP_WAY_SLOT:
		return remap_to_slot(r, bio, io, hit);
	case REMAP_WAY_WORKER:
		return remap_to_worker(r, bio);
	default:
		return remap_end_now(bio, BLK_STS_MEDIUM);
	}
}

/* The filter says something may be here. Context: preemption off. */
static int remap_map_near(struct remap *r, struct bio *bio, struct remap_io *io,
			  const struct remap_index *idx)
{
	u64 sect = bio->bi_iter.bi_sector;
	u64 first = dmr_mblk_of_sect(sect).v;
	u64 last = dmr_mblk_of_sect(bio_end_sector(bio) - 1).v;
	enum remap_fence_mode mode;
	struct remap_hit hit;
	u64 entry, fence, at;

	fence = remap_fence_first(r, first, last, op_is_write(bio_op(bio)), &mode);
	/* pairs with the order in remap_fence_remove(): a fence gone is an entry published */
	smp_rmb();
	entry = remap_index_first(idx, first, last, &hit);
	at = min(fence, entry);
	if (at > last)
		return remap_to_main(r, bio);
	if (at > first) {
		remap_cut(bio, io, dmr_mblk_sect(dmr_mblk(at)) - sect);
		return remap_to_main(r, bio);
	}
	if (fence == first) {
		remap_cut(bio, io, min_t(u64, bio_sectors(bio),
					 dmr_mblk_sect(dmr_mblk(first + 1)) - sect));
		if (mode == REMAP_FENCE_DOUBT)
			return remap_end_now(bio, BLK_STS_IOERR);
		return remap_to_worker(r, bio);
	}
	/* a run of slots ends where somebody is at work (A35) */
	if (fence <= last)
		remap_cut(bio, io, dmr_mblk_sect(dmr_mblk(fence)) - sect);
	return remap_map_entry(r, bio, io, idx, &hit);
}

static noinline int remap_map_slow(struct remap *r, struct bio *bio, struct remap_io *io)
{
	int ret;

	if (unlikely(r->readonly && op_is_write(bio_op(bio)) && bio_sectors(bio)))
		return remap_end_now(bio, BLK_STS_IOERR);
	switch (bio_op(bio)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
	case REQ_OP_WRITE_ZEROES:
		break;
	default:
		/* flush, discard: main alone; slots keep what they hold */
		return remap_to_main(r, bio);
	}
	if (!bio_sectors(bio))
		return remap_to_main(r, bio);
	preempt_disable();
	ret = remap_map_near(r, bio, io, rcu_dereference_sched(r->index));
	preempt_enable();
	return ret;
}

int remap_map(struct dm_target *ti, struct bio *bio)
{
	struct remap_io *io = remap_io_of(bio);
	struct remap *r = ti->private;
	bool quiet;

	io->iter = bio->bi_iter;
	remap_io_main(bio, io);
	preempt_disable();
	quiet = remap_index_quiet(rcu_dereference_sched(r->index), bio->bi_iter.bi_sector,
				  bio_sectors(bio));
	preempt_enable();
	if (likely(quiet))
		return remap_to_main(r, bio);
	return remap_map_slow(r, bio, io);
}

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

static int remap_end_main(struct remap *r, struct bio *bio, struct remap_io *io,
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

static int remap_end_slot(struct remap *r, struct bio *bio, struct remap_io *io,
			  blk_status_t error)
{
	bool write = op_is_write(bio_op(bio));

	remap_slotio_put(&r->slotio, io);
	if (!error && (!write || io->void_seq == (u32)atomic_read(&r->spare_void)))
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

	switch (io->dest) {
	case REMAP_DEST_MAIN:
		return remap_end_main(r, bio, io, error);
	case REMAP_DEST_SLOT:
		return remap_end_slot(r, bio, io, error);
	default:
		return DM_ENDIO_DONE;
	}
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
