/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faults, inside: one fault in one operation of the module, and what must still
 * be true after it. faults.c has the usage.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t u32;
typedef uint64_t u64;

#define BLOCK		8u	/* sectors of a block and of a slot */
#define WINDOW		512u	/* sectors of main that are written and verified */
#define SLOTS_KEPT	64u	/* slots restored before each case, beside the metadata */
#define COPIES_MAX	8u
#define ALTERNATES	32u

/**
 * enum fault - what fails
 * @SPARE_ONCE: the k-th I/O to the spare, @SPARE_FROM: and all after it
 * @CALLER: the k-th allocation of the calling task, whoever makes it (fail-nth)
 * @MODULE_ONCE: the k-th of the module's own, in whatever task (mem.h)
 */
enum fault {
	SPARE_ONCE,
	SPARE_FROM,
	MAIN_ONCE,
	MAIN_FROM,
	CALLER,
	MODULE_ONCE,
	MODULE_FROM,
	NR_KINDS,
};

/**
 * struct op - an operation
 * @image: what the spare is like before it
 * @opened: the device is open before it begins
 * @setup: makes the occasion; nothing fails yet
 * @run: the operation; may fail
 * @copies: only with at least so many
 */
struct op {
	const char *name;
	int image;
	bool opened;
	void (*setup)(void);
	void (*run)(void);
	u32 copies;
};

/* ops.c: a list that ends with a name of NULL */
extern const struct op ops[];
extern const struct op raise_ops[];

/* faults.c: something is wrong with the case at hand. Never more than one for a case. */
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* fault.c */
void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fault_init(const char *status);
void fault_arm(enum fault kind, u32 k);
/* has there been a k-th? */
bool fault_reached(void);
void fault_disarm(void);
/* nothing fails any more: neither rules nor bad sectors */
void fault_calm(void);
/* until the module does no I/O any more */
void fault_settle(void);

/* device.c: the device under test. 0 or an errno. */
extern int device_fd;
void device_init(const char *params, u64 sectors);
int device_load(void);
int device_resume(void);
int device_open(void);		/* load and resume */
int device_suspend(void);
int device_close(void);		/* an empty table in its place */
int device_message(const char *text);
int device_table(bool line);
/* does it answer? not when opening it failed, nor once it is closed */
bool device_live(void);
const char *device_word(const char *key);
u64 device_number(const char *key);

/* model.c: what the sectors of the window may hold */
void model_init(u32 seq);
void model_keep(int image);
void model_take(int image);
/* Each of these is one system call. True: it was acknowledged in full. */
bool model_write(u64 sect, u32 nr);
bool model_read(u64 sect, u32 nr);
bool model_punch(u64 sect, u32 nr);
bool model_discard(u64 sect, u32 nr);
/* @strict: no error either */
void model_verify(bool strict);

/* image.c: what is on the two disks */
enum { IMAGE_CLEAN, IMAGE_CRASHED, IMAGE_BEHIND, NR_IMAGES };
extern u64 image_copy[COPIES_MAX];
extern u32 image_copies;
void image_init(const char *main_disk, const char *spare_disk);
/* the places of the copies, from the open device, when all are in their anchors */
void image_places(void);
/* the places they have now, for image_differs(). Return: how many */
u32 image_where(void);
/* where a copy may go that cannot stay where it is (doc/format.md): first slot; 0: nowhere */
u64 image_alternate(u32 k);
void image_keep(int image);
void image_restore(int image);
/* as IMAGE_CLEAN, but copy 0 has lost its superblock */
void image_behind(void);
/* where a block of main is now; 0: nowhere */
u64 image_slot_of(u64 block);
/* nothing that was kept has changed */
bool image_untouched(int image);
/* all copies are closed and the same: NULL, or what is not */
const char *image_differs(void);

/* ops.c: write what was in doubt, if anything was; @well: it has to work */
void ops_write_on(bool well);

/* ops.c: make the images; false: the device does not do what they need */
bool ops_prepare(bool raise);

#endif
