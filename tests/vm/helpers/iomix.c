// SPDX-License-Identifier: GPL-2.0-only
/*
 * iomix - random I/O against a model of what each sector must hold. For VM tests.
 *
 *	iomix fill   MODEL DEV NR		a new model: all NR sectors, written
 *	iomix write  MODEL DEV FIRST NR		one write
 *	iomix mark   MODEL FIRST NR [STEP N]	these cannot be read until rewritten
 *	iomix run    MODEL DEV SEED OPS LBS	OPS random I/Os, LBS sectors the least
 *	iomix verify MODEL DEV LBS		every sector, and all of them together
 *	iomix poll   read|write DEV FIRST NR [keep-going]
 *						polled io_uring, 8 sectors at a time
 *	iomix zero|punch DEV FIRST NR		BLKZEROOUT; a hole (no fallback to writes)
 *
 * A run reads, writes (some FUA) and zeroes from one logical block to 1 MiB at
 * any place; 512-byte blocks from memory at any multiple of 512. A write must succeed. A read
 * must fail if it has a marked sector in it, and only then; each of its blocks
 * alone must then be as the model says.
 *
 * Sectors are of 512 bytes. Exit: 0 fine, 1 usage or setup, 2 an I/O error,
 * 3 the device is not as the model.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"
#include "ring.h"

#define WORDS (SECTOR / 8)
#define MAX_NR 2048		/* 1 MiB */
#define UNREADABLE UINT32_MAX
#define MAX_WRONG 8

/* The model: what is in a sector. 0: zeroes, UNREADABLE, or the writing's number. */
static uint32_t *model;
static uint64_t nr_sect;
static uint32_t last_seq;
static uint64_t *buf;
static int fd;
static unsigned int wrong;
static uint64_t rnd;

static uint64_t next_random(void)
{
	rnd += 0x9e3779b97f4a7c15ULL;
	return pattern_mix(rnd);
}

static uint64_t word_of(uint64_t sector, uint32_t seq, unsigned int i)
{
	return seq ? pattern_mix(sector << 32 | seq) + i : 0;
}

static void complain(const char *what, uint64_t first, unsigned long nr)
{
	if (wrong++ < MAX_WRONG)
		fprintf(stderr, "iomix: %" PRIu64 "+%lu: %s\n", first, nr, what);
}

static void model_open(const char *path, uint64_t new_sect)
{
	int m = open(path, O_RDWR | O_CLOEXEC | (new_sect ? O_CREAT | O_TRUNC : 0), 0600);
	struct stat st;
	uint64_t i;

	if (m < 0)
		err(1, "%s", path);
	if (new_sect && ftruncate(m, new_sect * 4))
		err(1, "%s", path);
	if (fstat(m, &st))
		err(1, "%s", path);
	nr_sect = st.st_size / 4;
	model = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, m, 0);
	if (model == MAP_FAILED)
		err(1, "%s", path);
	for (i = 0; i < nr_sect; i++)
		if (model[i] != UNREADABLE && model[i] > last_seq)
			last_seq = model[i];
}

static void dev_open(const char *path)
{
	void *mem;

	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	if (posix_memalign(&mem, 4096, (MAX_NR + 8) * SECTOR))
		errx(1, "out of memory");
	buf = mem;
}

/* --- one I/O --- */

static void do_write(uint64_t first, unsigned long nr, uint64_t *at, int flags)
{
	struct iovec iov = { at, nr * SECTOR };
	uint32_t seq = ++last_seq;
	unsigned long i;
	unsigned int w;
	ssize_t r;

	for (i = 0; i < nr; i++)
		for (w = 0; w < WORDS; w++)
			at[i * WORDS + w] = word_of(first + i, seq, w);
	r = pwritev2(fd, &iov, 1, first * SECTOR, flags);
	if (r != (ssize_t)(nr * SECTOR)) {
		complain(r < 0 ? strerror(errno) : "short write", first, nr);
		exit(2);
	}
	for (i = 0; i < nr; i++)
		model[first + i] = seq;
}

static void do_zeroes(uint64_t first, unsigned long nr)
{
	uint64_t range[2] = { first * SECTOR, nr * SECTOR };
	unsigned long i;

	if (ioctl(fd, BLKZEROOUT, range)) {
		complain("zeroing failed", first, nr);
		exit(2);
	}
	for (i = 0; i < nr; i++)
		model[first + i] = 0;
}

static bool readable(uint64_t first, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (model[first + i] == UNREADABLE)
			return false;
	return true;
}

static void compare(uint64_t first, unsigned long nr, const uint64_t *at)
{
	unsigned long i;
	unsigned int w;

	for (i = 0; i < nr; i++)
		for (w = 0; w < WORDS; w++)
			if (at[i * WORDS + w] != word_of(first + i, model[first + i], w)) {
				complain("wrong data", first + i, 1);
				break;
			}
}

static bool read_one(uint64_t first, unsigned long nr, uint64_t *at)
{
	bool want = readable(first, nr);
	ssize_t r = pread(fd, at, nr * SECTOR, first * SECTOR);

	if (r != (ssize_t)(nr * SECTOR)) {
		if (want)
			complain(r < 0 ? strerror(errno) : "short read", first, nr);
		return false;
	}
	if (!want)
		complain("read what nothing can know", first, nr);
	else
		compare(first, nr, at);
	return true;
}

static void do_read(uint64_t first, unsigned long nr, uint64_t *at, unsigned long lbs)
{
	unsigned long i;

	/* A bio of 1 MiB all over again, sector by sector, would take too long. */
	if (!read_one(first, nr, at) && nr <= 64)
		for (i = 0; i < nr; i += lbs)
			read_one(first + i, lbs, at);
}

