// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map: where a bio goes. What is looked at when it comes back: end.c.
 *
 * The hot path is remap_map() down to its first return: no lock, no shared
 * cache line written, no allocation (R12). Everything else is out of line.
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

/*
 * REQ_DRV is the layer's above: the rest of a bio that was cut has dm's own mark of a polled
 * bio, its clone inherits it, and a dm device below takes our bi_private for its list (B29).
 */
static void remap_send(struct bio *bio, struct block_device *bdev)
{
	bio->bi_opf &= ~REQ_DRV;
	remap_compat_send(bio, bdev);
}

static int remap_to_main(struct remap *r, struct bio *bio)
{
	remap_send(bio, r->main);
	return DM_MAPIO_REMAPPED;
}

static int remap_end_now(struct bio *bio, blk_status_t status)
{
	remap_bio_end(bio, status);
	return DM_MAPIO_SUBMITTED;
}

static int remap_to_worker(struct remap *r, struct bio *bio)
{
	/*
	 * The worker waits for commits: not what a NOWAIT submitter asked for. Polled I/O waits:
	 * io_uring makes all of it NOWAIT, but what dm ends with AGAIN it does not try again (B28).
	 */
	if ((bio->bi_opf & (REQ_NOWAIT | REQ_POLLED)) == REQ_NOWAIT)
		return remap_end_now(bio, BLK_STS_AGAIN);
	remap_hold(r, bio, BLK_STS_OK);
	return DM_MAPIO_SUBMITTED;
}

static int remap_slot_send(struct remap *r, struct bio *bio, struct remap_io *io,
			   struct dmr_slot slot)
{
	remap_io_dest(bio, io, REMAP_DEST_SLOT);
	remap_slotio_get(&r->slotio, io, slot);
	bio->bi_iter.bi_sector = dmr_slot_sect(slot) + bio->bi_iter.bi_sector % DMR_BLK_SECTS;
	remap_send(bio, r->spare);
	return DM_MAPIO_REMAPPED;
}

/* Context: preemption off: the slot is counted before a drain could miss it. */
static noinline int remap_write_slot(struct remap *r, struct bio *bio, struct remap_io *io,
				     struct dmr_slot slot, u64 word)
{
	if (unlikely(!dmr_table_write_allowed(word, dmr_mblk_of_sect(bio->bi_iter.bi_sector)))) {
		remap_guard_violated(r, "a block", dmr_slot_sect(slot));
		return remap_end_now(bio, BLK_STS_IOERR);
	}
	io->void_seq = atomic_read(&r->spare_void);
	remap_count(r, slot_writes);
	/* durable when it completes: a flush from above concerns main alone */
	bio->bi_opf |= REQ_FUA;
	return remap_slot_send(r, bio, io, slot);
}

/* The spare is believed. Context: as remap_write_slot(). */
static __always_inline int remap_to_slot(struct remap *r, struct bio *bio, struct remap_io *io,
					 struct dmr_slot slot, u64 word)
{
	if (unlikely(bio->bi_opf & (REQ_NOWAIT | REQ_POLLED))) {
		if (bio->bi_opf & REQ_POLLED) /* as in remap_to_worker() */
			bio->bi_opf &= ~(REQ_POLLED | REQ_NOWAIT);
		else if (!bdev_nowait(r->spare))
			return remap_end_now(bio, BLK_STS_AGAIN);
	}
	if (op_is_write(bio_op(bio)))
		return remap_write_slot(r, bio, io, slot, word);
	remap_count(r, slot_reads);
	return remap_slot_send(r, bio, io, slot);
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
		/* nor is read what may be somebody else's by now (A42) */
		if (READ_ONCE(r->mode) == DMR_MODE_FAIL &&
		    (op_is_write(bio_op(bio)) || READ_ONCE(r->unseen)))
			return remap_end_now(bio, BLK_STS_IOERR);
		return remap_to_slot(r, bio, io, hit->slot, hit->word);
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

/* Context: preemption off. */
static noinline int remap_map_slow(struct remap *r, struct bio *bio, struct remap_io *io,
				   const struct remap_index *idx)
{
	if (unlikely(r->readonly && op_is_write(bio_op(bio))))
		return remap_end_now(bio, BLK_STS_IOERR);
	switch (bio_op(bio)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
	case REQ_OP_WRITE_ZEROES:
		break;
	default:
		/* discard: main alone; slots keep what they hold */
		return remap_to_main(r, bio);
	}
	return remap_map_near(r, bio, io, idx);
}

static inline bool remap_op_plain(enum req_op op)
{
	return op == REQ_OP_READ || op == REQ_OP_WRITE;
}

/*
 * A bio that is in more than one block, or has no data: nearly always all of it is on main,
 * though the filter knows words of 1 MiB only, and has false alarms. Context: preemption off.
 */
static noinline int remap_map_range(struct remap *r, struct bio *bio, struct remap_io *io,
				    const struct remap_index *idx)
{
	u64 first = dmr_mblk_of_sect(bio->bi_iter.bi_sector).v;
	u64 last = dmr_mblk_of_sect(bio_end_sector(bio) - 1).v;

	/* a flush, and what else says nothing of any block, is for main alone */
	if (!bio_sectors(bio))
		return remap_to_main(r, bio);
	if (remap_op_plain(bio_op(bio)) && READ_ONCE(r->mode) < DMR_MODE_READONLY &&
	    list_empty(&r->fences)) {
		/* as in remap_map_near() */
		smp_rmb();
		if (!remap_index_any(idx, first, last))
			return remap_to_main(r, bio);
	}
	return remap_map_slow(r, bio, io, idx);
}

/*
 * What the filter does not let pass is nearly always a read or write within one block that
 * nobody works on, and which is on main or in its slot whole. Anything else, and a device that
 * is read-only or in mode fail, is for remap_map_slow(), whose locals would cost these 40
 * instructions (bench-hotpath). Context: preemption off.
 */
static noinline int remap_map_one(struct remap *r, struct bio *bio, struct remap_io *io,
				  const struct remap_index *idx)
{
	u64 sect = bio->bi_iter.bi_sector;
	struct remap_hit hit = {};

	/* of none that has no data: 0 - 1 is large, too */
	if (bio_sectors(bio) - 1 > DMR_BLK_SECTS - 1 - (u32)(sect % DMR_BLK_SECTS))
		return remap_map_range(r, bio, io, idx);
	if (!remap_op_plain(bio_op(bio)) || READ_ONCE(r->mode) >= DMR_MODE_READONLY ||
	    !list_empty(&r->fences))
		return remap_map_slow(r, bio, io, idx);
	/* as in remap_map_near() */
	smp_rmb();
	if (!remap_index_find(idx, dmr_mblk_of_sect(sect), &hit))
		return remap_to_main(r, bio);
	if (dmr_entry_states(hit.word) != r->slot_states)
		return remap_map_slow(r, bio, io, idx);
	return remap_to_slot(r, bio, io, hit.slot, hit.word);
}

int remap_map(struct dm_target *ti, struct bio *bio)
{
	struct remap_io *io = remap_io_of(bio);
	struct remap *r = ti->private;
	const struct remap_index *idx;
	int ret;

	io->iter = bio->bi_iter;
	remap_io_main(bio, io);
	preempt_disable();
	idx = rcu_dereference_sched(r->index);
	if (likely(remap_index_quiet(idx, bio->bi_iter.bi_sector, bio_sectors(bio)))) {
		preempt_enable();
		return remap_to_main(r, bio);
	}
	ret = remap_map_one(r, bio, io, idx);
	preempt_enable();
	return ret;
}
