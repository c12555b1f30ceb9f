// SPDX-License-Identifier: GPL-2.0-only
/*
 * The faults of cutload, told to the test target.
 */
#include <err.h>
#include <stdarg.h>
#include <stdlib.h>

#include "faults.h"

_Atomic bool *faults_bad;
static const char *main_name, *spare_name;
static uint64_t spare_sectors;

static void tell(const char *fmt, ...)
{
	char text[128];
	va_list args;
	int file = open("/sys/kernel/debug/dm-remap-test/message", O_WRONLY);
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (file < 0 || write(file, text, n) != n)
		err(1, "%s", text);
	close(file);
}

static bool power_is_off(void)
{
	char text[4096];
	int file = open("/sys/kernel/debug/dm-remap-test/status", O_RDONLY);
	ssize_t n = read(file, text, sizeof(text) - 1);

	close(file);
	if (n <= 0)
		err(1, "dm-remap-test/status");
	text[n] = 0;
	return strstr(text, " dead");
}

void faults_setup(const char *main, const char *spare)
{
	char path[64];
	int file;

	main_name = main;
	spare_name = spare;
	snprintf(path, sizeof(path), "/dev/mapper/%s", spare);
	file = open(path, O_RDONLY);
	if (file < 0)
		err(1, "%s", path);
	spare_sectors = lseek(file, 0, SEEK_END) / SECTOR;
	close(file);
	faults_bad = calloc(load.nr_sectors / BLOCK, sizeof(*faults_bad));
	if (!faults_bad)
		errx(1, "out of memory");
	tell("%s cache on", main);
	tell("%s cache on", spare);
}

static void break_main(uint64_t *rnd)
{
	static const char *const status[] = { "ioerr", "medium", "target" };
	uint64_t b = load.window / BLOCK + dice(rnd, WINDOW / BLOCK);
	unsigned int n = dice(rnd, 4) ? 1 : 1 + dice(rnd, 6), i;

	for (i = 0; i < n && b + i < (load.window + WINDOW) / BLOCK; i++) {
		if (faults_bad[b + i])
			continue;
		tell("%s bad %ju %d %s %s", main_name, (uintmax_t)(b + i) * BLOCK, BLOCK,
		     dice(rnd, 2) ? "both" : "write", status[dice(rnd, 3)]);
		faults_bad[b + i] = true;
	}
}

/* One slot takes no more writes; its data can still be read. */
static void break_spare(const struct dmdev *dm, uint64_t *rnd)
{
	uint64_t near = dmdev_status(dm, "slots_used") + 24 + dice(rnd, 8);
	uint64_t slot = dice(rnd, 3) ? near : dice(rnd, spare_sectors / BLOCK);

	tell("%s bad %ju %d write medium", spare_name, (uintmax_t)slot * BLOCK, BLOCK);
}

void faults_suffer(const struct dmdev *dm, uint64_t *rnd)
{
	unsigned int ms = 20 + dice(rnd, 400), i;
	bool spare = !dice(rnd, 4);

	for (i = 0; i < 1 + dice(rnd, 6); i++)
		break_main(rnd);
	if (spare)
		break_spare(dm, rnd);
	if (dice(rnd, 2))
		tell("%s cut-at %ju %s %ju", main_name, (uintmax_t)(1 + dice(rnd, 400)),
		     dice(rnd, 3) ? "write+flush" : "flush", (uintmax_t)*rnd);
	for (i = 0; i < ms && !power_is_off(); i += 5) {
		usleep(5000);
		if (!dice(rnd, 12))
			break_main(rnd);
	}
	tell("%s cut-at none", main_name);
	tell("%s powercut-all %ju", main_name, (uintmax_t)dice(rnd, UINT64_MAX));
}

void faults_over(void)
{
	uint64_t b;

	tell("%s good all", main_name);
	tell("%s good all", spare_name);
	tell("%s revive-all", main_name);
	for (b = 0; b < load.nr_sectors / BLOCK; b++)
		faults_bad[b] = false;
}
