/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sim: a main and a spare that can lose power at any instant, and a device over
 * them that takes the same steps as the kernel's workers.
 *
 *   store.c   what a sector can hold, by number; decoded metadata, remembered
 *   disk.c    two disks with volatile caches and faults
 *   exec.c    the steps of core/protocol.c, done        (kernel: commit-io.c, raise.c)
 *   commit.c  batches, lazies, settling what is in doubt (kernel: commit.c, thaw.c)
 *   load.c    from the spare to memory, activation       (kernel: load.c, load-table.c)
 *   io.c      writes of a user                           (kernel: write.c, relocate.c,
 *                                                         move.c, slot.c)
 *   rebuild.c  a copy that moves                    (kernel: rebuild.c)
 *   carry.c   blocks moved because somebody asked        (kernel: carry.c, carry-copy.c)
 *   read.c    reads of a user                            (kernel: read.c, pending.c)
 *   trace.c  the runs of the protocol, for the replay of the real module to know
 *   oracle.c  what a user has been promised
 *   cut.c     every state a power cut can leave
 *   crash.c   what must hold in it
 *   ops.c     the operations that sequences are made of
 *
 * The order of the steps is the core's (dmr_proto_next()), the judgement of
 * copies, the choice of slots and the building of images, too: what is proved
 * is what runs. What the kernel does beside that is done here in the same
 * order, one thing after the other; concurrency of writes is covered by cutting
 * with any subset of them on the medium.
 */
#ifndef SIM_H
#define SIM_H

#include "alloc.h"
#include "check.h"
#include "copies.h"
#include "protocol.h"
#include "search.h"
#include "statusline.h"
#include "steps.h"
#include "table.h"
#include "txn.h"
#include "verdict.h"

#define SIM_MAIN_BLKS		4u	/* the last one is short */
#define SIM_MAIN_SECTS		30u
#define SIM_PLACES		256u	/* slots of the spare that are ever touched */
#define SIM_SLOTS_MAX		8192u
#define SIM_TABLE_BLKS		10u
#define SIM_WINDOW		64u	/* writes not flushed yet */
#define SIM_FAULTS		8u
#define SIM_REQS		2u
#define SIM_DOUBTS		8u
#define SIM_LATER		12u

/* ---- store.c: contents by number ---- */

/** sim_sect - what one sector of 512 bytes holds; 0: zeroes */
typedef u32 sim_sect;

#define SIM_NO_VALUE		(~0u)

#define SIM_MAPS		12u

/**
 * struct sim_block - decoded metadata, remembered under the eight sectors it came from
 * @map: table block: which of its entries speak of a block of main
 * @list: table block: hash of the copies' places, which decide what its entries say
 * @unsettled: table block: how many entries lag behind these
 */
struct sim_block {
	u64 slot;
	sim_sect sect[DMR_BLK_SECTS];
	u32 next;
	bool is_super;
	enum dmr_blk_status st;
	struct dmr_gen gen;
	void *data;	/* struct dmr_super, or u64[DMR_ENTRIES_PER_BLK]; when @st is OK */
	u16 map[SIM_MAPS];
	u32 nr_map;
	u64 list;
	u32 unsettled;
};

sim_sect sim_store_value(u32 value);
/** sim_store_bytes() - the eight sectors of a 4 KiB block */
void sim_store_bytes(const void *blk, sim_sect *sect);
/** sim_store_value_of() - value of a data sector; SIM_NO_VALUE for metadata */
u32 sim_store_value_of(sim_sect s);
u64 sim_store_hash(sim_sect s);
const struct sim_block *sim_store_super(u64 slot, const sim_sect *sect);
/** sim_store_table() - @sb: the superblock in force */
const struct sim_block *sim_store_table(u64 slot, const sim_sect *sect, const struct dmr_super *sb,
					u32 index);
/** struct sim_mark, sim_store_mark(), sim_store_release() - forget all that came after a mark */
struct sim_mark {
	u32 sects;
	u32 blocks;
};

struct sim_mark sim_store_mark(void);
void sim_store_release(struct sim_mark m);

/* ---- disk.c: two disks ---- */

enum sim_dev_id { SIM_MAIN, SIM_SPARE };

/** struct sim_image - all sectors of both disks; spare by place */
struct sim_image {
	sim_sect spare[SIM_PLACES][DMR_BLK_SECTS];
	sim_sect main[SIM_MAIN_BLKS][DMR_BLK_SECTS];
	u64 hash;
};

