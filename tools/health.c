// SPDX-License-Identifier: GPL-2.0-only
/*
 * Health: see health.h.
 */
#include "health.h"

static void give_up(struct dmr_aux *aux, const struct dmr_health *h)
{
	aux->evicted++;
	aux->read_errors += h->read_errors;
	aux->write_errors += h->write_errors;
	aux->retries += h->retries;
	aux->slow += h->slow;
}

/* The records are in order, worst first: what is found is worse. */
static bool has_region(const struct dmr_aux *aux, u64 region)
{
	u32 i;

	for (i = 0; i < aux->n; i++) {
		if (aux->rec[i].region == region)
			return true;
	}
	return false;
}

void health_fit(struct dmr_aux *aux, u64 main_sect)
{
	const u32 shift = dmr_health_region_shift(main_sect);
	const u32 by = shift - aux->region_shift;
	const u32 n = aux->n;
	u32 i;

	if (!aux->seq || !by)
		return;
	aux->region_shift = shift;
	for (i = 0, aux->n = 0; i < n; i++) {
		const struct dmr_health h = aux->rec[i].h;
		const u64 region = aux->rec[i].region >> by;

		if (has_region(aux, region)) {
			give_up(aux, &h);
			continue;
		}
		aux->rec[aux->n].region = region;
		aux->rec[aux->n++].h = h;
	}
}
