/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Codec, inner part: the 64-byte header common to all metadata slots. Only the
 * codec's own files include this.
 */
#ifndef DMR_CODEC_HEADER_H
#define DMR_CODEC_HEADER_H

#include "codec.h"

/** struct dmr_codec_place - what a block has to say of itself; @index below 0: any */
struct dmr_codec_place {
	u16 type;
	struct dmr_slot at;
	s64 index;
};

/**
 * dmr_codec_header_encode() - start a block: all 4096 bytes zero but the header
 *
 * The crc is left 0; dmr_codec_seal() comes last.
 */
void dmr_codec_header_encode(void *blk, u16 type, const u8 uuid[DMR_UUID_BYTES],
			     const struct dmr_gen *gen, u32 index, struct dmr_slot at);

/** dmr_codec_seal() - set the crc of a block whose every other byte is final */
void dmr_codec_seal(void *blk);

/** dmr_codec_header_gen() - the generation a header states */
void dmr_codec_header_gen(const struct dmr_disk_header *h, struct dmr_gen *gen);

/**
 * dmr_codec_header_check() - all checks up to the checksum, then the type
 *
 * Return: DMR_BLK_OK or the first thing that is wrong; never FOREIGN, which
 * needs to know the set.
 */
enum dmr_blk_status dmr_codec_header_check(const void *blk, const struct dmr_codec_place *want,
					   const char **why);

/**
 * dmr_codec_epoch_bad() - is it one that nothing written later could outrank? A reason, or NULL
 *
 * That is content: a feature of a later version, or another set, comes first.
 */
const char *dmr_codec_epoch_bad(const struct dmr_disk_header *h);

/** dmr_codec_bad() - give a reason and a status in one go */
static inline enum dmr_blk_status dmr_codec_bad(enum dmr_blk_status st, const char *text,
						const char **why)
{
	if (why)
		*why = text;
	return st;
}

#endif
