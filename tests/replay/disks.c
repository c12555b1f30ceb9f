// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks: what main and spare have after an event.
 *
 * Each has a volatile cache of its own. A write may be on the medium from its
 * submission on. It is there for sure once it has ended and a flush that was
 * submitted after that has ended well; or it was FUA, and has ended well. A
 * write that failed may be there until the next flush, then it is not: that is
 * what the test target did. A flush that fails drops what it was for, unless a
 * read shows that it is still there.
 */
#include <err.h>
#include <stdlib.h>

#include "replay.h"

#define MAX_PENDING 4096u

/**
 * struct pending - a write that the medium may lack
 * @live: its sectors that no later write has covered for good
 */
struct pending {
	const struct io *io;
	bool live[BIGGEST];
	bool ended;
	bool dropped;
};

static struct disk {
	uint8_t *stable;
	struct pending *pend;	/* oldest first */
	uint32_t nr;
} disks[NR_DEVS];

void disks_begin(uint8_t *main_image, uint8_t *spare_image)
{
	enum dev d;

	disks[DEV_MAIN].stable = main_image;
	disks[DEV_SPARE].stable = spare_image;
	for (d = DEV_MAIN; d < NR_DEVS; d++) {
		disks[d].pend = calloc(MAX_PENDING, sizeof(*disks[d].pend));
		if (!disks[d].pend)
			errx(1, "out of memory");
	}
}

static void copy_live(const struct pending *p, const bool *live, uint8_t *image)
{
	uint32_t i;

	for (i = 0; i < p->io->nr; i++)
		if (live[i])
			memcpy(image + (p->io->first + i) * SECTOR, p->io->data + i * SECTOR,
			       SECTOR);
}

/* What @p has written for good is history in the writes before it. */
static void cover_older(struct disk *d, const struct pending *p)
{
	const uint64_t first = p->io->first, end = first + p->io->nr;
	struct pending *old;

	for (old = d->pend; old < p; old++) {
		uint64_t s = old->io->first;
		uint32_t i;

		for (i = 0; i < old->io->nr; i++, s++)
			if (s >= first && s < end && p->live[s - first])
				old->live[i] = false;
	}
}

static void settle(struct disk *d, struct pending *p)
{
	copy_live(p, p->live, d->stable);
	cover_older(d, p);
	memset(p->live, 0, sizeof(p->live));
}

static bool any_live(const struct pending *p)
{
	static const bool none[BIGGEST];

	return memcmp(p->live, none, sizeof(none));
}

static void forget_settled(struct disk *d)
{
	uint32_t i, n = 0;

	for (i = 0; i < d->nr; i++)
		if (any_live(&d->pend[i]))
			d->pend[n++] = d->pend[i];
	d->nr = n;
}

static void submit_write(struct disk *d, const struct io *io)
{
	struct pending *p = &d->pend[d->nr++];

	if (d->nr == MAX_PENDING || io->nr > BIGGEST)
		errx(1, "too many writes without a flush, or too long a one");
	memset(p, 0, sizeof(*p));
	p->io = io;
	memset(p->live, 1, io->nr);
}

static bool end_write(struct disk *d, const struct io *io)
{
	uint32_t i;

	for (i = 0; i < d->nr; i++) {
		if (d->pend[i].io != io)
			continue;
		d->pend[i].ended = true;
		if (!io->ok || !io->fua)
			return false;
		settle(d, &d->pend[i]);
		forget_settled(d);
		return true;
	}
	return false;
}

static bool end_flush(struct disk *d, const struct io *flush)
{
	uint32_t i;

	for (i = 0; i < d->nr; i++) {
		struct pending *p = &d->pend[i];

		if (!p->ended || p->io->complete > flush->submit)
			continue;
		if (!flush->ok)
			p->dropped = true;
		else if (!p->io->ok)
			memset(p->live, 0, sizeof(p->live));
		else if (!p->dropped)
			settle(d, p);
	}
	forget_settled(d);
	return true;
}

static void submit_read(struct disk *d, const struct io *io)
{
	uint32_t i;

	for (i = 0; i < d->nr; i++) {
		const struct io *w = d->pend[i].io;

		if (w->first < io->first + io->nr && io->first < w->first + w->nr)
			d->pend[i].dropped = false;
	}
}

bool disks_event(const struct event *e)
{
	const struct io *io = &trace.io[e->io];
	struct disk *d = &disks[io->dev];

	if (io->dev == DEV_TOP)
		return false;
	switch (io->op) {
	case 'W':
		if (e->end)
			return end_write(d, io);
		submit_write(d, io);
		return true;
	case 'F':
		return e->end && end_flush(d, io);
	case 'R':
		if (!e->end)
			submit_read(d, io);
		return false;
	case 'M':
		return false;
	default:
		errx(1, "a %c was not expected", io->op);
	}
}

/* Whole, not at all, or torn: its first sectors, its last ones, or any. */
static void choose(const struct pending *p, bool *live)
{
	const uint64_t how = draw(10);
	const uint32_t at = (uint32_t)draw(p->io->nr);
	uint32_t i;

	for (i = 0; i < p->io->nr; i++) {
		bool keep;

		switch (how) {
		case 0:
			keep = i < at;
			break;
		case 1:
			keep = i >= at;
			break;
		case 2:
			keep = draw(2);
			break;
		default:
			keep = how & 1;
		}
		live[i] = p->live[i] && keep;
	}
}

void disks_image(enum dev dev, enum variant v, uint8_t *image)
{
	const struct disk *d = &disks[dev];
	uint32_t i;

	memcpy(image, d->stable, bench.size[dev]);
	for (i = 0; v != KEEP_NONE && i < d->nr; i++) {
		const struct pending *p = &d->pend[i];
		bool live[BIGGEST];

		if (v == KEEP_SOME)
			choose(p, live);
		else
			memcpy(live, p->live, sizeof(live));
		if (v == KEEP_SOME || !p->ended || p->io->ok)
			copy_live(p, live, image);
	}
}
