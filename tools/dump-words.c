// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: from the entries of a set to its table blocks.
 */
#include "dump.h"

static int by_blk(const void *a, const void *b)
{
	const u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

bool dump_is_lost(const struct dump *d, u32 blk)
{
	return d->losts && bsearch(&blk, d->lost, d->losts, sizeof(blk), by_blk);
}

void dump_sort_lost(struct dump *d)
{
	if (d->losts)
		qsort(d->lost, d->losts, sizeof(*d->lost), by_blk);
}

/* The first entry from @slot on. */
static u64 lower_bound(const struct dump *d, u64 slot)
{
	u64 low = 0, high = d->n;

	while (low < high) {
		const u64 mid = low + (high - low) / 2;

		if (d->entry[mid].slot < slot)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void dump_words(const struct dump *d, u32 blk, u64 *word)
{
	const u64 first = (u64)blk * DMR_ENTRIES_PER_BLK;
	const bool lost = dump_is_lost(d, blk);
	u64 i, k;

	dmr_layout_empty_block(&d->sb, blk, word);
	/* nobody knows what lives in the slots of a lost block: never to be given to another */
	for (k = 0; lost && k < DMR_ENTRIES_PER_BLK; k++)
		if (!word[k] && first + k < d->sb.slots)
			word[k] = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	for (i = lower_bound(d, first); i < d->n; i++) {
		if (d->entry[i].slot >= first + DMR_ENTRIES_PER_BLK)
			break;
		word[d->entry[i].slot - first] = d->entry[i].word;
	}
}

void dump_table(void *ctx, const struct dmr_super *sb, u32 blk, u64 *word)
{
	(void)sb;
	dump_words(ctx, blk, word);
}

void dump_free(struct dump *d)
{
	free(d->entry);
	free(d->lost);
}
