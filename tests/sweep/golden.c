// SPDX-License-Identifier: GPL-2.0-only
/*
 * Golden images, made with the core's encoders (whose bytes the unit tests pin).
 */
#include <stdlib.h>

#include "../vm/helpers/pattern.h"
#include "golden.h"

#define KIB(n)	((n) * 2u)	/* sectors */

static const struct {
	const char *name;
	u64 spare_sect;
	u32 lbs_bytes;
	enum golden_state state;
} kinds[] = {
	{ "minimal-closed", KIB(160), 512, GOLDEN_CLOSED },
	{ "minimal-crashed", KIB(160), 512, GOLDEN_CRASHED },
	{ "linear-closed", KIB(512), 512, GOLDEN_CLOSED },
	{ "linear-closed-4k", KIB(512), 4096, GOLDEN_CLOSED },
	{ "geometric-closed", KIB(4096), 512, GOLDEN_CLOSED },
	{ "geometric-crashed", KIB(4096), 512, GOLDEN_CRASHED },
	{ "geometric-behind", KIB(4096), 512, GOLDEN_BEHIND },
};

/* Activations: the one before wrote most of the table, the last one the rest. */
static const struct dmr_gen gen_before = { .epoch = 4, .counter = 17, .nonce = 0x01020304 };
static const struct dmr_gen gen_left = { .epoch = 5, .counter = 35, .nonce = 0xa1b2c3d4 };
static const struct dmr_gen gen_table = { .epoch = 5, .counter = 38, .nonce = 0xa1b2c3d4 };
static const struct dmr_gen gen_ahead = { .epoch = 5, .counter = 41, .nonce = 0xa1b2c3d4 };
static const struct dmr_gen gen_super = { .epoch = 5, .counter = 40, .nonce = 0xa1b2c3d4 };

u32 golden_count(void)
{
	return ARRAY_SIZE(kinds);
}

struct dmr_slot golden_slot(const struct golden *g, enum block_kind kind, u32 copy, u32 blk)
{
	switch (kind) {
	case BLOCK_SUPER:
		return dmr_layout_super_slot(&g->sb, copy);
	case BLOCK_TABLE:
		return dmr_layout_table_slot(&g->sb, copy, blk);
	default:
		return dmr_layout_aux_slot(&g->sb, copy);
	}
}

void golden_main(u64 sect, void *to)
{
	pattern_fill(to, sect, 1);
}

/* ---- the superblock ---- */

static u32 witness_crc(const struct dmr_witness *w)
{
	struct pattern p;
	u32 crc = ~0u;
	u32 i;

	for (i = 0; i < w->len_sect; i++) {
		golden_main(w->start_sect + i, &p);
		crc = dmr_plat_crc32c(crc, &p, sizeof(p));
	}
	return crc;
}

/* Blocks 0, 1 and 2 of main never moved; the third witness was not taken. */
static void make_witness(struct golden *g)
{
	static const struct dmr_witness w[] = {
		{ .start_sect = 0, .len_sect = 8, .valid = true },
		{ .start_sect = 8, .len_sect = 16, .valid = true },
		{ .start_sect = 96, .len_sect = 8 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w); i++) {
		g->sb.witness[i] = w[i];
		if (w[i].valid)
			g->sb.witness[i].crc = witness_crc(&w[i]);
	}
}

static void make_super(struct golden *g)
{
	struct dmr_super *sb = &g->sb;
	struct dmr_layout l;
	u32 i;

	dmr_layout_compute(g->spare_sect, &l);
	for (i = 0; i < DMR_UUID_BYTES; i++)
		sb->uuid[i] = (u8)(0x10 + 3 * i);
	sb->gen = gen_super;
	sb->main_sect = g->main_sect;
	sb->spare_sect = g->spare_sect;
	sb->main_lbs_bytes = g->lbs_bytes;
	sb->spare_lbs_bytes = 512;
	sb->slots = l.slots;
	sb->table_blk = l.table_blk;
	sb->copies = l.copies;
	g->insync = (1u << l.copies) - 1;
	if (g->state == GOLDEN_BEHIND)
		g->insync &= ~(1u << (l.copies - 1));
	sb->insync = g->insync;
	sb->strategy = l.strategy;
	sb->activity = g->state == GOLDEN_CLOSED ? DMR_ACTIVITY_CLEAN : DMR_ACTIVITY_IN_USE;
	memcpy(sb->copy_slot, l.copy_slot, sizeof(sb->copy_slot));
	sb->hwm_blk = dmr_layout_raised(sb, 0);
	if (g->state == GOLDEN_CRASHED && sb->hwm_blk > 1)
		sb->hwm_blk--;
	sb->created_s = 1700000000;
	strcpy(sb->main_wwid, "naa.5000c500a1b2c3d4");
	memset(sb->main_serial, 'Z', sizeof(sb->main_serial) - 1);
	make_witness(g);
}

/* ---- the table ---- */

/* States of a block whose first sectors are as in @s, the rest of it on main. */
static u32 states(const struct golden *g, u32 nr, const enum dmr_state *s)
{
	u32 out = 0;
	u32 i;

	for (i = 0; i < nr && i < DMR_BLK_BYTES / g->lbs_bytes; i++)
		out = dmr_states_set(out, i, 1, s[i]);
	return out;
}

#define STATES(g, ...)								\
	states(g, ARRAY_SIZE(((enum dmr_state[]){ __VA_ARGS__ })),		\
	       (enum dmr_state[]){ __VA_ARGS__ })

