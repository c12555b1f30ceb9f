// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format: golden bytes. golden/ holds three blocks written by hand from
 * doc/format.md; the codec must make exactly these bytes and read them back.
 * The fields are also put and looked for at literal offsets, with a checksum
 * computed here, so that codec and test cannot be wrong in the same way.
 */
#include <ctype.h>

#include "test.h"

#define SUPER_SLOT	256
#define TABLE_SLOT	258
#define AUX_SLOT	262

static u8 nibble(char c)
{
	return (u8)(isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10);
}

/* "offset: bytes # comment"; everything else is zero */
static void read_golden(const char *name, u8 *blk)
{
	char path[512], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.hex", GOLDEN_DIR, name);
	f = fopen(path, "r");
	assert_non_null(f);
	memset(blk, 0, DMR_BLK_BYTES);
	while (fgets(line, sizeof(line), f)) {
		unsigned long at;
		char *p;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		at = strtoul(line, &p, 16);
		assert_int_equal(*p++, ':');
		for (; *p == ' ' && isxdigit((unsigned char)p[1]); p += 3)
			blk[at++] = (u8)(nibble(p[1]) << 4 | nibble(p[2]));
		assert_true(at <= DMR_BLK_BYTES);
	}
	fclose(f);
}

/* Written down bit by bit: not the code under test. */
static u32 crc_bits(u32 crc, const u8 *p, size_t len)
{
	int k;

	while (len--) {
		crc ^= *p++;
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

static void put(u8 *blk, size_t at, unsigned int bytes, u64 v)
{
	while (bytes--) {
		blk[at++] = (u8)v;
		v >>= 8;
	}
}

static u64 get(const u8 *blk, size_t at, unsigned int bytes)
{
	u64 v = 0;

	while (bytes--)
		v = v << 8 | blk[at + bytes];
	return v;
}

static void seal_by_hand(u8 *blk)
{
	u32 crc;

	put(blk, 12, 4, 0);
	crc = crc_bits(~0u, blk + 16, 16);
	crc = crc_bits(crc, blk + 32, 8);
	crc = crc_bits(crc, blk, 4096);
	put(blk, 12, 4, crc);
}

static void golden_set(struct dmr_super *sb)
{
	static const u64 places[] = { 0, 128, 256, 512, 1024 };
	unsigned int i;

	memset(sb, 0, sizeof(*sb));
	for (i = 0; i < 16; i++)
		sb->uuid[i] = (u8)(0x10 + i);
	sb->gen = (struct dmr_gen){ .epoch = 7, .counter = 42, .nonce = 0xcafef00d };
	sb->copy = 2;
	sb->compat = 0x8000000000000001ull;
	sb->ro_compat = 4;
	sb->main_sect = 1953525168;
	sb->spare_sect = 16391;
	sb->main_lbs_bytes = 4096;
	sb->spare_lbs_bytes = 512;
	sb->slots = 2048;
	sb->table_blk = 5;
	sb->hwm_blk = 3;
	sb->copies = 5;
	sb->insync = 0x17;
	sb->strategy = DMR_STRATEGY_GEOMETRIC;
	sb->activity = DMR_ACTIVITY_IN_USE;
	for (i = 0; i < 5; i++)
		sb->copy_slot[i] = dmr_slot(places[i]);
	sb->witness[0] = (struct dmr_witness){ .start_sect = 0, .len_sect = 8 };
	sb->witness[1] = (struct dmr_witness){ 2048, 64, 0x11223344, true };
	sb->witness[7] = (struct dmr_witness){ 1953525104, 64, 0x99aabbcc, true };
	sb->created_s = 1767225600;
	strcpy(sb->main_wwid, "naa.5000c500a1b2c3d4");
	strcpy(sb->main_serial, "ZA1B2C3D");
	strcpy(sb->main_partuuid, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b-xyz");
}

static void same_blocks(const u8 *a, const u8 *b)
{
	unsigned int i;

	for (i = 0; i < DMR_BLK_BYTES; i++)
		if (a[i] != b[i])
			fail_msg("offset 0x%x: 0x%02x, wanted 0x%02x", i, a[i], b[i]);
}

static void checksum_example(void **state)
{
	static const u8 uuid[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	u8 blk[DMR_BLK_BYTES] = { 0 };

	(void)state;
	/* the example of doc/format.md: 4096 zero bytes, uuid 01..10, slot 5 */
	assert_int_equal(dmr_codec_crc(blk, uuid, dmr_slot(5)), 0xc7dbc618u);
	/* what stands in the crc field takes no part */
	put(blk, 12, 4, 0xffffffff);
	assert_int_equal(dmr_codec_crc(blk, uuid, dmr_slot(5)), 0xc7dbc618u);
}

static void super_bytes(void **state)
{
	u8 want[DMR_BLK_BYTES], got[DMR_BLK_BYTES];
	struct dmr_super sb;

	(void)state;
	read_golden("super", want);
	golden_set(&sb);
	memset(got, 0xee, sizeof(got));
	dmr_codec_super_encode(got, &sb, 2, dmr_slot(SUPER_SLOT));
	same_blocks(got, want);
	seal_by_hand(got);
	same_blocks(got, want);
}

static void super_read_back(void **state)
{
	u8 blk[DMR_BLK_BYTES];
	struct dmr_super want, got;
	const char *why = "";

	(void)state;
	read_golden("super", blk);
	golden_set(&want);
	memset(&got, 0, sizeof(got));
	if (dmr_codec_super_decode(blk, dmr_slot(SUPER_SLOT), &got, &why))
		fail_msg("%s", why);
	assert_memory_equal(&got, &want, sizeof(want));
}

static void golden_words(u64 *word)
{
	unsigned int i;

	memset(word, 0, DMR_ENTRIES_PER_BLK * sizeof(*word));
	word[0] = dmr_entry_make(DMR_KIND_USED, dmr_mblk(0), 0x2, 0);
	word[1] = dmr_entry_make(DMR_KIND_USED, dmr_mblk(244190645), 0x3, 1);
	word[2] = dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(77), 0x1, 0);
	word[3] = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	word[6] = dmr_entry_make(DMR_KIND_USED, dmr_mblk(0x123456), 0x2, 3);
	for (i = 8; i < 15; i++)
		word[i] = dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0);
}

static void table_bytes_and_back(void **state)
{
	const struct dmr_gen gen = { .epoch = 7, .counter = 41, .nonce = 0xcafef00d };
	u64 word[DMR_ENTRIES_PER_BLK], back[DMR_ENTRIES_PER_BLK];
	u8 want[DMR_BLK_BYTES], got[DMR_BLK_BYTES];
	struct dmr_gen gen_back;
	struct dmr_super sb;
	const char *why = "";

	(void)state;
	read_golden("table", want);
	golden_set(&sb);
	golden_words(word);
	memset(got, 0xee, sizeof(got));
	dmr_codec_table_encode(got, sb.uuid, &gen, 1, word, dmr_slot(TABLE_SLOT));
	same_blocks(got, want);
	seal_by_hand(got);
	same_blocks(got, want);

	if (dmr_codec_table_decode(want, dmr_slot(TABLE_SLOT), &sb, 1, back, &gen_back, &why))
		fail_msg("%s", why);
	assert_memory_equal(back, word, sizeof(word));
	assert_int_equal(dmr_codec_gen_cmp(&gen_back, &gen), 0);
	assert_int_equal(gen_back.nonce, gen.nonce);
}

static void golden_aux(struct dmr_aux *aux)
{
	memset(aux, 0, sizeof(*aux));
	aux->seq = 5;
	aux->saved_s = 1700000000;
	aux->region_shift = 11;
	aux->n = 2;
	aux->evicted = 3;
	aux->read_errors = 4;
	aux->write_errors = 5;
	aux->retries = 6;
	aux->slow = 7;
	aux->rec[0].region = 9;
	aux->rec[0].h = (struct dmr_health){
		.read_errors = 1, .write_errors = 2, .retries = 3, .slow = 4, .lat_avg = 5,
		.lat_dev = 6, .gap_avg = 7, .gap_new = 8, .key = 0x0b112233,
		.first_s = 1699999999, .last_s = 1700000000,
	};
	aux->rec[1].h.slow = ~0u;
	aux->rec[1].h.key = 1;
}

static void aux_bytes_and_back(void **state)
{
	const struct dmr_gen gen = { .epoch = 7, .counter = 40, .nonce = 0xcafef00d };
	u8 want[DMR_BLK_BYTES], got[DMR_BLK_BYTES];
	struct dmr_aux aux, back;
	struct dmr_super sb;

	(void)state;
	read_golden("aux", want);
	golden_set(&sb);
	golden_aux(&aux);
	memset(got, 0xee, sizeof(got));
	dmr_codec_aux_encode(got, sb.uuid, &gen, 2, dmr_slot(AUX_SLOT), &aux);
	same_blocks(got, want);
	seal_by_hand(got);
	same_blocks(got, want);
	assert_int_equal(dmr_codec_aux_decode(want, dmr_slot(AUX_SLOT), &sb, 2, &back, NULL),
			 DMR_BLK_OK);
	assert_memory_equal(&aux, &back, sizeof(aux));
}

/* Each field alone, at its documented offset, seen through the codec. */
static void super_fields_at_their_offsets(void **state)
{
	u8 blk[DMR_BLK_BYTES];
	struct dmr_super sb;

	(void)state;
	read_golden("super", blk);
	put(blk, 40, 8, 0x0102030405060708ull);
	put(blk, 48, 8, 0x1112131415161718ull);
	put(blk, 56, 4, 0x21222324);
	put(blk, 64, 8, 0x3132333435363738ull);
	put(blk, 72, 8, 0x4142434445464748ull);
	put(blk, 88, 8, 0x55667788);
	put(blk, 104, 4, 1024);
	put(blk, 108, 4, 1024);
	put(blk, 124, 4, 1);
	put(blk, 132, 4, 0x0a);
	put(blk, 136, 4, 0x51525354);
	put(blk, 140, 4, 1);
	put(blk, 248, 8, 0x6162636465666768ull);
	put(blk, 512 + 16 * 7, 8, 0x5566);
	put(blk, 512 + 16 * 7 + 8, 4, 6);
	put(blk, 640 + 127, 1, 0);
	seal_by_hand(blk);
	assert_int_equal(dmr_codec_super_decode(blk, dmr_slot(SUPER_SLOT), &sb, NULL), DMR_BLK_OK);
	assert_true(sb.gen.epoch == 0x0102030405060708ull);
	assert_true(sb.gen.counter == 0x1112131415161718ull);
	assert_int_equal(sb.gen.nonce, 0x21222324);
	assert_true(sb.compat == 0x3132333435363738ull);
	assert_true(sb.ro_compat == 0x4142434445464748ull);
	assert_true(sb.main_sect == 0x55667788);
	assert_int_equal(sb.main_lbs_bytes, 1024);
	assert_int_equal(sb.spare_lbs_bytes, 1024);
	assert_int_equal(sb.hwm_blk, 1);
	assert_int_equal(sb.insync, 0x0a);
	assert_int_equal(sb.strategy, 0x51525354);
	assert_int_equal(sb.activity, DMR_ACTIVITY_CLEAN);
	assert_true(sb.created_s == 0x6162636465666768ull);
	assert_true(sb.witness[7].start_sect == 0x5566);
	assert_int_equal(sb.witness[7].len_sect, 6);
	assert_int_equal(sb.witness[7].crc, 0x99aabbcc);
}

static void entry_bits(void **state)
{
	const u64 w = dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(0xa987654321ull), 0x8421, 2);

	(void)state;
	assert_true(w == (0xa987654321ull | 0x8421ull << 40 | 3ull << 56 | 2ull << 59));
	assert_int_equal(dmr_entry_kind(w), DMR_KIND_PENDING);
	assert_true(dmr_entry_mblk(w).v == 0xa987654321ull);
	assert_int_equal(dmr_entry_states(w), 0x8421);
	assert_int_equal(dmr_entry_serial(w), 2);
	/* what does not fit is cut off, not spilled */
	assert_true(dmr_entry_make(DMR_KIND_FREE, dmr_mblk(~0ull), ~0u, 4) ==
		    (0xffffffffffull | 0xffffull << 40));
	assert_true(get((const u8[]){ 1, 2, 3, 4, 5, 6, 7, 8 }, 0, 8) == 0x0807060504030201ull);
}

/*
 * A superblock write torn at a sector boundary is the old one or the new one:
 * all that changes after format lies in the first sector.
 */
static void torn_super_is_old_or_new(void **state)
{
	u8 old[DMR_BLK_BYTES], new[DMR_BLK_BYTES], mix[DMR_BLK_BYTES];
	struct dmr_super sb, seen;
	unsigned int sectors, i;

	(void)state;
	golden_set(&sb);
	dmr_codec_super_encode(old, &sb, 2, dmr_slot(SUPER_SLOT));
	sb.gen.epoch++;
	sb.gen.counter = 9;
	sb.gen.nonce = 5;
	sb.hwm_blk = 5;
	sb.insync = 0x0f;
	sb.activity = DMR_ACTIVITY_CLEAN;
	sb.witness[0].valid = true;
	sb.witness[0].crc = 0x12121212;
	sb.witness[1].valid = false;
	dmr_codec_super_encode(new, &sb, 2, dmr_slot(SUPER_SLOT));

	for (sectors = 0; sectors < 256; sectors++) {
		for (i = 0; i < 8; i++)
			memcpy(mix + 512 * i, (sectors >> i & 1 ? new : old) + 512 * i, 512);
		assert_int_equal(dmr_codec_super_decode(mix, dmr_slot(SUPER_SLOT), &seen, NULL),
				 DMR_BLK_OK);
		assert_int_equal(seen.hwm_blk, sectors & 1 ? 5 : 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_example),
		cmocka_unit_test(super_bytes),
		cmocka_unit_test(super_read_back),
		cmocka_unit_test(table_bytes_and_back),
		cmocka_unit_test(aux_bytes_and_back),
		cmocka_unit_test(super_fields_at_their_offsets),
		cmocka_unit_test(entry_bits),
		cmocka_unit_test(torn_super_is_old_or_new),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
