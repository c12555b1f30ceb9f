// SPDX-License-Identifier: GPL-2.0-only
/* Codec of auxiliary blocks: what they are, and which summaries are believed. */
#include "test-block.h"

#define AT	dmr_slot(134)
#define BODY	sizeof(struct dmr_disk_header)
#define REC(i)	(128 + 56 * (size_t)(i))

static enum dmr_blk_status decode(struct dmr_aux *aux)
{
	return dmr_codec_aux_decode(blk, AT, &sb, 1, aux, NULL);
}

static void statuses(void **state)
{
	struct dmr_aux aux, zero;

	(void)state;
	test_super(&sb, 1000003, 16384);
	memset(&zero, 0, sizeof(zero));
	dmr_codec_aux_encode(blk, sb.uuid, &sb.gen, 1, AT, NULL);
	assert_true(dmr_layout_aux_slot(&sb, 1).v == AT.v);
	assert_int_equal(decode(NULL), DMR_BLK_OK);
	memset(&aux, 0x5a, sizeof(aux));
	assert_int_equal(decode(&aux), DMR_BLK_OK);
	assert_memory_equal(&aux, &zero, sizeof(aux));
	memset(&aux, 0x5a, sizeof(aux));
	assert_int_equal(dmr_codec_aux_decode(blk, AT, &sb, 2, &aux, NULL), DMR_BLK_MISPLACED);
	assert_int_equal(dmr_codec_aux_decode(blk, dmr_slot(135), &sb, 1, &aux, NULL),
			 DMR_BLK_MISPLACED);
	head()->version = cpu_to_le16(5);
	assert_int_equal(decode(&aux), DMR_BLK_VERSION);
	head()->version = cpu_to_le16(4);
	head()->uuid[0] ^= 1;
	seal();
	assert_int_equal(decode(&aux), DMR_BLK_FOREIGN);
	head()->uuid[0] ^= 1;
	head()->epoch = cpu_to_le64(~0ull);
	seal();
	assert_int_equal(decode(&aux), DMR_BLK_MEANING);
	head()->crc ^= cpu_to_le32(1);
	assert_int_equal(decode(&aux), DMR_BLK_CRC);
	blk[0] = 0;
	assert_int_equal(decode(&aux), DMR_BLK_NOT_OURS);
	/* nothing was written to it */
	assert_true(aux.seq == 0x5a5a5a5a5a5a5a5aull && aux.n == 0x5a5a5a5a);
}

static void random_aux(u64 *rnd, struct dmr_aux *aux)
{
	u32 i, k;

	memset(aux, 0, sizeof(*aux));
	aux->seq = 1 + (test_rnd(rnd) >> 1);
	aux->saved_s = test_rnd(rnd);
	aux->region_shift = 11;
	aux->n = (u32)test_rnd_below(rnd, DMR_AUX_RECS + 1);
	aux->evicted = test_rnd(rnd);
	aux->read_errors = test_rnd(rnd);
	aux->write_errors = test_rnd(rnd);
	aux->retries = test_rnd(rnd);
	aux->slow = test_rnd(rnd);
	for (i = 0; i < aux->n; i++) {
		aux->rec[i].region = aux->n - 1 - i;
		for (k = 0; k < 4; k++)
			dmr_health_note(&aux->rec[i].h,
					(enum dmr_health_event)test_rnd_below(rnd, 4),
					(u32)test_rnd_below(rnd, 90000),
					1700000000 + test_rnd_below(rnd, 1u << 24));
	}
}

static void round_trip(void **state)
{
	struct dmr_aux in, out;
	u64 rnd = 31;
	unsigned int i;

	(void)state;
	test_super(&sb, 1000003, 16384);
	for (i = 0; i < 500; i++) {
		random_aux(&rnd, &in);
		memset(blk, 0xee, sizeof(blk));
		memset(&out, 0xee, sizeof(out));
		dmr_codec_aux_encode(blk, sb.uuid, &sb.gen, 1, AT, &in);
		assert_int_equal(decode(&out), DMR_BLK_OK);
		/* member by member: between members there may be anything */
		assert_true(in.seq == out.seq && in.saved_s == out.saved_s && in.n == out.n);
		assert_true(in.region_shift == out.region_shift && in.evicted == out.evicted);
		assert_true(in.read_errors == out.read_errors && in.slow == out.slow);
		assert_true(in.write_errors == out.write_errors && in.retries == out.retries);
		assert_memory_equal(in.rec, out.rec, in.n * sizeof(in.rec[0]));
	}
}

