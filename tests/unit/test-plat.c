// SPDX-License-Identifier: GPL-2.0-only
/* The userspace side of plat.h: checksum, numbers, scnprintf. */
#include "test.h"

/* One bit at a time: slow, and not the code under test. */
static u32 crc_bitwise(u32 crc, const u8 *p, size_t len)
{
	int k;

	while (len--) {
		crc ^= *p++;
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

static void crc_published_vectors(void **state)
{
	u8 buf[32];
	unsigned int i;

	(void)state;
	/* RFC 3720, B.4; with its final xor */
	memset(buf, 0, sizeof(buf));
	assert_int_equal(~dmr_plat_crc32c(~0u, buf, 32), 0x8a9136aau);
	memset(buf, 0xff, sizeof(buf));
	assert_int_equal(~dmr_plat_crc32c(~0u, buf, 32), 0x62a8ab43u);
	for (i = 0; i < 32; i++)
		buf[i] = (u8)i;
	assert_int_equal(~dmr_plat_crc32c(~0u, buf, 32), 0x46dd794eu);
	assert_int_equal(~dmr_plat_crc32c(~0u, "123456789", 9), 0xe3069283u);
}

static void crc_any_length_and_alignment(void **state)
{
	u64 rnd = 1;
	u8 buf[300];
	unsigned int i, from, len;

	(void)state;
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (u8)test_rnd(&rnd);
	for (from = 0; from < 9; from++)
		for (len = 0; len < 280; len++)
			assert_int_equal(dmr_plat_crc32c(0x1234567u, buf + from, len),
					 crc_bitwise(0x1234567u, buf + from, len));
}

static void crc_in_pieces(void **state)
{
	u8 buf[64] = "a checksum of parts is the checksum of the whole";
	unsigned int cut;

	(void)state;
	for (cut = 0; cut <= 64; cut++)
		assert_int_equal(dmr_plat_crc32c(dmr_plat_crc32c(~0u, buf, cut), buf + cut,
						 64 - cut),
				 dmr_plat_crc32c(~0u, buf, 64));
}

static void numbers(void **state)
{
	u64 v = 77;

	(void)state;
	assert_int_equal(dmr_plat_parse_u64("0", &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(dmr_plat_parse_u64("18446744073709551615", &v), 0);
	assert_true(v == ~0ull);
	v = 77;
	assert_int_equal(dmr_plat_parse_u64("18446744073709551616", &v), -ERANGE);
	assert_int_equal(dmr_plat_parse_u64("99999999999999999999999", &v), -ERANGE);
	assert_int_equal(dmr_plat_parse_u64("", &v), -EINVAL);
	assert_int_equal(dmr_plat_parse_u64("-1", &v), -EINVAL);
	assert_int_equal(dmr_plat_parse_u64("+1", &v), -EINVAL);
	assert_int_equal(dmr_plat_parse_u64(" 1", &v), -EINVAL);
	assert_int_equal(dmr_plat_parse_u64("1\n", &v), -EINVAL);
	assert_int_equal(dmr_plat_parse_u64("0x10", &v), -EINVAL);
	assert_int_equal(v, 77);
}

static void scnprintf_says_what_it_wrote(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(scnprintf(buf, sizeof(buf), "%s", "abc"), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(scnprintf(buf, sizeof(buf), "%s", "1234567"), 7);
	assert_int_equal(scnprintf(buf, sizeof(buf), "%s", "12345678"), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(scnprintf(buf, 1, "%s", "x"), 0);
	assert_string_equal(buf, "");
	buf[0] = '!';
	assert_int_equal(scnprintf(buf, 0, "%s", "x"), 0);
	assert_int_equal(buf[0], '!');
}

static void ctz(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 64; i++)
		assert_int_equal(dmr_plat_ctz64(~0ull << i), i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_published_vectors),
		cmocka_unit_test(crc_any_length_and_alignment),
		cmocka_unit_test(crc_in_pieces),
		cmocka_unit_test(numbers),
		cmocka_unit_test(scnprintf_says_what_it_wrote),
		cmocka_unit_test(ctz),
	};

	return cmocka_run_group_tests_name("plat", tests, NULL, NULL);
}
