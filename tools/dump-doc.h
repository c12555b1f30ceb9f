/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dump: a document between dump-read.c, which reads it, and dump-judge.c.
 */
#ifndef DMREMAP_DUMP_DOC_H
#define DMREMAP_DUMP_DOC_H

#include "dump-rows.h"
#include "dump.h"

/**
 * struct dump_doc - a document that was read, nothing of it judged yet
 * @d: has its entries, as they came, with the number of states in place of mblk,
 *     and the lost table blocks
 * @room, @lost_room: how many there is memory for
 * @head: members that are known; of entries and lost only whether they are arrays
 * @head_bytes: the text of that
 * @why: what is wrong with the first entry that is none, which is not in @d, nor is any
 *	 that follows
 * @slot: what it says of its slot, or OUT_NONE
 */
struct dump_doc {
	struct dump *d;
	u64 room;
	u64 lost_room;
	struct json_object *head;
	size_t head_bytes;
	const char *why;
	u64 slot;
};

/** dump_judge() - from what was read to a set that can be written. Return: exit code */
int dump_judge(struct dump *d, const struct dump_doc *doc, const char *path);

#endif
