// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format: a fresh set on the simulated disks, for each shape of spare.
 */
#include <stdlib.h>

#include "sim.h"

/*
 * minimal and linear: two and four copies. straddle: slots are handed out across
 * the border of two table blocks. raise: the first commit raises the mark.
 */
const struct sim_geometry sim_geometries[] = {
	{ .name = "minimal", .slots = 12 },
	{ .name = "linear", .slots = 128 },
	{ .name = "straddle", .slots = 1024, .cursor = DMR_ENTRIES_PER_BLK - 1 },
	{ .name = "raise", .slots = 4536, .cursor = 3000, .crowded = true },
	{},
};

const struct sim_geometry *sim_geometry;
struct dmr_super sim_format_sb;

static void format_super(const struct sim_geometry *g)
{
	struct dmr_super *sb = &sim_format_sb;
	struct dmr_layout lay;
	u32 i;

	if (dmr_layout_compute((u64)g->slots * DMR_BLK_SECTS, &lay))
		abort();
	*sb = (struct dmr_super){
		.gen = { .epoch = 1, .counter = 1, .nonce = 0xf0 },
		.main_sect = SIM_MAIN_SECTS,
		.spare_sect = (u64)g->slots * DMR_BLK_SECTS,
		.main_lbs_bytes = DMR_SECT_BYTES,
		.spare_lbs_bytes = DMR_SECT_BYTES,
		.slots = lay.slots,
		.table_blk = lay.table_blk,
		.copies = lay.copies,
		.insync = (u32)BIT(lay.copies) - 1,
		.strategy = lay.strategy,
		.activity = DMR_ACTIVITY_CLEAN,
	};
	memcpy(sb->uuid, "simulated disks!", DMR_UUID_BYTES);
	for (i = 0; i < lay.copies; i++)
		sb->copy_slot[i] = lay.copy_slot[i];
	sb->hwm_blk = dmr_layout_raised(sb, 0);
}

/* Leave too few slots for the mark to stay where it is. */
static void format_crowd(const struct sim_geometry *g, u32 blk, u64 *word)
{
	u64 first = (u64)blk * DMR_ENTRIES_PER_BLK;
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
		if (!word[i] && (first + i < g->cursor || first + i > g->cursor + 500))
			word[i] = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
}

static void put(struct sim *s, struct dmr_slot at, const void *blk)
{
	sim_sect sect[DMR_BLK_SECTS];
	u32 i;

	sim_store_bytes(blk, sect);
	for (i = 0; i < DMR_BLK_SECTS; i++)
		sim_image_set(&s->d.stable, SIM_SPARE, sim_place(at.v), i, sect[i]);
}

static void format_copy(struct sim *s, const struct sim_geometry *g, u32 c)
{
	const struct dmr_super *sb = &sim_format_sb;
	u64 word[DMR_ENTRIES_PER_BLK];
	u8 blk[DMR_BLK_BYTES];
	u32 i;

	dmr_codec_super_encode(blk, sb, c, sb->copy_slot[c]);
	put(s, sb->copy_slot[c], blk);
	for (i = 0; i < sb->hwm_blk; i++) {
		struct dmr_slot at = dmr_layout_table_slot(sb, c, i);

		dmr_layout_empty_block(sb, i, word);
		if (g->crowded)
			format_crowd(g, i, word);
		dmr_codec_table_encode(blk, sb->uuid, &sb->gen, i, word, at);
		put(s, at, blk);
	}
	dmr_codec_aux_encode(blk, sb->uuid, &sb->gen, c, dmr_layout_aux_slot(sb, c), NULL);
	put(s, dmr_layout_aux_slot(sb, c), blk);
}

void sim_format(struct sim *s, const struct sim_geometry *g)
{
	u32 b, i, c;

	memset(s, 0, sizeof(*s));
	sim_geometry = g;
	format_super(g);
	for (c = 0; c < sim_format_sb.copies; c++)
		format_copy(s, g, c);
	for (b = 0; b < SIM_MAIN_BLKS; b++)
		for (i = 0; i < sim_blk_sects(b); i++)
			sim_image_set(&s->d.stable, SIM_MAIN, b, i,
				      sim_store_value(1 + b * DMR_BLK_SECTS + i));
	s->d.cur = s->d.stable;
	s->value = 1000;
	/* blocks 0 and 1 cannot be written, nor can the short one at the end */
	s->d.bad_write[0] = 0xff;
	s->d.bad_write[1] = 0xff;
	s->d.bad_write[SIM_MAIN_BLKS - 1] = 0xff;
	s->steps.newest = sim_format_sb.gen;
	sim_oracle_init(&s->o);
}
