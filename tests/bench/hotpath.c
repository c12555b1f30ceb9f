// SPDX-License-Identifier: GPL-2.0-only
/*
 * hotpath - what one I/O costs, in nanoseconds of CLOCK_MONOTONIC. For benchmarks.
 *
 *	hotpath OPERATION WINDOWS DEV [PLACES COLUMN]
 *
 * read, write	4 KiB, O_DIRECT, at random places, the same on all devices; or at the places
 *		that are numbers of 4 KiB blocks in column COLUMN (1, 2) of the file PLACES
 * large	read 1 MiB after 1 MiB
 * across	the same, but each is in two MiB of the disk
 * flush	fdatasync() of a device
 *
 * Prints "<median> <least> <most> <mean>" of WINDOWS windows of some I/Os, one at a time, in
 * hundredths of the unit for each I/O.
 *
 * Under QEMU's -icount shift=0 a nanosecond is an instruction. A window then is
 * shorter than a timer tick, so the median is free of ticks; the mean is not.
 * Measured is a second pass, after one that warms everything up.
 * The buffer is of normal pages, no two of which are neighbours in memory: those that are,
 * by chance, make large I/O cheaper.
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
#define LARGE (1024 * 1024)
#define SEED 0x9e3779b97f4a7c15ull

/**
 * struct op - one kind of I/O
 * @bytes: of each; 0: a flush
 * @per_window: few enough for a window to be shorter than a tick
 * @sequential: one after the other, from @first_byte on; else at random places
 */
struct op {
	const char *name;
	size_t bytes;
	int per_window;
	int write;
	int sequential;
	off_t first_byte;
};

static const struct op ops[] = {
	{ "read", .bytes = BLOCK, .per_window = 100 },
	{ "write", .bytes = BLOCK, .per_window = 100, .write = 1 },
	{ "large", .bytes = LARGE, .per_window = 20, .sequential = 1 },
	{ "across", .bytes = LARGE, .per_window = 20, .sequential = 1, .first_byte = LARGE / 2 },
	{ "flush", .per_window = 100 },
	{ NULL }
};

/** struct places - where the I/Os of a run go: byte @at[i], @n of them */
struct places {
	off_t *at;
	long n;
};

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

static void choose_places(struct places *p, const struct op *op, unsigned long long dev_bytes)
{
	unsigned long long state = SEED;
	long i;

	for (i = 0; i < p->n; i++) {
		if (op->sequential)
			p->at[i] = op->first_byte + (off_t)i * op->bytes;
		else if (op->bytes)
			p->at[i] = random_next(&state) % (dev_bytes / op->bytes) * op->bytes;
	}
	if (op->sequential && p->at[p->n - 1] + op->bytes > dev_bytes)
		errx(1, "the device is too small for so many windows");
}

static void read_places(struct places *p, const char *path, int column)
{
	FILE *f = fopen(path, "re");
	unsigned long long blk[2];
	long i;

	if (!f)
		err(1, "%s", path);
	for (i = 0; i < p->n; i++) {
		if (fscanf(f, "%llu %llu", &blk[0], &blk[1]) != 2)
			errx(1, "%s: fewer than %ld places", path, p->n);
		p->at[i] = blk[column - 1] * BLOCK;
	}
	fclose(f);
}

static void run_window(int fd, const struct op *op, void *buffer, const off_t *at)
{
	ssize_t n = 0;
	int i;

	for (i = 0; i < op->per_window; i++) {
		if (!op->bytes)
			n = fdatasync(fd);
		else if (op->write)
			n = pwrite(fd, buffer, op->bytes, at[i]);
		else
			n = pread(fd, buffer, op->bytes, at[i]);
		if (n != (ssize_t)op->bytes)
			err(2, "I/O at %lld", (long long)at[i]);
	}
}

