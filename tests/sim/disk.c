// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disk: two disks with volatile write caches, and what can go wrong with them.
 *
 * A write lands in the cache. A flush, or FUA, brings it to the medium; a power
 * cut leaves any subset of what was not flushed, each write whole or torn at a
 * sector (crash.c makes them all). Each disk has a flush domain of its own.
 *
 * The spare has many slots and few that are ever touched; those have places,
 * given out at first touch, for the whole run.
 */
#include <stdlib.h>

#include "sim.h"

#define DECAYED	0x80000000u	/* in the value of a sector of main, which has no metadata */

static u16 place_of[SIM_SLOTS_MAX];	/* plus one; 0: none yet */
static u32 nr_places;
static const struct sim_geometry *places_of;

u32 sim_place(u64 slot)
{
	if (places_of != sim_geometry) {
		places_of = sim_geometry;
		nr_places = 0;
		memset(place_of, 0, sizeof(place_of));
	}
	if (!place_of[slot]) {
		if (nr_places == SIM_PLACES)
			abort();
		nr_places++;
		place_of[slot] = (u16)nr_places;
	}
	return place_of[slot] - 1u;
}

bool sim_touched(u64 slot)
{
	return places_of == sim_geometry && place_of[slot];
}

static u64 position_hash(enum sim_dev_id dev, u32 blk, u32 i, sim_sect s)
{
	u64 x = sim_store_hash(s);

	if (!x)
		return 0;
	x ^= ((u64)dev << 20 | blk << 3 | i) * 0x9e3779b97f4a7c15ull;
	x *= 0xbf58476d1ce4e5b9ull;
	x ^= x >> 29;
	return x * 0x94d049bb133111ebull;
}

void sim_image_set(struct sim_image *img, enum sim_dev_id dev, u32 blk, u32 i, sim_sect s)
{
	sim_sect *at = dev == SIM_MAIN ? &img->main[blk][i] : &img->spare[blk][i];

	img->hash -= position_hash(dev, blk, i, *at);
	img->hash += position_hash(dev, blk, i, s);
	*at = s;
}

static void image_write(struct sim_image *img, const struct sim_write *w)
{
	u32 i;

	for (i = 0; i < w->n; i++)
		sim_image_set(img, (enum sim_dev_id)w->dev, w->blk, w->first + i, w->sect[i]);
}

/* A cache may write back early: when ours is full the oldest write goes. */
static void window_add(struct sim_disks *d, const struct sim_write *w)
{
	if (d->nr_win == SIM_WINDOW) {
		image_write(&d->stable, &d->win[0]);
		memmove(&d->win[0], &d->win[1], sizeof(d->win[0]) * --d->nr_win);
	}
	d->win[d->nr_win++] = *w;
}

/* Sectors that are on the medium now are newer than any older write of them in the cache. */
static void window_supersede(struct sim_disks *d, const struct sim_write *by)
{
	u32 i, k = 0;

	for (i = 0; i < d->nr_win; i++) {
		struct sim_write *w = &d->win[i];

		if (w->dev == by->dev && w->blk == by->blk && w->first >= by->first &&
		    w->first + w->n <= by->first + by->n)
			continue;
		d->win[k++] = *w;
	}
	d->nr_win = k;
}

static void disk_write(struct sim *s, enum sim_dev_id dev, u32 blk, u32 first, u32 n,
		       const sim_sect *sect, bool fua)
{
	struct sim_write w = { .dev = dev, .blk = (u16)blk, .first = (u8)first, .n = (u8)n };

	memcpy(w.sect, sect, n * sizeof(*sect));
	image_write(&s->d.cur, &w);
	window_add(&s->d, &w);
	s->d.writes++;
	if (!s->d.unseen)
		sim_event(s, true);
	if (!fua && !s->d.unseen)
		return;
	image_write(&s->d.stable, &w);
	window_supersede(&s->d, &w);
}

static void disk_flush(struct sim *s, enum sim_dev_id dev)
{
	struct sim_disks *d = &s->d;
	u32 i, k = 0;

	for (i = 0; i < d->nr_win; i++) {
		if (d->win[i].dev == dev)
			image_write(&d->stable, &d->win[i]);
		else
			d->win[k++] = d->win[i];
	}
	d->nr_win = k;
	sim_event(s, false);
}

