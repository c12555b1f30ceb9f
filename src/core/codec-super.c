// SPDX-License-Identifier: GPL-2.0-only
/*
 * Codec of the superblock.
 *
 * Decisions: what a superblock says is checked on the raw block, rule by rule
 * in a table, and only a block that passed all of them is unpacked. So no
 * caller ever holds half a superblock, and no second struct lies on the stack.
 *
 * Invariants: whoever has a decoded superblock may use its sizes, extents and
 * masks as array bounds and shift counts without looking at them again.
 */
#include "codec-header.h"
#include "layout.h"

#define MAIN_SECT_MAX	((u64)DMR_BLK_SECTS << DMR_ENTRY_MBLK_BITS)
#define WITNESS_SECT_MAX 64u

/* ---- encode ---- */

static void text_encode(u8 *to, size_t size, const char *from)
{
	size_t i;

	for (i = 0; i < size && from[i]; i++)
		to[i] = (u8)from[i];
}

static void witness_encode(struct dmr_disk_super *d, const struct dmr_super *sb)
{
	u32 valid = 0;
	unsigned int i;

	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		const struct dmr_witness *w = &sb->witness[i];

		d->witness[i].start_sect = cpu_to_le64(w->start_sect);
		d->witness[i].len_sect = cpu_to_le32(w->len_sect);
		if (!w->valid)
			continue;
		d->witness_crc[i] = cpu_to_le32(w->crc);
		valid |= 1u << i;
	}
	d->witness_valid = cpu_to_le32(valid);
}

static void super_encode(void *blk, u16 type, const struct dmr_super *sb, u32 copy,
			 struct dmr_slot at)
{
	struct dmr_disk_super *d = blk;
	unsigned int i;

	dmr_codec_header_encode(blk, type, sb->uuid, &sb->gen, copy, at);
	d->compat = cpu_to_le64(sb->compat);
	d->ro_compat = cpu_to_le64(sb->ro_compat);
	d->incompat = cpu_to_le64(sb->incompat);
	d->main_sect = cpu_to_le64(sb->main_sect);
	d->spare_sect = cpu_to_le64(sb->spare_sect);
	d->main_lbs_bytes = cpu_to_le32(sb->main_lbs_bytes);
	d->spare_lbs_bytes = cpu_to_le32(sb->spare_lbs_bytes);
	d->slots = cpu_to_le64(sb->slots);
	d->table_blk = cpu_to_le32(sb->table_blk);
	d->hwm_blk = cpu_to_le32(sb->hwm_blk);
	d->copies = cpu_to_le32(sb->copies);
	d->insync = cpu_to_le32(sb->insync);
	d->strategy = cpu_to_le32(sb->strategy);
	d->activity = cpu_to_le32(sb->activity);
	for (i = 0; i < DMR_COPIES_MAX && i < sb->copies; i++)
		d->copy_slot[i] = cpu_to_le64(sb->copy_slot[i].v);
	for (i = 0; i < DMR_COPIES_MAX && (sb->ro_compat & DMR_RO_RESIZE); i++)
		d->old_slot[i] = cpu_to_le64(sb->old_slot[i].v);
	d->created_s = cpu_to_le64(sb->created_s);
	witness_encode(d, sb);
	text_encode(d->main_wwid, sizeof(d->main_wwid), sb->main_wwid);
	text_encode(d->main_serial, sizeof(d->main_serial), sb->main_serial);
	text_encode(d->main_partuuid, sizeof(d->main_partuuid), sb->main_partuuid);
	dmr_codec_seal(blk);
}

void dmr_codec_super_encode(void *blk, const struct dmr_super *sb, u32 copy, struct dmr_slot at)
{
	super_encode(blk, DMR_TYPE_SUPER, sb, copy, at);
}

void dmr_codec_tomb_encode(void *blk, const struct dmr_super *sb, u32 copy, struct dmr_slot at)
{
	super_encode(blk, DMR_TYPE_TOMBSTONE, sb, copy, at);
}

/* ---- the rules ---- */

static const char *check_epoch(const struct dmr_disk_super *d)
{
	return dmr_codec_epoch_bad(&d->h);
}

static bool lbs_ok(u32 lbs)
{
	return lbs >= DMR_SECT_BYTES && lbs <= DMR_BLK_BYTES && !(lbs & (lbs - 1));
}

