/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole images: a spare in memory whose metadata an input has changed, and the
 * module's load path and the tool's walk over it.
 */
#ifndef DMR_FUZZ_IMAGE_H
#define DMR_FUZZ_IMAGE_H

#include "fuzz.h"

#define IMAGE_SLOTS_MAX	2200u
#define IMAGE_OPS_MAX	64u

/**
 * struct fake_disk - the spare: slots that were never written read as zeros
 * @slots: what the device has now
 * @unread, @unwritable: slots whose I/O fails; a write that works heals a read
 * @meta: writes must go to metadata slots of this set; NULL: there may be none at all
 * @writes, @flushes: how many there were
 * @unflushed: slots written since the last flush
 * @fail_write, @fail_flush: which one fails, counted from 1; 0: none
 * @fail_on: and all that follow
 * @faults: I/O that failed, reads not counted
 * @evidence: do other places of the spare take writes while one does not?
 */
struct fake_disk {
	u64 slots;
	u8 *blk[IMAGE_SLOTS_MAX];
	bool unread[IMAGE_SLOTS_MAX];
	bool unwritable[IMAGE_SLOTS_MAX];
	const struct dmr_super *meta;
	u32 writes;
	u32 flushes;
	bool unflushed[IMAGE_SLOTS_MAX];
	u32 fail_write;
	u32 fail_flush;
	bool fail_on;
	u32 faults;
	bool evidence;
};

/* what an input asks for beside its changes of the metadata */
#define IMAGE_FORCE		0x01	/* the feature force_readonly */
#define IMAGE_READONLY		0x02
#define IMAGE_CLEAN		0x04	/* the set was closed */
#define IMAGE_NO_EVIDENCE	0x08
#define IMAGE_FAIL_ON		0x10
#define IMAGE_TWO_LEFT		0x20	/* all copies but two were expelled before */
#define IMAGE_THAW		0x40	/* once loaded: the spare takes writes again, thaw */

/** struct image_plan - the first bytes of an input */
struct image_plan {
	u8 shape;
	u8 flags;
	u8 hwm;
	u8 lbs;
	u8 resize;
	u8 fail_alloc;
	u8 fail_write;
	u8 fail_flush;
};

/**
 * struct image - a set on a disk, before anybody has loaded it
 * @sb: as it was before the input changed anything
 */
struct image {
	struct image_plan plan;
	struct dmr_super sb;
	struct fake_disk disk;
	u64 main_sect;
	u32 main_lbs;
	u32 spare_lbs;
};

/** image_make() - the set and the changes that an input describes */
void image_make(struct image *im, struct fuzz_in *in);
void image_free(struct image *im);

/** image_copy() - the same once more, to be written to */
void image_copy(struct image *to, const struct image *from);

/** image_main_byte() - what main holds: byte @at of it */
u8 image_main_byte(u64 at);

/* ---- disk ---- */

int fake_disk_read(struct fake_disk *d, u64 slot, void *buf);
int fake_disk_write(struct fake_disk *d, u64 slot, const void *buf);
int fake_disk_flush(struct fake_disk *d);

/** fake_disk_heal() - from now on every write and flush works; what cannot be read stays so */
void fake_disk_heal(struct fake_disk *d);

/** fake_disk_blk() - the bytes of a slot, to be changed; @slot below IMAGE_SLOTS_MAX */
u8 *fake_disk_blk(struct fake_disk *d, u64 slot);

/* ---- what the module and the tool make of it ---- */

/** struct image_view - a set as loaded: the words of all slots below the mark
 * @sealed: features of a newer version forbid writing
 */
struct image_view {
	int err;
	bool readonly;
	bool sealed;
	u64 slots;
	u64 word[IMAGE_SLOTS_MAX];
};

/** image_load() - as ctr and preresume do it, with every property checked */
void image_load(struct image *im, u8 flags, u32 fail_alloc, struct image_view *v);

/**
 * image_walk() - as dmremap check does it
 * Return: severity of the worst finding, -1: none; @judge: as dmr_copies_judge()
 */
int image_walk(struct image *im, int *judge);

#endif
