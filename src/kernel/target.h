/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Target: one open device, and who may touch which part of it.
 *
 * The life of an I/O is the order of the files:
 *
 *   map.c       map(): one look at the index; nearly all bios go to main and
 *   end.c       are done. end_io(): errors are held.
 *   error.c     the error workers: one work item a held bio; narrow it,
 *   evidence.c  gather evidence, try again; then
 *   relocate.c  choose a slot, write the data there, queue the change;
 *   move.c      (a slot that holds data and fails is moved);
 *   commit.c    the one worker that changes metadata: table blocks in rounds,
 *               flushes, publish; then the held bio ends.
 *
 * Locks, outermost first:
 *   map_lock   mutex: table words (writers), taken bits, index (writers), the
 *              commit queue, sb. Never held over I/O.
 *   lock       spinlock, irqs off: held bios, ranges, fences, breaker, mode.
 * Readers of the index hold neither: they run with preemption off (RCU sched).
 */
#ifndef REMAP_TARGET_H
#define REMAP_TARGET_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/device-mapper.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../core/args.h"
#include "../core/lowwater.h"
#include "../core/protocol.h"
#include "../core/statusline.h"
#include "../core/table.h"
#include "../core/txn.h"
#include "health.h"
#include "memory.h"

#define DM_MSG_PREFIX "remap"

#define REMAP_BATCH_BLK		8	/* table blocks in one commit */
#define REMAP_GROUP		16	/* blocks one held bio relocates in one commit */
#define REMAP_WINDOW		16	/* children a held bio has in flight */
#define REMAP_TRIED		1024	/* remembered trials of pending sectors */
#define REMAP_SLOTIO_BUCKETS	64	/* both epochs of them are numbered in a byte */
#define REMAP_META_PAGES	(REMAP_BATCH_BLK + 1)	/* of each copy: table images, superblock */
#define REMAP_BATCH_REQS	256	/* requests in one commit */
#define REMAP_WORKERS		128	/* held bios settled at the same time */
#define REMAP_WAITERS		128	/* held bios that wait for a commit without a worker */
#define REMAP_CARRY_GROUPS	REMAP_WINDOW	/* groups that a step of a job carries at most */
#define REMAP_CARRY		(REMAP_CARRY_GROUPS * REMAP_GROUP)
/* changes that may be under way, not published */
#define REMAP_INFLIGHT_MAX	((REMAP_WORKERS + REMAP_WAITERS) * REMAP_GROUP + REMAP_CARRY)

struct remap_exec;
struct remap_index;

/** enum remap_dest - what became of a bio */
enum remap_dest {
	REMAP_DEST_MAIN,
	REMAP_DEST_SLOT,
	REMAP_DEST_HELD,	/* with the error workers */
	REMAP_DEST_DONE,	/* ended by us: end_io() lets it pass */
};

/**
 * struct remap_io - per-bio data
 * @iter: the bio as dm gave it to us; drivers below change their copy
 * @began: low half of jiffies in map(), for bios to main; else so long ago that
 *	   end_io() has a look
 * @dest: enum remap_dest
 * @slot_count: where slotio.c counted a slot I/O
 * @void_seq: spare_void when a slot write was submitted
 * All that follows is only set once the bio is held.
 * @status: the error it came with; OK when it was parked or needs the slow way
 * @first, @last: blocks it covers
 * @deadline: jiffies after which no new attempt is made
 */
struct remap_io {
	struct bvec_iter iter;
	u32 began;
	u8 dest;
	u8 slot_count;
	u32 void_seq;

	blk_status_t status;
	u64 first;
	u64 last;
	unsigned long deadline;
	unsigned long failed_at;
	struct remap *r;
	struct list_head range;
	struct work_struct work;
};

/**
 * struct remap_slotio - I/O in flight to slots, by bucket, in two epochs (R11)
 * @n: of both epochs, one after the other
 * @epoch: of each bucket: what is to be added to its number
 */
struct remap_slotio {
	atomic_t n[2 * REMAP_SLOTIO_BUCKETS];
	u8 epoch[REMAP_SLOTIO_BUCKETS];
	struct mutex drain_lock;	/* one drain at a time */
	wait_queue_head_t wait;
};

/** struct remap_tried - logical sectors of a block tried on main in the second from @when on */
struct remap_tried {
	u64 slot;
	unsigned long when;
	u32 mask;
};

