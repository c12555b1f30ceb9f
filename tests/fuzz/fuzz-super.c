// SPDX-License-Identifier: GPL-2.0-only
/*
 * Superblock, or tombstone: a block of any content, behind a header that is put right.
 *
 *	input := <keep, FUZZ_KEEP_*> <block, as far as it goes; zeros follow>
 *
 * What must hold:
 *   - the answer is that of doc/format.md, restated here by literal offsets
 *   - what is refused writes nothing and says why
 *   - what is accepted is printed and read back the same, byte by byte where
 *     bytes have a meaning, and for every copy of its list
 *   - its sizes are bounds: every slot of every copy lies within the spare
 */
#include "copies.h"
#include "fuzz.h"

static bool is_tombstone(const u8 *blk)
{
	return fuzz_get(blk, 10, 2) == 4;
}

static bool lbs_possible(u64 lbs)
{
	return lbs == 512 || lbs == 1024 || lbs == 2048 || lbs == 4096;
}

static bool touch(u64 a, u64 b, u64 len)
{
	return a < b + len && b < a + len;
}

/* As many copies as the size has, each in its own anchor or clear of all, none on another */
static bool extents_possible(const u8 *blk)
{
	const u64 slots = fuzz_get(blk, 112, 8), len = fuzz_get(blk, 120, 4) + 2;
	const u64 copies = fuzz_get(blk, 128, 4);
	u64 i, k;

	if (copies < 2 || copies > 5 || fuzz_anchor(slots, copies - 1) == ~0ull ||
	    fuzz_anchor(slots, copies) != ~0ull)
		return false;
	for (i = 0; i < copies; i++) {
		const u64 a = fuzz_get(blk, 144 + 8 * i, 8);

		if (a > slots || slots - a < len)
			return false;
		for (k = 0; k < i; k++)
			if (touch(a, fuzz_get(blk, 144 + 8 * k, 8), len))
				return false;
		for (k = 0; k < copies && a != fuzz_anchor(slots, i); k++)
			if (touch(a, fuzz_anchor(slots, k), len))
				return false;
	}
	return true;
}

static bool witness_possible(const u8 *blk)
{
	const u64 main_sect = fuzz_get(blk, 88, 8), valid = fuzz_get(blk, 208, 4);
	const u64 lbs_sect = fuzz_get(blk, 104, 4) / 512;
	unsigned int i;

	if (valid > 0xff)
		return false;
	for (i = 0; i < 8; i++) {
		const u64 start = fuzz_get(blk, 512 + 16 * i, 8);
		const u64 len = fuzz_get(blk, 520 + 16 * i, 4);

		if (len > 64 || (!len && (valid >> i & 1)))
			return false;
		if (start % lbs_sect || len % lbs_sect)
			return false;
		if (len && (start > main_sect || main_sect - start < len))
			return false;
	}
	return true;
}

static bool text_possible(const u8 *text, size_t size)
{
	const u8 *zero = memchr(text, 0, size);

	while (zero && zero < text + size)
		if (*zero++)
			return false;
	return true;
}

/* The list in doc/format.md, section 6. */
static bool possible(const u8 *blk)
{
	const u64 slots = fuzz_get(blk, 112, 8), main_sect = fuzz_get(blk, 88, 8);
	const u64 table_blk = fuzz_get(blk, 120, 4), copies = fuzz_get(blk, 128, 4);
	const u64 insync = fuzz_get(blk, 132, 4), activity = fuzz_get(blk, 140, 4);
	const u64 index = fuzz_get(blk, 60, 4), hwm = fuzz_get(blk, 124, 4);

	if (!lbs_possible(fuzz_get(blk, 104, 4)) || !lbs_possible(fuzz_get(blk, 108, 4)) ||
	    fuzz_get(blk, 108, 4) > fuzz_get(blk, 104, 4))
		return false;
	if (!main_sect || main_sect > 1ull << 43)
		return false;
	if (slots != fuzz_get(blk, 96, 8) / 8 ||
	    table_blk != slots / 504 + (slots % 504 ? 1 : 0) ||
	    !table_blk || table_blk > 0xfffffffd)
		return false;
	if (!hwm || hwm > table_blk)
		return false;
	if (!extents_possible(blk))
		return false;
	if (index >= copies ||
	    (fuzz_get(blk, 144 + 8 * index, 8) == fuzz_get(blk, 32, 8)) == is_tombstone(blk))
		return false;
	if (!insync || insync >= 1u << copies)
		return false;
	return (activity == 1 || activity == 2) && witness_possible(blk) &&
	       text_possible(blk + 640, 128) && text_possible(blk + 768, 64) &&
	       text_possible(blk + 832, 40);
}

static enum dmr_blk_status verdict(const u8 *blk, struct dmr_slot at)
{
	const enum dmr_blk_status st = fuzz_header_verdict(blk, at, is_tombstone(blk) ? 4 : 1, -1);

