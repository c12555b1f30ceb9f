// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bio: child bios, see bio.h.
 */
#include "bio.h"
#include "error.h"
#include "guard.h"

#define REMAP_KEEP_FLAGS	(REQ_FUA | REQ_SYNC | REQ_META | REQ_PRIO | REQ_IDLE)

void remap_batch_init(struct remap_batch *b)
{
	/* one more than the children, so that the last to be submitted cannot end it early */
	atomic_set(&b->left, 1);
	init_completion(&b->done);
}

static void remap_batch_put(struct remap_batch *b)
{
	if (atomic_dec_and_test(&b->left))
		complete(&b->done);
}

void remap_batch_wait(struct remap_batch *b)
{
	remap_batch_put(b);
	wait_for_completion_io(&b->done);
}

static void remap_child_end(struct bio *bio)
{
	struct remap_child *c = bio->bi_private;

	c->status = bio->bi_status;
	/* one that fails is an error, and counted as that by who asked for it */
	if (c->retry && !c->status)
		remap_health_note(c->r->health, c->dest_sect, DMR_HEALTH_RETRY, c->began);
	bio_uninit(bio);
	remap_batch_put(c->batch);
}

/*
 * What a clone allocates is for data that dm passes down only for targets that say
 * they pass it: integrity, inline encryption. Ours does not: it cannot fail.
 */
static int remap_child_clone(struct remap_io *io, struct remap_child *c, struct block_device *bdev)
{
	struct bio *held = remap_bio_of(io);
	struct bio *bio = &c->bio;
	int err = bio_init_clone(bdev, bio, held, GFP_NOIO);

	if (err)
		return err;
	bio->bi_iter = io->iter;
	bio_advance(bio, (unsigned int)((c->first_sect - io->iter.bi_sector) << SECTOR_SHIFT));
	bio->bi_iter.bi_size = c->nr_sect << SECTOR_SHIFT;
	bio->bi_opf = c->opf ? c->opf : (held->bi_opf & (REQ_OP_MASK | REMAP_KEEP_FLAGS));
	return 0;
}

static int remap_child_paged(struct remap_child *c, struct block_device *bdev)
{
	bio_init(&c->bio, bdev, &c->vec, 1, c->opf);
	/* one page, one segment: cannot fail in a bio with room for one */
	__bio_add_page(&c->bio, c->page, c->nr_sect << SECTOR_SHIFT, c->page_off);
	return 0;
}

static int remap_child_large(struct remap_child *c, struct block_device *bdev)
{
	u32 n = c->nr_sect / DMR_BLK_SECTS;
	u32 i;

	bio_init(&c->bio, bdev, c->vecs, n, c->opf);
	for (i = 0; i < n; i++)
		__bio_add_page(&c->bio, c->pages[i], DMR_BLK_BYTES, 0);
	return 0;
}

/* A write-zeroes that touches an entry is written as zeros, block by block. */
static bool remap_child_zeroes(struct remap_io *io)
{
	return bio_op(remap_bio_of(io)) == REQ_OP_WRITE_ZEROES;
}

static int remap_child_build(struct remap *r, struct remap_io *io, struct remap_child *c)
{
	struct block_device *bdev = c->to_spare ? r->spare : r->main;

	if (c->pages)
		return remap_child_large(c, bdev);
	if (!c->page && remap_child_zeroes(io)) {
		c->page = ZERO_PAGE(0);
		c->page_off = 0;
		if (!c->opf)
			c->opf = REQ_OP_WRITE | (remap_bio_of(io)->bi_opf & REMAP_KEEP_FLAGS);
	}
	return c->page ? remap_child_paged(c, bdev) : remap_child_clone(io, c, bdev);
}

void remap_child_submit(struct remap *r, struct remap_io *io, struct remap_child *c,
			struct remap_batch *b)
{
	struct bio *bio = &c->bio;

