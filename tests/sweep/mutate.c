// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done to a field.
 */
#include "codec.h"
#include "mutate.h"

const char *mutate_name(enum mutation m)
{
	static const char *const name[] = {
		[MUT_ZERO] = "zero", [MUT_ONES] = "ones", [MUT_PLUS] = "+1", [MUT_MINUS] = "-1",
		[MUT_RANDOM] = "random", [MUT_SWAPPED] = "swapped", [MUT_MOVED] = "moved",
	};

	return name[m];
}

u64 mutate_rnd(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

/* ---- bytes ---- */

static void add(u8 *p, u32 n, int what)
{
	int carry = what;
	u32 i;

	for (i = 0; i < n && carry; i++) {
		const int v = p[i] + carry;

		p[i] = (u8)v;
		carry = v < 0 ? -1 : v > 0xff;
	}
}

static void randomize(u8 *p, u32 n, u64 rnd)
{
	u32 i;

	for (i = 0; i < n; i++)
		p[i] = (u8)(mutate_rnd(&rnd) >> 56);
}

static void reverse(u8 *p, u32 n)
{
	u32 i;

	for (i = 0; i < n / 2; i++) {
		const u8 was = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = was;
	}
}

static void mutate_bytes(u8 *p, u32 n, enum mutation m, u64 rnd)
{
	switch (m) {
	case MUT_ZERO:
	case MUT_ONES:
		memset(p, m == MUT_ONES ? 0xff : 0, n);
		break;
	case MUT_PLUS:
		add(p, n, 1);
		break;
	case MUT_MINUS:
		add(p, n, -1);
		break;
	case MUT_RANDOM:
		randomize(p, n, rnd);
		break;
	default:
		reverse(p, n);
		break;
	}
}

/* ---- bits ---- */

static u64 mutate_value(u64 v, u32 bits, enum mutation m, u64 rnd)
{
	u64 back = 0;
	u32 i;

	switch (m) {
	case MUT_ZERO:
		return 0;
	case MUT_ONES:
		return ~0ull;
	case MUT_PLUS:
		return v + 1;
	case MUT_MINUS:
		return v - 1;
	case MUT_RANDOM:
		return mutate_rnd(&rnd) >> 8;
	default:
		for (i = 0; i < bits; i++)
			back |= (v >> i & 1) << (bits - 1 - i);
		return back;
	}
}

static void mutate_bits(u8 *p, const struct field *f, enum mutation m, u64 rnd)
{
	const u64 mask = (1ull << f->bits) - 1;
	__le64 disk;
	u64 word;

	memcpy(&disk, p, sizeof(disk));
	word = le64_to_cpu(disk);
	word = (word & ~(mask << f->shift)) |
	       (mutate_value(word >> f->shift & mask, f->bits, m, rnd) & mask) << f->shift;
	disk = cpu_to_le64(word);
	memcpy(p, &disk, sizeof(disk));
}

void mutate_field(u8 *blk, const struct field *f, enum mutation m, u64 rnd)
{
	if (f->bits)
		mutate_bits(blk + f->off, f, m, rnd);
	else
		mutate_bytes(blk + f->off, f->size, m, rnd);
}

void mutate_seal(u8 *blk)
{
	struct dmr_disk_header *h = (struct dmr_disk_header *)blk;

	h->crc = cpu_to_le32(dmr_codec_crc(blk, h->uuid, dmr_slot(le64_to_cpu(h->slot))));
}