static void no_summary(void **state)
{
	static const u8 zero[DMR_BLK_BYTES];
	struct dmr_aux aux;
	u64 rnd = 7;

	(void)state;
	test_super(&sb, 1000003, 16384);
	random_aux(&rnd, &aux);
	aux.seq = 0;
	dmr_codec_aux_encode(blk, sb.uuid, &sb.gen, 1, AT, &aux);
	assert_memory_equal(blk + BODY, zero, sizeof(blk) - BODY);
}

/* 488 regions, and two records: of regions 9 and 10. */
static const struct {
	const char *what;
	size_t at;
	unsigned int bytes;
	u64 v;
} spoilt[] = {
	{ "no seq", 64, 8, 0 },
	{ "shift too small", 80, 4, 10 },
	{ "shift too large", 80, 4, 12 },
	{ "shift beyond any", 80, 4, ~0u },
	{ "too many records", 84, 4, DMR_AUX_RECS + 1 },
	{ "far too many records", 84, 4, ~0u },
	{ "a record more than there is", 84, 4, 3 },
	{ "region beyond main", REC(0), 4, 489 },
	{ "region far beyond main", REC(1), 4, ~0u },
	{ "region twice", REC(1), 4, 9 },
	{ "no key", REC(0) + 4, 4, 0 },
	{ "first error after the last", REC(0) + 40, 8, 1700000001 },
	{ "an error after the end of time", REC(1) + 48, 8, 1ull << 35 },
};

static void example(struct dmr_aux *aux)
{
	memset(aux, 0, sizeof(*aux));
	aux->seq = 1;
	aux->region_shift = 11;
	aux->n = 2;
	aux->rec[0].region = 9;
	aux->rec[1].region = 10;
	dmr_health_note(&aux->rec[0].h, DMR_HEALTH_WRITE_ERROR, 5, 1700000000);
	dmr_health_note(&aux->rec[1].h, DMR_HEALTH_READ_ERROR, 5, 1700000000);
	dmr_codec_aux_encode(blk, sb.uuid, &sb.gen, 1, AT, aux);
}

static void senseless_summaries(void **state)
{
	struct dmr_aux aux, zero;
	unsigned int i;

	(void)state;
	test_super(&sb, 1000003, 16384);
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < ARRAY_SIZE(spoilt); i++) {
		example(&aux);
		assert_int_equal(decode(&aux), DMR_BLK_OK);
		assert_int_equal(aux.n, 2);
		if (spoilt[i].bytes == 8)
			put64(spoilt[i].at, spoilt[i].v);
		else
			put32(spoilt[i].at, (u32)spoilt[i].v);
		seal();
		assert_int_equal(decode(&aux), DMR_BLK_OK);
		if (memcmp(&aux, &zero, sizeof(aux)))
			fail_msg("%s: believed", spoilt[i].what);
	}
}

/* Not looked at: what is behind the records, and the reserved bytes. */
static void bytes_without_meaning(void **state)
{
	struct dmr_aux aux, want;

	(void)state;
	test_super(&sb, 1000003, 16384);
	example(&aux);
	decode(&want);
	put32(REC(2), 9);
	put64(4048, ~0ull);
	put32(REC(0), 488);
	seal();
	assert_int_equal(decode(&aux), DMR_BLK_OK);
	assert_true(aux.rec[0].region == 488);
	aux.rec[0].region = 9;
	assert_memory_equal(&aux, &want, sizeof(aux));
}

/* Any bytes are a block that is in order, and its summary can be used. */
static void any_bytes(void **state)
{
	struct dmr_aux aux;
	u64 rnd = 37;
	unsigned int i, k;

	(void)state;
	test_super(&sb, 1000003, 16384);
	for (i = 0; i < 3000; i++) {
		random_aux(&rnd, &aux);
		dmr_codec_aux_encode(blk, sb.uuid, &sb.gen, 1, AT, &aux);
		for (k = (unsigned int)test_rnd_below(&rnd, 4); k; k--)
			blk[BODY + test_rnd_below(&rnd, 700)] = (u8)test_rnd(&rnd);
		seal();
		assert_int_equal(decode(&aux), DMR_BLK_OK);
		assert_true(aux.n <= DMR_AUX_RECS);
		for (k = 0; k < aux.n; k++) {
			assert_true(aux.rec[k].region < 489);
			assert_true(dmr_health_sane(&aux.rec[k].h));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(no_summary),
		cmocka_unit_test(senseless_summaries),
		cmocka_unit_test(bytes_without_meaning),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests_name("codec-aux", tests, NULL, NULL);
}
