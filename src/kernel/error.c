// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error: held bios, see error.h.
 */
#include <linux/jiffies.h>
#include <linux/sched/mm.h>

#include "error.h"
#include "evidence.h"

void remap_error_slow(struct remap *r, u64 sect, unsigned long began)
{
	remap_count(r, slow);
	remap_health_note(r->health, sect, DMR_HEALTH_SLOW, began);
}

enum dmr_class remap_error_class(struct remap *r, blk_status_t status, blk_opf_t opf, u64 sect,
				 unsigned long began)
{
	blk_opf_t op = opf & REQ_OP_MASK;
	bool rw = op == REQ_OP_READ || op == REQ_OP_WRITE;
	bool may_fail = remap_may_fail(opf);
	enum dmr_class class = dmr_verdict_classify(remap_sts(status), rw, may_fail,
						    remap_timed_out(r->main, began));

	if (rw && !may_fail) {
		if (op == REQ_OP_READ)
			remap_count(r, read_errors);
		else
			remap_count(r, write_errors);
	}
	/* what a cable does says nothing of a region */
	if (class == DMR_CLASS_CANDIDATE)
		remap_health_note(r->health, sect, op == REQ_OP_READ ? DMR_HEALTH_READ_ERROR :
				  DMR_HEALTH_WRITE_ERROR, began);
	if (class == DMR_CLASS_PATH)
		remap_evidence_path_error(r);
	return class;
}

/*
 * Cut the next group off the bio: up to REMAP_GROUP blocks from @sect on. Only the
 * first is waited for: who has one context and waits for another can wait for himself.
 */
static u64 remap_group_fill(struct remap_group *g, u64 sect, u64 end)
{
	while (sect < end) {
		struct remap_part *p = remap_group_add(g, g->n ? REMAP_POOL_SPARE :
							  REMAP_POOL_WAIT);
		u64 stop = min(end, (sect / DMR_BLK_SECTS + 1) * DMR_BLK_SECTS);

		if (!p)
			break;
		p->first_sect = sect;
		p->nr_sect = stop - sect;
		sect = stop;
	}
	return sect;
}

struct remap_group *remap_group_get(struct remap *r, struct remap_io *io, enum remap_pool_how how)
{
	struct remap_group *g = remap_pool_take(&r->memory.pool[DMR_POOL_WORK], how);

	if (!g)
		return NULL;
	memset(g, 0, sizeof(*g));
	g->r = r;
	g->io = io;
	g->write = !io || op_is_write(bio_op(remap_bio_of(io)));
	atomic_set(&g->refs, 1);
	return g;
}

struct remap_part *remap_group_add(struct remap_group *g, enum remap_pool_how how)
{
	struct remap_part *p;

	if (g->n == REMAP_GROUP)
		return NULL;
	p = remap_pool_take(&g->r->memory.pool[DMR_POOL_CONTEXT], how);
	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	g->part[g->n++] = p;
	return p;
}

void remap_group_put(struct remap_group *g)
{
	struct remap_memory *m = &g->r->memory;
	u32 i;

	if (!atomic_dec_and_test(&g->refs))
		return;
	for (i = 0; i < g->n; i++)
		remap_pool_give(&m->pool[DMR_POOL_CONTEXT], g->part[i]);
	remap_pool_give(&m->pool[DMR_POOL_WORK], g);
}

/* First error wins: it is the oldest and tells most. */
static blk_status_t remap_group_status(const struct remap_group *g)
{
	u32 i;

	for (i = 0; i < g->n; i++)
		if (g->part[i]->status)
			return g->part[i]->status;
	return BLK_STS_OK;
}

void remap_error_over(struct remap *r, struct remap_group *g)
{
	struct remap_io *io = g->io;
	blk_status_t status;

	remap_relocate_end(g);
	status = g->before;
	if (!status)
		status = remap_group_status(g);
	remap_group_put(g);
	remap_range_leave(r, io);
	remap_bio_finish(io, status);
}

/* Return: false when the commit worker will end @io. */
static bool remap_error_settle(struct remap *r, struct remap_io *io, blk_status_t *result)
{
	u64 sect = io->iter.bi_sector;
	u64 end = sect + (io->iter.bi_size >> SECTOR_SHIFT);
	blk_status_t status = BLK_STS_OK;

	while (sect < end) {
		struct remap_group *g = remap_group_get(r, io, REMAP_POOL_WAIT);
		blk_status_t st;

		sect = remap_group_fill(g, sect, end);
		g->last = sect >= end;
		g->before = status;
		if (!g->write)
			remap_read_group(r, io, g);
		else if (!remap_write_group(r, io, g))
			return false;
		st = remap_group_status(g);
		if (!status)
			status = st;
		remap_group_put(g);
	}
	*result = status;
	return true;
}

static void remap_error_work(struct work_struct *work)
{
	struct remap_io *io = container_of(work, struct remap_io, work);
	struct remap *r = io->r;
	unsigned int noio = memalloc_noio_save();
	blk_status_t status;

	remap_range_enter(r, io);
	/* no error yet: it only waited for others, and what it needs begins now */
	if (!io->status)
		io->deadline = jiffies + r->args.hold_s * HZ;
	if (remap_error_settle(r, io, &status)) {
		remap_range_leave(r, io);
		remap_bio_finish(io, status);
	}
	memalloc_noio_restore(noio);
}

void remap_hold(struct remap *r, struct bio *bio, blk_status_t status)
{
	struct remap_io *io = remap_io_of(bio);
	unsigned long flags;

	io->r = r;
	remap_io_dest(bio, io, REMAP_DEST_HELD);
	io->status = status;
	io->first = dmr_mblk_of_sect(io->iter.bi_sector).v;
	io->last = dmr_mblk_of_sect(io->iter.bi_sector + (io->iter.bi_size >> SECTOR_SHIFT) - 1).v;
	io->failed_at = jiffies;
	io->deadline = jiffies + r->args.hold_s * HZ;
	/*
	 * The clone ends twice: below us just now, and by us later. What the
	 * first end has accounted must not be accounted again.
	 */
	bio_clear_flag(bio, BIO_TRACE_COMPLETION);
	bio_clear_flag(bio, BIO_QOS_THROTTLED);
	bio_clear_flag(bio, BIO_QOS_MERGED);
	bio_clear_flag(bio, BIO_BPS_THROTTLED);
	bio_clear_flag(bio, BIO_REMAPPED);

	spin_lock_irqsave(&r->lock, flags);
	r->held++;
	spin_unlock_irqrestore(&r->lock, flags);
	INIT_WORK(&io->work, remap_error_work);
	queue_work(r->error_wq, &io->work);
}
