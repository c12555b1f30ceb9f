// SPDX-License-Identifier: GPL-2.0-only
/*
 * Image: the input's language; see image.h.
 *
 *	input := <plan: 8 bytes> <change: 12 bytes>...
 *	change := <what: 1> <copies, a mask: 1> <where: 2> <value: 8>
 *
 * Changes are made to the same places of all copies in the mask, so that one
 * change can be a lie that all copies tell. Checksums are put right at the end,
 * unless the change says not to: so mutations arrive behind them.
 */
#include "image.h"

#define CHANGE_RAW	0x40	/* the checksum is not put right */
#define CHANGE_ADD	0x80	/* the value is added to what is there */

enum change {
	CHANGE_WORD,		/* an entry, any word */
	CHANGE_USED,		/* an entry that may well be valid */
	CHANGE_PENDING,
	CHANGE_SUPER,		/* a field of the superblock */
	CHANGE_HEADER,		/* a field of a table block's header */
	CHANGE_BYTE,		/* any byte of any block of the copy */
	CHANGE_UNREAD,
	CHANGE_UNWRITABLE,
	CHANGE_WIPE,
	CHANGE_SWAP,		/* a block of the next copy lies here instead */
	CHANGE_MOVE,		/* the copy is also somewhere else, and says so */
	CHANGE_WITNESS,		/* main is remembered; right or not */
	CHANGES,
};

struct change_in {
	enum change what;
	bool raw;
	bool add;
	u8 copies;
	u16 where;
	u64 value;
};

struct field {
	u16 at;
	u8 bytes;
};

/* The header's fields, then those of the superblock. */
#define HEADER_FIELDS	9u
static const struct field field[] = {
	{ 0, 8 }, { 8, 2 }, { 10, 2 }, { 12, 4 }, { 16, 8 }, { 32, 8 }, { 40, 8 }, { 48, 8 },
	{ 56, 4 }, { 60, 4 }, { 64, 8 }, { 72, 8 }, { 80, 8 }, { 88, 8 }, { 96, 8 }, { 104, 4 },
	{ 108, 4 }, { 112, 8 }, { 120, 4 }, { 124, 4 }, { 128, 4 }, { 132, 4 }, { 136, 4 },
	{ 140, 4 }, { 144, 8 }, { 152, 8 }, { 160, 8 }, { 168, 8 }, { 176, 8 }, { 184, 8 },
	{ 192, 8 }, { 200, 8 }, { 208, 4 }, { 216, 4 }, { 248, 8 }, { 512, 8 }, { 520, 4 },
	{ 640, 8 }, { 768, 8 }, { 832, 8 },
};

/* ---- the set as it was ---- */

u8 image_main_byte(u64 at)
{
	return (u8)((at / DMR_SECT_BYTES) * 37 + at);
}

static void make_super(struct image *im)
{
	static const u16 slots[] = { 9, 12, 128, 600, 1024, 1513, 2100 };
	const struct image_plan *p = &im->plan;
	struct dmr_super *sb = &im->sb;
	struct dmr_layout l;

	sb->spare_sect = slots[p->shape % ARRAY_SIZE(slots)] * 8ull + p->shape / 64;
	FUZZ_MUST(!dmr_layout_compute(sb->spare_sect, &l));
	memset(sb->uuid, 0x5a, sizeof(sb->uuid));
	sb->gen = (struct dmr_gen){ .epoch = 3, .counter = 10, .nonce = 1 };
	sb->main_lbs_bytes = 512u << (p->lbs & 3);
	sb->spare_lbs_bytes = 512u << (p->lbs >> 2 & 3);
	if (sb->spare_lbs_bytes > sb->main_lbs_bytes)
		sb->spare_lbs_bytes = 512;
	sb->main_sect = 40003;
	sb->slots = l.slots;
	sb->table_blk = l.table_blk;
	sb->hwm_blk = 1 + p->hwm % l.table_blk;
	sb->copies = l.copies;
	sb->insync = p->flags & IMAGE_TWO_LEFT ? 3 : (1u << l.copies) - 1;
	sb->strategy = l.strategy;
	sb->activity = p->flags & IMAGE_CLEAN ? DMR_ACTIVITY_CLEAN : DMR_ACTIVITY_IN_USE;
	memcpy(sb->copy_slot, l.copy_slot, sizeof(sb->copy_slot));
	im->main_lbs = sb->main_lbs_bytes;
	im->spare_lbs = sb->spare_lbs_bytes;
	im->main_sect = sb->main_sect;
}

