// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table block: any entries, for any superblock that is possible.
 *
 *	input := <keep, FUZZ_KEEP_*, and FROM_SCRATCH> <set: 16 bytes, see make_set()> <content>
 *	content := <block, as far as it goes>
 *		 | (FROM_SCRATCH) (<entry: 2 bytes> <word: 8 bytes>)... over an empty table
 *
 * What must hold:
 *   - the answer is that of doc/format.md, restated here with another arithmetic
 *   - what is refused writes nothing and says why
 *   - what is accepted is printed settled, byte by byte, and read the same from every copy
 *   - taken into memory its sums add up, and only slots that are free and exist are given away
 */
#include "alloc.h"
#include "copies.h"
#include "fuzz.h"

#define FROM_SCRATCH	0x80
#define WRONG_SET	0x40
#define LOAD_MAX_BLK	12u	/* tables up to this size are also taken into memory */

static struct dmr_super sb;
static u32 index_blk;

static u64 pick_spare_sect(u8 n)
{
	static const u64 slots[] = {
		9, 10, 64, 127, 128, 504, 505, 700, 1008, 1023, 1024, 1513, 2048, 5037,
		262144, 1ull << 30, 504ull * 0xfffffffd,
	};

	return slots[n % ARRAY_SIZE(slots)] * 8 + n / ARRAY_SIZE(slots) % 8;
}

/* Copies that have moved: to an alternate, or anywhere else that a superblock may state. */
static void scatter_copies(struct fuzz_in *in)
{
	u32 i;

	for (i = 0; i < sb.copies; i++) {
		const u64 to = fuzz_take(in, 1);

		if (to > DMR_ALTERNATES)
			sb.copy_slot[i] = dmr_slot(sb.slots / 256 * to + to % 8);
		else if (to)
			sb.copy_slot[i] = dmr_layout_alternate(sb.slots, (u32)to - 1);
	}
}

/* Return: false when no superblock can say this. */
static bool make_set(struct fuzz_in *in)
{
	struct fuzz_in own = { in->p, in->len < 16 ? in->len : 16 };
	u8 blk[DMR_BLK_BYTES];
	struct dmr_layout l;
	u8 shape;

	in->p += own.len;
	in->len -= own.len;
	memset(&sb, 0, sizeof(sb));
	sb.spare_sect = pick_spare_sect((u8)fuzz_take(&own, 1));
	shape = (u8)fuzz_take(&own, 1);
	sb.main_lbs_bytes = 512u << (shape & 3);
	sb.spare_lbs_bytes = 512;
	sb.main_sect = fuzz_take(&own, 4);
	sb.main_sect = shape & 4 ? (1ull << 43) - sb.main_sect : sb.main_sect + 1;
	FUZZ_MUST(!dmr_layout_compute(sb.spare_sect, &l));
	sb.slots = l.slots;
	sb.table_blk = l.table_blk;
	sb.hwm_blk = l.table_blk;
	sb.copies = l.copies;
	sb.insync = (1u << l.copies) - 1;
	memcpy(sb.copy_slot, l.copy_slot, sizeof(sb.copy_slot));
	sb.activity = DMR_ACTIVITY_CLEAN;
	memset(sb.uuid, 0x5a, sizeof(sb.uuid));
	index_blk = (u32)fuzz_take(&own, 2);
	if (shape & 8)
		index_blk = l.table_blk - 1 - index_blk;	/* from the end */
	index_blk %= l.table_blk;
	if (shape & 16)
		scatter_copies(&own);
	dmr_codec_super_encode(blk, &sb, 0, sb.copy_slot[0]);
	return dmr_codec_super_decode(blk, sb.copy_slot[0], &sb, NULL) == DMR_BLK_OK;
}

static void make_content(struct fuzz_in *in, u8 flags, u8 *blk)
{
	u64 word[DMR_ENTRIES_PER_BLK];
	unsigned int i;

	if (!(flags & FROM_SCRATCH)) {
		memcpy(blk, in->p, in->len < DMR_BLK_BYTES ? in->len : DMR_BLK_BYTES);
	} else {
		dmr_layout_empty_block(&sb, index_blk, word);
		while (in->len) {
			i = (unsigned int)fuzz_take(in, 2) % DMR_ENTRIES_PER_BLK;
			word[i] = fuzz_take(in, 8);
		}
		for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
			fuzz_put(blk, 64 + 8 * i, 8, word[i]);
	}
	if (!(flags & WRONG_SET))
		memcpy(blk + 16, sb.uuid, sizeof(sb.uuid));
	if (!(flags & FUZZ_KEEP_PLACE)) {
		fuzz_put(blk, 60, 4, index_blk);
		fuzz_put(blk, 32, 8, sb.copy_slot[1].v + 1 + index_blk);
	}
}

/* ---- doc/format.md, section 8 ---- */