/** struct sim_write - a write that the cache has and the medium may lack */
struct sim_write {
	u8 dev;
	u8 first;
	u8 n;
	u16 blk;	/* block of main, or place of the spare */
	sim_sect sect[DMR_BLK_SECTS];
};

/** enum sim_keep - what a write that failed has done to the medium */
enum sim_keep { SIM_KEEP_OLD, SIM_KEEP_NEW, SIM_KEEP_TORN };

/**
 * struct sim_fault - slots of the spare that fail
 * @first, @n: slots
 * @read, @write: which I/O fails
 */
struct sim_fault {
	u64 first;
	u64 n;
	bool read;
	bool write;
	enum sim_keep keep;
};

/**
 * struct sim_disks - main and spare
 * @stable: what is on the medium for sure
 * @cur: what reads return
 * @win: writes in @cur that are not in @stable, oldest first
 * @gone_in: spare I/Os until the spare stops answering; 0: never
 * @gone: it does not answer
 * @flush_fail_in: flushes of the spare until one fails and drops the cache; 0: never
 * @voids: flushes of the spare that failed
 * @unseen: writes go where no load looks: no cut among them tells from another one
 * @bad_write: sectors of main, a mask per block
 */
struct sim_disks {
	struct sim_image stable;
	struct sim_image cur;
	struct sim_write win[SIM_WINDOW];
	u32 nr_win;
	struct sim_fault fault[SIM_FAULTS];
	u32 nr_fault;
	u32 gone_in;
	bool gone;
	u32 flush_fail_in;
	u32 voids;
	bool unseen;
	u8 bad_write[SIM_MAIN_BLKS];
	u32 writes;
};

struct sim;

void sim_image_set(struct sim_image *img, enum sim_dev_id dev, u32 blk, u32 i, sim_sect s);
u32 sim_place(u64 slot);
/** sim_touched() - was anything ever written there? */
bool sim_touched(u64 slot);
enum dmr_sts sim_spare_write(struct sim *s, u64 slot, u32 first, u32 n, const sim_sect *sect,
			     bool fua);
enum dmr_sts sim_spare_read(struct sim *s, u64 slot, u32 first, u32 n, sim_sect *sect);
enum dmr_sts sim_spare_flush(struct sim *s);
enum dmr_sts sim_main_write(struct sim *s, u32 blk, u32 first, u32 n, const sim_sect *sect,
			    bool fua);
enum dmr_sts sim_main_read(struct sim *s, u32 blk, u32 i, sim_sect *sect);
void sim_main_flush(struct sim *s);
void sim_main_decay(struct sim *s, u32 blk, u32 i, bool decayed);
void sim_fault_add(struct sim *s, struct sim_fault f);
void sim_fault_heal(struct sim *s);

/* ---- the device ---- */

/** struct sim_req - a change of the map on its way; as struct remap_req */
struct sim_req {
	u32 b;
	u32 first;
	u32 n;
	sim_sect sect[DMR_BLK_SECTS];	/* the user's data */
	sim_sect carry[DMR_BLK_SECTS];	/* a move: what the old slot gave */
	u32 carry_mask;
	struct dmr_change chg;
	struct dmr_change follow;
	bool has_follow;
	bool asked;	/* carry.c: no data of a user */
};

/** struct sim_rebuild - a copy on its way to another place; fields as in struct remap_rebuild */
struct sim_rebuild {
	bool active;
	bool ghost;
	u32 copy;
	struct dmr_slot at;
	u32 k;
	u32 next;
	u32 voids;
	u32 given_up;
};

/** struct sim_dev - an open device; fields as in struct remap */
struct sim_dev {
	bool open;
	bool active;	/* activation is over */
	bool readonly;
	enum dmr_mode mode;
	struct dmr_super sb;
	struct dmr_gen gen;
	struct dmr_table table;
	struct sim_rebuild rebuild;
	struct dmr_table_page page[SIM_TABLE_BLKS];
	struct dmr_table_page *pagep[SIM_TABLE_BLKS];
	u64 room[SIM_TABLE_BLKS + 1];
	u64 slot_of[SIM_MAIN_BLKS];	/* the index: ~0: none */
	u32 whole;
	u32 expelled;
	u32 unread;
	u32 torn;
	u32 super_torn;
	u32 doubles;	/* blocks of main with two entries, found by a load */
	u32 dirty;	/* table blocks */
	u32 doubt;
	struct dmr_change doubtful[SIM_DOUBTS];
	u32 doubtful_b[SIM_DOUBTS];
	u32 nr_doubtful;
};

