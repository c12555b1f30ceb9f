// SPDX-License-Identifier: GPL-2.0-only
/* Codec of the superblock: round trips, the order of the checks, all that is refused. */
#include "test-block.h"

/* Copy 1 of an 8 MiB spare, at slot 128. */
static void fresh_super(void)
{
	test_super(&sb, 1000003, 16384);
	dmr_codec_super_encode(blk, &sb, 1, dmr_slot(128));
}

static enum dmr_blk_status decode_super(const char **why)
{
	static struct dmr_super before, out;
	enum dmr_blk_status st;

	memset(&out, 0x5a, sizeof(out));
	memcpy(&before, &out, sizeof(out));
	st = dmr_codec_super_decode(blk, dmr_slot(128), &out, why);
	if (st != DMR_BLK_OK)
		assert_memory_equal(&before, &out, sizeof(out));
	/* asking without a reason must work as well */
	assert_int_equal(dmr_codec_super_decode(blk, dmr_slot(128), &out, NULL), st);
	return st;
}

static void super_must_be(enum dmr_blk_status want, const char *reason)
{
	const char *why = NULL;
	const enum dmr_blk_status st = decode_super(&why);

	if (st != want || (reason && (!why || !strstr(why, reason))))
		fail_msg("%s (%s), wanted %s (%s)", dmr_codec_status_name(st), why ? why : "-",
			 dmr_codec_status_name(want), reason ? reason : "-");
}

static void random_text(u64 *rnd, char *to, size_t size)
{
	const size_t len = test_rnd_below(rnd, size + 1);
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = (char)(33 + test_rnd_below(rnd, 90));
}

static void random_super(u64 *rnd, struct dmr_super *s)
{
	unsigned int i;

	test_super(s, 1 + test_rnd_below(rnd, 1ull << 43),
		   72 + test_rnd_below(rnd, test_rnd_below(rnd, 2) ? 20000 : 1ull << 36));
	for (i = 0; i < DMR_UUID_BYTES; i++)
		s->uuid[i] = (u8)test_rnd(rnd);
	s->gen.epoch = test_rnd_below(rnd, DMR_EPOCH_MAX + 1);
	s->gen.counter = test_rnd(rnd);
	s->gen.nonce = (u32)test_rnd(rnd);
	s->copy = (u32)test_rnd_below(rnd, s->copies);
	s->compat = test_rnd(rnd);
	s->ro_compat = test_rnd(rnd);
	for (i = 0; i < DMR_COPIES_MAX && (s->ro_compat & DMR_RO_RESIZE); i++)
		s->old_slot[i] = dmr_slot(test_rnd(rnd));
	s->main_lbs_bytes = 512u << test_rnd_below(rnd, 4);
	while (s->spare_lbs_bytes < s->main_lbs_bytes && test_rnd_below(rnd, 2))
		s->spare_lbs_bytes *= 2;
	s->hwm_blk = 1 + (u32)test_rnd_below(rnd, s->table_blk);
	s->insync = 1 + (u32)test_rnd_below(rnd, (1u << s->copies) - 1);
	s->activity = 1 + (u32)test_rnd_below(rnd, 2);
	s->created_s = test_rnd(rnd);
	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		struct dmr_witness *w = &s->witness[i];

		w->len_sect = (u32)test_rnd_below(rnd, s->main_sect < 64 ? s->main_sect + 1 : 65);
		if (!w->len_sect)
			continue;
		w->start_sect = test_rnd_below(rnd, s->main_sect - w->len_sect + 1);
		w->len_sect -= w->len_sect % (s->main_lbs_bytes / 512);
		w->start_sect -= w->start_sect % (s->main_lbs_bytes / 512);
		if (!w->len_sect)
			continue;
		w->valid = test_rnd_below(rnd, 2);
		w->crc = w->valid ? (u32)test_rnd(rnd) : 0;
	}
	random_text(rnd, s->main_wwid, 128);
	random_text(rnd, s->main_serial, 64);
	random_text(rnd, s->main_partuuid, 40);
}

static void super_round_trip(void **state)
{
	struct dmr_super in, out;
	u64 rnd = 7;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		const char *why = "";

		random_super(&rnd, &in);
		memset(blk, 0x77, sizeof(blk));
		dmr_codec_super_encode(blk, &in, in.copy, in.copy_slot[in.copy]);
		memset(&out, 0, sizeof(out));
		if (dmr_codec_super_decode(blk, in.copy_slot[in.copy], &out, &why))
			fail_msg("run %u: %s", i, why);
		assert_memory_equal(&in, &out, sizeof(in));
	}
}

/* One flipped bit anywhere is never taken for the truth. */
static void any_flipped_bit_is_seen(void **state)
{
	unsigned int bit;

	(void)state;
	fresh_super();
	for (bit = 0; bit < 8 * DMR_BLK_BYTES; bit++) {
		struct dmr_super out;

		blk[bit / 8] ^= (u8)(1 << bit % 8);
		if (dmr_codec_super_decode(blk, dmr_slot(128), &out, NULL) == DMR_BLK_OK)
			fail_msg("bit %u", bit);
		blk[bit / 8] ^= (u8)(1 << bit % 8);
	}
	super_must_be(DMR_BLK_OK, NULL);
}

