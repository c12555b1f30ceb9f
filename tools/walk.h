/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walk: reading all metadata of a spare, for check, list, open and format. It
 * only reads, through a callback; the core judges what it reads.
 */
#ifndef DMREMAP_WALK_H
#define DMREMAP_WALK_H

#include "base.h"
#include "../src/core/check.h"
#include "../src/core/search.h"
#include "../src/core/table.h"

/** walk_read_fn - read @n slots from @at on into @buf. Return: 0 or -errno, for all of them */
typedef int (*walk_read_fn)(void *ctx, void *buf, struct dmr_slot at, u32 n);

/**
 * struct walk_lost - a table block that no copy can be believed about
 * @blk: its number
 * @first: its first slot
 * @count: its slots
 * @known: an image of it exists in a copy that was left behind
 * @copy: which one
 * @gen: generation of that image
 * @word: that image
 */
struct walk_lost {
	u32 blk;
	u64 first;
	u32 count;
	bool known;
	u32 copy;
	struct dmr_gen gen;
	u64 word[DMR_ENTRIES_PER_BLK];
};

/**
 * struct walk - what is on a spare
 * @spare_sect: size the spare has now
 * @copies: copies looked at
 * @at: where their superblocks are
 * @judge: as dmr_copies_judge(); -ENOSPC: too small to be a spare
 * @sb: the superblock that speaks for the set, NULL when none does
 * @page: table blocks below the mark; NULL: lost
 * @map: used and pending entries, sorted by main block, then slot
 * @aux: the newest summary of the health of main; all zero: none
 * @unknown_slots: data slots whose entry is lost
 * @worst: severest finding so far
 */
struct walk {
	walk_read_fn read;
	void *ctx;
	dmr_finding_fn fn;
	void *fn_ctx;
	u64 spare_sect;
	u32 copies;
	struct dmr_slot at[DMR_COPIES_MAX];
	struct dmr_super_seen seen[DMR_COPIES_MAX];
	struct dmr_verdict_copies v;
	int judge;
	const struct dmr_super *sb;
	struct dmr_table table;
	struct dmr_table_page **page;
	struct dmr_check_map *map;
	u64 maps;
	u64 maps_room;
	struct walk_lost *lost;
	u32 losts;
	struct dmr_aux aux;
	u64 unknown_slots;
	bool any;
	enum dmr_severity worst;
	u64 count[DMR_SEV_FATAL + 1];
};

/**
 * walk_begin() - read the superblocks and judge them
 * @fn: gets the findings, may be NULL
 *
 * Return: as dmr_copies_judge(), also in @w->judge. walk_end() is needed in every case.
 */
int walk_begin(struct walk *w, walk_read_fn read, void *ctx, u64 spare_sect, dmr_finding_fn fn,
	       void *fn_ctx);

/** walk_table() - read the table, and look at everything in it; nothing without @w->sb */
void walk_table(struct walk *w);

void walk_end(struct walk *w);

/** walk_word() - entry of slot @s; free when its block is lost */
u64 walk_word(const struct walk *w, struct dmr_slot s);

/** walk_sort_map() - as dmr_check_duplicates() wants them */
void walk_sort_map(struct dmr_check_map *map, u64 n);

/** walk_superseded() - is map entry @i the loser of two entries for one block? */
bool walk_superseded(const struct walk *w, u64 i);

/** walk_judge_text() - why a set cannot be opened, a phrase for "spare X ..."; @judge not 0 */
const char *walk_judge_text(int judge);

#endif
