// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutations of images in their own language: a change more, one less, one that
 * is a little different. Bytes changed at random shift all that follows them.
 */
#include "image.h"

#define PLAN_BYTES	8u
#define CHANGE_BYTES	12u

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);

static u64 rnd;

static u64 dice(u64 n)
{
	rnd ^= rnd >> 12;
	rnd ^= rnd << 25;
	rnd ^= rnd >> 27;
	return rnd * 0x2545f4914f6cdd1dull % n;
}

static u8 some_copies(void)
{
	switch (dice(4)) {
	case 0:
		return 0xff;
	case 1:
		return (u8)(0xff ^ 1u << dice(5));
	case 2:
		return (u8)dice(32);
	default:
		return (u8)(1u << dice(5));
	}
}

static u64 some_value(void)
{
	static const u64 end[] = { 0, 1, 2, 3, 4, 8, 512, 4096, ~0ull, ~0ull - 1, 1ull << 63 };

	switch (dice(4)) {
	case 0:
		return end[dice(ARRAY_SIZE(end))];
	case 1:
		return dice(64);
	case 2:
		return 1ull << dice(64);
	default:
		return dice(~0ull);
	}
}

static void make_change(u8 *at)
{
	fuzz_put(at, 0, 1, dice(12) | (dice(8) ? 0 : 0x40) | (dice(3) ? 0 : 0x80));
	fuzz_put(at, 1, 1, some_copies());
	fuzz_put(at, 2, 2, dice(2) ? dice(40) : dice(65536));
	fuzz_put(at, 4, 8, some_value());
}

static void alter_change(u8 *at)
{
	switch (dice(5)) {
	case 0:
		fuzz_put(at, 1, 1, some_copies());
		break;
	case 1:
		fuzz_put(at, 2, 2, fuzz_get(at, 2, 2) + 1 - dice(3));
		break;
	case 2:
		fuzz_put(at, 4, 8, some_value());
		break;
	case 3:
		fuzz_put(at, 4, 8, fuzz_get(at, 4, 8) ^ 1ull << dice(64));
		break;
	default:
		fuzz_put(at, 0, 1, fuzz_get(at, 0, 1) ^ (dice(2) ? 0x40 : 0x80));
		break;
	}
}

/* The same once more, somewhere else: of entries, one block in two slots. */
static void repeat_change(u8 *at, const u8 *old)
{
	memcpy(at, old, CHANGE_BYTES);
	fuzz_put(at, 2, 2, dice(2048));
	if (dice(2))
		fuzz_put(at, 10, 2, fuzz_get(at, 10, 2) + 1);	/* the next serial */
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	size_t n = size < PLAN_BYTES ? 0 : (size - PLAN_BYTES) / CHANGE_BYTES;
	u8 *change = data + PLAN_BYTES;

	rnd = 0x9e3779b97f4a7c15ull ^ seed;
	if (max < PLAN_BYTES + CHANGE_BYTES || !dice(8))
		return LLVMFuzzerMutate(data, size, max);
	if (size < PLAN_BYTES)
		memset(data + size, 0, PLAN_BYTES - size);
	switch (dice(6)) {
	case 0:
		data[dice(PLAN_BYTES)] = (u8)(dice(2) ? dice(256) : dice(8));
		break;
	case 1:
		if (n)
			memmove(change, change + CHANGE_BYTES, --n * CHANGE_BYTES);
		break;
	case 2:
	case 3:
		if (n == IMAGE_OPS_MAX || PLAN_BYTES + (n + 1) * CHANGE_BYTES > max)
			break;
		if (n && !dice(3))
			repeat_change(change + n * CHANGE_BYTES, change + dice(n) * CHANGE_BYTES);
		else
			make_change(change + n * CHANGE_BYTES);
		n++;
		break;
	default:
		if (n)
			alter_change(change + dice(n) * CHANGE_BYTES);
		break;
	}
	return PLAN_BYTES + n * CHANGE_BYTES;
}
