// SPDX-License-Identifier: GPL-2.0-only
/*
 * iopat - write, check and list patterns, sector by sector. For VM tests.
 *
 *	iopat write  DEV FIRST NR SEQ [option...]
 *	iopat verify DEV FIRST NR SEQ[,SEQ...]|MIN-MAX [option...]
 *	iopat list   DEV FIRST NR [option...]
 *	iopat read   DEV FIRST NR [option...]
 *	iopat flush  DEV
 *
 * Sectors are of 512 bytes. A written sector carries its own number and SEQ,
 * and filler that follows from both, so misplaced, torn and stale data all show.
 * verify: every sector must hold one of the sequence numbers; 0 stands for a
 * sector of zeroes. list: "<sector> <seq>|zero|bad|error:<errno>" for each,
 * neighbours of one kind on one line: "<first>+<nr> <what>". read: only moves
 * the data.
 *
 * Options:
 *	bs=N		sectors in one I/O (default 8, or NR if that is less)
 *	step=N		sectors from one I/O to the next (default bs)
 *	fua		RWF_DSYNC: FUA, or a flush, with each write
 *	flush		fsync() after the last write
 *	buffered	through the page cache (default O_DIRECT)
 *	readahead	buffered, and asked for ahead of time first
 *	uring		io_uring, qd=N of them at a time (default 8)
 *	nowait		RWF_NOWAIT
 *	vec		split each I/O into 512-byte iovecs
 *	keep-going	an I/O error does not end the run
 *
 * Exit: 0 fine, 1 usage or setup, 2 an I/O error, 3 wrong data. Each failed I/O
 * says "iopat: <write|read> <first>+<nr>: <ERRNO NAME>" on stderr.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

#define MAX_SEQS 64
#define MAX_QD 64

enum { EXIT_IO = 2, EXIT_DATA = 3 };

static struct {
	unsigned long bs;
	unsigned long step;
	unsigned int qd;
	bool fua, flush, buffered, readahead, uring, nowait, vec, keep_going;
} opt = { .qd = 8 };

static int fd;
static int status;

static const char *errno_name(int e)
{
	const char *name = strerrorname_np(e);

	return name ? name : "EUNKNOWN";
}

static void io_failed(bool write, uint64_t first, unsigned long nr, int e)
{
	fprintf(stderr, "iopat: %s %" PRIu64 "+%lu: %s\n",
		write ? "write" : "read", first, nr, errno_name(e));
	status = EXIT_IO;
	if (!opt.keep_going)
		exit(status);
}

/* --- one I/O at a time --- */

/* 0 or an errno. A short transfer is EIO: whole sectors or nothing. */
static int io_sync(bool write, void *buf, uint64_t first, unsigned long nr)
{
	int flags = (opt.nowait ? RWF_NOWAIT : 0) |
		    (write && opt.fua ? RWF_DSYNC : 0);
	unsigned long n = opt.vec ? nr : 1;
	struct iovec iov[n];
	unsigned long i;
	ssize_t r;

	for (i = 0; i < n; i++) {
		iov[i].iov_len = nr * SECTOR / n;
		iov[i].iov_base = (char *)buf + i * iov[i].iov_len;
	}
	r = write ? pwritev2(fd, iov, n, first * SECTOR, flags)
		  : preadv2(fd, iov, n, first * SECTOR, flags);
	if (r < 0)
		return errno;
	return r == (ssize_t)(nr * SECTOR) ? 0 : EIO;
}

/* --- many at a time --- */

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static void ring_open(struct ring *ring)
{
	struct io_uring_params p = {};
	char *sq, *cq;

	ring->fd = syscall(__NR_io_uring_setup, MAX_QD, &p);
	if (ring->fd < 0)
		err(1, "io_uring_setup");
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE,
		  MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*ring->cqes),
		  PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
		  IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, p.sq_entries * sizeof(*ring->sqes),
			  PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			  IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring->sqes == MAP_FAILED)
		err(1, "io_uring mmap");
	ring->sq_tail = (unsigned int *)(sq + p.sq_off.tail);
	ring->sq_mask = (unsigned int *)(sq + p.sq_off.ring_mask);
	ring->sq_array = (unsigned int *)(sq + p.sq_off.array);
	ring->cq_head = (unsigned int *)(cq + p.cq_off.head);
	ring->cq_tail = (unsigned int *)(cq + p.cq_off.tail);
	ring->cq_mask = (unsigned int *)(cq + p.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
}

static void ring_submit(struct ring *ring, bool write, void *buf,
			uint64_t first, unsigned long nr, uint64_t slot)
{
	unsigned int tail = *ring->sq_tail;
	unsigned int i = tail & *ring->sq_mask;
	struct io_uring_sqe *sqe = &ring->sqes[i];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = write ? IORING_OP_WRITE : IORING_OP_READ;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)buf;
	sqe->len = nr * SECTOR;
	sqe->off = first * SECTOR;
	sqe->user_data = slot;
	sqe->rw_flags = (opt.nowait ? RWF_NOWAIT : 0) |
			(write && opt.fua ? RWF_DSYNC : 0);
	ring->sq_array[i] = i;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(__NR_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0) != 1)
		err(1, "io_uring_enter");
}