/* The cache of the spare is lost; what is read from now on is the medium. */
static void spare_cache_lost(struct sim_disks *d)
{
	u32 i, k = 0;

	for (i = 0; i < d->nr_win; i++)
		if (d->win[i].dev != SIM_SPARE)
			d->win[k++] = d->win[i];
	d->nr_win = k;
	d->cur = d->stable;
	for (i = 0; i < d->nr_win; i++)
		image_write(&d->cur, &d->win[i]);
}

static bool spare_gone(struct sim *s)
{
	if (s->d.gone_in && !--s->d.gone_in)
		s->d.gone = true;
	return s->d.gone;
}

static const struct sim_fault *fault_at(const struct sim *s, u64 slot, bool write)
{
	u32 i;

	for (i = 0; i < s->d.nr_fault; i++) {
		const struct sim_fault *f = &s->d.fault[i];

		if (slot >= f->first && slot < f->first + f->n && (write ? f->write : f->read))
			return f;
	}
	return NULL;
}

enum dmr_sts sim_spare_write(struct sim *s, u64 slot, u32 first, u32 n, const sim_sect *sect,
			     bool fua)
{
	const struct sim_fault *f;
	u32 place;

	if (slot >= sim_geometry->slots)
		sim_blame(s, "a write beyond the end of the spare: slot %llu",
			  (unsigned long long)slot);
	if (spare_gone(s))
		return DMR_STS_OFFLINE;
	place = sim_place(slot);
	f = fault_at(s, slot, true);
	if (f) {
		if (f->keep == SIM_KEEP_NEW)
			disk_write(s, SIM_SPARE, place, first, n, sect, false);
		if (f->keep == SIM_KEEP_TORN && n > 1)
			disk_write(s, SIM_SPARE, place, first, n / 2, sect, false);
		return DMR_STS_IOERR;
	}
	disk_write(s, SIM_SPARE, place, first, n, sect, fua);
	return DMR_STS_OK;
}

enum dmr_sts sim_spare_read(struct sim *s, u64 slot, u32 first, u32 n, sim_sect *sect)
{
	if (spare_gone(s))
		return DMR_STS_OFFLINE;
	if (fault_at(s, slot, false))
		return DMR_STS_MEDIUM;
	if (sim_touched(slot))
		memcpy(sect, &s->d.cur.spare[sim_place(slot)][first], n * sizeof(*sect));
	else
		memset(sect, 0, n * sizeof(*sect));
	return DMR_STS_OK;
}

enum dmr_sts sim_spare_flush(struct sim *s)
{
	if (spare_gone(s))
		return DMR_STS_OFFLINE;
	if (s->d.flush_fail_in && !--s->d.flush_fail_in) {
		s->d.voids++;
		spare_cache_lost(&s->d);
		return DMR_STS_IOERR;
	}
	disk_flush(s, SIM_SPARE);
	return DMR_STS_OK;
}

enum dmr_sts sim_main_write(struct sim *s, u32 blk, u32 first, u32 n, const sim_sect *sect,
			    bool fua)
{
	if (s->d.bad_write[blk] & ((1u << n) - 1) << first)
		return DMR_STS_IOERR;
	disk_write(s, SIM_MAIN, blk, first, n, sect, fua);
	return DMR_STS_OK;
}

enum dmr_sts sim_main_read(struct sim *s, u32 blk, u32 i, sim_sect *sect)
{
	*sect = s->d.cur.main[blk][i];
	return sim_store_value_of(*sect) & DECAYED ? DMR_STS_MEDIUM : DMR_STS_OK;
}

static void decay(struct sim_image *img, u32 blk, u32 i, bool decayed)
{
	const u32 value = sim_store_value_of(img->main[blk][i]) & ~DECAYED;

	sim_image_set(img, SIM_MAIN, blk, i, sim_store_value(value | (decayed ? DECAYED : 0)));
}

/* Cannot be read until it is written, or can again; writes still in the cache may heal it. */
void sim_main_decay(struct sim *s, u32 blk, u32 i, bool decayed)
{
	decay(&s->d.cur, blk, i, decayed);
	decay(&s->d.stable, blk, i, decayed);
}

void sim_main_flush(struct sim *s)
{
	disk_flush(s, SIM_MAIN);
}

void sim_fault_add(struct sim *s, struct sim_fault f)
{
	if (s->d.nr_fault == SIM_FAULTS)
		abort();
	s->d.fault[s->d.nr_fault++] = f;
}

void sim_fault_heal(struct sim *s)
{
	s->d.nr_fault = 0;
	s->d.gone = false;
	s->d.gone_in = 0;
	s->d.flush_fail_in = 0;
}
