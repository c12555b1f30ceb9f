/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dump: all metadata of a set as a JSON document, and back. doc/json.md has the
 * document. The generation of single blocks is not in it: a restored set begins
 * a new one.
 */
#ifndef DMREMAP_DUMP_H
#define DMREMAP_DUMP_H

#include "stream.h"
#include "walk.h"

/**
 * struct dump - a set that was read from a document
 * @whole: no table block was lost when it was dumped
 * @dumped_s: when that was
 * @entry: @n entries that are neither free nor metadata, sorted by slot
 * @lost: @losts table blocks that were lost, sorted
 * @used: slots that hold data
 * @aux: summary of the health of main; not in the document
 */
struct dump {
	struct dmr_super sb;
	bool whole;
	u64 dumped_s;
	struct dmr_check_map *entry;
	u64 n;
	u32 *lost;
	u64 losts;
	u64 used;
	struct dmr_aux aux;
};

/** dump_print() - the document of the set in @w, on stdout */
void dump_print(const struct walk *w);

/**
 * dump_read() - the set in the document @path, "-" is standard input
 *
 * Everything is checked: what it returns can be written as it is. Return: exit
 * code; dump_free() is needed in every case.
 */
int dump_read(struct dump *d, const char *path);

/** dump_take() - the same from any source; @path is its name in messages */
int dump_take(struct dump *d, stream_read_fn read, void *src, const char *path);

/** dump_sort_lost() - the table blocks that were lost, in order */
void dump_sort_lost(struct dump *d);

/** dump_is_lost() - was table block @blk lost? */
bool dump_is_lost(const struct dump *d, u32 blk);

/** dump_words() - table block @blk of the set, DMR_ENTRIES_PER_BLK entries */
void dump_words(const struct dump *d, u32 blk, u64 *word);

/** dump_table() - the same as a newset_words_fn; @ctx is the struct dump */
void dump_table(void *ctx, const struct dmr_super *sb, u32 blk, u64 *word);
void dump_free(struct dump *d);

#endif
