// SPDX-License-Identifier: GPL-2.0-only
/*
 * iopat: the I/O of a run, one at a time or through io_uring.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "../ring.h"
#include "iopat.h"

static struct pattern *buffer(const struct run *run, unsigned int n)
{
	void *buf;

	if (posix_memalign(&buf, 4096, n * run->opt->bs * SECTOR))
		errx(1, "out of memory");
	return buf;
}

static int rw_flags(const struct run *run)
{
	return (run->opt->nowait ? RWF_NOWAIT : 0) |
	       (run->write && run->opt->fua ? RWF_DSYNC : 0);
}

static void prepare(const struct run *run, struct pattern *buf, uint64_t first, unsigned long nr)
{
	unsigned long i;

	if (!run->write)
		return;
	for (i = 0; i < nr; i++)
		pattern_fill(&buf[i], first + i, run->seq);
}

static unsigned long min_ul(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

/* --- one at a time --- */

/* 0 or an errno. A short transfer is EIO: whole sectors or nothing. */
static int io_sync(const struct run *run, void *buf, uint64_t first, unsigned long nr)
{
	const int flags = rw_flags(run);
	unsigned long n = run->opt->vec ? nr : 1;
	struct iovec iov[n];
	unsigned long i;
	ssize_t r;

	for (i = 0; i < n; i++) {
		iov[i].iov_len = nr * SECTOR / n;
		iov[i].iov_base = (char *)buf + i * iov[i].iov_len;
	}
	r = run->write ? pwritev2(run->fd, iov, n, first * SECTOR, flags)
		       : preadv2(run->fd, iov, n, first * SECTOR, flags);
	if (r < 0)
		return errno;
	return r == (ssize_t)(nr * SECTOR) ? 0 : EIO;
}

static void over_sync(const struct run *run, uint64_t first, unsigned long nr)
{
	struct pattern *buf = buffer(run, 1);
	unsigned long at, n;

	for (at = 0; at < nr; at += run->opt->step) {
		n = min_ul(run->opt->bs, nr - at);
		prepare(run, buf, first + at, n);
		run->done(run, buf, first + at, n, io_sync(run, buf, first + at, n));
	}
	free(buf);
}

/* --- many at a time --- */

static void over_uring(const struct run *run, uint64_t first, unsigned long nr)
{
	const struct options *opt = run->opt;
	struct pattern *bufs = buffer(run, opt->qd);
	struct ring_io io[MAX_QD];
	unsigned int busy = 0, i;
	unsigned long at = 0;
	struct ring ring;
	int res;

	ring_open(&ring, MAX_QD, 0);
	while (at < nr || busy) {
		if (at < nr && busy < opt->qd) {
			/* Places fill in order first, later the freed one. */
			i = busy++;
		} else {
			i = ring_wait(&ring, &res);
			if (res >= 0)
				res = res == (int)(io[i].nr * SECTOR) ? 0 : -EIO;
			run->done(run, io[i].buf, io[i].first, io[i].nr, -res);
			if (at >= nr) {
				busy--;
				continue;
			}
		}
		io[i] = (struct ring_io){
			.write = run->write, .fd = run->fd, .buf = bufs + i * opt->bs,
			.first = first + at, .nr = min_ul(opt->bs, nr - at),
			.rw_flags = rw_flags(run), .id = i,
		};
		prepare(run, io[i].buf, io[i].first, io[i].nr);
		ring_submit(&ring, &io[i]);
		at += opt->step;
	}
	close(ring.fd);
	free(bufs);
}

void run_over(const struct run *run, uint64_t first, unsigned long nr)
{
	if (run->opt->readahead)
		posix_fadvise(run->fd, first * SECTOR, nr * SECTOR, POSIX_FADV_WILLNEED);
	if (run->opt->uring)
		over_uring(run, first, nr);
	else
		over_sync(run, first, nr);
}
