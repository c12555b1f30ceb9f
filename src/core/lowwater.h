/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lowwater: when free slots run low, said once for each mark.
 *
 * Two marks, in percent of the slots that are not metadata. A level gets worse
 * as soon as the free slots fall below its mark, and better only when there are
 * a hundredth of these slots more than that: a slot given back and taken again
 * at the mark is no news.
 */
#ifndef DMR_LOWWATER_H
#define DMR_LOWWATER_H

#include "args.h"
#include "table.h"

/** enum dmr_level - how much is left, ordered by badness */
enum dmr_level {
	DMR_LEVEL_OK,
	DMR_LEVEL_LOW,		/* below args.low_pct */
	DMR_LEVEL_CRITICAL,	/* below args.critical_pct */
	DMR_LEVEL_FULL,		/* no slot is free */
};

/**
 * dmr_lowwater_level() - the level that @sums are at
 * @was: the level so far
 */
enum dmr_level dmr_lowwater_level(const struct dmr_args *a, const struct dmr_table_sums *sums,
				  enum dmr_level was);

#endif
