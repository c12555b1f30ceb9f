// SPDX-License-Identifier: GPL-2.0-only
/*
 * Txn: from changes to block images.
 *
 * Invariant: an image is the published block plus changes each of which found
 * what it expected, in the order given. So two changes of one slot in one
 * batch are fine when the second was made for what the first leaves.
 */
#include "txn.h"

int dmr_txn_build(const struct dmr_table *t, u32 index, const struct dmr_change *chg, u32 n,
		  u64 *word)
{
	u32 i;

	if (index >= t->sb->hwm_blk)
		return -EAGAIN;
	memcpy(word, t->page[index]->word, sizeof(t->page[index]->word));
	for (i = 0; i < n; i++) {
		const u32 at = (u32)(chg[i].slot.v % DMR_ENTRIES_PER_BLK);

		if (dmr_table_blk_of(chg[i].slot) != index)
			continue;
		if (word[at] != chg[i].old)
			return -EAGAIN;
		word[at] = chg[i].word;
	}
	return 0;
}

void dmr_txn_publish(struct dmr_table *t, const struct dmr_change *chg, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		dmr_table_set(t, chg[i].slot, chg[i].word);
}
