/* SPDX-License-Identifier: GPL-2.0-only */
/* One block to be spoilt: for the tests of the codec. */
#ifndef DMR_TEST_BLOCK_H
#define DMR_TEST_BLOCK_H

#include "test.h"

static u8 blk[DMR_BLK_BYTES];
static struct dmr_super sb;

static inline void put32(size_t at, u32 v)
{
	const __le32 le = cpu_to_le32(v);

	memcpy(blk + at, &le, sizeof(le));
}

static inline void put64(size_t at, u64 v)
{
	const __le64 le = cpu_to_le64(v);

	memcpy(blk + at, &le, sizeof(le));
}

static inline struct dmr_disk_header *head(void)
{
	return (struct dmr_disk_header *)(void *)blk;
}

static inline void seal(void)
{
	struct dmr_disk_header *h = head();

	h->crc = cpu_to_le32(dmr_codec_crc(blk, h->uuid, dmr_slot(le64_to_cpu(h->slot))));
}

#endif