/* The slot that is done; its result goes to *res. */
static unsigned int ring_wait(struct ring *ring, int *res)
{
	unsigned int head = *ring->cq_head;
	const struct io_uring_cqe *cqe;
	unsigned int slot;

	while (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
		if (syscall(__NR_io_uring_enter, ring->fd, 0, 1,
			    IORING_ENTER_GETEVENTS, NULL, 0) < 0 &&
		    errno != EINTR)
			err(1, "io_uring_enter");
	cqe = &ring->cqes[head & *ring->cq_mask];
	slot = cqe->user_data;
	*res = cqe->res;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return slot;
}

/* --- a run over [first, first + nr) --- */

struct run {
	bool write;
	uint64_t seq;				/* of a write */
	/* What to do with each I/O that is done. */
	void (*done)(const struct pattern *buf, uint64_t first,
		     unsigned long nr, int error);
};

static struct pattern *buffer(unsigned int n)
{
	void *buf;

	if (posix_memalign(&buf, 4096, n * opt.bs * SECTOR))
		errx(1, "out of memory");
	return buf;
}

static void prepare(const struct run *run, struct pattern *buf, uint64_t first,
		    unsigned long nr)
{
	unsigned long i;

	if (!run->write)
		return;
	for (i = 0; i < nr; i++)
		pattern_fill(&buf[i], first + i, run->seq);
}

static void finish(const struct run *run, struct pattern *buf, uint64_t first,
		   unsigned long nr, int error)
{
	if (run->done)
		run->done(buf, first, nr, error);
	else if (error)
		io_failed(run->write, first, nr, error);
}

static unsigned long min_ul(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

static void run_sync(const struct run *run, uint64_t first, unsigned long nr)
{
	struct pattern *buf = buffer(1);
	unsigned long at, n;

	for (at = 0; at < nr; at += opt.step) {
		n = min_ul(opt.bs, nr - at);
		prepare(run, buf, first + at, n);
		finish(run, buf, first + at, n,
		       io_sync(run->write, buf, first + at, n));
	}
	free(buf);
}

static void run_uring(const struct run *run, uint64_t first, unsigned long nr)
{
	struct pattern *bufs = buffer(opt.qd);
	unsigned long at = 0, n, len[MAX_QD];
	uint64_t start[MAX_QD];
	unsigned int busy = 0, slot;
	struct ring ring;
	int res;

	ring_open(&ring);
	while (at < nr || busy) {
		if (at < nr && busy < opt.qd) {
			/* Slots fill in order first, later the freed one. */
			slot = busy++;
		} else {
			slot = ring_wait(&ring, &res);
			if (res >= 0)
				res = res == (int)(len[slot] * SECTOR) ? 0 : -EIO;
			finish(run, bufs + slot * opt.bs, start[slot],
			       len[slot], -res);
			if (at >= nr) {
				busy--;
				continue;
			}
		}
		n = min_ul(opt.bs, nr - at);
		start[slot] = first + at;
		len[slot] = n;
		prepare(run, bufs + slot * opt.bs, first + at, n);
		ring_submit(&ring, run->write, bufs + slot * opt.bs,
			    first + at, n, slot);
		at += opt.step;
	}
	close(ring.fd);
	free(bufs);
}

static void go(const struct run *run, uint64_t first, unsigned long nr)
{
	if (opt.readahead)
		posix_fadvise(fd, first * SECTOR, nr * SECTOR,
			      POSIX_FADV_WILLNEED);
	if (opt.uring)
		run_uring(run, first, nr);
	else
		run_sync(run, first, nr);
}

/* --- verify --- */

static struct {
	unsigned int n;
	struct { uint64_t min, max; } range[MAX_SEQS];
	unsigned int wrong;
} wanted;

static void want(char *list)
{
	char *word, *end;

	for (word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		if (wanted.n == MAX_SEQS)
			errx(1, "too many sequence numbers");
		wanted.range[wanted.n].min = strtoull(word, &end, 0);
		wanted.range[wanted.n].max = *end == '-' ?
			strtoull(end + 1, &end, 0) : wanted.range[wanted.n].min;
		if (*end)
			errx(1, "not a sequence number: %s", word);
		wanted.n++;
	}
}

static bool is_wanted(int64_t seq)
{
	unsigned int i;

	for (i = 0; i < wanted.n; i++)
		if (seq >= (int64_t)wanted.range[i].min &&
		    seq <= (int64_t)wanted.range[i].max)
			return true;
	return false;
}

static void verify_done(const struct pattern *buf, uint64_t first,
			unsigned long nr, int error)
{
	unsigned long i;

	if (error) {
		io_failed(false, first, nr, error);
		return;
	}
	for (i = 0; i < nr; i++) {
		int64_t seq = pattern_seq(&buf[i], first + i);

		if (is_wanted(seq) || wanted.wrong++ >= 8)
			continue;
		if (seq < 0 && buf[i].magic == MAGIC)
			fprintf(stderr, "iopat: sector %" PRIu64
				": torn, or of sector %" PRIu64 " seq %" PRIu64
				"\n", first + i, buf[i].sector, buf[i].seq);
		else
			fprintf(stderr, "iopat: sector %" PRIu64 ": %s%" PRId64
				"\n", first + i,
				seq < 0 ? "foreign data " : "seq ", seq);
	}
	if (wanted.wrong)
		status = EXIT_DATA;
}

/* --- list --- */

static struct {
	char what[40];
	uint64_t first;
	unsigned long nr;
} line;

static void list_flush(void)
{
	if (line.nr)
		printf("%" PRIu64 "+%lu %s\n", line.first, line.nr, line.what);
	line.nr = 0;
}

static void list_one(uint64_t sector, const char *what)
{
	if (line.nr && !strcmp(line.what, what) &&
	    sector == line.first + line.nr) {
		line.nr++;
		return;
	}
	list_flush();
	snprintf(line.what, sizeof(line.what), "%s", what);
	line.first = sector;
	line.nr = 1;
}

static void list_done(const struct pattern *buf, uint64_t first,
		      unsigned long nr, int error)
{
	char what[40];
	unsigned long i;

	for (i = 0; i < nr; i++) {
		int64_t seq = error ? 0 : pattern_seq(&buf[i], first + i);

		if (error)
			snprintf(what, sizeof(what), "error:%s",
				 errno_name(error));
		else if (seq <= 0)
			snprintf(what, sizeof(what), seq ? "bad" : "zero");
		else
			snprintf(what, sizeof(what), "%" PRId64, seq);
		list_one(first + i, what);
	}
}

/* --- command line --- */

static bool number(const char *word, const char *name, unsigned long *value)
{
	size_t n = strlen(name);

	if (strncmp(word, name, n) || word[n] != '=')
		return false;
	*value = strtoul(word + n + 1, NULL, 0);
	return true;
}

static bool flag(const char *word, const char *name, bool *value)
{
	if (strcmp(word, name))
		return false;
	return *value = true;
}

static void options(char **word)
{
	unsigned long qd = opt.qd;

	for (; *word; word++) {
		if (number(*word, "bs", &opt.bs) ||
		    number(*word, "step", &opt.step) ||
		    number(*word, "qd", &qd) ||
		    flag(*word, "fua", &opt.fua) ||
		    flag(*word, "flush", &opt.flush) ||
		    flag(*word, "buffered", &opt.buffered) ||
		    flag(*word, "readahead", &opt.readahead) ||
		    flag(*word, "uring", &opt.uring) ||
		    flag(*word, "nowait", &opt.nowait) ||
		    flag(*word, "vec", &opt.vec) ||
		    flag(*word, "keep-going", &opt.keep_going))
			continue;
		errx(1, "unknown option %s", *word);
	}
	if (!qd || qd > MAX_QD)
		errx(1, "qd is 1 to %d", MAX_QD);
	opt.qd = qd;
	opt.buffered |= opt.readahead;
}

static void open_dev(const char *path, bool write)
{
	fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC |
		  (opt.buffered ? 0 : O_DIRECT));
	if (fd < 0)
		err(1, "%s", path);
}

int main(int argc, char **argv)
{
	struct run run = {};
	unsigned long nr;
	uint64_t first;
	int skip = 5;

	if (argc == 3 && !strcmp(argv[1], "flush")) {
		open_dev(argv[2], true);
		if (!fsync(fd))
			return 0;
		fprintf(stderr, "iopat: flush: %s\n", errno_name(errno));
		return EXIT_IO;
	}
	if (argc < 5)
		errx(1, "wanted: write|verify|list|read DEV FIRST NR ...");
	first = strtoull(argv[3], NULL, 0);
	nr = strtoul(argv[4], NULL, 0);

	run.write = !strcmp(argv[1], "write");
	if (run.write || !strcmp(argv[1], "verify")) {
		if (argc < 6)
			errx(1, "%s wants a sequence number", argv[1]);
		skip = 6;
	}
	options(argv + skip);
	if (!opt.bs)
		opt.bs = min_ul(8, nr);
	if (!opt.step)
		opt.step = opt.bs;
	if (run.write) {
		run.seq = strtoull(argv[5], NULL, 0);
	} else if (!strcmp(argv[1], "verify")) {
		want(argv[5]);
		run.done = verify_done;
	} else if (!strcmp(argv[1], "list")) {
		run.done = list_done;
	} else if (strcmp(argv[1], "read")) {
		errx(1, "unknown command %s", argv[1]);
	}

	open_dev(argv[2], run.write);
	go(&run, first, nr);
	list_flush();
	if (run.write && opt.flush && fsync(fd)) {
		fprintf(stderr, "iopat: flush: %s\n", errno_name(errno));
		return EXIT_IO;
	}
	if (wanted.wrong)
		fprintf(stderr, "iopat: %u wrong sectors\n", wanted.wrong);
	return status;
}