/* ---- oracle.c: what was promised ---- */

/** struct sim_later - a value that may be there instead */
struct sim_later {
	u32 value;
	bool acked;
};

/**
 * struct sim_promise - what a sector of main may read as
 * @durable: survives anything
 * @later: written after it, in order
 * @err_ok: an error is honest: the medium decayed, after @err_after of the later ones
 */
struct sim_promise {
	u32 durable;
	struct sim_later later[SIM_LATER];
	u8 nr_later;
	u8 err_after;
	bool err_ok;
};

struct sim_oracle {
	struct sim_promise p[SIM_MAIN_BLKS][DMR_BLK_SECTS];
};

void sim_oracle_init(struct sim_oracle *o);
/** sim_oracle_full() - too many writes of these sectors failed to follow another one */
bool sim_oracle_full(const struct sim_oracle *o, u32 b, u32 first, u32 n);
void sim_oracle_submit(struct sim_oracle *o, u32 b, u32 first, u32 n, u32 value);
/** sim_oracle_ack() - the newest write of these sectors succeeded; @durable: for good */
void sim_oracle_ack(struct sim_oracle *o, u32 b, u32 first, u32 n, bool durable);
void sim_oracle_flushed(struct sim_oracle *o);
void sim_oracle_unreadable(struct sim_oracle *o, u32 b, u32 i);
bool sim_oracle_allows(const struct sim_oracle *o, u32 b, u32 i, u32 value);
/** sim_oracle_current() - without a crash: only what was acknowledged last, or failed since */
bool sim_oracle_current(const struct sim_oracle *o, u32 b, u32 i, u32 value);
u64 sim_oracle_hash(const struct sim_oracle *o);

/* ---- all together ---- */

/**
 * struct sim - a world; copied whole to try something and go back
 * @steps: what trace.c keeps between two writes
 * @depth: 0: operations, 1: a recovery, 2: a recovery of a recovery
 */
struct sim {
	struct sim_disks d;
	struct sim_dev v;
	struct sim_oracle o;
	u32 value;
	u32 depth;
	u32 opens;
	struct steps steps;
};

void sim_dev_relink(struct sim_dev *v);
static inline u32 sim_blk_sects(u32 b)
{
	return b == SIM_MAIN_BLKS - 1 ? SIM_MAIN_SECTS % DMR_BLK_SECTS : DMR_BLK_SECTS;
}

/** struct sim_geometry - one shape of spare */
struct sim_geometry {
	const char *name;
	u32 slots;
	u64 cursor;	/* where the search for slots begins; 0: anywhere */
	bool crowded;	/* nearly all slots bad, so that the mark has to be raised */
};

extern const struct sim_geometry sim_geometries[];
extern const struct sim_geometry *sim_geometry;
extern struct dmr_super sim_format_sb;

/* format.c */
void sim_format(struct sim *s, const struct sim_geometry *g);

/* exec.c */
struct sim_exec {
	struct dmr_proto p;
	struct dmr_super sb;
	u32 super_gen;
	u32 blks;		/* table blocks, a mask */
	u64 (*word)[DMR_ENTRIES_PER_BLK];
	struct dmr_gen table_gen;
	u32 raise_to;
	const u8 *fill_same;
	u32 behind;
	bool lone_behind;
	bool moved;
	bool data_void;
	struct sim_req *req;
	u32 nr_req;
};

enum dmr_op sim_exec_run(struct sim *s, struct sim_exec *x);
struct sim_exec sim_exec_new(struct sim *s);
int sim_raise(struct sim *s);
int sim_super_write(struct sim *s, u32 activity);
bool sim_evidence_spare(struct sim *s);
enum dmr_sts sim_meta_write(struct sim *s, u64 slot, const void *blk);

/** sim_fill_block() - a table block for a copy at @at, as in @from; 0, -ENODATA, -EIO */
int sim_fill_block(struct sim *s, u32 from, struct dmr_slot at, u32 blk);

