/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commit: the one worker that changes metadata.
 *
 * Others queue requests and wait; the worker waits for nothing but the spare, and
 * a bounded moment for more requests (B9, gather.c). Hints and retirements
 * change the table in memory at once and only mark their table block dirty: they
 * become durable with the next commit of the block, or after a second.
 */
#ifndef REMAP_COMMIT_H
#define REMAP_COMMIT_H

#include "../core/alloc.h"
#include "error.h"

/**
 * remap_commit_queue() - hand the requests of a group (those with req.grp set) to the worker
 *
 * Context: may sleep. Return: true when the commit is over, and @g->result says
 * how it went; false, for the last group of a bio: remap_error_over() will be
 * called, the group is not the caller's any more.
 */
bool remap_commit_queue(struct remap *r, struct remap_group *g);

/**
 * remap_commit_groups() - hand in the requests of all of @g at once, and wait for them
 * Context: may sleep; the job worker: nobody else may end what has no held bio.
 */
void remap_commit_groups(struct remap *r, struct remap_group *const *g, u32 n);

/** remap_gather_wait() - when something is queued, wait a moment for what may join it */
void remap_gather_wait(struct remap *r);

/**
 * remap_commit_dirty() - table block of @s differs from its copies: write it lazily
 *
 * Context: map_lock.
 */
void remap_commit_dirty(struct remap *r, struct dmr_slot s);

/** remap_commit_kick() - run the worker now */
void remap_commit_kick(struct remap *r);

/**
 * remap_commit_lazies() - write every dirty table block
 *
 * Context: the worker, or nobody else running.
 */
int remap_commit_lazies(struct remap *r);

/**
 * remap_commit_repair() - commit table block @blk as it is, the copies in @bad first
 *
 * Context: the worker. Return: 0 or -errno.
 */
int remap_commit_repair(struct remap *r, u32 blk, u32 bad);

void remap_commit_work(struct work_struct *work);
void remap_commit_lazy_work(struct work_struct *work);

/** struct remap_meta_io - one metadata page on its way to one copy */
struct remap_meta_io {
	struct remap_child c;
	u32 copy;
};

/** struct remap_exec - what the steps of a protocol run on; see commit-io.c */
struct remap_exec {
	struct dmr_proto p;
	struct dmr_super sb;	/* what superblocks shall say */
	u32 super_gen;
	u32 n_blk;
	u32 blk[REMAP_BATCH_BLK];
	struct list_head *reqs;
	u32 raise_to;		/* new hwm_blk */
	const u8 *fill_same;	/* per table block: copies that have the image; NULL: all in sync */
	u32 behind;		/* load: copies named in sync that may lack what was selected */
	bool lone_behind;	/* load: one copy is left, and one of those is not filled */
	bool moved;		/* rebuild: sb has a new place for a copy, filled already */
	u32 void_seq;
	bool data_void;
	struct remap_meta_io io[DMR_COPIES_MAX];	/* too large for a stack */
};

/**
 * remap_exec_run() - take the protocol in @x->p through its steps
 * Context: the commit worker, load, or suspend: never two at once.
 * Return: DMR_OP_DONE, DMR_OP_ABORT or DMR_OP_DOUBT. On return r->whole,
 * r->expelled and r->sb follow what became durable.
 */
enum dmr_op remap_exec_run(struct remap *r, struct remap_exec *x);

/** remap_exec_new() - r->exec, cleared, saying what the superblock in force says */
struct remap_exec *remap_exec_new(struct remap *r);

/** remap_exec_image() - page that holds (or will hold) the image of batch block @i */
struct page *remap_exec_image(struct remap *r, u32 i);

/** remap_exec_scratch() - page for one restamped image of batch block @i for copy @c */
struct page *remap_exec_scratch(struct remap *r, u32 i, u32 c);

/**
 * remap_fill_aux() - write the auxiliary block of copy @to, in its place by @sb
 * Context: as remap_exec_run().
 */
int remap_fill_aux(struct remap *r, const struct dmr_super *sb, u32 to);

/**
 * remap_fill_block() - write table block @blk of a copy as those in @from have it
 * @at: first slot of the copy
 *
 * Context: as remap_exec_run(). Return: 0; -ENODATA: nobody gives it; -EIO: it cannot be written.
 */
int remap_fill_block(struct remap *r, u32 from, struct dmr_slot at, u32 blk);

/**
 * remap_super_write() - make a superblock with activity @activity durable
 *
 * Same context as remap_exec_run().
 */
int remap_super_write(struct remap *r, u32 activity);

/* rebuild.c */
/**
 * remap_rebuild_run() - a step of moving a copy that cannot be where it is
 * Return: true when there is more to do. The worker only.
 */
bool remap_rebuild_run(struct remap *r);

/** remap_rebuild_follow() - the blocks of @x are committed: the copy under way gets them, too */
void remap_rebuild_follow(struct remap *r, const struct remap_exec *x);

/** remap_rebuild_settle() - the copy lives there now, and @old is what it leaves. Map_lock. */
void remap_rebuild_settle(struct remap *r, struct dmr_slot old);

/** remap_rebuild_hold() - the mark was raised: keep the place out of others' hands. Map_lock. */
void remap_rebuild_hold(struct remap *r);

/** remap_rebuild_place() - is @s in the place that a copy is being filled in? The worker only. */
bool remap_rebuild_place(const struct remap *r, struct dmr_slot s);

/* raise.c */
/**
 * remap_raise() - more table blocks: memory, empty blocks, superblock
 *
 * The worker only. Return: 0, -ENOSPC at the end, -ENOMEM, -EIO.
 */
int remap_raise(struct remap *r);

/* thaw.c */
/** remap_thaw_forget() - drop the requests in doubt: the device goes away. Context: nobody else. */
void remap_thaw_forget(struct remap *r);

/** remap_thaw() - settle commits in doubt, rewrite copies, back to rw. The worker only. */
void remap_thaw(struct remap *r);

#endif