static void write_set(struct image *im)
{
	const struct dmr_gen gen = { .epoch = 3, .counter = 5, .nonce = 1 };
	const struct dmr_super *sb = &im->sb;
	u64 word[DMR_ENTRIES_PER_BLK];
	struct dmr_slot at;
	u32 c, b;

	for (c = 0; c < sb->copies; c++) {
		at = dmr_layout_super_slot(sb, c);
		dmr_codec_super_encode(fake_disk_blk(&im->disk, at.v), sb, c, at);
		at = dmr_layout_aux_slot(sb, c);
		dmr_codec_aux_encode(fake_disk_blk(&im->disk, at.v), sb->uuid, &gen, c, at, NULL);
		for (b = 0; b < sb->hwm_blk; b++) {
			at = dmr_layout_table_slot(sb, c, b);
			dmr_layout_empty_block(sb, b, word);
			dmr_codec_table_encode(fake_disk_blk(&im->disk, at.v), sb->uuid, &gen, b,
					       word, at);
		}
	}
}

/* ---- changes ---- */

static void put_field(u8 *blk, const struct field *f, const struct change_in *c)
{
	u64 v = c->value;

	if (c->add)
		v += fuzz_get(blk, f->at, f->bytes);
	fuzz_put(blk, f->at, f->bytes, v);
}

static u64 entry_word(const struct image *im, const struct change_in *c)
{
	const struct dmr_mblk b = dmr_mblk((u32)c->value % dmr_units_blks(im->sb.main_sect));
	const u32 all = (1u << (2 * dmr_codec_block_states(&im->sb, b))) - 1;
	u32 states = (u32)(c->value >> 32) & all;

	if (c->what == CHANGE_PENDING)
		return dmr_entry_make(DMR_KIND_PENDING, b, (states & 0x5555) | 1,
				      (u32)(c->value >> 48));
	if (!(states & 0xaaaa))
		states |= 2;
	return dmr_entry_make(DMR_KIND_USED, b, states, (u32)(c->value >> 48));
}

static void change_entry(struct image *im, const struct change_in *c, u32 copy, bool *seal)
{
	const u64 slot = c->where % ((u64)im->sb.hwm_blk * DMR_ENTRIES_PER_BLK);
	const u32 index = (u32)(slot / DMR_ENTRIES_PER_BLK);
	const struct dmr_slot at = dmr_layout_table_slot(&im->sb, copy, index);
	const struct field f = { (u16)(64 + 8 * (slot % DMR_ENTRIES_PER_BLK)), 8 };
	u8 *blk = fake_disk_blk(&im->disk, at.v);

	if (c->what == CHANGE_WORD)
		put_field(blk, &f, c);
	else
		fuzz_put(blk, f.at, f.bytes, entry_word(im, c));
	seal[at.v] = !c->raw;
}

static void change_header(struct image *im, const struct change_in *c, u32 copy, bool *seal)
{
	const struct field *f = &field[c->where % (HEADER_FIELDS + 1)];
	const u32 index = c->where / 16 % im->sb.hwm_blk;
	const struct dmr_slot at = dmr_layout_table_slot(&im->sb, copy, index);

	put_field(fake_disk_blk(&im->disk, at.v), f, c);
	seal[at.v] = !c->raw;
}

static void change_super(struct image *im, const struct change_in *c, u32 copy, bool *seal)
{
	const u64 at = im->sb.copy_slot[copy].v;

	put_field(fake_disk_blk(&im->disk, at), &field[c->where % ARRAY_SIZE(field)], c);
	seal[at] = !c->raw;
}

static void change_block(struct image *im, const struct change_in *c, u32 copy, bool *seal)
{
	const u64 at = im->sb.copy_slot[copy].v + c->where % dmr_layout_copy_len(&im->sb);
	const u64 other = im->sb.copy_slot[(copy + 1) % im->sb.copies].v +
			  c->where % dmr_layout_copy_len(&im->sb);
	const struct field byte = { c->value % DMR_BLK_BYTES, 1 };
	struct change_in one = *c;

	switch (c->what) {
	case CHANGE_BYTE:
		one.value >>= 16;
		put_field(fake_disk_blk(&im->disk, at), &byte, &one);
		seal[at] = !c->raw;
		break;
	case CHANGE_UNREAD:
		im->disk.unread[at] = true;
		break;
	case CHANGE_UNWRITABLE:
		im->disk.unwritable[at] = true;
		break;
	case CHANGE_WIPE:
		memset(fake_disk_blk(&im->disk, at), (int)(c->value & 0xff), DMR_BLK_BYTES);
		break;
	default:	/* CHANGE_SWAP */
		memcpy(fake_disk_blk(&im->disk, at), fake_disk_blk(&im->disk, other),
		       DMR_BLK_BYTES);
		break;
	}
}