static bool states_possible(u64 w, u64 b, bool used)
{
	const u64 left = sb.main_sect * 512 - b * 4096;
	const u64 bytes = left < 4096 ? left : 4096;
	const unsigned int n = (unsigned int)((bytes + sb.main_lbs_bytes - 1) / sb.main_lbs_bytes);
	unsigned int of[4] = { 0 };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		const unsigned int state = w >> (40 + 2 * i) & 3;

		if (i >= n && state)
			return false;
		of[state]++;
	}
	return used ? of[2] + of[3] > 0 : of[2] + of[3] == 0 && of[1] > 0;
}

static bool lies_in(u64 slot, u64 at)
{
	return slot >= at && slot <= at + sb.table_blk + 1;
}

/* In an anchor, or a copy; *@moved: in a copy that is not in its anchor */
static bool reserved(u64 slot, bool *moved)
{
	bool any = false;
	u32 i;

	*moved = false;
	for (i = 0; i < sb.copies; i++) {
		const u64 anchor = fuzz_anchor(sb.slots, i);

		any |= lies_in(slot, anchor) || lies_in(slot, sb.copy_slot[i].v);
		*moved |= lies_in(slot, sb.copy_slot[i].v) && sb.copy_slot[i].v != anchor;
	}
	return any;
}

/* What a word says when the moves of copies are through. */
static u64 settled(u64 slot, u64 w)
{
	const u64 meta = 1ull << 56;
	bool moved, place = reserved(slot, &moved);

	if (!w && moved)
		return meta;
	return w == meta && !place && slot < sb.slots ? 0 : w;
}

static bool word_possible(u64 slot, u64 w)
{
	const u64 b = w & 0xffffffffffull, kind = w >> 56 & 7;
	bool moved;

	if (reserved(slot, &moved))
		return w == 1ull << 56;
	if (slot >= sb.slots || !w)
		return !w;
	if (w >> 61)
		return false;
	if (kind == 4)
		return w == 4ull << 56;
	/* main_sect is at most 2^43: neither product overflows */
	return (kind == 2 || kind == 3) && b * 8 < sb.main_sect && states_possible(w, b, kind == 2);
}

static enum dmr_blk_status verdict(const u8 *blk, struct dmr_slot at)
{
	const enum dmr_blk_status st = fuzz_header_verdict(blk, at, 2, index_blk);
	unsigned int i;

	if (st != DMR_BLK_OK)
		return st;
	if (memcmp(blk + 16, sb.uuid, 16))
		return DMR_BLK_FOREIGN;
	if (!fuzz_epoch_possible(blk))
		return DMR_BLK_MEANING;
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		const u64 slot = (u64)index_blk * DMR_ENTRIES_PER_BLK + i;
		const u64 w = settled(slot, fuzz_get(blk, 64 + 8 * i, 8));

		FUZZ_MUST(word_possible(slot, w) == !dmr_codec_entry_valid(&sb, dmr_slot(slot), w));
		if (!word_possible(slot, w))
			return DMR_BLK_MEANING;
	}
	return DMR_BLK_OK;
}

/* ---- what was accepted ---- */

static void check_words(const u64 *word)
{
	unsigned int i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		const u64 w = word[i];

		FUZZ_MUST(w == dmr_entry_make(dmr_entry_kind(w), dmr_entry_mblk(w),
					      dmr_entry_states(w), dmr_entry_serial(w)));
	}
}

/* Beside a block with the same entries it says the same, and is checked as well. */
static void check_twin(const u8 *twin, u8 *blk, struct dmr_slot at, const struct dmr_table_seen *as)
{
	struct dmr_gen gen = { 0 };
	bool same = false;

	FUZZ_MUST(dmr_codec_table_decode_twin(blk, at, &sb, index_blk, twin, &same, NULL,
					      &gen) == DMR_BLK_OK);
	FUZZ_MUST(same && !dmr_codec_gen_cmp(&gen, &as->gen) && gen.nonce == as->gen.nonce);
	blk[12] ^= 1;
	FUZZ_MUST(dmr_codec_table_decode_twin(blk, at, &sb, index_blk, twin, &same, NULL,
					      &gen) == DMR_BLK_CRC);
}

static void check_copies(const u8 *blk, const u64 *word, const struct dmr_gen *gen)
{
	u64 again[DMR_ENTRIES_PER_BLK];
	struct dmr_table_seen seen[2];
	u8 other[DMR_BLK_BYTES];
	u32 i, best, same;

	for (i = 0; i < sb.copies; i++) {
		const struct dmr_slot at = dmr_layout_table_slot(&sb, i, index_blk);

		memcpy(other, blk, sizeof(other));
		dmr_codec_restamp(other, at, -1);
		seen[0] = (struct dmr_table_seen){ DMR_BLK_OK, *gen, word };
		seen[1] = (struct dmr_table_seen){ .word = again };
		seen[1].st = dmr_codec_table_decode(other, at, &sb, index_blk, again, &seen[1].gen,
						    NULL);
		FUZZ_MUST(seen[1].st == DMR_BLK_OK);
		check_twin(blk, other, at, &seen[1]);
		FUZZ_MUST(!dmr_copies_pick(seen, 2, 3, &best, &same) && same == 3);
		again[0] ^= 1;
		FUZZ_MUST(dmr_copies_pick(seen, 2, 3, &best, &same) == -EUCLEAN);
	}
}