/* All windows once; what each cost goes to @cost. */
static void run_pass(int fd, const struct op *op, void *buffer, const struct places *p,
		     unsigned long long *cost)
{
	unsigned long long begun;
	long i;

	for (i = 0; i < p->n; i += op->per_window) {
		begun = now();
		run_window(fd, op, buffer, &p->at[i]);
		cost[i / op->per_window] = (now() - begun) * 100 / op->per_window;
	}
}

static int compare(const void *a, const void *b)
{
	const unsigned long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(int fd, const struct op *op, void *buffer, long windows,
		    const struct places *p)
{
	unsigned long long *cost = calloc(windows, sizeof(*cost)), sum = 0;
	long i;

	if (!cost)
		err(1, "windows");
	/* pages of it in the page cache would make each I/O dearer */
	if (ioctl(fd, BLKFLSBUF, 0))
		err(1, "BLKFLSBUF");
	run_pass(fd, op, buffer, p, cost);
	run_pass(fd, op, buffer, p, cost);
	for (i = 0; i < windows; i++)
		sum += cost[i];
	qsort(cost, windows, sizeof(*cost), compare);
	printf("%llu %llu %llu %llu\n", cost[windows / 2], cost[0], cost[windows - 1],
	       sum / windows);
	free(cost);
}

/** struct frame - a page and where in memory it is */
struct frame {
	unsigned long long number;
	char *page;
};

static int compare_frames(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/*
 * Every other one of twice as many pages, by their places in memory; below one page of page
 * table entries, wherever the kernel puts a mapping: two would be 81 instructions dearer.
 */
static void *make_buffer(void)
{
	const int n = LARGE / BLOCK;
	static struct frame frames[2 * LARGE / BLOCK];
	char *pages = mmap(NULL, 2 * LARGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *buffer = mmap(NULL, 4 * LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY);
	int i;

	if (pages == MAP_FAILED || buffer == MAP_FAILED || fd < 0 ||
	    madvise(pages, 2 * LARGE, MADV_NOHUGEPAGE))
		err(1, "buffer");
	buffer += -(size_t)buffer % (2 * LARGE);
	memset(pages, 0x5a, 2 * LARGE);
	for (i = 0; i < 2 * n; i++) {
		frames[i].page = pages + i * BLOCK;
		if (pread(fd, &frames[i].number, 8, (size_t)frames[i].page / BLOCK * 8) != 8)
			err(1, "pagemap");
		frames[i].number &= (1ull << 55) - 1;
	}
	close(fd);
	qsort(frames, 2 * n, sizeof(*frames), compare_frames);
	for (i = 0; i < n; i++)
		if (mremap(frames[2 * i].page, BLOCK, BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED,
			   buffer + i * BLOCK) == MAP_FAILED)
			err(1, "mremap");
	return buffer;
}

static const struct op *find_op(const char *name)
{
	const struct op *op;

	for (op = ops; op->name; op++)
		if (!strcmp(op->name, name))
			return op;
	errx(1, "unknown operation %s", name);
}

int main(int argc, char **argv)
{
	unsigned long long dev_bytes;
	struct places p = { 0 };
	const struct op *op;
	long windows;
	void *buffer;
	int fd;

	if ((argc != 4 && argc != 6) || atol(argv[2]) < 1 ||
	    (argc == 6 && strcmp(argv[5], "1") && strcmp(argv[5], "2")))
		errx(1, "usage: hotpath OPERATION WINDOWS DEV [PLACES 1|2]");
	op = find_op(argv[1]);
	windows = atol(argv[2]);
	p.n = windows * op->per_window;
	p.at = calloc(p.n, sizeof(*p.at));
	fd = open(argv[3], O_RDWR | O_DIRECT);
	if (fd < 0 || !p.at || ioctl(fd, BLKGETSIZE64, &dev_bytes))
		err(1, "%s", argv[3]);
	if (argc == 6)
		read_places(&p, argv[4], atoi(argv[5]));
	else
		choose_places(&p, op, dev_bytes);
	buffer = make_buffer();
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	measure(fd, op, buffer, windows, &p);
	return 0;
}
