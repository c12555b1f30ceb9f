// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lowwater: when free slots run low.
 *
 * Decisions: hints count as taken although they are given up first: each one
 * is a block that will want its slot as soon as somebody writes to it. Bad
 * slots count among the slots that there are: a spare that fails runs low.
 */
#include "lowwater.h"

static enum dmr_level level_of(const struct dmr_args *a, u64 free, u64 all)
{
	/* at most 2^41 slots: no overflow */
	if (!free)
		return DMR_LEVEL_FULL;
	if (free * 100 < all * a->critical_pct)
		return DMR_LEVEL_CRITICAL;
	if (free * 100 < all * a->low_pct)
		return DMR_LEVEL_LOW;
	return DMR_LEVEL_OK;
}

enum dmr_level dmr_lowwater_level(const struct dmr_args *a, const struct dmr_table_sums *sums,
				  enum dmr_level was)
{
	const u64 all = sums->total - sums->meta;
	const u64 slack = all / 100;
	enum dmr_level is = level_of(a, sums->free, all);

	if (is >= was)
		return is;
	/* better is what it would be with that many slots less */
	is = level_of(a, sums->free > slack ? sums->free - slack : 0, all);
	return is < was ? is : was;
}
