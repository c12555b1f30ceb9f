// SPDX-License-Identifier: GPL-2.0-only
/*
 * Meta: where the copies of the metadata lie. A file of its own, because the
 * core's types and those of the kernel's headers for programs do not mix.
 */
#include <err.h>

#include "codec.h"
#include "layout.h"
#include "../sim/steps.h"
#include "replay.h"

static struct dmr_super sb;

void meta_setup(const uint8_t *slot0)
{
	if (dmr_codec_super_decode(slot0, dmr_slot(0), &sb, NULL))
		errx(1, "the spare has no superblock in slot 0");
}

bool meta_has(uint64_t slot)
{
	return dmr_layout_is_meta(&sb, dmr_slot(slot));
}

uint32_t meta_copies(void)
{
	return sb.copies;
}

uint64_t meta_copy(uint32_t copy, uint32_t *slots)
{
	*slots = dmr_layout_copy_len(&sb);
	return sb.copy_slot[copy].v;
}

static bool table_alike(const uint8_t *spare, const struct dmr_super *now, u32 blk)
{
	u64 word[2][DMR_ENTRIES_PER_BLK];
	struct dmr_gen gen[2];
	u32 c;

	for (c = 0; c < now->copies; c++) {
		const struct dmr_slot at = dmr_layout_table_slot(now, c, blk);

		if (dmr_codec_table_decode(spare + at.v * BLOCK_BYTES, at, now, blk, word[!!c],
					   &gen[!!c], NULL))
			return false;
		if (c && (memcmp(word[0], word[1], sizeof(word[0])) ||
			  memcmp(&gen[0], &gen[1], sizeof(gen[0]))))
			return false;
	}
	return true;
}

bool meta_alike(const uint8_t *spare)
{
	struct dmr_super now;
	u32 c, blk;

	for (c = 0; c < sb.copies; c++) {
		const struct dmr_slot at = dmr_layout_super_slot(&sb, c);

		if (dmr_codec_super_decode(spare + at.v * BLOCK_BYTES, at, &now, NULL) ||
		    now.insync != (1u << now.copies) - 1)
			return false;
	}
	for (blk = 0; blk < now.hwm_blk; blk++)
		if (!table_alike(spare, &now, blk))
			return false;
	return true;
}

bool meta_word(struct steps *st, const struct io *io, char *word)
{
	return steps_write(st, &sb, io->first / BLOCK, io->data, !io->ok, word);
}

void meta_newest(struct steps *st)
{
	st->newest = sb.gen;
}
