// SPDX-License-Identifier: GPL-2.0-only
/*
 * Platform, userspace side: what src/core/plat.h takes from the kernel when
 * the core is built into the tools, the tests, the simulator or the fuzzers.
 *
 * crc32c is done eight bytes at a time from tables (slicing by 8), made at
 * first use: portable, and fast enough for check to be bound by the disk. The
 * simulator spends 42 % of its time here that way, so where a program is built
 * for a processor with the instruction (-march=native there), that is used.
 */
#include <pthread.h>

#include "plat.h"

#ifdef __SSE4_2__

u32 dmr_plat_crc32c(u32 seed, const void *p, size_t len)
{
	const u8 *b = p;
	u64 crc = seed;

	for (; len >= 8; len -= 8, b += 8) {
		u64 w;

		memcpy(&w, b, sizeof(w));
		crc = __builtin_ia32_crc32di(crc, w);
	}
	for (; len; len--)
		crc = __builtin_ia32_crc32qi((u32)crc, *b++);
	return (u32)crc;
}

#else

#define CRC32C_POLY	0x82f63b78u	/* Castagnoli, bit-reversed */

static u32 crc_table[8][256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void crc_init(void)
{
	unsigned int i, k;

	for (i = 0; i < 256; i++) {
		u32 crc = i;

		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLY : 0);
		crc_table[0][i] = crc;
	}
	for (i = 0; i < 256; i++)
		for (k = 1; k < 8; k++)
			crc_table[k][i] = crc_table[k - 1][i] >> 8 ^
					  crc_table[0][crc_table[k - 1][i] & 0xff];
}

u32 dmr_plat_crc32c(u32 seed, const void *p, size_t len)
{
	const u8 *b = p;
	u32 crc = seed;

	pthread_once(&crc_once, crc_init);
	for (; len >= 8; len -= 8, b += 8) {
		crc ^= (u32)b[0] | (u32)b[1] << 8 | (u32)b[2] << 16 | (u32)b[3] << 24;
		crc = crc_table[7][crc & 0xff] ^ crc_table[6][crc >> 8 & 0xff] ^
		      crc_table[5][crc >> 16 & 0xff] ^ crc_table[4][crc >> 24] ^
		      crc_table[3][b[4]] ^ crc_table[2][b[5]] ^
		      crc_table[1][b[6]] ^ crc_table[0][b[7]];
	}
	for (; len; len--)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *b++) & 0xff];
	return crc;
}

#endif /* __SSE4_2__ */

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!size)
		return 0;
	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	if (n < 0) {
		*buf = '\0';
		return 0;
	}
	return (size_t)n < size ? n : (int)(size - 1);
}

int dmr_plat_parse_u64(const char *s, u64 *out)
{
	u64 v = 0;

	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		const unsigned int digit = (unsigned char)*s - (unsigned int)'0';

		if (digit > 9)
			return -EINVAL;
		if (v > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*out = v;
	return 0;
}