static u64 used(u64 block, u32 st, u32 serial)
{
	return dmr_entry_make(DMR_KIND_USED, dmr_mblk(block), st, serial);
}

/* Slots that are no metadata, in order, from table block 0. */
static u32 data_slot(const struct golden *g, u32 n)
{
	u32 s = 0;

	for (;; s++)
		if (!dmr_layout_is_meta(&g->sb, dmr_slot(s)) && !n--)
			return s;
}

#define M DMR_STATE_MAIN
#define P DMR_STATE_PENDING
#define S DMR_STATE_SLOT
#define L DMR_STATE_LOST

static void fill_first(struct golden *g)
{
	const u32 all = STATES(g, S, S, S, S, S, S, S, S);
	const u64 entry[] = {
		used(3, all, 0),
		used(5, STATES(g, S, M, S, S), 2),
		used(7, STATES(g, L, S, L), 0),
		used(9, STATES(g, S, P, M, M, P), 1),
		dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(11), STATES(g, P, M, P), 0),
		dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0),
		0,
		used(GOLDEN_BLOCKS - 1, STATES(g, S, S, S, M, S), 0),
		used(13, all, 3),
		g->state == GOLDEN_CRASHED ? used(12, all, 1) : 0,
		g->state == GOLDEN_CRASHED ? used(12, STATES(g, S, S, L), 2) : 0,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(entry); i++)
		g->word[0][data_slot(g, i)] = entry[i];
}

#undef M
#undef P
#undef S
#undef L

static void make_words(struct golden *g)
{
	const u32 all = g->lbs_bytes == 512 ? 0xaaaa : 2;
	u32 blk;

	for (blk = 0; blk < g->sb.table_blk; blk++)
		dmr_layout_empty_block(&g->sb, blk, g->word[blk]);
	fill_first(g);
	if (g->sb.table_blk > 1)
		g->word[1][100] = used(15, all, 0);
	if (g->sb.table_blk > 2)
		g->word[2][3] = used(16, all, 0);
}

static void put_table(struct golden *g, u32 copy, u32 blk, const struct dmr_gen *gen)
{
	const struct dmr_slot at = golden_slot(g, BLOCK_TABLE, copy, blk);

	dmr_codec_table_encode(golden_at(g, at), g->sb.uuid, gen, blk, g->word[blk], at);
}

/* A summary that is believed, so that each change makes another one, or none. */
static void put_aux(struct golden *g, u32 copy, struct dmr_slot at)
{
	static struct dmr_aux aux;

	memset(&aux, 0, sizeof(aux));
	aux.seq = 1 + copy;
	aux.region_shift = dmr_health_region_shift(g->sb.main_sect);
	aux.n = 1;
	dmr_health_note(&aux.rec[0].h, DMR_HEALTH_WRITE_ERROR, 5, g->sb.created_s);
	dmr_codec_aux_encode(golden_at(g, at), g->sb.uuid, &gen_before, copy, at, &aux);
}

static void put_copy(struct golden *g, u32 copy)
{
	const struct dmr_slot aux = golden_slot(g, BLOCK_AUX, copy, 0);
	const struct dmr_slot super = golden_slot(g, BLOCK_SUPER, copy, 0);
	u32 blk;

	for (blk = 0; blk < g->sb.table_blk; blk++)
		put_table(g, copy, blk, blk ? &gen_before : &gen_table);
	put_aux(g, copy, aux);
	dmr_codec_super_encode(golden_at(g, super), &g->sb, copy, super);
}

/* The last copy missed a commit and was expelled, but names itself in sync still. */
static void leave_behind(struct golden *g)
{
	const u32 last = g->sb.copies - 1;
	const u32 slot = data_slot(g, 0);
	const struct dmr_slot at = golden_slot(g, BLOCK_SUPER, last, 0);
	const u64 now = g->word[0][slot];
	struct dmr_super old = g->sb;

	old.insync = (1u << g->sb.copies) - 1;
	old.gen = gen_left;
	old.gen.counter--;
	dmr_codec_super_encode(golden_at(g, at), &old, last, at);
	g->word[0][slot] = used(18, dmr_entry_states(now), 0);
	put_table(g, last, 0, &gen_left);
	g->word[0][slot] = now;
}

/* A commit for block 14 was under way, and had reached copy 0. */
static void get_ahead(struct golden *g)
{
	const u32 slot = data_slot(g, 11);

	g->ahead = true;
	g->word[0][slot] = used(14, g->lbs_bytes == 512 ? 0xaaaa : 2, 0);
	put_table(g, 0, 0, &gen_ahead);
}

void golden_make(struct golden *g, u32 i)
{
	u32 copy;

	memset(g, 0, sizeof(*g));
	g->name = kinds[i].name;
	g->spare_sect = kinds[i].spare_sect;
	g->lbs_bytes = kinds[i].lbs_bytes;
	g->state = kinds[i].state;
	g->main_sect = GOLDEN_BLOCKS * DMR_BLK_SECTS - (g->lbs_bytes == 512 ? 3 : 0);
	g->size = g->spare_sect * DMR_SECT_BYTES;
	g->bytes = calloc(1, g->size);
	if (!g->bytes)
		abort();
	make_super(g);
	make_words(g);
	for (copy = 0; copy < g->sb.copies; copy++)
		put_copy(g, copy);
	if (g->state == GOLDEN_BEHIND)
		leave_behind(g);
	if (g->state == GOLDEN_CRASHED)
		get_ahead(g);
}

void golden_free(struct golden *g)
{
	free(g->bytes);
}
