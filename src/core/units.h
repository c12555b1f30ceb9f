/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Units: what a number counts is part of its type.
 *
 * A block of main and a slot of the spare are both "a 4 KiB place", and mixing
 * them up is the one mistake that turns a remapper into a shredder. So each is
 * a struct of its own: passing one for the other does not compile. Plain
 * integers carry their unit in the name (_sect = 512 bytes, _bytes, _blk).
 */
#ifndef DMR_UNITS_H
#define DMR_UNITS_H

#include "plat.h"

#define DMR_SECT_SHIFT		9
#define DMR_SECT_BYTES		512u
#define DMR_BLK_SHIFT		12
#define DMR_BLK_BYTES		4096u
#define DMR_BLK_SECTS		8u	/* sectors in a block, and in a slot */

/** struct dmr_mblk - a 4 KiB block of the main device, counted from its start */
struct dmr_mblk {
	u64 v;
};

/** struct dmr_slot - a 4 KiB place of the spare device, counted from its start */
struct dmr_slot {
	u64 v;
};

#define DMR_SLOT_NONE	((struct dmr_slot){ ~0ull })

static inline struct dmr_mblk dmr_mblk(u64 v)
{
	return (struct dmr_mblk){ v };
}

static inline struct dmr_slot dmr_slot(u64 v)
{
	return (struct dmr_slot){ v };
}

static inline bool dmr_slot_is_none(struct dmr_slot s)
{
	return s.v == ~0ull;
}

static inline struct dmr_mblk dmr_mblk_of_sect(u64 main_sect)
{
	return (struct dmr_mblk){ main_sect / DMR_BLK_SECTS };
}

static inline u64 dmr_mblk_sect(struct dmr_mblk b)
{
	return b.v * DMR_BLK_SECTS;
}

static inline u64 dmr_slot_sect(struct dmr_slot s)
{
	return s.v * DMR_BLK_SECTS;
}

/** dmr_units_blks() - blocks that cover @sects sectors, a short tail included */
static inline u64 dmr_units_blks(u64 sects)
{
	return (sects + DMR_BLK_SECTS - 1) / DMR_BLK_SECTS;
}

#endif
