// SPDX-License-Identifier: GPL-2.0-only
/*
 * memlock - makes a guest one with little memory: locks all that is available
 * but so many MB, until it is killed.
 *
 *	memlock MB
 *
 * Says "locked <n> MB" once that is so. Exit: 1 setup.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MB 1048576UL
#define HUGE_BYTES (2 * MB)

static unsigned long available_mb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long kb = 0;
	char line[128];

	while (f && !kb && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lu kB", &kb) != 1)
			kb = 0;
	if (!kb)
		errx(1, "/proc/meminfo does not say what is available");
	fclose(f);
	return kb / 1024;
}

int main(int argc, char **argv)
{
	unsigned long leave = argc == 2 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long have = available_mb();
	size_t bytes;
	char *p;

	if (!leave || have <= leave)
		errx(1, "usage: memlock MB, less than the %lu that are available", have);
	bytes = (have - leave) * MB;
	p = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		err(1, "%zu bytes", bytes);
	/* in huge pages: quicker by far where the processor is emulated */
	p += HUGE_BYTES - (unsigned long)p % HUGE_BYTES;
	madvise(p, bytes, MADV_HUGEPAGE);
	if (mlock(p, bytes))
		err(1, "locking %zu bytes", bytes);
	printf("locked %lu MB\n", have - leave);
	fflush(stdout);
	for (;;)
		pause();
}
