// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work: writers that are answered in steps, with faults between them. In a step
 * each writer sends one request, all at the same time, to a part of main of its
 * own; or all of them write to one block, each its sectors.
 *
 * The device is closed and opened again twice.
 */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../vm/helpers/dmdev.h"
#include "replay.h"

#define WRITERS 4u
#define REOPENS 2u

struct work work;

/** struct request - nr 0: a flush */
struct request {
	uint64_t first;
	uint32_t nr;
	uint32_t value;
	bool read;
	bool fua;
	bool idle;
	bool ok;
};

static struct writer {
	pthread_t id;
	struct pattern *buf;
	struct request req;
} writers[WRITERS];

static pthread_barrier_t begin, end;
static struct dmdev dm = { .name = "recorded" };
static struct dmdev top = { .name = "rectop" };
static int fd;
static bool over;
static uint32_t value = FIRST_VALUE;

/* ---- the device ---- */

static void must(int r, const char *what)
{
	if (r)
		errx(1, "%s: %s", what, strerror(r));
}

static void dev_open(void)
{
	const uint64_t sects = bench.size[DEV_TOP] / SECTOR;
	char params[256];

	snprintf(params, sizeof(params), "/dev/mapper/%s /dev/mapper/%s 1 allowance:65536",
		 bench.name[DEV_MAIN], bench.name[DEV_SPARE]);
	must(dmdev_create(&dm, sects, "remap", params), "open the device");
	snprintf(params, sizeof(params), "%s top", dm.node);
	must(dmdev_create(&top, sects, "remap-test", params), "the test target on top");
	fd = open(top.node, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", top.node);
}

static void dev_close(void)
{
	work.remaps += dmdev_status(&dm, "remaps");
	work.moved += dmdev_status(&dm, "slots_moved");
	work.retired += dmdev_status(&dm, "slots_retired");
	work.expelled += dmdev_status(&dm, "copies_expelled");
	work.noted += dmdev_status(&dm, "noted");
	work.commits += dmdev_status(&dm, "commits");
	close(fd);
	must(dmdev_remove(&top), "remove the test target on top");
	must(dmdev_remove(&dm), "close the device");
}

static void thaw(void)
{
	struct dmdev_buf b = {};
	struct dm_target_msg *msg = (struct dm_target_msg *)&b.spec;

	strcpy(msg->message, "thaw");
	must(dmdev_do(&dm, DM_TARGET_MSG, &b, 0), "thaw");
}

/* ---- the writers ---- */

static void request_do(struct writer *w)
{
	struct request *q = &w->req;
	struct iovec v = { w->buf, q->nr * SECTOR };
	const off_t at = (off_t)(q->first * SECTOR);
	uint32_t i;

	if (q->idle)
		return;
	if (!q->nr) {
		q->ok = !fdatasync(fd);
		return;
	}
	if (q->read) {
		q->ok = preadv2(fd, &v, 1, at, 0) == (ssize_t)v.iov_len;
		return;
	}
	for (i = 0; i < q->nr; i++)
		pattern_fill(&w->buf[i], q->first + i, q->value);
	q->ok = pwritev2(fd, &v, 1, at, q->fua ? RWF_DSYNC : 0) == (ssize_t)v.iov_len;
}

static void *writer(void *arg)
{
	struct writer *w = arg;

	for (;;) {
		pthread_barrier_wait(&begin);
		if (over)
			return NULL;
		request_do(w);
		pthread_barrier_wait(&end);
	}
}

static void writers_begin(void)
{
	uint32_t i;

	pthread_barrier_init(&begin, NULL, WRITERS + 1);
	pthread_barrier_init(&end, NULL, WRITERS + 1);
	for (i = 0; i < WRITERS; i++) {
		writers[i].buf = blocks_alloc(BIGGEST * SECTOR);
		must(pthread_create(&writers[i].id, NULL, writer, &writers[i]), "a thread");
	}
}

static void writers_end(void)
{
	uint32_t i;

	over = true;
	pthread_barrier_wait(&begin);
	for (i = 0; i < WRITERS; i++)
		pthread_join(writers[i].id, NULL);
}

static void count(const struct request *q)
{
	if (q->idle)
		return;
	work.flushes += !q->nr;
	if (q->read) {
		work.reads++;
		work.read_errors += !q->ok;
	} else if (q->nr) {
		work.writes++;
		work.failed += !q->ok;
	}
}

/* All of them, at once. */
static void step(void)
{
	uint32_t i;

	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	for (i = 0; i < WRITERS; i++)
		count(&writers[i].req);
}

/* ---- what they are asked ---- */

static uint64_t stripe(void)
{
	return bench.size[DEV_TOP] / SECTOR / WRITERS / (4 * BLOCK) * (4 * BLOCK);
}

/* As far as a block that takes every write, so that the others get their verdict. */
static uint32_t reach_good(uint64_t first, uint32_t nr)
{
	while (!block_stays_good((first + nr - 1) / BLOCK))
		nr++;
	return nr;
}

static struct request some_write(uint32_t w)
{
	const uint64_t base = w * stripe();
	uint64_t first = base + draw(stripe() - BIGGEST);
	uint32_t nr = 1 + (uint32_t)draw(draw(4) ? 16 : 64);

	if (!draw(3))
		first -= first % BLOCK;
	return (struct request){ .first = first, .nr = reach_good(first, nr), .value = ++value,
				 .fua = !draw(6) };
}

static struct request some_request(uint32_t w)
{
	struct request q = some_write(w);

	switch (draw(12)) {
	case 0:
		return (struct request){ .nr = 0 };
	case 1:
		q.read = true;
		return q;
	default:
		return q;
	}
}

/* Each has two sectors of one block, the last one the blocks after it, too. */
static void one_block(void)
{
	const uint64_t first = draw(stripe() * WRITERS / BLOCK - BIGGEST / BLOCK) * BLOCK;
	uint32_t i;

	for (i = 0; i < WRITERS; i++)
		writers[i].req = (struct request){ .first = first + 2 * i, .nr = 2,
						   .value = ++value };
	writers[WRITERS - 1].req.nr = reach_good(first + 2 * (WRITERS - 1), 2);
}

/* What a fault waits for, and nobody else near it. */
static void grant(const struct wish *wish)
{
	uint32_t i;

	for (i = 0; i < WRITERS; i++)
		writers[i].req = (struct request){ .idle = i };
	writers[0].req.first = wish->first;
	writers[0].req.nr = wish->nr;
	writers[0].req.read = wish->read;
	writers[0].req.value = wish->read ? 0 : ++value;
	step();
}

/* The last thing before a close: never flushed, and of what a close looks at. */
static void last_words(void)
{
	const struct wish wish = { .first = draw(2 * BLOCK), .nr = 1 };

	grant(&wish);
}

static void one_step(void)
{
	const struct wish wish = faults_step();
	uint32_t i;

	if (wish.nr)
		grant(&wish);
	for (i = 0; i < WRITERS; i++)
		writers[i].req = some_request(i);
	if (!draw(12))
		one_block();
	step();
	if (!draw(40))
		thaw();
}

void work_run(unsigned int steps)
{
	unsigned int i;

	faults_setup();
	writers_begin();
	dev_open();
	for (i = 1; i <= steps; i++) {
		one_step();
		if (i % (steps / (REOPENS + 1)) == 0 && i < steps) {
			faults_calm();
			last_words();
			dev_close();
			dev_open();
		}
	}
	faults_rest();
	thaw();
	last_words();
	dev_close();
	writers_end();
}