	if (st != DMR_BLK_OK)
		return st;
	if (fuzz_get(blk, 80, 8))
		return DMR_BLK_VERSION;
	if (!fuzz_epoch_possible(blk) || !possible(blk))
		return DMR_BLK_MEANING;
	return is_tombstone(blk) ? DMR_BLK_TOMBSTONE : DMR_BLK_OK;
}

/* What has no meaning is written as zero. */
static void canonical(u8 *blk)
{
	const u64 valid = fuzz_get(blk, 208, 4), copies = fuzz_get(blk, 128, 4);
	unsigned int i;

	for (i = 0; i < 8; i++) {
		if (i >= copies)
			fuzz_put(blk, 144 + 8 * i, 8, 0);
		if (!(valid >> i & 1))
			fuzz_put(blk, 216 + 4 * i, 4, 0);
		fuzz_put(blk, 524 + 16 * i, 4, 0);
	}
	fuzz_put(blk, 212, 4, 0);
	/* the places of old superblocks have one in a set that is being resized */
	if (!(fuzz_get(blk, 72, 8) & DMR_RO_RESIZE))
		memset(blk + 256, 0, 64);
	memset(blk + 320, 0, 192);
	memset(blk + 872, 0, 3224);
	fuzz_seal(blk);
}

static void check_copies(const struct dmr_super *sb)
{
	u8 blk[DMR_BLK_BYTES], again[DMR_BLK_BYTES];
	struct dmr_super other;
	u32 i;

	for (i = 0; i < sb->copies; i++) {
		const struct dmr_slot at = dmr_layout_super_slot(sb, i);

		dmr_codec_super_encode(blk, sb, i, at);
		memset(&other, 0, sizeof(other));
		FUZZ_MUST(dmr_codec_super_decode(blk, at, &other, NULL) == DMR_BLK_OK);
		FUZZ_MUST(other.copy == i && dmr_copies_same(sb, &other));
		FUZZ_MUST(!dmr_codec_gen_cmp(&sb->gen, &other.gen));
		other.copy = sb->copy;
		FUZZ_MUST(!memcmp(sb, &other, sizeof(other)));

		dmr_codec_super_encode(again, sb, 0, dmr_layout_super_slot(sb, 0));
		dmr_codec_restamp(again, at, i);
		FUZZ_MUST(!memcmp(blk, again, sizeof(blk)));

		FUZZ_MUST(dmr_layout_aux_slot(sb, i).v < sb->slots);
		FUZZ_MUST(dmr_layout_is_meta(sb, at));
		FUZZ_MUST(dmr_layout_is_meta(sb, dmr_layout_aux_slot(sb, i)));
		FUZZ_MUST(dmr_layout_table_slot(sb, i, 0).v == at.v + 1);
		FUZZ_MUST(dmr_layout_table_slot(sb, i, sb->table_blk).v ==
			  dmr_layout_aux_slot(sb, i).v);
	}
	FUZZ_MUST(!dmr_layout_is_meta(sb, dmr_slot(sb->slots)));
}

static void check_accepted(const u8 *blk, struct dmr_slot at, const struct dmr_super *sb)
{
	u8 want[DMR_BLK_BYTES], got[DMR_BLK_BYTES];

	FUZZ_MUST(!sb->main_wwid[128] && !sb->main_serial[64] && !sb->main_partuuid[40]);
	FUZZ_MUST((u64)sb->table_blk * DMR_ENTRIES_PER_BLK >= sb->slots);
	memcpy(want, blk, sizeof(want));
	canonical(want);
	if (is_tombstone(blk))
		dmr_codec_tomb_encode(got, sb, sb->copy, at);
	else
		dmr_codec_super_encode(got, sb, sb->copy, at);
	FUZZ_MUST(!memcmp(want, got, sizeof(want)));
	check_copies(sb);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct dmr_super none;
	struct fuzz_in in = { data, size };
	const u8 keep = (u8)fuzz_take(&in, 1);
	enum dmr_blk_status st;
	const char *why = NULL;
	struct dmr_super sb;
	struct dmr_slot at;
	u8 *blk;

	blk = calloc(1, DMR_BLK_BYTES);	/* on the heap: a byte too far is seen */
	FUZZ_MUST(blk);
	memcpy(blk, in.p, in.len < DMR_BLK_BYTES ? in.len : DMR_BLK_BYTES);
	at = fuzz_header(blk, DMR_TYPE_SUPER, keep);
	memset(&sb, 0, sizeof(sb));
	st = dmr_codec_super_decode(blk, at, &sb, &why);
	FUZZ_MUST(st == verdict(blk, at));
	if (st == DMR_BLK_OK || st == DMR_BLK_TOMBSTONE) {
		FUZZ_MUST(!why == (st == DMR_BLK_OK));
		check_accepted(blk, at, &sb);
		fuzz_accepted();
	} else {
		FUZZ_MUST(why && *why);
		FUZZ_MUST(!memcmp(&sb, &none, sizeof(sb)));
		fuzz_refused(dmr_codec_status_name(st));
	}
	free(blk);
	return 0;
}
