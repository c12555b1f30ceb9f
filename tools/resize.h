/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resize: a closed set for other sizes of its devices, in place. Other places of
 * the copies follow from another size of the spare, and blocks may live in the
 * way. What is to be is written beside what is there, into free slots; one write
 * to slot 0 is the switch; then what is to be goes to where it belongs:
 *
 *   resize_plan()    what goes where, and is there room? Nothing is written
 *   resize_write()   blocks in the way, to free slots; two copies of what is to be,
 *                    to free runs; a tombstone in slot 0 that names these
 *   resize_finish()  the old superblocks destroyed; all copies in their anchors;
 *                    the two temporary ones given up
 *
 * Before the switch the old set is untouched. From it on superblocks have
 * DMR_RO_RESIZE: no kernel writes to the set before resize_finish() has ended,
 * which may be cut short and done again.
 */
#ifndef DMREMAP_RESIZE_H
#define DMREMAP_RESIZE_H

#include "dev.h"
#include "dump.h"

/** struct resize_move - a block that lives in the way */
struct resize_move {
	u64 mblk;
	u64 word;
	u64 from;
	u64 to;
};

/**
 * struct resize - a resize of one spare
 * @d: open for writing
 * @in: the same, to be read past the page cache
 * @w: what is there, whole
 * @to: what is to be
 * @way: the same, with two copies in temporary places
 * @places: the copies get other places: there is more to do than to state sizes
 * @begun: from here on what was there may not count any more
 */
struct resize {
	struct dev *d;
	struct dev *in;
	const struct walk *w;
	struct dump to;
	struct dump way;
	struct resize_move *move;
	u64 moves;
	bool places;
	bool begun;
};

/**
 * resize_plan() - @z->d, @in and @w are there
 * @main_sect: not less than it was
 * @spare_sect: not more than the device has
 *
 * Return: exit code. resize_free() is needed in every case.
 */
int resize_plan(struct resize *z, u64 main_sect, u64 spare_sect);

/** resize_same() - is there nothing to do? */
bool resize_same(const struct resize *z);

/** resize_write() - up to the switch, that included. Return: exit code */
int resize_write(struct resize *z);

/** resize_unfinished() - was a resize of this set cut short, if only before its last superblock? */
bool resize_unfinished(const struct walk *w);

/** resize_finish() - from whatever the switch or a power cut left. Return: exit code */
int resize_finish(struct dev *d, struct dev *in);
void resize_free(struct resize *z);

/* ---- the parts ---- */

/**
 * resize_stay() - slots where a reader of the size of the device looks for superblocks
 * @sb: of a set whose device has another size
 * @at: DMR_COPIES_MAX slots
 *
 * In them tombstones are kept: those that lie among the data slots are bad slots
 * from then on. Return: how many there are outside of all copies.
 */
u32 resize_stay(const struct dmr_super *sb, u64 device_sect, struct dmr_slot *at);

/** resize_too_often() - is there no room for generations above those of @sb? Says so */
bool resize_too_often(const struct dev *d, const struct dmr_super *sb);

/** resize_entries() - the entries of @w that are more than free or metadata, sorted, into @d */
void resize_entries(const struct walk *w, struct dump *d);

#endif