	c->r = r;
	c->batch = b;
	c->began = jiffies;
	c->retry = !c->to_spare && (c->again || (io && io->status &&
		   c->first_sect == io->iter.bi_sector &&
		   c->nr_sect << SECTOR_SHIFT == io->iter.bi_size));
	c->status = errno_to_blk_status(remap_child_build(r, io, c));
	if (c->status)
		return;
	if (c->to_spare && op_is_write(bio_op(bio)) && !remap_guard_allows(r, c)) {
		c->status = BLK_STS_TRANSPORT;
		bio_uninit(bio);
		return;
	}
	bio->bi_iter.bi_sector = c->dest_sect;
	bio->bi_end_io = remap_child_end;
	bio->bi_private = c;
	atomic_inc(&b->left);
	submit_bio_noacct(bio);
}

blk_status_t remap_child_run(struct remap *r, struct remap_io *io, struct remap_child *c)
{
	struct remap_batch b;

	remap_batch_init(&b);
	remap_child_submit(r, io, c, &b);
	remap_batch_wait(&b);
	return c->status;
}

void remap_spare_voided(struct remap *r)
{
	atomic_inc(&r->spare_void);
	remap_count(r, flush_failures);
}

int remap_spare_flush(struct remap *r)
{
	struct bio bio;
	int ret;

	bio_init(&bio, r->spare, NULL, 0, REQ_OP_WRITE | REQ_PREFLUSH);
	ret = submit_bio_wait(&bio);
	bio_uninit(&bio);
	if (ret)
		remap_spare_voided(r);
	return ret ? -EIO : 0;
}

static int remap_meta_io(struct remap *r, blk_opf_t opf, struct dmr_slot s, struct page *page)
{
	struct remap_child c = {
		.nr_sect = DMR_BLK_SECTS,
		.to_spare = true,
		.dest_sect = dmr_slot_sect(s),
		.owner = REMAP_OWNER_META,
		.opf = opf,
		.page = page,
	};

	return remap_child_run(r, NULL, &c) ? -EIO : 0;
}

int remap_meta_read(struct remap *r, struct dmr_slot s, struct page *page)
{
	return remap_meta_io(r, REMAP_META_READ, s, page);
}

int remap_meta_write(struct remap *r, struct dmr_slot s, struct page *page)
{
	return remap_meta_io(r, REMAP_META_WRITE, s, page);
}

void remap_bio_end(struct bio *bio, blk_status_t status)
{
	struct remap_io *io = remap_io_of(bio);

	remap_io_dest(bio, io, REMAP_DEST_DONE);
	bio->bi_status = status;
	bio_endio(bio);
}

void remap_bio_finish(struct remap_io *io, blk_status_t status)
{
	struct bio *bio = remap_bio_of(io);
	struct remap *r = io->r;
	unsigned long flags;

	bio->bi_iter = io->iter;
	remap_bio_end(bio, status);

	/* last: once held is 0 the target may go away */
	spin_lock_irqsave(&r->lock, flags);
	r->held--;
	wake_up(&r->held_wait);
	spin_unlock_irqrestore(&r->lock, flags);
}

/* What a stacked device (no timeout of its own) is taken to have. */
#define REMAP_TIMEOUT_DEFAULT	(30 * HZ)

bool remap_timed_out(struct block_device *bdev, unsigned long began)
{
	unsigned int t = bdev_get_queue(bdev)->rq_timeout;

	return jiffies - began >= (t ? t : REMAP_TIMEOUT_DEFAULT);
}

enum dmr_class remap_spare_class(struct remap *r, blk_status_t status, unsigned long began)
{
	return dmr_verdict_classify(remap_sts(status), true, false,
				    remap_timed_out(r->spare, began));
}

enum dmr_sts remap_sts(blk_status_t status)
{
	switch (status) {
	case BLK_STS_OK:
		return DMR_STS_OK;
	case BLK_STS_MEDIUM:
		return DMR_STS_MEDIUM;
	case BLK_STS_IOERR:
		return DMR_STS_IOERR;
	case BLK_STS_TARGET:
		return DMR_STS_TARGET;
	case BLK_STS_PROTECTION:
		return DMR_STS_PROTECTION;
	case BLK_STS_TRANSPORT:
		return DMR_STS_TRANSPORT;
	case BLK_STS_TIMEOUT:
		return DMR_STS_TIMEOUT;
	case BLK_STS_OFFLINE:
		return DMR_STS_OFFLINE;
	case BLK_STS_AGAIN:
		return DMR_STS_AGAIN;
	default:
		return DMR_STS_OTHER;
	}
}
