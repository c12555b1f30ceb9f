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
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "iopat.h"

#define MAX_SEQS 64

enum { EXIT_IO = 2, EXIT_DATA = 3 };

static struct options opt;
static int status;
static int dev = -1;

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

/* --- read, write --- */

static void move_done(const struct run *run, const struct pattern *buf, uint64_t first,
		      unsigned long nr, int error)
{
	(void)buf;
	if (error)
		io_failed(run->write, first, nr, error);
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

static void verify_done(const struct run *run, const struct pattern *buf, uint64_t first,
			unsigned long nr, int error)
{
	unsigned long i;

	if (error) {
		io_failed(run->write, first, nr, error);
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

static void list_done(const struct run *run, const struct pattern *buf, uint64_t first,
		      unsigned long nr, int error)
{
	char what[40];
	unsigned long i;

	(void)run;
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
	dev = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC |
		   (opt.buffered ? 0 : O_DIRECT));
	if (dev < 0)
		err(1, "%s", path);
}

/* For a builtin of the shell, which goes on (tests/vm/builtins). */
void iopat_close(void)
{
	if (dev >= 0)
		close(dev);
	dev = -1;
}

static int flush(void)
{
	if (!fsync(dev))
		return 0;
	fprintf(stderr, "iopat: flush: %s\n", errno_name(errno));
	return EXIT_IO;
}

/* What is to become of the I/O of this command. */
static void command(struct run *run, const char *name, char *seq)
{
	run->done = move_done;
	if (run->write) {
		run->seq = strtoull(seq, NULL, 0);
	} else if (!strcmp(name, "verify")) {
		want(seq);
		run->done = verify_done;
	} else if (!strcmp(name, "list")) {
		run->done = list_done;
	} else if (strcmp(name, "read")) {
		errx(1, "unknown command %s", name);
	}
}

int main(int argc, char **argv)
{
	struct run run = { .opt = &opt };
	unsigned long nr;
	int skip = 5;

	/* a builtin of the shell has run before */
	opt = (struct options){ .qd = 8 };
	memset(&wanted, 0, sizeof(wanted));
	line.nr = 0;
	status = 0;

	if (argc == 3 && !strcmp(argv[1], "flush")) {
		open_dev(argv[2], true);
		return flush();
	}
	if (argc < 5)
		errx(1, "wanted: write|verify|list|read DEV FIRST NR ...");
	nr = strtoul(argv[4], NULL, 0);

	run.write = !strcmp(argv[1], "write");
	if (run.write || !strcmp(argv[1], "verify")) {
		if (argc < 6)
			errx(1, "%s wants a sequence number", argv[1]);
		skip = 6;
	}
	options(argv + skip);
	if (!opt.bs)
		opt.bs = nr < 8 ? nr : 8;
	if (!opt.step)
		opt.step = opt.bs;
	command(&run, argv[1], argv[5]);

	open_dev(argv[2], run.write);
	run.fd = dev;
	run_over(&run, strtoull(argv[3], NULL, 0), nr);
	list_flush();
	if (run.write && opt.flush && flush())
		return EXIT_IO;
	if (wanted.wrong)
		fprintf(stderr, "iopat: %u wrong sectors\n", wanted.wrong);
	return status;
}
