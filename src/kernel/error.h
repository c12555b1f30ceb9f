/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Error: held bios, from end_io() to their end.
 *
 * A held bio is one work item. It takes the range of its blocks, is settled in
 * groups of up to REMAP_GROUP blocks, and ends once, after its last child
 * (R15). A bio that map() could not send straight on (a fence, a pending or
 * lost sector, a write-zeroes over an entry) comes the same way with status OK.
 */
#ifndef REMAP_ERROR_H
#define REMAP_ERROR_H

#include "bio.h"
#include "fence.h"

/**
 * enum remap_part_state - where a part of a held bio stands
 * @REMAP_PART_TRY: to be tried on main
 * @REMAP_PART_FAILED: failed by itself; a candidate
 * @REMAP_PART_BAD: verdict, or a sector that must live in a slot: to be relocated
 * @REMAP_PART_LATER: likewise, but there was no page to spare: when others of the group are done
 * @REMAP_PART_DONE: settled; status says how
 */
enum remap_part_state {
	REMAP_PART_TRY,
	REMAP_PART_FAILED,
	REMAP_PART_BAD,
	REMAP_PART_LATER,
	REMAP_PART_DONE,
};

struct remap_group;

/**
 * struct remap_req - a change of one entry, on its way through the commit worker
 * @chg: what is to become durable and visible
 * @follow: entry that loses by it, changed in memory at publish and on disk in a later commit (A6)
 * @page: of a move: the sectors carried over, to be written again with the data
 * @page_mask: which 512-byte sectors of @page
 * @void_seq: spare_void before the data was written
 */
struct remap_req {
	struct list_head list;
	struct remap_group *grp;
	struct dmr_mblk b;
	struct dmr_change chg;
	struct dmr_change follow;
	bool has_follow;
	bool fenced;
	struct remap_fence fence;
	struct page *page;
	u8 page_mask;
	u32 void_seq;
};

/**
 * struct remap_part - bio context: what a held bio covers of one block, and its recovery
 * @move: its slot failed and holds data
 */
struct remap_part {
	u64 first_sect;
	u32 nr_sect;
	enum remap_part_state state;
	bool move;
	blk_status_t status;
	unsigned long failed_at;
	struct remap_child child;
	struct remap_req req;
};

/**
 * struct remap_group - work item: blocks of one held bio that are settled together
 * @n: how many: while memory is short one at a time has to do
 * @freeze: the allowance was spent on it: freeze once it has its slots
 * @last: there are no more of this bio
 * @before: what the ones before it have made of the bio
 * @left: requests with the commit worker
 * @refs: the worker that settles it, and each request that ended in doubt (R13)
 */
struct remap_group {
	struct remap *r;
	struct remap_io *io;
	u32 n;
	bool write;
	bool freeze;
	bool last;
	blk_status_t before;
	atomic_t left;
	atomic_t refs;
	int result;
	struct completion done;
	struct remap_part *part[REMAP_GROUP];
};

/** remap_hold() - take over a bio; its work is queued. Context: any, irqs included. */
void remap_hold(struct remap *r, struct bio *bio, blk_status_t status);

/** remap_error_expired() - no new attempt for this bio: its time is up */
static inline bool remap_error_expired(struct remap_io *io)
{
	return time_after(jiffies, io->deadline);
}

/** remap_may_fail() - was this bio marked as one that may fail, at no great effort? */
static inline bool remap_may_fail(blk_opf_t opf)
{
	return opf & (REQ_RAHEAD | REQ_FAILFAST_MASK);
}

/**
 * remap_error_class() - class of a failed attempt on main, counted
 * @sect: where it began, for the health map
 * @began: jiffies when it was submitted
 */
enum dmr_class remap_error_class(struct remap *r, blk_status_t status, blk_opf_t opf, u64 sect,
				 unsigned long began);

/** remap_error_slow() - it went well, and took long. Context: any. */
void remap_error_slow(struct remap *r, u64 sect, unsigned long began);

/** remap_group_get() - an empty one for @io; NULL only if @how may fail. May sleep if not. */
struct remap_group *remap_group_get(struct remap *r, struct remap_io *io, enum remap_pool_how how);

/** remap_group_add() - room for one more block. Return: NULL when it is full, or @how fails. */
struct remap_part *remap_group_add(struct remap_group *g, enum remap_pool_how how);

/** remap_group_put() - drop a reference; the last one gives everything back */
void remap_group_put(struct remap_group *g);

/**
 * remap_error_over() - the commit of @g is over, nobody waited for it: end the bio
 * Context: the commit worker.
 */
void remap_error_over(struct remap *r, struct remap_group *g);

/*
 * write.c, read.c: settle one group; each part ends DONE. Return of a write: false
 * when the commit worker will end @io, which is to be left alone from then on.
 */
bool remap_write_group(struct remap *r, struct remap_io *io, struct remap_group *g);
void remap_read_group(struct remap *r, struct remap_io *io, struct remap_group *g);

/* relocate.c: parts in state BAD get a slot, data, a commit. Return: as remap_write_group() */
bool remap_relocate_group(struct remap *r, struct remap_io *io, struct remap_group *g);
void remap_relocate_end(struct remap_group *g);
int remap_relocate_rewrite(struct remap *r, struct remap_req *req);
blk_status_t remap_relocate_data(struct remap *r, struct remap_io *io, struct remap_part *p);

/*
 * move.c: the slot of @p's entry failed and holds data: prepare its replacement. -EAGAIN: not
 * before other parts of the group give back their pages; nothing has been done.
 */
int remap_move_prepare(struct remap *r, struct remap_io *io, struct remap_part *p);
int remap_move_write(struct remap *r, struct remap_req *req);

static inline struct remap_part *remap_part_of(struct remap_req *req)
{
	return container_of(req, struct remap_part, req);
}

#endif
