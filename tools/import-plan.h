/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Import-plan: from what a list says to blocks of main, each once, in ascending
 * order. O(n log n), and two small records for each line.
 */
#ifndef DMREMAP_IMPORT_PLAN_H
#define DMREMAP_IMPORT_PLAN_H

#include "import.h"
#include "../src/core/check.h"

/** struct plan_blocks - blocks of main, first to last */
struct plan_blocks {
	u64 first;
	u64 last;
};

/**
 * struct plan - what is to be done: @n runs of blocks, sorted, with a gap between each two
 * @elsewhere: places of the disk that are not in main
 */
struct plan {
	struct plan_blocks *b;
	u64 n;
	u64 blocks;
	u64 elsewhere;
};

/**
 * struct plan_main - where places have to be
 * @path: of main, for what is said
 * @start_sect: where it begins on what the list speaks of
 * @part: it is a part of that: places on others are left out
 */
struct plan_main {
	const char *path;
	u64 start_sect;
	u64 sect;
	bool part;
};

/**
 * import_plan_make() - places of @im, which gets sorted, to blocks
 * Return: exit code: each place that cannot be is said. free(@p->b) in every case.
 */
int import_plan_make(struct plan *p, struct import *im, const struct plan_main *on);

/** import_plan_there() - how many of the blocks have an entry among @map, sorted by block */
u64 import_plan_there(const struct plan *p, const struct dmr_check_map *map, u64 maps);

/**
 * import_plan_text() - message that has blocks from run @at on moved, at most DMR_RANGES_MAX runs
 * @at: behind the last of them on return
 *
 * Return: to be freed.
 */
char *import_plan_text(const struct plan *p, u64 *at);

#endif