static void checks_come_in_order(void **state)
{
	(void)state;
	fresh_super();
	put32(140, 99);			/* meaning, under a right checksum */
	seal();
	super_must_be(DMR_BLK_MEANING, "clean");
	blk[4000] ^= 1;			/* and the checksum */
	super_must_be(DMR_BLK_CRC, "checksum");
	head()->version = cpu_to_le16(5);	/* and the version */
	super_must_be(DMR_BLK_VERSION, "version");
	put64(32, 129);			/* and the place */
	super_must_be(DMR_BLK_MISPLACED, "slot");
	blk[0] ^= 1;			/* and the magic */
	super_must_be(DMR_BLK_NOT_OURS, "magic");
}

static void newer_is_not_damaged(void **state)
{
	(void)state;
	fresh_super();
	head()->version = cpu_to_le16(5);
	seal();
	super_must_be(DMR_BLK_VERSION, "version");
	fresh_super();
	head()->type = cpu_to_le16(77);
	seal();
	super_must_be(DMR_BLK_VERSION, "type");
	fresh_super();
	put64(80, 1ull << 63);
	seal();
	super_must_be(DMR_BLK_VERSION, "features");
	/* but a wrong checksum explains a strange type or bit better */
	blk[3000] ^= 1;
	super_must_be(DMR_BLK_CRC, NULL);
}

static void super_of_another_type(void **state)
{
	(void)state;
	fresh_super();
	head()->type = cpu_to_le16(DMR_TYPE_TABLE);
	seal();
	super_must_be(DMR_BLK_MEANING, "type");
	head()->type = cpu_to_le16(DMR_TYPE_AUX);
	seal();
	super_must_be(DMR_BLK_MEANING, "type");
}

/* A copy that lives somewhere else, and what it left in its anchor. */
static void moved(void **state)
{
	struct dmr_super out;

	(void)state;
	test_super(&sb, 1000003, 16384);
	sb.copy_slot[1] = dmr_slot(2041);
	dmr_codec_super_encode(blk, &sb, 1, dmr_slot(2041));
	assert_int_equal(dmr_codec_super_decode(blk, dmr_slot(2041), &out, NULL), DMR_BLK_OK);
	assert_true(dmr_layout_moved(&out, 1) && !dmr_layout_moved(&out, 2));
	dmr_codec_super_encode(blk, &sb, 1, dmr_slot(128));
	super_must_be(DMR_BLK_MEANING, "its own list");
	dmr_codec_tomb_encode(blk, &sb, 1, dmr_slot(128));
	assert_int_equal(dmr_codec_super_decode(blk, dmr_slot(128), &out, NULL),
			 DMR_BLK_TOMBSTONE);
	assert_true(out.copy == 1 && out.copy_slot[1].v == 2041);
	/* an impossible one is nothing at all */
	put32(60, 5);
	seal();
	super_must_be(DMR_BLK_MEANING, "its own list");
	sb.copy_slot[1] = dmr_slot(128);
	dmr_codec_tomb_encode(blk, &sb, 1, dmr_slot(128));
	super_must_be(DMR_BLK_MEANING, "lives there");
	/* two that moved, to places that overlap */
	sb.copy_slot[2] = dmr_slot(2030);
	sb.copy_slot[3] = dmr_slot(2036);
	dmr_codec_super_encode(blk, &sb, 1, dmr_slot(128));
	super_must_be(DMR_BLK_MEANING, "two copies overlap");
}

/* One impossible value each, under a right checksum. */
static const struct {
	u16 at;
	u8 bytes;
	u64 v;
	const char *reason;
} impossible[] = {
	{ 60, 4, 5, "its own list" },		/* index */
	{ 60, 4, 0, "its own list" },
	{ 60, 4, ~0u, "its own list" },
	{ 88, 8, 0, "size of main" },
	{ 88, 8, (8ull << 40) + 1, "size of main" },
	{ 88, 8, ~0ull, "size of main" },
	{ 96, 8, 0, "slots" },
	{ 96, 8, 16392, "slots" },
	{ 96, 8, ~0ull, "slots" },
	{ 104, 4, 0, "logical block" },
	{ 104, 4, 256, "logical block" },
	{ 104, 4, 513, "logical block" },
	{ 104, 4, 8192, "logical block" },
	{ 104, 4, 0x80000000, "logical block" },
	{ 108, 4, 0, "logical block" },
	{ 108, 4, 4096, "spare is larger" },
	{ 112, 8, 2049, "slots" },
	{ 112, 8, 0, "slots" },
	{ 120, 4, 4, "table blocks" },
	{ 120, 4, 6, "table blocks" },
	{ 120, 4, 0, "table blocks" },
	{ 120, 4, ~0u, "table blocks" },
	{ 124, 4, 6, "high-water" },
	{ 124, 4, ~0u, "high-water" },
	{ 128, 4, 0, "number of copies" },
	{ 128, 4, 1, "number of copies" },
	{ 128, 4, 9, "number of copies" },
	{ 128, 4, ~0u, "number of copies" },
	{ 128, 4, 4, "number of copies" },
	{ 132, 4, 0, "in sync" },
	{ 132, 4, 0x20, "in sync" },
	{ 132, 4, ~0u, "in sync" },
	{ 140, 4, 0, "clean" },
	{ 140, 4, 3, "clean" },
	{ 144, 8, 2042, "past the end" },
	{ 144, 8, 2048, "past the end" },
	{ 144, 8, ~0ull, "past the end" },
	{ 144, 8, ~0ull - 5, "past the end" },
	{ 144, 8, 1, "across an anchor" },
	{ 144, 8, 122, "across an anchor" },
	{ 144, 8, 134, "across an anchor" },
	{ 144, 8, 128, "across an anchor" },
	{ 152, 8, 129, "across an anchor" },
	{ 152, 8, 2041, "its own list" },
	{ 208, 4, 0x100, "witness" },
	{ 208, 4, 1, "without a range" },
	{ 520, 4, 65, "too long" },
	{ 520, 4, ~0u, "too long" },
	{ 640, 1, 0, "zero-padded" },		/* of "wwid" */
	{ 767, 1, 'x', "zero-padded" },
	{ 831, 1, 'x', "zero-padded" },
	{ 871, 1, 'x', "zero-padded" },
};