/* rebuild.c */
/** sim_rebuild_step() - a block, or what comes after the last one; false: nothing to do */
bool sim_rebuild_step(struct sim *s);
void sim_rebuild(struct sim *s);
bool sim_rebuild_place(const struct sim *s, u64 slot);
void sim_rebuild_hold(struct sim *s);
void sim_rebuild_follow(struct sim *s, u32 blks);
void sim_rebuild_settle(struct sim *s, struct dmr_slot old);

/* commit.c */
int sim_commit(struct sim *s, struct sim_req *req, u32 n);
int sim_commit_lazies(struct sim *s);
void sim_commit_dirty(struct sim *s, u64 slot);
int sim_thaw(struct sim *s);
void sim_mode_worsen(struct sim *s, enum dmr_mode mode);

/* load.c */
/** sim_load() - 0 or -errno; @activate: for writing, else only a look */
int sim_load(struct sim *s, bool activate);
void sim_close(struct sim *s);

/* io.c */
/** sim_write() - a user's write; 0 or an error; tells the oracle */
int sim_write(struct sim *s, u32 b, u32 first, u32 n, bool fua);
/** sim_write_two() - whole blocks @a and @b, relocated in one commit */
int sim_write_two(struct sim *s, u32 a, u32 b);
int sim_reloc_data(struct sim *s, struct sim_req *req);
bool sim_candidate(enum dmr_sts st);
struct dmr_slot sim_take_slot(struct sim *s);
enum dmr_sts sim_data_write(struct sim *s, u64 slot, u32 b, u32 first, u32 n,
			    const sim_sect *sect, bool fua);
void sim_retire(struct sim *s, u64 slot);
void sim_flush(struct sim *s);

/* carry.c */
#define SIM_MOVE_MAX	2u

/** sim_move_out() - what main gives of each block @b, to slots, in one commit; 0 or an error */
int sim_move_out(struct sim *s, const u32 *b, u32 n);
/** sim_move_back() - what lives in its slot of block @b, to main */
int sim_move_back(struct sim *s, u32 b);

/* read.c */
/** sim_word_of() - the entry of block @b; 0: it has none */
u64 sim_word_of(struct sim *s, u32 b);
/** sim_read() - one sector: 0 and its value, or an error. Notes nothing. */
int sim_read(struct sim *s, u32 b, u32 i, u32 *value);
/** sim_read_error() - a read of a sector that main cannot give: noted as pending */
void sim_read_error(struct sim *s, u32 b, u32 i);

#define SIM_DEPTH_MAX	2u	/* a crash in the recovery from a crash in a recovery */

/* cut.c */
/** sim_event() - something reached a disk, or a user was told: cut here */
void sim_event(struct sim *s, bool wrote);

/* crash.c */
/** struct sim_crash_stats - counted over a whole run */
struct sim_crash_stats {
	u64 states;	/* distinct: image and promises */
	u64 nested;	/* of them, during a recovery */
	u64 points;	/* instants at which power was cut */
	u64 loads;
	u64 survivors;	/* loads from one copy alone */
};

extern struct sim_crash_stats sim_crash_stats;

/** sim_draw() - a random number below @n; the same ones for the same seed */
u32 sim_draw(u32 n);
/** sim_crashed() - the power was cut, @img is what is left; @promises: their hash */
void sim_crashed(struct sim *s, const struct sim_image *img, u64 promises);
void sim_crash_setup(u64 seed, u32 nested_one_in);
/** sim_check_rest() - between operations: reads as promised, and from any copy alone (R5) */
void sim_check_rest(struct sim *s);
/** sim_blame() - a promise is broken: say what led here and exit 1 */
void sim_blame(struct sim *s, const char *fmt, ...) __printf(2, 3);

/* ops.c */
struct sim_op {
	const char *name;
	void (*run)(struct sim *s, u32 arg);
	u32 arg;
};

/** sim_ops() - the operations for a set of @copies copies; returns how many */
u32 sim_ops(struct sim_op *op, u32 copies);

/** sim_ops_each_k() - operations in which the @k-th I/O fails; returns how many */
u32 sim_ops_each_k(struct sim_op *op, u32 k);

#define SIM_K_MAX	40u	/* spare I/Os of an operation, about */
#define SIM_OPS_MAX	128u
#define SIM_SEQ_MAX	64u

/* the sequence under way, for sim_blame() */
extern const struct sim_op *sim_seq[SIM_SEQ_MAX];
extern u32 sim_seq_len;

#endif
