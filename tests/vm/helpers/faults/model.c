// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle: for each sector the writings it may hold, from what was submitted
 * and answered alone. A writing that was acknowledged is the only one; one that
 * failed may be there or not, for good.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../pattern.h"
#include "faults.h"

#define MAY_MAX	6u

struct may {
	u32 n;
	u32 seq[MAY_MAX];
};

static struct may now[WINDOW];
static struct may kept[NR_IMAGES][WINDOW];
static u32 last_seq;

void model_init(u32 seq)
{
	u32 i;

	last_seq = seq;
	for (i = 0; i < WINDOW; i++)
		now[i] = (struct may){ .n = 1, .seq = { seq } };
}

void model_keep(int image)
{
	memcpy(kept[image], now, sizeof(now));
}

void model_take(int image)
{
	memcpy(now, kept[image], sizeof(now));
}

static void acked(u64 sect, u32 nr, u32 seq)
{
	for (; nr && sect < WINDOW; nr--, sect++)
		now[sect] = (struct may){ .n = 1, .seq = { seq } };
}

static void failed(u64 sect, u32 nr, u32 seq)
{
	for (; nr && sect < WINDOW; nr--, sect++) {
		if (now[sect].n == MAY_MAX)
			errx(1, "too many failed writes of sector %ju", (uintmax_t)sect);
		now[sect].seq[now[sect].n++] = seq;
	}
}

static struct pattern *buffer(void)
{
	static struct pattern *p;

	if (!p && posix_memalign((void **)&p, 4096, WINDOW * SECTOR))
		errx(1, "out of memory");
	return p;
}

bool model_write(u64 sect, u32 nr)
{
	struct pattern *p = buffer();
	const u32 seq = ++last_seq;
	ssize_t n;
	u32 done, i;

	for (i = 0; i < nr; i++)
		pattern_fill(&p[i], sect + i, seq);
	n = pwrite(device_fd, p, nr * SECTOR, (off_t)sect * SECTOR);
	done = n > 0 ? (u32)n / SECTOR : 0;
	acked(sect, done, seq);
	failed(sect + done, nr - done, seq);
	return done == nr;
}

static const char *sector_wrong(const struct pattern *p, u64 sect)
{
	static char text[96];
	const int64_t seq = pattern_seq(p, sect);
	u32 i;

	for (i = 0; i < now[sect].n; i++)
		if (seq == now[sect].seq[i])
			return NULL;
	snprintf(text, sizeof(text), "sector %ju has writing %jd, not %u", (uintmax_t)sect,
		 (intmax_t)seq, now[sect].seq[0]);
	return text;
}

bool model_read(u64 sect, u32 nr)
{
	struct pattern *p = buffer();
	const char *what;
	u32 i;

	if (pread(device_fd, p, nr * SECTOR, (off_t)sect * SECTOR) != (ssize_t)(nr * SECTOR))
		return false;
	for (i = 0; i < nr; i++) {
		what = sector_wrong(&p[i], sect + i);
		if (what) {
			wrong("%s", what);
			break;
		}
	}
	return true;
}

/* Zeroes; what failed may have come as far as any sector. */
bool model_punch(u64 sect, u32 nr)
{
	const bool ok = !fallocate(device_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				   (off_t)sect * SECTOR, nr * SECTOR);

	if (ok)
		acked(sect, nr, 0);
	else
		failed(sect, nr, 0);
	return ok;
}

/* Zeroes or not, as the disk likes: it has promised nothing. */
bool model_discard(u64 sect, u32 nr)
{
	u64 range[2] = { sect * SECTOR, (u64)nr * SECTOR };
	const bool ok = !ioctl(device_fd, BLKDISCARD, range);

	failed(sect, nr, 0);
	return ok;
}

void model_verify(bool strict)
{
	u64 sect;
	u32 i;

	if (model_read(0, WINDOW))
		return;
	for (sect = 0; sect < WINDOW; sect += BLOCK) {
		if (model_read(sect, BLOCK))
			continue;
		for (i = 0; i < BLOCK; i++)
			if (!model_read(sect + i, 1) && strict)
				wrong("sector %ju cannot be read (%s), nothing being broken",
				      (uintmax_t)(sect + i), strerror(errno));
	}
}
