/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replay: a workload on the real module is recorded, with all that its disks were
 * sent and all that its user was answered; then the power is cut after every
 * event of the record, on paper, and what the disks would have is opened with
 * the real module and read.
 *
 *   main.c     the devices and the order of things
 *   work.c     the workload: writers, and faults between their steps
 *   faults.c   what goes wrong on main and on the spare
 *   trace.c    the record, as an array of events
 *   disks.c    what main and spare have after an event: for sure, and perhaps
 *   oracle.c   what the user was promised, from the top of the device alone
 *   meta.c     where the metadata lies
 *   steps.c    whether the simulation knows what was done to the metadata
 *   points.c   one cut: the disks written, opened, read
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../vm/helpers/pattern.h"

#define BLOCK		8u	/* sectors */
#define BLOCK_BYTES	4096u
#define BIGGEST		128u	/* sectors of one write of a user */
#define FIRST_VALUE	1u	/* what main has before the first write */

/** enum dev - whose I/O it is: of the device's user, or of the disks below it */
enum dev { DEV_TOP, DEV_MAIN, DEV_SPARE, NR_DEVS };

/** struct bench - the devices of a run; sizes are the same for record and replay */
struct bench {
	uint64_t size[NR_DEVS];		/* bytes; of DEV_TOP as of DEV_MAIN */
	const char *name[NR_DEVS];	/* of the remap-test devices */
	const char *below[NR_DEVS];	/* the RAM disks under them */
	const char *again[NR_DEVS];	/* the disks that are replayed to */
	uint64_t seed;
	uint64_t dice;
};

extern struct bench bench;

/* A number below @n; the same ones for the same seed. */
static inline uint64_t draw(uint64_t n)
{
	bench.dice = pattern_mix(bench.dice + 0x9e3779b97f4a7c15ULL);
	return bench.dice % n;
}

void *blocks_alloc(size_t size);
/* All of a device, from or to @buf. */
void disk_io(int fd, void *buf, uint64_t size, uint64_t at, bool write);

/* ---- the record ---- */

/** enum mark - numbers of marks in the log: what the workload did to sectors of main */
enum mark {
	MARK_REFUSED = 1,	/* from now on main takes no write there */
	MARK_LOSABLE,		/* the slot's medium below them cannot be read any more */
};

static inline uint64_t mark_make(enum mark what, uint64_t first, uint64_t nr)
{
	return (uint64_t)what << 48 | nr << 32 | first;
}

/**
 * struct io - one I/O of the log
 * @op: R W F D Z, or M: a mark, its number is in @first
 * @complete: 0: never
 * @data: of a write
 */
struct io {
	uint64_t submit;
	uint64_t complete;
	uint64_t first;
	uint32_t nr;
	enum dev dev;
	char op;
	bool fua;
	bool ok;
	const uint8_t *data;
};

/** struct event - an I/O is submitted, or ends */
struct event {
	uint64_t seq;
	uint32_t io;
	bool end;
};

struct trace {
	struct io *io;
	uint32_t nr_io;
	struct event *event;
	uint32_t nr_events;
};

extern struct trace trace;

void trace_read(void);
void trace_print(uint32_t last_event);

/* ---- the metadata ---- */

/* @slot0: what is in the first slot, a superblock */
void meta_setup(const uint8_t *slot0);
bool meta_has(uint64_t slot);
/* ... or could be, if a copy moved there */
bool meta_may(uint64_t slot);
/* Where are the copies now? @spare: the image; nothing changes if that cannot be said. */
bool meta_look(const uint8_t *spare);
uint32_t meta_copies(void);
uint64_t meta_copy(uint32_t copy, uint32_t *slots);
/* All copies are in sync and have one map; @spare: the whole image. */
bool meta_alike(const uint8_t *spare);
/* The word (tests/sim/steps.h) for a write of metadata; false: there is none. */
/* Is that write one of metadata, wherever it goes? */
bool meta_is(const struct io *io);
struct steps;
bool meta_word(struct steps *st, const struct io *io, char *word);
void meta_newest(struct steps *st);

/* ---- the steps ---- */

/* @path: the runs that the simulation knows. False, and why is printed: there is another. */
bool steps_known(const char *path);

/* ---- the workload ---- */

/** struct work - what it did */
struct work {
	uint64_t writes;
	uint64_t failed;
	uint64_t flushes;
	uint64_t reads;
	uint64_t read_errors;
	uint64_t remaps;
	uint64_t moved;
	uint64_t retired;
	uint64_t expelled;
	uint64_t noted;
	uint64_t commits;
};

extern struct work work;

void work_run(unsigned int steps);

/* Some blocks are never broken: what succeeds there is evidence against the others. */
static inline bool block_stays_good(uint64_t block)
{
	return block % 4 == 3;
}

/** struct wish - a write that a fault waits for; nr is 0: none */
struct wish {
	uint64_t first;
	uint32_t nr;
	bool read;
};

void faults_setup(void);
/* Nothing is in flight. */
struct wish faults_step(void);
/* The spare is as fast as ever, and no flush of it will fail. */
void faults_calm(void);
/* All copies of the metadata are well, too. */
void faults_rest(void);
void tell(enum dev dev, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- the disks ---- */

enum variant {
	KEEP_NONE,	/* only what is stable */
	KEEP_ALL,
	KEEP_SOME,	/* any subset, some of it torn */
	NR_VARIANTS,
};

/* What main and spare have before the first event. */
void disks_begin(uint8_t *main_image, uint8_t *spare_image);
/* True: another state is possible now. */
bool disks_event(const struct event *e);
/* What is there after a cut now, into images of the same sizes. */
void disks_image(enum dev dev, enum variant v, uint8_t *image);

/* ---- the promises ---- */

void oracle_begin(void);
bool oracle_event(const struct event *e);
/* @value: -1: not of this sector, -2: an error */
bool oracle_allows(uint64_t sector, int64_t value);
void oracle_print(uint64_t sector);
uint64_t oracle_hash(void);

#define VALUE_ERROR	(-2)

/* ---- the cuts ---- */

/** struct points - counted over a run */
struct points {
	uint64_t prefixes;	/* after which another state is possible */
	uint64_t states;	/* different ones: images and promises */
	uint64_t opened;
	uint64_t again;		/* of them, opened once more after a close */
	uint64_t wrong;
};

extern struct points points;

/** enum cuts - of the states that are possible, which are opened; each one once */
enum cuts {
	CUT_SOME,	/* about as many as wanted */
	CUT_EACH,	/* one after every event */
	CUT_ALL,
};

void points_run(const uint8_t *main_image, const uint8_t *spare_image, enum cuts cuts,
		uint64_t wanted);

#endif
