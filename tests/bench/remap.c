// SPDX-License-Identifier: GPL-2.0-only
/*
 * remap - remaps blocks, and says what one costs in nanoseconds of CPU. For benchmarks.
 *
 *	remap DEV NR WRITERS
 *
 * WRITERS threads write the first NR blocks of DEV, 4 KiB, O_DIRECT, each block
 * once, while another thread writes one block at the end of it every other tick:
 * the verdict on a bad block waits for somebody's success (R8). Prints
 * "remap NR NANOSECONDS": the time in which the only CPU was not idle, for each.
 *
 * Under QEMU's -icount shift=0 a nanosecond is an instruction.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BLOCK	4096
#define WRITERS_MAX	256

static int fd;
static void *buffer;
static long blocks, writers;
static unsigned long long bytes;
static atomic_bool over;

/* Since the boot, in nanoseconds: all of it, less what /proc/stat calls idle. */
static unsigned long long busy(void)
{
	unsigned long long user, nice, sys, idle;
	FILE *f = fopen("/proc/stat", "re");
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	if (!f || fscanf(f, "cpu %llu %llu %llu %llu", &user, &nice, &sys, &idle) != 4)
		err(1, "/proc/stat");
	fclose(f);
	return t.tv_sec * 1000000000ull + t.tv_nsec -
	       idle * (1000000000ull / (unsigned long long)sysconf(_SC_CLK_TCK));
}

static void write_block(off_t at)
{
	if (pwrite(fd, buffer, BLOCK, at) != BLOCK)
		err(2, "I/O at %lld", (long long)at);
}

static void *bad_writer(void *first)
{
	long i;

	for (i = (long)first; i < blocks; i += writers)
		write_block((off_t)i * BLOCK);
	return NULL;
}

static void *good_writer(void *unused)
{
	(void)unused;
	while (!over) {
		write_block((off_t)(bytes / BLOCK - 1) * BLOCK);
		usleep(8000);
	}
	return NULL;
}

static void must(int error)
{
	if (error)
		errx(1, "threads: %s", strerror(error));
}

int main(int argc, char **argv)
{
	pthread_t bad[WRITERS_MAX], good;
	unsigned long long began;
	long i;

	if (argc != 4)
		errx(1, "usage: remap DEV NR WRITERS");
	blocks = atol(argv[2]);
	writers = atol(argv[3]);
	if (blocks < 1 || writers < 1 || writers > WRITERS_MAX)
		errx(1, "1 block and more, 1 to %d writers", WRITERS_MAX);
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		err(1, "%s", argv[1]);
	buffer = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		err(1, "buffer");
	memset(buffer, 0x5a, BLOCK);
	must(pthread_create(&good, NULL, good_writer, NULL));
	began = busy();
	for (i = 0; i < writers; i++)
		must(pthread_create(&bad[i], NULL, bad_writer, (void *)i));
	for (i = 0; i < writers; i++)
		must(pthread_join(bad[i], NULL));
	printf("remap %ld %llu\n", blocks, (busy() - began) / (unsigned long long)blocks);
	over = true;
	must(pthread_join(good, NULL));
	return 0;
}
