// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay - the power is cut after each event of a recorded workload.
 *
 *	replay MAIN SPARE MAIN_DISK SPARE_DISK MAIN_AGAIN SPARE_AGAIN SEED STEPS CUTS KNOWN
 *
 * MAIN and SPARE are remap-test devices with the keys main and spare, their caches
 * off, over MAIN_DISK and SPARE_DISK; the spare is formatted and nothing has it
 * open. MAIN_AGAIN and SPARE_AGAIN are disks of the same sizes. Of the states that
 * the cuts can leave about CUTS are opened; `each`: one after every event; `all`.
 *
 * KNOWN has the runs of the protocol that the simulation knows.
 *
 * Exit: 0 all as promised, 1 setup, 3 not. The last line of output begins with
 * REPLAY and has the counts.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "replay.h"

struct bench bench;

void *blocks_alloc(size_t size)
{
	void *p;

	if (posix_memalign(&p, BLOCK_BYTES, size))
		errx(1, "out of memory");
	memset(p, 0, size);
	return p;
}

void disk_io(int fd, void *buf, uint64_t size, uint64_t at, bool write)
{
	const ssize_t n = write ? pwrite(fd, buf, size, (off_t)at) :
				  pread(fd, buf, size, (off_t)at);

	if (n != (ssize_t)size)
		err(1, "%s of %ju bytes at %ju", write ? "write" : "read", (uintmax_t)size,
		    (uintmax_t)at);
}

static int open_disk(enum dev d)
{
	const int fd = open(bench.below[d], O_RDWR | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", bench.below[d]);
	return fd;
}

static uint8_t *disk_image(enum dev d)
{
	const int fd = open_disk(d);
	uint8_t *image = blocks_alloc(bench.size[d]);

	disk_io(fd, image, bench.size[d], 0, false);
	close(fd);
	return image;
}

static void main_fill(void)
{
	const int fd = open_disk(DEV_MAIN);
	struct pattern *p = blocks_alloc(bench.size[DEV_MAIN]);
	uint64_t s;

	for (s = 0; s < bench.size[DEV_MAIN] / SECTOR; s++)
		pattern_fill(&p[s], s, FIRST_VALUE);
	disk_io(fd, p, bench.size[DEV_MAIN], 0, true);
	close(fd);
	free(p);
}

static uint64_t size_of(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size;

	if (fd < 0)
		err(1, "%s", path);
	size = lseek(fd, 0, SEEK_END);
	close(fd);
	return (uint64_t)size;
}

/* What the record makes of the disks in the end is what they have. */
static void check_record(void)
{
	enum dev d;

	for (d = DEV_MAIN; d < NR_DEVS; d++) {
		uint8_t *has = disk_image(d);
		uint8_t *made = blocks_alloc(bench.size[d]);

		disks_image(d, KEEP_ALL, made);
		if (memcmp(has, made, bench.size[d]))
			errx(1, "the record does not lead to what is on %s", bench.below[d]);
		free(has);
		free(made);
	}
}

static void arguments(int argc, char **argv)
{
	if (argc != 11)
		errx(1, "wanted: MAIN SPARE MAIN_DISK SPARE_DISK MAIN_AGAIN SPARE_AGAIN SEED STEPS CUTS KNOWN");
	bench.name[DEV_MAIN] = argv[1];
	bench.name[DEV_SPARE] = argv[2];
	bench.below[DEV_MAIN] = argv[3];
	bench.below[DEV_SPARE] = argv[4];
	bench.again[DEV_MAIN] = argv[5];
	bench.again[DEV_SPARE] = argv[6];
	bench.size[DEV_MAIN] = size_of(argv[5]);
	bench.size[DEV_SPARE] = size_of(argv[6]);
	bench.size[DEV_TOP] = bench.size[DEV_MAIN];
	bench.seed = strtoull(argv[7], NULL, 0);
	bench.dice = bench.seed;
}

static enum cuts cuts_of(const char *word)
{
	if (!strcmp(word, "each"))
		return CUT_EACH;
	return strcmp(word, "all") ? CUT_SOME : CUT_ALL;
}

int main(int argc, char **argv)
{
	uint8_t *main_image, *spare_image;
	time_t began;
	bool known;

	arguments(argc, argv);
	main_fill();
	main_image = disk_image(DEV_MAIN);
	spare_image = disk_image(DEV_SPARE);
	tell(DEV_MAIN, "log data");
	tell(DEV_MAIN, "log clear");
	began = time(NULL);
	work_run((unsigned int)strtoul(argv[8], NULL, 0));
	tell(DEV_MAIN, "log off");
	trace_read();
	printf("recorded: %ju writes (%ju failed), %ju reads (%ju failed), %ju flushes; %ju commits, %ju slots moved, %ju retired, %ju copies expelled, %ju reads noted; %u I/Os in %ld s\n",
	       (uintmax_t)work.writes, (uintmax_t)work.failed, (uintmax_t)work.reads,
	       (uintmax_t)work.read_errors, (uintmax_t)work.flushes, (uintmax_t)work.commits,
	       (uintmax_t)work.moved, (uintmax_t)work.retired, (uintmax_t)work.expelled,
	       (uintmax_t)work.noted, trace.nr_io, (long)(time(NULL) - began));
	fflush(stdout);

	known = steps_known(argv[10]);
	began = time(NULL);
	disks_begin(main_image, spare_image);
	oracle_begin();
	points_run(main_image, spare_image, cuts_of(argv[9]), strtoull(argv[9], NULL, 0));
	check_record();
	printf("REPLAY remaps %ju events %u prefixes %ju opened %ju again %ju wrong %ju unknown %u seconds %ld\n",
	       (uintmax_t)work.remaps, trace.nr_events, (uintmax_t)points.prefixes,
	       (uintmax_t)points.opened, (uintmax_t)points.again, (uintmax_t)points.wrong,
	       !known, (long)(time(NULL) - began));
	return points.wrong || !points.opened || !known ? 3 : 0;
}
