// SPDX-License-Identifier: GPL-2.0-only
/*
 * assembly - opens a set and closes it again, and says what that took. For assembly.sh.
 *
 *	assembly MAIN SECTORS SPARE
 *
 * A line, in nanoseconds and bytes:
 *
 *	assembly LOAD RESUME SUSPEND READ WRITTEN
 *
 * LOAD: the table line is taken, superblocks looked at. RESUME: the map is assembled, I/O can
 * begin. SUSPEND: a clean close. READ and WRITTEN: of the spare, in LOAD and RESUME.
 */
#include <err.h>
#include <libdevmapper.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME	"assembly"

struct disk_bytes {
	unsigned long long read;
	unsigned long long written;
};

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static struct disk_bytes moved(const char *disk)
{
	struct disk_bytes b;
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/block/%s/stat", strrchr(disk, '/') + 1);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%*u %*u %llu %*u %*u %*u %llu", &b.read, &b.written) != 2)
		err(1, "%s", path);
	fclose(f);
	b.read *= 512;
	b.written *= 512;
	return b;
}

/* Return: how long it took, in nanoseconds. */
static unsigned long long run(int type, unsigned long long sects, const char *params)
{
	struct dm_task *task = dm_task_create(type);
	unsigned long long began;
	bool ok;

	if (!task || !dm_task_set_name(task, NAME) ||
	    (params && !dm_task_add_target(task, 0, sects, "remap", params)))
		errx(1, "no memory");
	began = now_ns();
	ok = dm_task_run(task);
	began = now_ns() - began;
	if (!ok)
		errx(2, "ioctl %d of device-mapper failed; see the kernel log", type);
	dm_task_destroy(task);
	return began;
}

int main(int argc, char **argv)
{
	struct disk_bytes before, after;
	unsigned long long load, resume, suspend;
	char params[512];

	if (argc != 4)
		errx(1, "usage: assembly MAIN SECTORS SPARE");
	snprintf(params, sizeof(params), "%s %s", argv[1], argv[3]);
	run(DM_DEVICE_CREATE, 0, NULL);
	before = moved(argv[3]);
	load = run(DM_DEVICE_RELOAD, strtoull(argv[2], NULL, 10), params);
	resume = run(DM_DEVICE_RESUME, 0, NULL);
	after = moved(argv[3]);
	suspend = run(DM_DEVICE_SUSPEND, 0, NULL);
	run(DM_DEVICE_REMOVE, 0, NULL);
	printf("assembly %llu %llu %llu %llu %llu\n", load,
	       resume, suspend, after.read - before.read, after.written - before.written);
	return 0;
}
