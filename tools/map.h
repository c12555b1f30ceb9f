/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Map: what each part of a spare holds, and the drawing of it.
 */
#ifndef DMREMAP_MAP_H
#define DMREMAP_MAP_H

#include <stdio.h>

#include "walk.h"

/** enum map_kind - what a slot is; of several in one part the first is shown */
enum map_kind {
	MAP_UNKNOWN,
	MAP_BAD,
	MAP_USED,
	MAP_PENDING,
	MAP_META,
	MAP_FREE,
	MAP_KINDS,
};

/** struct map_bin - slots of each kind in a part */
struct map_bin {
	u64 n[MAP_KINDS];
};

/**
 * struct map - a spare in @bins parts of @per_bin slots, @columns of them in a row
 * @sum: slots of each kind
 */
struct map {
	u64 per_bin;
	u64 bins;
	u32 columns;
	struct map_bin *bin;
	u64 sum[MAP_KINDS];
};

/** map_make() - count what is on the spare; the caller frees @m->bin */
void map_make(struct map *m, const struct walk *w);

/** map_kind_of() - the kind that a part is shown as */
enum map_kind map_kind_of(const struct map_bin *b);

/** map_kind_name(), map_kind_letter() - for the legend, and in the picture */
const char *map_kind_name(enum map_kind k);
char map_kind_letter(enum map_kind k);

/** map_svg() - write the drawing: the spare, and where on main the blocks lie that moved */
void map_svg(const struct map *m, const struct walk *w, FILE *f);

#endif
