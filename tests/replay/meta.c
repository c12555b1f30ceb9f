// SPDX-License-Identifier: GPL-2.0-only
/*
 * Meta: where the copies of the metadata lie. A file of its own, because the
 * core's types and those of the kernel's headers for programs do not mix.
 */
#include <err.h>

#include "codec.h"
#include "search.h"
#include "../sim/steps.h"
#include "replay.h"

static struct dmr_super sb;	/* as it was formatted */
static struct dmr_super now;	/* as meta_look() found it */

void meta_setup(const uint8_t *slot0)
{
	if (dmr_codec_super_decode(slot0, dmr_slot(0), &sb, NULL))
		errx(1, "the spare has no superblock in slot 0");
	now = sb;
}

bool meta_has(uint64_t slot)
{
	return dmr_layout_is_meta(&now, dmr_slot(slot));
}

bool meta_may(uint64_t slot)
{
	u32 k;

	for (k = 0; k < DMR_ALTERNATES; k++)
		if (slot - dmr_layout_alternate(sb.slots, k).v < dmr_layout_copy_len(&sb))
			return true;
	return meta_has(slot);
}

bool meta_look(const uint8_t *spare)
{
	static struct dmr_search find;
	struct dmr_verdict_copies v;
	struct dmr_slot at;

	dmr_search_begin(&find, sb.spare_sect);
	for (at = dmr_search_next(&find); !dmr_slot_is_none(at); at = dmr_search_next(&find))
		dmr_search_took(&find, spare + at.v * BLOCK_BYTES);
	if (dmr_copies_judge(find.seen, find.n, &v))
		return false;
	now = find.seen[v.best].sb;
	return true;
}

uint32_t meta_copies(void)
{
	return sb.copies;
}

uint64_t meta_copy(uint32_t copy, uint32_t *slots)
{
	*slots = dmr_layout_copy_len(&now);
	return now.copy_slot[copy].v;
}

static bool table_alike(const uint8_t *spare, u32 blk)
{
	u64 word[2][DMR_ENTRIES_PER_BLK];
	struct dmr_gen gen[2];
	u32 c;

	for (c = 0; c < now.copies; c++) {
		const struct dmr_slot at = dmr_layout_table_slot(&now, c, blk);

		if (dmr_codec_table_decode(spare + at.v * BLOCK_BYTES, at, &now, blk, word[!!c],
					   &gen[!!c], NULL))
			return false;
		if (c && (memcmp(word[0], word[1], sizeof(word[0])) ||
			  dmr_codec_gen_cmp(&gen[0], &gen[1]) || gen[0].nonce != gen[1].nonce))
			return false;
	}
	return true;
}

bool meta_alike(const uint8_t *spare)
{
	struct dmr_super seen;
	u32 c, blk;

	if (!meta_look(spare))
		return false;
	for (c = 0; c < now.copies; c++) {
		const struct dmr_slot at = dmr_layout_super_slot(&now, c);

		if (dmr_codec_super_decode(spare + at.v * BLOCK_BYTES, at, &seen, NULL) ||
		    seen.insync != (1u << seen.copies) - 1)
			return false;
	}
	for (blk = 0; blk < now.hwm_blk; blk++)
		if (!table_alike(spare, blk))
			return false;
	return true;
}

bool meta_is(const struct io *io)
{
	return !(io->first % BLOCK) && io->nr == BLOCK &&
	       !memcmp(io->data, DMR_DISK_MAGIC, 8);
}

bool meta_word(struct steps *st, const struct io *io, char *word)
{
	return steps_write(st, &sb, io->first / BLOCK, io->data, !io->ok, word);
}

void meta_newest(struct steps *st)
{
	st->newest = sb.gen;
}