static void super_meaning(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(impossible); i++) {
		u64 v = impossible[i].v;
		unsigned int k;

		test_super(&sb, 1000003, 16384);
		strcpy(sb.main_wwid, "wwid");
		dmr_codec_super_encode(blk, &sb, 1, dmr_slot(128));
		super_must_be(DMR_BLK_OK, NULL);
		for (k = 0; k < impossible[i].bytes; k++, v >>= 8)
			blk[impossible[i].at + k] = (u8)v;
		seal();
		super_must_be(DMR_BLK_MEANING, impossible[i].reason);
	}
}

static void super_meaning_at_the_edge(void **state)
{
	(void)state;
	fresh_super();
	put64(88, 8ull << 40);		/* the largest main */
	put64(144, 121);		/* ends where copy 1 begins */
	put32(124, 1);			/* the lowest mark */
	put64(40, 1ull << 62);		/* the last epoch */
	put64(512, (8ull << 40) - 64);	/* witness up to the last sector */
	put32(520, 64);
	put32(208, 1);
	seal();
	super_must_be(DMR_BLK_OK, NULL);
	put64(512, (8ull << 40) - 63);
	seal();
	super_must_be(DMR_BLK_MEANING, "past the end of main");
	put64(512, ~0ull);
	seal();
	super_must_be(DMR_BLK_MEANING, "past the end of main");
	fresh_super();
	put32(104, 4096);		/* main's logical block; a range of 4 KiB at 512 bytes */
	put64(512, 1);
	put32(520, 8);
	put32(208, 1);
	seal();
	super_must_be(DMR_BLK_MEANING, "no multiple of main's logical block");
	put64(512, 8);
	put32(520, 7);
	seal();
	super_must_be(DMR_BLK_MEANING, "no multiple of main's logical block");
	fresh_super();
	put32(124, 0);
	seal();
	super_must_be(DMR_BLK_MEANING, "outside the table");
	fresh_super();
	put64(40, (1ull << 62) + 1);
	seal();
	super_must_be(DMR_BLK_MEANING, "epoch");
	put64(80, 1);			/* a later version may count otherwise */
	seal();
	super_must_be(DMR_BLK_VERSION, "features");
}

/* Whatever the bytes: no crash, no sanitizer report, and nothing impossible comes out. */
static void hostile_super(void **state)
{
	u64 rnd = 99;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct dmr_super out;

		fresh_super();
		for (k = (unsigned int)test_rnd_below(&rnd, 6) + 1; k; k--)
			blk[64 + test_rnd_below(&rnd, 832)] = (u8)test_rnd(&rnd);
		seal();
		if (dmr_codec_super_decode(blk, dmr_slot(128), &out, NULL))
			continue;
		assert_in_range(out.copies, 2, DMR_COPIES_MAX);
		assert_true(out.insync && out.insync < 1u << out.copies);
		assert_true(out.hwm_blk && out.hwm_blk <= out.table_blk);
		assert_true(out.copy_slot[out.copy].v == 128);
		assert_true(strlen(out.main_wwid) <= 128);
		assert_true(out.main_lbs_bytes >= out.spare_lbs_bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(super_round_trip),
		cmocka_unit_test(any_flipped_bit_is_seen),
		cmocka_unit_test(checks_come_in_order),
		cmocka_unit_test(newer_is_not_damaged),
		cmocka_unit_test(super_of_another_type),
		cmocka_unit_test(moved),
		cmocka_unit_test(super_meaning),
		cmocka_unit_test(super_meaning_at_the_edge),
		cmocka_unit_test(hostile_super),
	};

	return cmocka_run_group_tests_name("codec-super", tests, NULL, NULL);
}
