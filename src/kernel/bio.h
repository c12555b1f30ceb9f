/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bio: the one place where child bios are built.
 *
 * A held clone is never sent again (A12): drivers below have moved its
 * sector, split it, uninitialised it. Children are built from the iterator
 * saved in map(). They keep FUA, SYNC, META, PRIO and the I/O priority, and
 * drop what would let them fail: RAHEAD, NOWAIT, POLLED, FAILFAST.
 *
 * The bio is a part of struct remap_child: who can ask for an attempt has the
 * memory for it (R8).
 */
#ifndef REMAP_BIO_H
#define REMAP_BIO_H

#include "target.h"

/**
 * enum remap_owner - whose a write to the spare is, for the check of R3 (guard.h)
 * @REMAP_OWNER_NONE: nobody said: refused
 * @REMAP_OWNER_BLOCK: sectors of main block remap_child.b, to a slot that it has or is to get
 * @REMAP_OWNER_META: metadata
 * @REMAP_OWNER_PROBE: anything, to a free slot in hand
 */
enum remap_owner {
	REMAP_OWNER_NONE,
	REMAP_OWNER_BLOCK,
	REMAP_OWNER_META,
	REMAP_OWNER_PROBE,
};

/**
 * struct remap_child - one attempt
 * @first_sect, @nr_sect: what part of the held bio (absolute sectors of the device)
 * @to_spare, @dest_sect: where it goes
 * @owner, @b: of a write to the spare: whose it is
 * @opf: operation and flags to use; 0: those of the held bio
 * @page: instead of the held bio's pages: nr_sect sectors of this page from @page_off bytes on
 * @pages: instead of either: a block in each of these; @vecs: room for as many segments
 * @status: how it ended
 * @again: this very part of main has failed before
 * @retry: it is that, or all that the held bio failed with: for the health map
 * @began: jiffies at submission
 */
struct remap_child {
	u64 first_sect;
	u32 nr_sect;
	bool to_spare;
	bool again;
	bool retry;
	blk_status_t status;
	u64 dest_sect;
	struct dmr_mblk b;
	enum remap_owner owner;
	blk_opf_t opf;
	struct page *page;
	u32 page_off;
	struct page **pages;
	struct bio_vec *vecs;
	unsigned long began;
	struct remap *r;
	struct remap_batch *batch;
	struct bio_vec vec;
	struct bio bio;
};

/** struct remap_batch - children in flight together */
struct remap_batch {
	atomic_t left;
	struct completion done;
};

void remap_batch_init(struct remap_batch *b);

/**
 * remap_child_submit() - build the bio of @c and send it
 * @io: the held bio whose data it carries; NULL when @c->page or @c->pages is set
 *
 * Context: may sleep. @c and @b must live until remap_batch_wait(). A write to the spare that
 * the table speaks against is not sent: its status is that of a path's failure,
 * from which no verdict on a place can follow (R3, R7).
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

#define REMAP_META_READ		(REQ_OP_READ | REQ_META)
#define REMAP_META_WRITE	(REQ_OP_WRITE | REQ_SYNC | REQ_META | REQ_PRIO)

/** remap_meta_read() - read a slot of metadata, and wait. Return: 0 or -EIO. */
int remap_meta_read(struct remap *r, struct dmr_slot s, struct page *page);

/** remap_meta_write() - write a slot of metadata, and wait; not durable. Return: 0 or -EIO. */
int remap_meta_write(struct remap *r, struct dmr_slot s, struct page *page);

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
