/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dm-remap-test: a disk that fails exactly as a test says. TEST ONLY.
 *
 * Table:
 *	<start> <len> remap-test <dev> <key> [nofua] [nocache]
 *
 *	key	short name of this device in the log, e.g. "main", "spare"
 *	nofua	the device has a write cache but does not advertise FUA
 *	nocache	the device advertises no write cache: never sees a flush
 *
 * Messages (all sectors are of 512 bytes, relative to the target's start):
 *
 *	bad <first> <nr> <class> <status> [<count>]
 *		I/O of that class touching [first, first + nr) fails whole and
 *		moves no data; after <count> failures the range heals
 *	pending <first> <nr> [<status>]
 *		reads fail, until the sector has been written (each by itself)
 *	scatter <first> <step> <n> <nr> <class> <status>
 *		n bad ranges of nr sectors, their starts <step> sectors apart
 *	good <first> <nr> | good all
 *		forget bad sectors
 *	fail <class> <status> [<count>] | fail none
 *		the whole device fails (a cable): always, or <count> times
 *	fail-nth <k> <class> <status>
 *		the k-th I/O of the class from now on fails, once
 *	fail-from <k> <class> <status>
 *		the k-th and every later one fail
 *	delay <ms> <first> <nr> | delay <ms> all | delay none
 *	hold <first> <nr> <class>
 *		I/O there is parked before anything happens to it
 *	hold-end <first> <nr> <class>
 *		I/O there is done, but its completion is parked
 *	release [<first> <nr>]
 *		forget the holds that overlap, let their I/O go in its order
 *	flag <first> <nr> <class> <flags> | flag none
 *		I/O there goes on with these flags, as if its submitter had set
 *		them: for a device on top of the one under test
 *	cache on | cache off
 *		volatile write cache; `off` writes it back first
 *	powercut <seed> | powercut-all <seed>
 *		this device (all of them, in the same instant) loses power:
 *		I/O fails, and of each dirty sector some version written since
 *		the last flush, or none, is on the lower device. <seed> chooses;
 *		the words `none` and `all` stand for the two extremes. Returns
 *		when the lower device is quiet
 *	cut-at <k> <class> <seed> | cut-at none
 *		powercut-all at the k-th I/O of the class from now, counted over
 *		all devices. That I/O is torn like a dirty one, and fails
 *	revive | revive-all
 *		power is back, the cache is empty
 *	log on | log data | log off | log clear
 *		the one log of all devices: debugfs dm-remap-test/log; with
 *		`data` what writes carry is kept, too: dm-remap-test/log-data
 *	mark <number>
 *		a line of its own in the log
 *	judge on <slots> | judge off
 *		each write against the table that is on this device, a spare of
 *		so many slots: rt-judge.c; counted in the status line
 *	stats clear
 *		zero the counters of the status line
 *	calm-all
 *		no faults, delays, holds or flags on any device, no cut to come,
 *		log off
 *
 * The same through debugfs, which costs a test no process: a write of
 * "<name> <message>" to dm-remap-test/message, where name is the dm device's
 * name. dm-remap-test/status has a line "<name> <key> <status line>" for each.
 *
 * class:  one or more, joined with `+`, of read write flush discard zeroes
 *	   fua meta both (read+write) all. A FUA write is of classes write and
 *	   fua, a REQ_META one of meta too. For `bad` the range counts, so a
 *	   flush never matches; for `hold` a flush matches whatever the range
 * status: ioerr medium target protection transport timeout offline nospc
 *	   nexus notsupp resource devresource again
 * flags:  one or more, joined with `+`, of ra failfast-dev failfast-transport
 *	   failfast-driver
 *
 * Order of things for one I/O: flag -> logged as submitted -> hold -> delay ->
 * dead? -> cut-at -> fail rules (in the order given) -> bad ranges -> cache or
 * lower device -> hold-end -> logged as complete.
 *
 * Locking: one spinlock, rt_lock, over the state of all devices. So the log has
 * one order, and a power cut is one instant for all of them. It is taken with
 * interrupts off, because completions take it; nothing under it sleeps.
 */
#ifndef RT_H
#define RT_H

#include <linux/bio.h>
#include <linux/device-mapper.h>
#include <linux/dm-ioctl.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "rt-compat.h"

#define DM_MSG_PREFIX "remap-test"

#define RT_KEY_MAX 16		/* bytes, with the final zero */

/* Classes of I/O; one I/O may be of several. */
#define RT_READ		0x01
#define RT_WRITE	0x02
#define RT_FLUSH	0x04
#define RT_DISCARD	0x08
#define RT_ZEROES	0x10
#define RT_FUA		0x20
#define RT_META		0x40
#define RT_ALL		0x7f

/* Counted for good: a rule or range without a <count>. */
#define RT_FOREVER	U64_MAX

/* How a power cut chooses among the versions of a dirty sector. */
struct rt_cut {
	enum { RT_CUT_NONE, RT_CUT_ALL, RT_CUT_RANDOM } how;
	u64 seed;
};

/* An address range that is bad, slow, held or flagged. Closed interval. */
struct rt_range {
	struct rb_node node;
	sector_t first;
	sector_t last;
	sector_t subtree_last;
	unsigned int ops;
	blk_status_t status;
	bool heals;		/* a write to it removes it: `pending` */
	u64 left;		/* failures to come, or RT_FOREVER */
	unsigned int ms;	/* delay */
	blk_opf_t opf;		/* flags to set */
};

/* A fault of the whole device: skip so many I/Os, then fail so many. */
struct rt_rule {
	struct list_head list;
	unsigned int ops;
	blk_status_t status;
	u64 skip;
	u64 left;
};

/* One version of one dirty 512-byte sector; the newest is in the tree. */
struct rt_sector {
	struct rb_node node;
	struct rt_sector *older;
	sector_t sector;
	u64 seq;		/* order of the writes of this device */
	u8 data[SECTOR_SIZE];
};

struct rt_stats {
	u64 reads;
	u64 writes;
	u64 flushes;
	u64 fua;
	u64 discards;
	u64 zeroes;
	u64 failed;
};

#define RT_RUN_SECTORS 128

/* Neighbouring sectors on their way down in one write. */
struct rt_run {
	sector_t first;
	unsigned int nr;
	void *data;
	u64 seq[RT_RUN_SECTORS];
};

struct rt_dev {
	struct list_head list;		/* rt_devs */
	struct dm_target *ti;
	struct dm_dev *lower;
	char key[RT_KEY_MAX];
	char name[DM_NAME_LEN];		/* "" until its table is resumed */
	bool nofua;
	bool nocache;

	/* Below: under rt_lock. */
	struct rb_root_cached bad;
	struct rb_root_cached slow;
	struct rb_root_cached holds;
	struct rb_root_cached end_holds;
	struct rb_root_cached flags;
	struct list_head rules;
	struct list_head held;		/* struct rt_io, oldest first */
	unsigned int nr_held;
	unsigned int in_flight;
	unsigned int below;		/* passed through to the lower device */
	struct rt_stats stats;
	bool dead;
	struct rt_cut cut;
	bool cache;
	struct rb_root dirty;		/* struct rt_sector */
	u64 nr_dirty;
	u64 write_seq;

	struct rt_judge *judge;

	wait_queue_head_t quiet;	/* woken when below drops to 0 */
	struct workqueue_struct *delay_wq;
	/*
	 * Ordered, so all that is written to the lower device from the cache,
	 * and all that is read past it, happens one at a time.
	 */
	struct workqueue_struct *cache_wq;
	struct work_struct spill;	/* what reaches the disk at a cut */
	struct rt_run *run;		/* buffer of cache_wq */
};

/* Per-bio data. */
struct rt_io {
	struct rt_dev *dev;
	struct bio *bio;
	struct bvec_iter iter;		/* as it was submitted */
	sector_t first;
	unsigned int nr;
	unsigned int ops;
	u64 log_slot;			/* RT_NOT_LOGGED or an index */
	u64 log_era;
	bool wants_payload;
	struct rt_payload *payload;	/* until it is in the log */
	bool unheld;			/* holds no longer apply */
	bool unheld_end;
	bool at_end;			/* parked at its completion */
	bool delayed;
	bool below;			/* counted in dev->below */
	struct list_head list;		/* dev->held */
	struct delayed_work work;
};

extern spinlock_t rt_lock;
/* Both for a change, either for a look. Messages run under the mutex. */
extern struct list_head rt_devs;
extern struct mutex rt_devs_mutex;

/* rt-io.c */
int rt_map(struct dm_target *ti, struct bio *bio);
int rt_end_io(struct dm_target *ti, struct bio *bio, blk_status_t *status);
void rt_io_issue(struct rt_io *io);
void rt_io_finish(struct rt_io *io, blk_status_t status);

/*
 * rt-ranges.c: trees of struct rt_range. The _locked ones want rt_lock held,
 * the others sleep and take it themselves.
 */
struct rt_range *rt_range_find_locked(struct rb_root_cached *tree,
				      sector_t first, unsigned int nr,
				      unsigned int ops);
int rt_range_add(struct rb_root_cached *tree, const struct rt_range *range);
int rt_range_remove(struct rb_root_cached *tree, sector_t first, sector_t last);
bool rt_bad_hit_locked(struct rt_dev *dev, const struct rt_io *io,
		       blk_status_t *status);
u64 rt_range_count(struct rb_root_cached *tree);

/* rt-rules.c */
int rt_rule_add(struct rt_dev *dev, const struct rt_rule *rule);
void rt_rule_clear(struct rt_dev *dev);
bool rt_rule_hit_locked(struct rt_dev *dev, unsigned int ops,
			blk_status_t *status);

/* rt-hold.c */
bool rt_hold_park(struct rt_io *io, bool at_end);
void rt_hold_release(struct rt_dev *dev, sector_t first, sector_t last);

/*
 * rt-dirty.c: the tree of dirty sectors. Only rt_run_write() touches the lower
 * device, and only cache_wq calls it.
 */
extern struct bio_set rt_bios;
int rt_cache_init(void);
void rt_cache_exit(void);
struct rt_sector *rt_version_alloc(sector_t sector);
void rt_versions_free(struct rt_sector *s);
struct rt_sector *rt_dirty_from_locked(struct rt_dev *dev, sector_t from);
void rt_dirty_put_locked(struct rt_dev *dev, struct rt_sector *new);
void rt_dirty_clean_locked(struct rt_dev *dev, sector_t sector, u64 seq);
void rt_dirty_del_range(struct rt_dev *dev, sector_t first, sector_t last);
void rt_cache_drop(struct rt_dev *dev);
struct rt_run *rt_run_alloc(void);
void rt_run_free(struct rt_run *run);
void rt_run_reset(struct rt_run *run);
bool rt_run_add(struct rt_run *run, const struct rt_sector *s);
int rt_run_write(struct rt_dev *dev, struct rt_run *run, blk_opf_t opf);

/* rt-cache.c */
bool rt_cache_take(struct rt_io *io);
int rt_cache_insert(struct rt_io *io);
int rt_cache_set(struct rt_dev *dev, bool on);

/* rt-power.c */
void rt_power_spill(struct work_struct *work);
void rt_power_cut(struct rt_dev *dev, const struct rt_cut *cut);
void rt_power_revive(struct rt_dev *dev);
void rt_power_arm(u64 k, unsigned int ops, const struct rt_cut *cut);
bool rt_power_due_locked(unsigned int ops);
void rt_power_fire_locked(void);

/* rt-log.c */
extern const struct file_operations rt_log_fops;
void rt_log_exit(void);
int rt_log_on(void);
bool rt_log_is_on(void);
void rt_log_off(void);
void rt_log_clear(void);
void rt_log_mark(struct rt_dev *dev, u64 number);
void rt_log_submit_locked(struct rt_io *io);
void rt_log_complete_locked(struct rt_io *io, blk_status_t status);

/* rt-log-data.c */
extern const struct file_operations rt_log_data_fops;
void rt_log_data_set(bool on);
void rt_log_data_take(struct rt_io *io);
bool rt_log_data_put_locked(struct rt_io *io, u64 submit);
void rt_log_data_drop(struct rt_io *io);
void rt_log_data_clear(void);

/* rt-judge.c */
int rt_judge_set(struct rt_dev *dev, u64 slots);
void rt_judge_forget_locked(struct rt_dev *dev);
void rt_judge_submit_locked(struct rt_io *io);
void rt_judge_complete_locked(struct rt_io *io, blk_status_t status);
u64 rt_judged_locked(const struct rt_dev *dev);
u64 rt_collisions_locked(const struct rt_dev *dev);

/* rt-target.c */
void rt_status_line(struct rt_dev *dev, char *result, unsigned int maxlen);

/* rt-debugfs.c; process context */
void rt_debugfs_init(void);
void rt_debugfs_exit(void);

/* rt-parse.c */
const char *rt_status_name(blk_status_t status);
int rt_parse_status(const char *word, blk_status_t *status);
int rt_parse_classes(char *words, unsigned int *ops);
int rt_parse_flags(char *words, blk_opf_t *opf);
int rt_parse_cut(const char *word, struct rt_cut *cut);
int rt_parse_range(char **argv, sector_t *first, sector_t *last);

/* rt-message.c */
int rt_message_do(struct rt_dev *dev, unsigned int argc, char **argv);
int rt_message(struct dm_target *ti, unsigned int argc, char **argv,
	       char *result, unsigned int maxlen);

#endif /* RT_H */
