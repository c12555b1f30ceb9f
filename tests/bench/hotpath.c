// SPDX-License-Identifier: GPL-2.0-only
/*
 * hotpath - what one I/O costs, in nanoseconds of CLOCK_MONOTONIC. For benchmarks.
 *
 *	hotpath read|write|flush WINDOWS DEV...
 *
 * For each DEV a line "<DEV> <median> <least> <most>", in hundredths of the unit, of
 * WINDOWS windows of 100 I/Os, one at a time. read, write: 4 KiB, O_DIRECT, at
 * the same random places on all devices; flush: fdatasync() of a device.
 *
 * Under QEMU's -icount shift=0 a nanosecond is an instruction. A window then is
 * shorter than a timer tick, so the median is free of ticks; the mean is not.
 * Each device is measured on a second pass, after one that warms everything up.
 * The buffer is of normal pages: a huge page would be cheaper, and by chance.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define PER_WINDOW 100
#define BUFFER (2 << 20)
#define SEED 0x9e3779b97f4a7c15ull

enum op { OP_READ, OP_WRITE, OP_FLUSH };

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static unsigned long long random_next(unsigned long long *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void run_window(int fd, enum op op, void *buffer, const off_t *at)
{
	ssize_t n = BLOCK;
	int i;

	for (i = 0; i < PER_WINDOW; i++) {
		if (op == OP_READ)
			n = pread(fd, buffer, BLOCK, at[i]);
		else if (op == OP_WRITE)
			n = pwrite(fd, buffer, BLOCK, at[i]);
		else if (fdatasync(fd))
			n = -1;
		if (n != BLOCK)
			err(2, "I/O at %lld", (long long)at[i]);
	}
}

/* All windows once; what each cost goes to @cost. */
static void run_pass(int fd, enum op op, void *buffer, long windows,
		     unsigned long long blocks, unsigned long long *cost)
{
	unsigned long long state = SEED, begun;
	off_t at[PER_WINDOW];
	long w;
	int i;

	for (w = 0; w < windows; w++) {
		for (i = 0; i < PER_WINDOW; i++)
			at[i] = random_next(&state) % blocks * BLOCK;
		begun = now();
		run_window(fd, op, buffer, at);
		cost[w] = now() - begun;
	}
}

static int compare(const void *a, const void *b)
{
	const unsigned long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(const char *dev, enum op op, void *buffer, long windows)
{
	unsigned long long *cost = calloc(windows, sizeof(*cost));
	unsigned long long bytes;
	int fd = open(dev, O_RDWR | O_DIRECT);

	if (fd < 0 || !cost || ioctl(fd, BLKGETSIZE64, &bytes))
		err(1, "%s", dev);
	/* pages of it in the page cache would make each I/O dearer */
	if (ioctl(fd, BLKFLSBUF, 0))
		err(1, "%s: BLKFLSBUF", dev);
	run_pass(fd, op, buffer, windows, bytes / BLOCK, cost);
	run_pass(fd, op, buffer, windows, bytes / BLOCK, cost);
	qsort(cost, windows, sizeof(*cost), compare);
	/* a window is 100 I/Os, so its cost is hundredths of an I/O's */
	printf("%s %llu %llu %llu\n", dev, cost[windows / 2], cost[0], cost[windows - 1]);
	fflush(stdout);
	close(fd);
	free(cost);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "read", "write", "flush" };
	enum op op = OP_READ;
	void *buffer;
	int i;

	if (argc < 4 || atol(argv[2]) < 1)
		errx(1, "usage: hotpath read|write|flush WINDOWS DEV...");
	while (strcmp(argv[1], names[op]))
		if (++op > OP_FLUSH)
			errx(1, "unknown operation %s", argv[1]);
	buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED || madvise(buffer, BUFFER, MADV_NOHUGEPAGE))
		err(1, "buffer");
	memset(buffer, 0x5a, BUFFER);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	for (i = 3; i < argc; i++)
		measure(argv[i], op, buffer, atol(argv[2]));
	return 0;
}
