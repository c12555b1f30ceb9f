// SPDX-License-Identifier: GPL-2.0-only
/*
 * Value: see value.h.
 */
#include "say.h"
#include "../src/core/args.h"
#include "value.h"

#define BLOCK_BYTES_MAX	67108864u

int value_block_bytes(const char *text, u32 *bytes)
{
	u64 v;

	if (!dmr_plat_parse_u64(text, &v) && v >= DMR_SECT_BYTES && v <= BLOCK_BYTES_MAX &&
	    !(v & (v - 1))) {
		*bytes = (u32)v;
		return 0;
	}
	say_err("--block-size %s: it must be a power of two from 512 to %u", text,
		BLOCK_BYTES_MAX);
	return EXIT_ARGS;
}

int value_count(const char *text, u32 *count)
{
	u64 v;

	if (!dmr_plat_parse_u64(text, &v) && v && v <= DMR_HEALTH_MAX_N) {
		*count = (u32)v;
		return 0;
	}
	say_err("--count %s: it must be a number from 1 to %u", text, DMR_HEALTH_MAX_N);
	return EXIT_ARGS;
}

int value_spare_bytes(const char *text, u64 *bytes)
{
	static const char unit[] = "KMGT";
	const size_t len = strlen(text);
	const char *u = len ? strchr(unit, text[len - 1]) : NULL;
	char *number = say_printf("%.*s", (int)(u ? len - 1 : len), text);
	const u32 shift = u ? 10 * (u32)(u - unit + 1) : 0;
	u64 v;
	int err = dmr_plat_parse_u64(number, &v);

	free(number);
	if (!err && v && v <= ~0ull >> shift && !((v << shift) % DMR_SECT_BYTES)) {
		*bytes = v << shift;
		return 0;
	}
	say_err("--spare-size %s: it must be bytes, a multiple of 512, or a number with K, M, G or T",
		text);
	return EXIT_ARGS;
}