/* --- a run --- */

/* From lbs to MAX_NR, small ones as often as large ones. */
static unsigned long random_nr(unsigned long lbs)
{
	unsigned long bits = next_random() % 12;
	unsigned long nr = (1ul << bits) + next_random() % (1ul << bits);

	nr -= nr % lbs;
	if (nr < lbs)
		nr = lbs;
	return nr > MAX_NR ? MAX_NR : nr;
}

static void run(unsigned long ops, unsigned long lbs)
{
	uint64_t first, what, *at;
	unsigned long nr;

	for (; ops && wrong < MAX_WRONG; ops--) {
		nr = random_nr(lbs);
		if (nr > nr_sect)
			nr = nr_sect;
		first = next_random() % (nr_sect - nr + 1);
		first -= first % lbs;
		/* null_blk tears 4 KiB blocks that lie across two segments */
		at = buf + (next_random() % 8) * (lbs == 1 ? WORDS : 0);
		what = next_random() % 100;
		if (what < 50)
			do_read(first, nr, at, lbs);
		else if (what < 85)
			do_write(first, nr, at, 0);
		else if (what < 93)
			do_write(first, nr, at, RWF_DSYNC);
		else
			do_zeroes(first, nr);
	}
}

static void verify(unsigned long lbs)
{
	uint64_t first;
	unsigned long n;

	for (first = 0; first < nr_sect; first += n) {
		n = nr_sect - first < 64 ? nr_sect - first : 64;
		do_read(first, n, buf, lbs);
	}
	for (first = 0; first < nr_sect; first += n) {
		n = nr_sect - first < MAX_NR ? nr_sect - first : MAX_NR;
		read_one(first, n, buf);
	}
}

static void mark(uint64_t first, uint64_t nr, uint64_t step, uint64_t n)
{
	uint64_t i;

	for (; n--; first += step)
		for (i = first; i < first + nr && i < nr_sect; i++)
			model[i] = UNREADABLE;
}

/* --- polled io_uring --- */

static int poll_run(bool write, uint64_t first, unsigned long nr, bool keep_going)
{
	struct ring_io io = { .write = write, .fd = fd, .buf = buf };
	struct ring ring;
	unsigned long n;
	int status = 0;
	int res;

	ring_open(&ring, 4, IORING_SETUP_IOPOLL);
	memset(buf, 0x5a, 8 * SECTOR);
	for (; nr; nr -= n, first += n) {
		n = nr < 8 ? nr : 8;
		io.first = first;
		io.nr = n;
		ring_submit(&ring, &io);
		ring_wait(&ring, &res);
		if (res == (int)(n * SECTOR))
			continue;
		fprintf(stderr, "iomix: %s %" PRIu64 "+%lu: %s\n", write ? "write" : "read", first,
			n, res < 0 ? strerrorname_np(-res) : "short");
		status = 2;
		if (!keep_going)
			break;
	}
	return status;
}

static int zero_range(bool punch, uint64_t first, uint64_t nr)
{
	uint64_t range[2] = { first * SECTOR, nr * SECTOR };
	int r;

	if (punch)
		r = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, range[0], range[1]);
	else
		r = ioctl(fd, BLKZEROOUT, range);
	if (!r)
		return 0;
	fprintf(stderr, "iomix: zeroes %" PRIu64 "+%" PRIu64 ": %s\n", first, nr,
		strerrorname_np(errno));
	return 2;
}

/* --- command line --- */

static uint64_t parse_u64(const char *word)
{
	char *end;
	uint64_t v = strtoull(word, &end, 0);

	if (!*word || *end)
		errx(1, "not a number: %s", word);
	return v;
}

int main(int argc, char **argv)
{
	uint64_t first;
	unsigned long n;

	if (argc >= 6 && !strcmp(argv[1], "poll")) {
		dev_open(argv[3]);
		return poll_run(!strcmp(argv[2], "write"), parse_u64(argv[4]), parse_u64(argv[5]),
				argc > 6);
	}
	if (argc == 5 && (!strcmp(argv[1], "zero") || !strcmp(argv[1], "punch"))) {
		dev_open(argv[2]);
		return zero_range(!strcmp(argv[1], "punch"), parse_u64(argv[3]),
				  parse_u64(argv[4]));
	}
	if (argc < 5)
		errx(1, "wanted: fill|write|mark|run|verify MODEL ...");
	if (!strcmp(argv[1], "mark")) {
		model_open(argv[2], 0);
		mark(parse_u64(argv[3]), parse_u64(argv[4]), argc > 5 ? parse_u64(argv[5]) : 0,
		     argc > 6 ? parse_u64(argv[6]) : 1);
		return 0;
	}
	model_open(argv[2], !strcmp(argv[1], "fill") ? parse_u64(argv[4]) : 0);
	dev_open(argv[3]);
	if (!strcmp(argv[1], "fill")) {
		for (first = 0; first < nr_sect; first += n) {
			n = nr_sect - first < MAX_NR ? nr_sect - first : MAX_NR;
			do_write(first, n, buf, 0);
		}
	} else if (!strcmp(argv[1], "write") && argc == 6) {
		do_write(parse_u64(argv[4]), parse_u64(argv[5]), buf, 0);
	} else if (!strcmp(argv[1], "run") && argc == 7) {
		rnd = parse_u64(argv[4]);
		run(parse_u64(argv[5]), parse_u64(argv[6]));
	} else if (!strcmp(argv[1], "verify")) {
		verify(parse_u64(argv[4]));
	} else {
		errx(1, "unknown command");
	}
	if (wrong)
		fprintf(stderr, "iomix: %u things wrong\n", wrong);
	return wrong ? 3 : 0;
}
