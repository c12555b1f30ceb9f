// SPDX-License-Identifier: GPL-2.0-only
/*
 * smp - throughput of two devices, in turns. For benchmarks.
 *
 *	smp THREADS MILLISECONDS TURNS DEV DEV
 *
 * THREADS threads, each on a processor of its own, read 4 KiB at random places, O_DIRECT, one
 * device after the other, so long each. Prints "<reads a second of the first> <of the second>"
 * for each turn. What else the machine does moves both.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BLOCK	4096
#define THREADS_MAX	16

/** struct reader - one thread; on cache lines of its own */
struct reader {
	_Alignas(256) pthread_t thread;
	int processor;
	unsigned long long state;
	unsigned long long reads;
	void *buffer;
};

static int fd;
static unsigned long long blocks;
static atomic_bool over;

static void must(int error)
{
	if (error)
		errx(1, "threads: %s", strerror(error));
}

static void *run(void *arg)
{
	struct reader *r = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(r->processor, &set);
	must(pthread_setaffinity_np(pthread_self(), sizeof(set), &set));
	while (!atomic_load_explicit(&over, memory_order_relaxed)) {
		r->state ^= r->state << 13;
		r->state ^= r->state >> 7;
		r->state ^= r->state << 17;
		if (pread(fd, r->buffer, BLOCK, (off_t)(r->state % blocks) * BLOCK) != BLOCK)
			err(2, "read");
		r->reads++;
	}
	return NULL;
}

static double rate(struct reader *readers, long threads, long ms, const char *dev)
{
	unsigned long long bytes, reads = 0;
	struct timespec began, ended;
	long i;

	fd = open(dev, O_RDONLY | O_DIRECT);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		err(1, "%s", dev);
	blocks = bytes / BLOCK;
	over = false;
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (i = 0; i < threads; i++) {
		readers[i].reads = 0;
		must(pthread_create(&readers[i].thread, NULL, run, &readers[i]));
	}
	usleep(ms * 1000);
	over = true;
	for (i = 0; i < threads; i++) {
		must(pthread_join(readers[i].thread, NULL));
		reads += readers[i].reads;
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	close(fd);
	return reads / (ended.tv_sec - began.tv_sec + (ended.tv_nsec - began.tv_nsec) / 1e9);
}

int main(int argc, char **argv)
{
	static struct reader readers[THREADS_MAX];
	long threads, ms, turns, i;

	if (argc != 6)
		errx(1, "usage: smp THREADS MILLISECONDS TURNS DEV DEV");
	threads = atol(argv[1]);
	ms = atol(argv[2]);
	turns = atol(argv[3]);
	if (threads < 1 || threads > THREADS_MAX || ms < 1)
		errx(1, "1 to %d threads, 1 ms and more", THREADS_MAX);
	for (i = 0; i < threads; i++) {
		readers[i].processor = i;
		readers[i].state = 0x9e3779b97f4a7c15ull * (i + 1);
		readers[i].buffer = aligned_alloc(BLOCK, BLOCK);
		if (!readers[i].buffer)
			err(1, "buffer");
	}
	/* the first turn warms up */
	for (i = 0; i <= turns; i++) {
		double first = rate(readers, threads, ms, argv[4]);
		double second = rate(readers, threads, ms, argv[5]);

		if (i)
			printf("%.0f %.0f\n", first, second);
		fflush(stdout);
	}
	return 0;
}