#define REMAP_JOBS		16	/* remembered */

/** struct remap_cursor - a block of a job: which of its ranges, which block in that */
struct remap_cursor {
	u32 range;
	u64 blk;
};

/**
 * struct remap_job - work that a message asked for; see job.h
 * @range: blocks of main, @ranges of these, in ascending order: @one, or memory of its own; none of
 *	   verify, or when it is over
 * @at: where it is in them; the job worker's
 */
struct remap_job {
	u32 id;
	enum dmr_job_verb verb;
	enum dmr_job_state state;
	bool cancel;
	u32 ranges;
	struct dmr_range *range;
	struct dmr_range one;
	struct remap_cursor at;
	u64 total;
	u64 done;
	u64 failed;
};

/**
 * struct remap_carry - blocks of a job that move together; see carry.c
 * @group: @n blocks in groups, all but the last of them full; blocks in ascending order
 * @window: how many of them are read at the same time
 */
struct remap_carry {
	struct remap_group *group[REMAP_CARRY_GROUPS];
	u32 n;
	u32 window;
};

/**
 * struct remap_rebuild - a copy on its way to another place; see rebuild.c
 * @active: it is being filled there, and follows each commit
 * @ghost: that went wrong, and until superblocks say otherwise some may name the place
 * @copy, @at, @k: which copy, its first slot there, which alternate that is
 * @next: table blocks below this one are there
 * @void_seq: spare_void when the first of them was written
 * @given_up: copies for which no place was found
 */
struct remap_rebuild {
	bool active;
	bool ghost;
	u32 copy;
	struct dmr_slot at;
	u32 k;
	u32 next;
	u32 void_seq;
	u32 given_up;
};

/**
 * struct remap_grow - a larger index that is being built; see grow.h
 * @idx: NULL: none is
 * @dirty, @doubt, @room_words: what else is sized by the number of table blocks
 * @next: table blocks below this one are entered
 */
struct remap_grow {
	struct remap_index *idx;
	unsigned long *dirty;
	unsigned long *doubt;
	u64 *room_words;
	u32 next;
};

/** struct remap_verify - what the job worker asks of the commit worker; see verify.c */
struct remap_verify {
	bool asked;
	u32 first;
	u32 n;
	bool last;
	u32 differ;
	int result;
	struct completion done;
};

/**
 * struct remap - an open device
 * @index: published to readers by RCU (sched)
 * @quick: bios to main that took fewer jiffies need no look in end_io(); 0 while somebody
 *	   wants to hear of every success. Read-mostly
 * @slow: what @quick is otherwise, and from how many on a bio is slow
 * @slot_states: states of a block all of which is in its slot
 * @good_write: start time (jiffies) of the newest write to main known to have succeeded
 * @spare_void: failed flushes and FUA writes of the spare: older slot writes are void
 * @whole: copies really in sync; sb.insync is what the superblock names
 * @held, @waiting: held bios; those of them that wait for a commit
 * @torn, @super_torn: copies that may hold torn table blocks, or superblocks, of runs that failed
 * @doubt_blk: table blocks in doubt
 * @room: how many slots are left, as last said
 * @grown: indexes that took the place of a smaller one since the device was opened
 * @moving: since the last suspend, blocks were moved that nobody waited out: end_io() looks
 * @unseen: the table went on after a suspend, and the spare is not known to be the same
 * @freezes: freeze messages so far: one that comes while a thaw runs wins
 */
struct remap {
	struct dm_target *ti;
	struct dm_dev *main_dev;
	struct dm_dev *spare_dev;
	struct block_device *main;
	struct block_device *spare;

	struct remap_index __rcu *index;
	u32 quick;
	u32 slow;
	u32 slot_states;

	enum dmr_mode mode;
	enum dmr_why why;
	enum dmr_policy policy;
	struct dmr_args args;
	bool readonly;
	bool forced;
	bool loaded;
	bool unseen;
	bool suspending;
	u32 lbs_sect;

	spinlock_t lock;	/* ranges, fences, breaker, held, mode, why, tried */
	struct list_head ranges;
	struct list_head fences;
	struct dmr_breaker breaker;
	u32 held;
	atomic_t waiting;
	wait_queue_head_t range_wait;
	wait_queue_head_t held_wait;

