/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patterns of the VM tests: what a sector holds follows from its number and a
 * sequence number.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdint.h>
#include <string.h>

#define SECTOR 512
#define MAGIC 0x61702d6f69706174ULL

struct pattern {
	uint64_t magic;
	uint64_t sector;
	uint64_t seq;
	uint64_t fill[61];
};

static inline uint64_t pattern_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

static inline void pattern_fill(struct pattern *p, uint64_t sector, uint64_t seq)
{
	unsigned int i;

	p->magic = MAGIC;
	p->sector = sector;
	p->seq = seq;
	for (i = 0; i < 61; i++)
		p->fill[i] = pattern_mix(sector * 1000003 + seq * 257 + i);
}

/* The sequence number a sector holds, 0 for zeroes, -1 for anything else. */
static inline int64_t pattern_seq(const struct pattern *p, uint64_t sector)
{
	static const struct pattern zero;
	struct pattern want;

	if (!memcmp(p, &zero, SECTOR))
		return 0;
	if (p->magic != MAGIC)
		return -1;
	pattern_fill(&want, sector, p->seq);
	return memcmp(p, &want, SECTOR) ? -1 : (int64_t)p->seq;
}

#endif
