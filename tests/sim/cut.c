// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cut: every state a power cut can leave.
 *
 * At each event (a write reached a cache, a flush ended, a user was answered)
 * the power is cut: the medium has what is stable plus any subset of the writes
 * in the caches, one of them (two, of two) torn at any of its sectors, from
 * either end; and all of them torn at once. With more than WINDOW_ALL such
 * writes: all subsets with at most two left out or at most two kept, and some
 * drawn at random.
 */
#include "sim.h"
#include "trace.h"

#define WINDOW_ALL	8u
#define WINDOW_TWO_TORN	2u
#define SAMPLES		32u

struct cut {
	struct sim *s;
	struct sim_image img;
	u64 promises;	/* their hash */
	bool last_in;	/* without the newest write it was all seen before */
};

static void cut_apply(struct cut *k, const struct sim_write *w, u32 from, u32 to, sim_sect *old)
{
	u32 i;

	for (i = from; i < to; i++) {
		old[i] = w->dev == SIM_MAIN ? k->img.main[w->blk][w->first + i] :
					      k->img.spare[w->blk][w->first + i];
		sim_image_set(&k->img, (enum sim_dev_id)w->dev, w->blk, w->first + i, w->sect[i]);
	}
}

static void cut_undo(struct cut *k, const struct sim_write *w, u32 from, u32 to,
		     const sim_sect *old)
{
	u32 i;

	for (i = from; i < to; i++)
		sim_image_set(&k->img, (enum sim_dev_id)w->dev, w->blk, w->first + i, old[i]);
}

/* Writes from number @i on: each in or out, at most @torn of them in part. */
static void cut_all(struct cut *k, u32 i, u32 torn)
{
	const struct sim_disks *d = &k->s->d;
	const struct sim_write *w = &d->win[i];
	sim_sect old[DMR_BLK_SECTS];
	u32 at;

	if (i == d->nr_win) {
		sim_crashed(k->s, &k->img, k->promises);
		return;
	}
	if (!k->last_in || i + 1 < d->nr_win)
		cut_all(k, i + 1, torn);
	cut_apply(k, w, 0, w->n, old);
	cut_all(k, i + 1, torn);
	cut_undo(k, w, 0, w->n, old);
	for (at = 1; torn && at < w->n; at++) {
		cut_apply(k, w, 0, at, old);
		cut_all(k, i + 1, torn - 1);
		cut_undo(k, w, 0, at, old);
		cut_apply(k, w, at, w->n, old);
		cut_all(k, i + 1, torn - 1);
		cut_undo(k, w, at, w->n, old);
	}
}

static void cut_subset(struct cut *k, u64 in)
{
	const struct sim_disks *d = &k->s->d;
	sim_sect old[DMR_BLK_SECTS];
	u32 i;

	k->img = d->stable;
	for (i = 0; i < d->nr_win; i++)
		if (in >> i & 1)
			cut_apply(k, &d->win[i], 0, d->win[i].n, old);
	sim_crashed(k->s, &k->img, k->promises);
	/* the newest one torn in the middle */
	if (in >> (d->nr_win - 1) & 1 && d->win[d->nr_win - 1].n > 1) {
		const struct sim_write *w = &d->win[d->nr_win - 1];

		cut_undo(k, w, 1 + sim_draw(w->n - 1u), w->n, old);
		sim_crashed(k->s, &k->img, k->promises);
	}
}

/* Every write that can be torn is, all at the same sector, as by one dip of the voltage. */
static void cut_all_torn(struct cut *k)
{
	const struct sim_disks *d = &k->s->d;
	sim_sect old[DMR_BLK_SECTS];
	u32 at, i;

	for (at = 1; at < DMR_BLK_SECTS; at++) {
		k->img = d->stable;
		for (i = 0; i < d->nr_win; i++)
			cut_apply(k, &d->win[i], 0, at < d->win[i].n ? at : d->win[i].n, old);
		sim_crashed(k->s, &k->img, k->promises);
	}
}

/* Too many for all subsets: few out, few in, and some. */
static void cut_some(struct cut *k)
{
	u32 n = k->s->d.nr_win;
	u64 all = n < 64 ? (1ull << n) - 1 : ~0ull;
	u32 i, j;

	for (i = 0; i < n; i++) {
		for (j = i; j < n; j++) {
			u64 two = BIT_ULL(i) | BIT_ULL(j);

			cut_subset(k, two);
			cut_subset(k, all & ~two);
		}
	}
	cut_subset(k, 0);
	cut_subset(k, all);
	for (i = 0; i < SAMPLES; i++)
		cut_subset(k, all & ((u64)sim_draw(~0u) << 32 | sim_draw(~0u)));
}

void sim_event(struct sim *s, bool wrote)
{
	static struct cut cuts[SIM_DEPTH_MAX + 1];
	struct cut *k = &cuts[s->depth];

	if (s->depth > SIM_DEPTH_MAX || sim_tracing)
		return;
	sim_crash_stats.points++;
	k->s = s;
	k->last_in = wrote;
	k->img = s->d.stable;
	k->promises = sim_oracle_hash(&s->o);
	if (s->d.nr_win <= WINDOW_TWO_TORN)
		cut_all(k, 0, 2);
	else if (s->d.nr_win <= WINDOW_ALL)
		cut_all(k, 0, 1);
	else
		cut_some(k);
	cut_all_torn(k);
}