static const char *check_lbs(const struct dmr_disk_super *d)
{
	const u32 main_lbs = le32_to_cpu(d->main_lbs_bytes);
	const u32 spare_lbs = le32_to_cpu(d->spare_lbs_bytes);

	if (!lbs_ok(main_lbs) || !lbs_ok(spare_lbs))
		return "logical block size is not 512, 1024, 2048 or 4096";
	if (spare_lbs > main_lbs)
		return "logical block of the spare is larger than that of main";
	return NULL;
}

static const char *check_sizes(const struct dmr_disk_super *d)
{
	const u64 main_sect = le64_to_cpu(d->main_sect);
	const u64 slots = le64_to_cpu(d->slots);
	const u32 table_blk = le32_to_cpu(d->table_blk);

	if (!main_sect || main_sect > MAIN_SECT_MAX)
		return "size of main is impossible";
	if (slots != le64_to_cpu(d->spare_sect) / DMR_BLK_SECTS)
		return "number of slots does not fit the size of the spare";
	/* The copy length, table_blk + 2, has to fit as well. */
	if (!table_blk || table_blk > ~0u - 2 ||
	    table_blk != (slots + DMR_ENTRIES_PER_BLK - 1) / DMR_ENTRIES_PER_BLK)
		return "number of table blocks does not fit the number of slots";
	if (!d->hwm_blk || le32_to_cpu(d->hwm_blk) > table_blk)
		return "high-water mark lies outside the table";
	return NULL;
}

static u64 apart(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

static const char *check_extents(const struct dmr_disk_super *d)
{
	const u32 copies = le32_to_cpu(d->copies);
	const u64 slots = le64_to_cpu(d->slots);
	const u64 len = (u64)le32_to_cpu(d->table_blk) + 2;
	struct dmr_layout lay;
	u32 i, j;

	if (dmr_layout_compute(slots * DMR_BLK_SECTS, &lay) || copies != lay.copies)
		return "number of copies does not fit the size of the spare";
	for (i = 0; i < copies; i++) {
		const u64 a = le64_to_cpu(d->copy_slot[i]);

		if (a >= slots || slots - a < len)
			return "a copy lies past the end of the spare";
		for (j = 0; j < copies; j++) {
			if (j < i && apart(a, le64_to_cpu(d->copy_slot[j])) < len)
				return "two copies overlap";
			if (a != lay.copy_slot[i].v && apart(a, lay.copy_slot[j].v) < len)
				return "a copy lies across an anchor";
		}
	}
	return NULL;
}

static const char *check_membership(const struct dmr_disk_super *d)
{
	const u32 copies = le32_to_cpu(d->copies);
	const u32 insync = le32_to_cpu(d->insync);
	const u32 index = le32_to_cpu(d->h.index);

	const bool here = index < copies &&
			  le64_to_cpu(d->copy_slot[index]) == le64_to_cpu(d->h.slot);

	if (index >= copies || here == (le16_to_cpu(d->h.type) == DMR_TYPE_TOMBSTONE))
		return here ? "tombstone of a copy that lives there" :
			      "copy is not where its own list says";
	if (!insync || insync >> copies)
		return "set of copies in sync is impossible";
	return NULL;
}

static const char *check_activity(const struct dmr_disk_super *d)
{
	const u32 activity = le32_to_cpu(d->activity);

	if (activity != DMR_ACTIVITY_CLEAN && activity != DMR_ACTIVITY_IN_USE)
		return "neither clean nor in use";
	return NULL;
}

static const char *check_witness(const struct dmr_disk_super *d)
{
	const u64 main_sect = le64_to_cpu(d->main_sect);
	const u32 lbs_sect = le32_to_cpu(d->main_lbs_bytes) / DMR_SECT_BYTES;
	const u32 valid = le32_to_cpu(d->witness_valid);
	unsigned int i;

	if (valid >> DMR_WITNESS_MAX)
		return "witness mask is impossible";
	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		const u64 start = le64_to_cpu(d->witness[i].start_sect);
		const u32 len = le32_to_cpu(d->witness[i].len_sect);

		if (len > WITNESS_SECT_MAX)
			return "witness range is too long";
		if (start % lbs_sect || len % lbs_sect)
			return "witness range is no multiple of main's logical block";
		if (len && (start >= main_sect || main_sect - start < len))
			return "witness range lies past the end of main";
		if (!len && (valid >> i & 1))
			return "witness without a range is marked valid";
	}
	return NULL;
}

static bool text_ok(const u8 *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i])
		i++;
	while (i < size && !text[i])
		i++;
	return i == size;
}

