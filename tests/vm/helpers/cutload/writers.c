// SPDX-License-Identifier: GPL-2.0-only
/*
 * The writers of cutload: each owns some sectors of the window.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "faults.h"
#include "sectors.h"
#include "writers.h"

#define THREADS		6
#define CHUNK		128		/* sectors that a thread has for itself */
#define SHARED		256		/* at the end of a window: each sector has its owner */

struct thread {
	pthread_t id;
	unsigned int nr;
	uint64_t rnd;
	struct pattern *buf;
	uint32_t *seen;		/* acked[] of the window, before a flush */
};

static struct thread threads[THREADS];
static _Atomic bool stop;
_Atomic uint64_t writers_good, writers_failed;

static bool owns(const struct thread *t, uint64_t s)
{
	if (s >= load.window + WINDOW - SHARED)
		return s % THREADS == t->nr;
	return (s - load.window) / CHUNK % THREADS == t->nr;
}

static uint64_t own_sector(struct thread *t)
{
	uint64_t s;

	do
		s = load.window + dice(&t->rnd, WINDOW);
	while (!owns(t, s));
	return s;
}

/* From @s on, the sectors of one of this thread's writes. */
static unsigned int own_run(struct thread *t, uint64_t s)
{
	unsigned int most, n;

	switch (dice(&t->rnd, 8)) {
	case 0:
		most = BIGGEST;
		break;
	case 1:
	case 2:
		most = 1 + dice(&t->rnd, 32);
		break;
	default:
		most = BLOCK - s % BLOCK;
	}
	for (n = 1; n < most && s + n < load.window + WINDOW && owns(t, s + n); n++)
		;
	return n;
}

static void do_write(struct thread *t)
{
	uint64_t s = own_sector(t);
	bool dsync = !dice(&t->rnd, 6);
	bool was_bad[BIGGEST];
	unsigned int n, i;
	struct iovec v;

	if (dice(&t->rnd, 2))
		while (s % BLOCK && owns(t, s - 1) && s > load.window)
			s--;
	n = own_run(t, s);
	for (i = 0; i < n; i++) {
		was_bad[i] = faults_bad[(s + i) / BLOCK];
		pattern_fill(&t->buf[i], s + i, ++sectors[s + i].sent);
	}
	v = (struct iovec){ t->buf, n * SECTOR };
	if (pwritev2(load.fd, &v, 1, s * SECTOR, dsync ? RWF_DSYNC : 0) != (ssize_t)v.iov_len) {
		writers_failed++;
		return;
	}
	writers_good++;
	for (i = 0; i < n; i++) {
		struct sector *x = &sectors[s + i];

		x->slot |= was_bad[i];
		x->acked = x->sent;
		if (dsync || x->slot)
			x->durable = x->sent;
	}
}

static void do_flush(struct thread *t)
{
	unsigned int i;

	for (i = 0; i < WINDOW; i++)
		t->seen[i] = sectors[load.window + i].acked;
	if (fdatasync(load.fd))
		return;
	for (i = 0; i < WINDOW; i++) {
		struct sector *x = &sectors[load.window + i];
		uint32_t was = x->durable;

		while (was < t->seen[i] &&
		       !atomic_compare_exchange_weak(&x->durable, &was, t->seen[i]))
			;
	}
}

static void do_read(struct thread *t)
{
	uint64_t s = own_sector(t);
	unsigned int n = own_run(t, s), i;

	if (pread(load.fd, t->buf, n * SECTOR, s * SECTOR) != (ssize_t)(n * SECTOR))
		return;
	for (i = 0; i < n; i++)
		sectors_seen(s + i, &t->buf[i]);
}

static void *writer(void *arg)
{
	struct thread *t = arg;

	while (!stop) {
		switch (dice(&t->rnd, 12)) {
		case 0:
			do_flush(t);
			break;
		case 1:
			do_read(t);
			break;
		default:
			do_write(t);
		}
	}
	return NULL;
}

void writers_setup(uint64_t seed)
{
	unsigned int i;
	void *buf;

	for (i = 0; i < THREADS; i++) {
		if (posix_memalign(&buf, 4096, BIGGEST * SECTOR))
			errx(1, "out of memory");
		threads[i] = (struct thread){ .nr = i, .rnd = seed * 1000 + i, .buf = buf };
		threads[i].seen = calloc(WINDOW, sizeof(*threads[i].seen));
		if (!threads[i].seen)
			errx(1, "out of memory");
	}
}

void writers_start(void)
{
	unsigned int i;

	stop = false;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i].id, NULL, writer, &threads[i]))
			errx(1, "pthread_create");
}

void writers_stop(void)
{
	stop = true;
}

void writers_join(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i].id, NULL);
}