/* Blocks of the copy, right for the new place; its superblock names that place. */
static void change_move(struct image *im, const struct change_in *c, u32 copy)
{
	const u32 len = dmr_layout_copy_len(&im->sb);
	const u64 to = c->value % (im->sb.slots - len + 1);
	u8 extent[16][DMR_BLK_BYTES];
	u32 i;

	FUZZ_MUST(len <= ARRAY_SIZE(extent));
	for (i = 0; i < len; i++)
		memcpy(extent[i], fake_disk_blk(&im->disk, im->sb.copy_slot[copy].v + i),
		       DMR_BLK_BYTES);
	fuzz_put(extent[0], 144 + 8 * copy, 8, to);
	for (i = 0; i < len; i++) {
		u8 *blk = fake_disk_blk(&im->disk, to + i);

		memcpy(blk, extent[i], DMR_BLK_BYTES);
		fuzz_put(blk, 32, 8, to + i);
		fuzz_seal(blk);
	}
}

static void change_witness(struct image *im, const struct change_in *c, u32 copy, bool *seal)
{
	const u64 at = im->sb.copy_slot[copy].v;
	u8 *blk = fake_disk_blk(&im->disk, at);
	const unsigned int i = c->where % DMR_WITNESS_MAX;
	/* usually a multiple of main's logical block, as it must be */
	const u64 unit = c->value >> 40 & 1 ? 1 : im->sb.main_lbs_bytes / 512;
	const u64 start = (c->value & 0xffff) % (im->sb.main_sect - 64) / unit * unit;
	const u32 len = (u32)((c->value >> 16 & 63) / unit * unit + unit);
	u32 crc = ~0u;
	u64 b;

	for (b = start * 512; b < (start + len) * 512; b++) {
		const u8 byte = image_main_byte(b);

		crc = dmr_plat_crc32c(crc, &byte, 1);
	}
	fuzz_put(blk, 512 + 16 * i, 8, start);
	fuzz_put(blk, 520 + 16 * i, 4, len);
	fuzz_put(blk, 216 + 4 * i, 4, c->value >> 32 & 1 ? crc + 1 : crc);
	fuzz_put(blk, 208, 4, fuzz_get(blk, 208, 4) | 1u << i);
	seal[at] = !c->raw;
}

static void change(struct image *im, const struct change_in *c, u32 copy, bool *seal)
{
	switch (c->what) {
	case CHANGE_WORD:
	case CHANGE_USED:
	case CHANGE_PENDING:
		change_entry(im, c, copy, seal);
		break;
	case CHANGE_SUPER:
		change_super(im, c, copy, seal);
		break;
	case CHANGE_HEADER:
		change_header(im, c, copy, seal);
		break;
	case CHANGE_MOVE:
		change_move(im, c, copy);
		break;
	case CHANGE_WITNESS:
		change_witness(im, c, copy, seal);
		break;
	default:
		change_block(im, c, copy, seal);
		break;
	}
}

static void resize(struct image *im)
{
	switch (im->plan.resize % 8) {
	case 1:
		im->disk.slots++;
		break;
	case 2:
		im->disk.slots--;
		break;
	case 3:
		im->disk.slots += 70;
		break;
	case 4:
		im->disk.slots = im->disk.slots * 3 / 4;
		break;
	case 5:
		im->main_sect--;
		break;
	case 6:
		im->main_lbs = 512u << (im->plan.resize / 8 & 3);
		break;
	case 7:
		im->spare_lbs = 512u << (im->plan.resize / 8 & 3);
		break;
	}
}

void image_make(struct image *im, struct fuzz_in *in)
{
	bool seal[IMAGE_SLOTS_MAX] = { false };
	struct change_in c;
	unsigned int n;
	u8 what;
	u64 s;
	u32 i;

	memset(im, 0, sizeof(*im));
	im->plan.shape = (u8)fuzz_take(in, 1);
	im->plan.flags = (u8)fuzz_take(in, 1);
	im->plan.hwm = (u8)fuzz_take(in, 1);
	im->plan.lbs = (u8)fuzz_take(in, 1);
	im->plan.resize = (u8)fuzz_take(in, 1);
	im->plan.fail_alloc = (u8)fuzz_take(in, 1);
	im->plan.fail_write = (u8)fuzz_take(in, 1);
	im->plan.fail_flush = (u8)fuzz_take(in, 1);
	make_super(im);
	write_set(im);
	for (n = 0; n < IMAGE_OPS_MAX && in->len; n++) {
		what = (u8)fuzz_take(in, 1);
		c.what = (enum change)((what & (CHANGE_RAW - 1)) % CHANGES);
		c.raw = what & CHANGE_RAW;
		c.add = what & CHANGE_ADD;
		c.copies = (u8)fuzz_take(in, 1);
		c.where = (u16)fuzz_take(in, 2);
		c.value = fuzz_take(in, 8);
		for (i = 0; i < im->sb.copies; i++)
			if (c.copies >> i & 1)
				change(im, &c, i, seal);
	}
	for (s = 0; s < im->sb.slots; s++)
		if (seal[s])
			fuzz_seal(fake_disk_blk(&im->disk, s));
	im->disk.slots = im->sb.slots;
	im->disk.evidence = !(im->plan.flags & IMAGE_NO_EVIDENCE);
	resize(im);
}
