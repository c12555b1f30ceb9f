/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Txn: from changes to block images.
 *
 * A change is "slot s shall say word w". One operation changes one table block
 * per commit (A6): what it gains is durable in one commit before what it loses
 * goes in a later one. A batch holds changes of many operations; each changed
 * table block is built once.
 */
#ifndef DMR_TXN_H
#define DMR_TXN_H

#include "table.h"

/** struct dmr_change - one entry to be changed; @old guards against applying to something else */
struct dmr_change {
	struct dmr_slot slot;
	u64 old;
	u64 word;
};

/**
 * dmr_txn_build() - image of table block @index as it is to be written
 * @t: published table
 * @chg: changes of the whole batch; those of other blocks are skipped
 * @word: DMR_ENTRIES_PER_BLK words: the published ones with the changes applied
 *
 * Return: 0; -EAGAIN when a change's @old is not what the table says (it was
 * queued against an entry that has changed since: the caller re-validates).
 */
int dmr_txn_build(const struct dmr_table *t, u32 index, const struct dmr_change *chg, u32 n,
		  u64 *word);

/** dmr_txn_publish() - make the changes visible in memory; order = array order */
void dmr_txn_publish(struct dmr_table *t, const struct dmr_change *chg, u32 n);

#endif