static const char *check_text(const struct dmr_disk_super *d)
{
	if (!text_ok(d->main_wwid, sizeof(d->main_wwid)) ||
	    !text_ok(d->main_serial, sizeof(d->main_serial)) ||
	    !text_ok(d->main_partuuid, sizeof(d->main_partuuid)))
		return "identity of main is not a zero-padded string";
	return NULL;
}

/* In this order: a rule may rely on those above it. */
static const char *(*const rules[])(const struct dmr_disk_super *d) = {
	check_epoch,
	check_lbs,
	check_sizes,
	check_extents,
	check_membership,
	check_activity,
	check_witness,
	check_text,
};

/* ---- decode ---- */

static void text_decode(char *to, const u8 *from, size_t size)
{
	memcpy(to, from, size);
	to[size] = '\0';
}

static void witness_decode(const struct dmr_disk_super *d, struct dmr_super *out)
{
	const u32 valid = le32_to_cpu(d->witness_valid);
	unsigned int i;

	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		out->witness[i].start_sect = le64_to_cpu(d->witness[i].start_sect);
		out->witness[i].len_sect = le32_to_cpu(d->witness[i].len_sect);
		out->witness[i].valid = valid >> i & 1;
		out->witness[i].crc = out->witness[i].valid ? le32_to_cpu(d->witness_crc[i]) : 0;
	}
}

static void super_unpack(const struct dmr_disk_super *d, struct dmr_super *out)
{
	unsigned int i;

	memcpy(out->uuid, d->h.uuid, DMR_UUID_BYTES);
	dmr_codec_header_gen(&d->h, &out->gen);
	out->copy = le32_to_cpu(d->h.index);
	out->compat = le64_to_cpu(d->compat);
	out->ro_compat = le64_to_cpu(d->ro_compat);
	out->incompat = le64_to_cpu(d->incompat);
	out->main_sect = le64_to_cpu(d->main_sect);
	out->spare_sect = le64_to_cpu(d->spare_sect);
	out->main_lbs_bytes = le32_to_cpu(d->main_lbs_bytes);
	out->spare_lbs_bytes = le32_to_cpu(d->spare_lbs_bytes);
	out->slots = le64_to_cpu(d->slots);
	out->table_blk = le32_to_cpu(d->table_blk);
	out->hwm_blk = le32_to_cpu(d->hwm_blk);
	out->copies = le32_to_cpu(d->copies);
	out->insync = le32_to_cpu(d->insync);
	out->strategy = le32_to_cpu(d->strategy);
	out->activity = le32_to_cpu(d->activity);
	for (i = 0; i < DMR_COPIES_MAX; i++) {
		out->copy_slot[i] = dmr_slot(i < out->copies ? le64_to_cpu(d->copy_slot[i]) : 0);
		out->old_slot[i] = dmr_slot(out->ro_compat & DMR_RO_RESIZE ?
					    le64_to_cpu(d->old_slot[i]) : 0);
	}
	out->created_s = le64_to_cpu(d->created_s);
	witness_decode(d, out);
	text_decode(out->main_wwid, d->main_wwid, sizeof(d->main_wwid));
	text_decode(out->main_serial, d->main_serial, sizeof(d->main_serial));
	text_decode(out->main_partuuid, d->main_partuuid, sizeof(d->main_partuuid));
}

enum dmr_blk_status dmr_codec_super_decode(const void *blk, struct dmr_slot at,
					   struct dmr_super *out, const char **why)
{
	const struct dmr_disk_super *d = blk;
	const bool tomb = le16_to_cpu(d->h.type) == DMR_TYPE_TOMBSTONE;
	const struct dmr_codec_place want = {
		.type = tomb ? DMR_TYPE_TOMBSTONE : DMR_TYPE_SUPER, .at = at, .index = -1,
	};
	enum dmr_blk_status st = dmr_codec_header_check(blk, &want, why);
	unsigned int i;

	if (st != DMR_BLK_OK)
		return st;
	if (d->incompat)
		return dmr_codec_bad(DMR_BLK_VERSION, "uses features this version does not know",
				     why);
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const char *bad = rules[i](d);

		if (bad)
			return dmr_codec_bad(DMR_BLK_MEANING, bad, why);
	}
	super_unpack(d, out);
	return tomb ? dmr_codec_bad(DMR_BLK_TOMBSTONE, "the copy lives somewhere else", why) :
		      DMR_BLK_OK;
}