	unsigned long good_write;
	wait_queue_head_t evidence_wait;
	atomic_t spare_void;
	atomic_t spare_flush_row;
	struct remap_slotio slotio;
	struct remap_tried *tried;
	struct dmr_counters __percpu *n;

	struct mutex map_lock;	/* see the top of this file */
	struct dmr_super sb;
	struct dmr_gen gen;
	struct dmr_table table;
	unsigned long *dirty;
	unsigned long *doubt;
	u32 doubt_blk;
	u32 whole;
	u32 expelled;
	u32 unread;
	u32 torn;
	u32 super_torn;
	u64 *room_words;
	struct remap_grow grow;
	u32 grown;
	enum dmr_level room;
	struct list_head queue;
	struct list_head doubtful;
	bool thaw_asked;
	u32 thaw_grant;
	u32 freezes;
	struct delayed_work lazy_work;
	struct work_struct commit_work;
	struct work_struct grow_work;
	struct work_struct event_work;
	struct workqueue_struct *commit_wq;
	struct workqueue_struct *error_wq;
	struct page **meta_page;
	struct dmr_change *batch_chg;
	u64 *batch_word;
	struct remap_exec *exec;

	bool moving;
	u32 job_last;
	struct remap_job job[REMAP_JOBS];
	struct remap_job *job_now;
	struct remap_io job_io;
	struct remap_carry carry;
	struct remap_verify verify;
	struct remap_rebuild rebuild;
	struct work_struct job_work;
	struct workqueue_struct *job_wq;

	struct remap_memory memory;
	struct remap_health *health;
	struct dmr_aux *aux;	/* the summary on the spare; under map_lock */
	struct delayed_work summary_work;
	struct mutex scratch_lock;	/* before map_lock; held over I/O */
	struct page *scratch;

	struct dentry *debugfs;

	struct list_head registered;
};

/*
 * All that the hot path reads of it is in its first cache line, and nothing that an I/O, a
 * commit or a worker writes is (R12).
 */
static_assert(offsetofend(struct remap, mode) <= 64 && offsetof(struct remap, lock) >= 64,
	      "the hot path's cache line");

/* jiffies of longer ago than any bio takes; and what @quick is when nothing is slow */
#define REMAP_LONG_AGO		(U32_MAX / 2)
#define REMAP_NEVER_SLOW	(U32_MAX / 4)

#define remap_count(r, counter)		this_cpu_inc((r)->n->counter)
#define remap_count_add(r, counter, k)	this_cpu_add((r)->n->counter, (k))

/* name for messages */
static inline const char *remap_name(struct remap *r)
{
	return dm_table_device_name(r->ti->table);
}

/* may a write be moved to a slot, or a hint be noted? */
static inline bool remap_can_map(struct remap *r)
{
	return READ_ONCE(r->mode) == DMR_MODE_RW && READ_ONCE(r->policy) == DMR_POLICY_REMAP;
}

static inline bool remap_can_note(struct remap *r)
{
	return READ_ONCE(r->mode) == DMR_MODE_RW && READ_ONCE(r->policy) != DMR_POLICY_OFF;
}

/* may the metadata be changed? what was under way when the map froze ends as it began */
static inline bool remap_can_commit(struct remap *r)
{
	enum dmr_mode mode = READ_ONCE(r->mode);

	return mode == DMR_MODE_RW || mode == DMR_MODE_FROZEN;
}

/* is memory short? Then nothing is done that can wait */
static inline bool remap_scarce(struct remap *r)
{
	return READ_ONCE(r->memory.scarce);
}

static inline struct remap_io *remap_io_of(struct bio *bio)
{
	return dm_per_bio_data(bio, sizeof(struct remap_io));
}

static inline struct bio *remap_bio_of(struct remap_io *io)
{
	return dm_bio_from_per_bio_data(io, sizeof(*io));
}

/*
 * Between map() and end_io() the clone's bi_private is the target's. end_io() looks at
 * one thing in what it points to: how long ago was @began? (R12)
 */
static inline void remap_io_main(struct bio *bio, struct remap_io *io)
{
	io->began = (u32)jiffies;
	io->dest = REMAP_DEST_MAIN;
	bio->bi_private = io;
}

static inline void remap_io_dest(struct bio *bio, struct remap_io *io, enum remap_dest dest)
{
	io->began = (u32)jiffies - REMAP_LONG_AGO;
	io->dest = dest;
	bio->bi_private = io;
}

#endif
