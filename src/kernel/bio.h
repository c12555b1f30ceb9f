/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bio: the one place where child bios are built.
 *
 * A held clone is never sent again (A12): drivers below have moved its
 * sector, split it, uninitialised it. Children are built from the iterator
 * saved in map(). They keep FUA, SYNC, META, PRIO and the I/O priority, and
 * drop what would let them fail: RAHEAD, NOWAIT, POLLED, FAILFAST.
 */
#ifndef REMAP_BIO_H
#define REMAP_BIO_H

#include "target.h"

/**
 * struct remap_child - one attempt
 * @first_sect, @nr_sect: what part of the held bio (absolute sectors of the device)
 * @to_spare, @dest_sect: where it goes
 * @opf: operation and flags to use; 0: those of the held bio
 * @page: instead of the held bio's pages: nr_sect sectors of this page from @page_off bytes on
 * @status: how it ended
 * @began: jiffies at submission
 */
struct remap_child {
	u64 first_sect;
	u32 nr_sect;
	bool to_spare;
	u64 dest_sect;
	blk_opf_t opf;
	struct page *page;
	u32 page_off;
	blk_status_t status;
	unsigned long began;
	struct remap_batch *batch;
};

/** struct remap_batch - children in flight together */
struct remap_batch {
	atomic_t left;
	struct completion done;
};

void remap_batch_init(struct remap_batch *b);

/**
 * remap_child_submit() - build the bio of @c and send it
 * @io: the held bio whose data it carries; NULL when @c->page is set
 *
 * Context: may sleep, own bioset: at most one allocation not yet submitted at
 * any time. @c and @b must live until remap_batch_wait().
 */
void remap_child_submit(struct remap *r, struct remap_io *io, struct remap_child *c,
			struct remap_batch *b);
void remap_batch_wait(struct remap_batch *b);

/** remap_child_run() - submit one child and wait. Return: its status. */
blk_status_t remap_child_run(struct remap *r, struct remap_io *io, struct remap_child *c);

/**
 * remap_spare_flush() - flush the spare; a failure raises spare_void
 * Context: may sleep. Return: 0 or -EIO.
 */
int remap_spare_flush(struct remap *r);

/** remap_spare_voided() - a flush or FUA write of the spare failed: older slot writes are void */
void remap_spare_voided(struct remap *r);

/** remap_page_io() - read or write one 4 KiB page of the spare, and wait. Return: 0 or -EIO. */
int remap_page_io(struct remap *r, blk_opf_t opf, struct dmr_slot s, struct page *page);

/** remap_bio_finish() - end a held bio. Context: no lock. */
void remap_bio_finish(struct remap_io *io, blk_status_t status);

/** remap_bio_end() - end a bio inside map(), before it was ever submitted */
void remap_bio_end(struct bio *bio, blk_status_t status);

/** remap_sts() - block status as the core knows it */
enum dmr_sts remap_sts(blk_status_t status);

/**
 * remap_timed_out() - did an attempt that began at @began take as long as the queue's timeout (B6)?
 */
bool remap_timed_out(struct block_device *bdev, unsigned long began);

/** remap_spare_class() - class of a read or write of the spare that failed with @status */
enum dmr_class remap_spare_class(struct remap *r, blk_status_t status, unsigned long began);

#endif
