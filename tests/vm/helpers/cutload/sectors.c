// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle of cutload: what a sector may hold.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sectors.h"

#define SHOW		12		/* complaints */

struct sector *sectors;
unsigned int sectors_lost, sectors_wrong;
_Atomic unsigned int sectors_stale;

void sectors_setup(void)
{
	sectors = calloc(load.nr_sectors, sizeof(*sectors));
	if (!sectors)
		errx(1, "out of memory");
}

static void complain(uint64_t s, int64_t got, const char *what)
{
	const struct sector *x = &sectors[s];

	if (sectors_lost + sectors_wrong + sectors_stale > SHOW)
		return;
	printf("cut %u: sector %ju (block %ju%s): %s: has %jd; base %u, before the cut %u, sent %u, acked %u, durable %u\n",
	       load.cut, (uintmax_t)s, (uintmax_t)s / BLOCK, x->slot ? ", in a slot" : "", what,
	       (intmax_t)got, x->base, x->since, x->sent, x->acked, x->durable);
	fflush(stdout);
}

/* Is @got what was there after the last cut, or one of the writes from @least on since then? */
static bool allowed(const struct sector *x, int64_t got, uint32_t least)
{
	return got == x->base ? least <= x->base :
	       got > x->since && got >= least && got <= x->sent;
}

static void verify_sector(uint64_t s, int64_t got)
{
	struct sector *x = &sectors[s];

	if (allowed(x, got, x->durable)) {
		x->base = got;
	} else if (got >= 0 && got <= x->sent && got < x->durable) {
		complain(s, got, "lost");
		sectors_lost++;
	} else {
		complain(s, got, got < 0 ? "not of this sector" : "came back");
		sectors_wrong++;
	}
	x->since = x->sent;
	x->acked = x->base;
	x->durable = x->base;
}

static bool read_run(uint64_t s, uint64_t n, struct pattern *p)
{
	return pread(load.fd, p, n * SECTOR, s * SECTOR) == (ssize_t)(n * SECTOR);
}

/* A pending sector may be tried once a second only. */
static bool read_one(uint64_t s, struct pattern *p)
{
	if (read_run(s, 1, p))
		return true;
	usleep(1100000);
	return read_run(s, 1, p);
}

void sectors_verify(uint64_t first, uint64_t end)
{
	static struct pattern *buf;
	uint64_t s, i;

	if (!buf && posix_memalign((void **)&buf, 4096, BIGGEST * SECTOR))
		errx(1, "out of memory");

	for (s = first; s < end; s += BIGGEST) {
		uint64_t n = end - s < BIGGEST ? end - s : BIGGEST;
		bool whole = read_run(s, n, buf);

		for (i = 0; i < n; i++) {
			if (!whole && !read_one(s + i, &buf[i])) {
				complain(s + i, -1, "cannot be read");
				sectors_wrong++;
				continue;
			}
			verify_sector(s + i, pattern_seq(&buf[i], s + i));
		}
	}
}

void sectors_seen(uint64_t s, const struct pattern *p)
{
	const struct sector *x = &sectors[s];
	int64_t got = pattern_seq(p, s);

	if (allowed(x, got, x->acked))
		return;
	complain(s, got, "read while writing");
	sectors_stale++;
}