static void check_taken_once(struct dmr_table *t)
{
	const u64 left = dmr_alloc_left_below_mark(t);
	struct dmr_slot s, first = DMR_SLOT_NONE;
	u64 n;

	for (n = 0; n < left; n++) {
		s = dmr_alloc_take(t);
		FUZZ_MUST(s.v < sb.slots && !dmr_table_get(t, s) && !dmr_layout_is_meta(&sb, s));
		FUZZ_MUST(dmr_alloc_taken(t, s));
		if (!n)
			first = s;
	}
	FUZZ_MUST(dmr_slot_is_none(dmr_alloc_take(t)));
	FUZZ_MUST(left == t->sums.free);
	if (left) {
		dmr_alloc_release(t, first);
		FUZZ_MUST(dmr_alloc_take(t).v == first.v);
	}
}

static void check_sums(const struct dmr_table *t)
{
	u64 kinds[8] = { 0 }, places = sb.copies;
	u64 s;
	u32 i;

	for (i = 0; i < sb.copies; i++)
		places += sb.copy_slot[i].v != fuzz_anchor(sb.slots, i);
	for (s = 0; s < sb.slots; s++)
		kinds[dmr_entry_kind(dmr_table_get(t, dmr_slot(s)))]++;
	FUZZ_MUST(t->sums.free == kinds[0] && t->sums.meta == kinds[1]);
	FUZZ_MUST(t->sums.used == kinds[2] && t->sums.pending == kinds[3]);
	FUZZ_MUST(t->sums.bad == kinds[4] && t->sums.total == sb.slots);
	FUZZ_MUST(t->sums.meta == places * (sb.table_blk + 2));
}

static void check_loaded(const u64 *word, bool room)
{
	static struct dmr_table_page page[LOAD_MAX_BLK];
	struct dmr_table_page *at[LOAD_MAX_BLK];
	u64 links[LOAD_MAX_BLK + 1];
	struct dmr_table t;
	u32 i;

	if (sb.table_blk > LOAD_MAX_BLK)
		return;
	dmr_table_init(&t, &sb, at);
	if (room)
		dmr_table_use_room(&t, sb.table_blk, links);
	for (i = 0; i < sb.table_blk; i++) {
		at[i] = &page[i];
		if (i == index_blk)
			memcpy(page[i].word, word, sizeof(page[i].word));
		else
			dmr_layout_empty_block(&sb, i, page[i].word);
		dmr_table_load_block(&t, i);
	}
	check_sums(&t);
	check_taken_once(&t);
}

static void check_accepted(const u8 *blk, struct dmr_slot at, const u64 *word,
			   const struct dmr_gen *gen)
{
	u8 want[DMR_BLK_BYTES], again[DMR_BLK_BYTES];
	u32 i, unsettled = 0;

	memcpy(want, blk, sizeof(want));
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		const u64 was = fuzz_get(blk, 64 + 8 * i, 8);
		const u64 is = settled((u64)index_blk * DMR_ENTRIES_PER_BLK + i, was);

		unsettled += is != was;
		fuzz_put(want, 64 + 8 * i, 8, is);
	}
	fuzz_seal(want);
	FUZZ_MUST(dmr_codec_table_unsettled(blk, word) == unsettled);
	dmr_codec_table_encode(again, sb.uuid, gen, index_blk, word, at);
	FUZZ_MUST(!memcmp(want, again, sizeof(again)));
	check_words(word);
	check_copies(blk, word, gen);
	check_loaded(word, false);
	check_loaded(word, true);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct dmr_gen no_gen;
	static u64 word[DMR_ENTRIES_PER_BLK];
	struct fuzz_in in = { data, size };
	const u8 flags = (u8)fuzz_take(&in, 1);
	struct dmr_gen gen = no_gen;
	enum dmr_blk_status st;
	const char *why = NULL;
	struct dmr_slot at;
	u8 *blk;

	if (!make_set(&in)) {
		fuzz_refused("no such set");
		return 0;
	}
	blk = calloc(1, DMR_BLK_BYTES);
	FUZZ_MUST(blk);
	make_content(&in, flags, blk);
	at = fuzz_header(blk, DMR_TYPE_TABLE, flags);
	word[0] = 0xfeed;
	st = dmr_codec_table_decode(blk, at, &sb, index_blk, word, &gen, &why);
	FUZZ_MUST(st == verdict(blk, at));
	if (st == DMR_BLK_OK) {
		FUZZ_MUST(!why);
		check_accepted(blk, at, word, &gen);
		fuzz_accepted();
	} else {
		FUZZ_MUST(why && *why && word[0] == 0xfeed);
		FUZZ_MUST(!memcmp(&gen, &no_gen, sizeof(gen)));
		fuzz_refused(dmr_codec_status_name(st));
	}
	free(blk);
	return 0;
}
