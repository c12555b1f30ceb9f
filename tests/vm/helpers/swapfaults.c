// SPDX-License-Identifier: GPL-2.0-only
/*
 * swapfaults - what happens to the device that the memory of all others is on.
 *
 *	swapfaults NAME FAULTY SECTORS SEED [hang N | lose N]
 *
 * NAME is the dm-remap device that is swapped to, FAULTY the remap-test device
 * that is its main, of so many sectors. Until SIGTERM places of FAULTY go bad
 * for writing, one after the other at random; now and then NAME is suspended,
 * and resumed a moment later: with flush and without.
 *
 * All of it is locked in memory, and the files it needs are open from the
 * beginning: a process that is swapped out to a device that is suspended could
 * not resume it. While NAME is suspended nothing is done but to wait.
 *
 * For the controls: `hang N` suspends for good after N seconds; `lose N` reads N
 * blocks of FAULTY after twenty seconds, and writes each over another one.
 *
 * Says "@faults alive ..." every second, and at the end "RESULT faults ranges <n>
 * suspends <n> suspend_ms <n> resume_ms <n>": how long the longest of each took.
 * Exit: 0 fine, 1 setup, 2 an order failed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "dmdev.h"
#include "pattern.h"

#define BLOCK 4096
#define MESSAGE_FILE "/sys/kernel/debug/dm-remap-test/message"
#define RANGE_MAX 64			/* sectors that go bad at once */
#define EVERY_MS 150			/* at most, from one bad place to the next */
#define SUSPEND_EVERY_MS 5000		/* on average */
#define SUSPEND_MAX_MS 1500
#define LOSE_AFTER_MS 20000

static struct dmdev dm;
static const char *faulty;
static uint64_t nr_sect;
static uint64_t rnd;
static int message_fd;
static unsigned long ranges, suspends;
static uint64_t suspend_ms, resume_ms;	/* the longest */
static sigset_t term;		/* SIGTERM, which is waited for */
static char block[BLOCK] __attribute__((aligned(BLOCK)));

static uint64_t next_random(void)
{
	rnd += 0x9e3779b97f4a7c15ULL;
	return pattern_mix(rnd);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static bool told_to_end(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	return sigtimedwait(&term, NULL, &t) == SIGTERM;
}

static void say(const char *what)
{
	char line[128];
	int n = snprintf(line, sizeof(line),
			 "%s ranges %lu suspends %lu suspend_ms %ju resume_ms %ju\n", what,
			 ranges, suspends, (uintmax_t)suspend_ms, (uintmax_t)resume_ms);

	if (write(STDOUT_FILENO, line, n) != n)
		exit(1);
}

/* Reads go on: what was written there before must not be lost, only moved. */
static void bad_place(void)
{
	uint64_t r = next_random();
	unsigned int nr = r & 3 ? 8 : 1 + (r >> 8) % RANGE_MAX;
	uint64_t first = (r >> 16) % (nr_sect - RANGE_MAX);
	char text[128];
	int n;

	if (r & 4)
		first &= ~7ULL;
	n = snprintf(text, sizeof(text), "%s bad %ju %u write %s", faulty, (uintmax_t)first, nr,
		     r & 8 ? "medium" : "ioerr");
	if (write(message_fd, text, n) != n)
		err(2, "%s", text);
	ranges++;
}

static void order(uint32_t flags, uint64_t *longest_ms)
{
	struct dmdev_buf b = {};
	uint64_t from = now_ms();
	int r = dmdev_do(&dm, DM_DEV_SUSPEND, &b, flags);

	if (r)
		errx(2, "%s: %s", flags & DM_SUSPEND_FLAG ? "suspend" : "resume", strerror(r));
	from = now_ms() - from;
	if (from > *longest_ms)
		*longest_ms = from;
}

static void suspend_and_resume(bool for_good)
{
	uint64_t r = next_random();
	uint32_t flags = DM_SUSPEND_FLAG;

	if (r & 1)
		flags |= DM_NOFLUSH_FLAG;
	if (r & 2)
		flags |= DM_SKIP_LOCKFS_FLAG;
	order(flags, &suspend_ms);
	while (for_good)
		sleep_ms(1000);
	sleep_ms((r >> 8) % SUSPEND_MAX_MS);
	order(0, &resume_ms);
	suspends++;
}

/*
 * What a map that went astray would do: blocks that hold another's pages. Behind the
 * device's back, as nobody may write to one that is swapped to.
 */
static void lose(unsigned long n)
{
	uint64_t blocks = nr_sect / 8 - 1;
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/dev/mapper/%s", faulty);
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	for (; n; n--) {
		off_t from = 1 + next_random() % blocks;
		off_t to = 1 + next_random() % blocks;

		if (pread(fd, block, BLOCK, from * BLOCK) != BLOCK)
			err(1, "%s", path);
		/* some are bad already */
		if (pwrite(fd, block, BLOCK, to * BLOCK) != BLOCK && errno != EIO &&
		    errno != ENODATA)
			err(1, "%s", path);
	}
	close(fd);
}

static void run(unsigned long hang, unsigned long losses)
{
	uint64_t from = now_ms();
	uint64_t said = from;
	uint64_t next = from + SUSPEND_EVERY_MS;

	do {
		uint64_t t = now_ms();

		bad_place();
		if (hang && t - from > hang * 1000)
			suspend_and_resume(true);
		if (losses && t - from > LOSE_AFTER_MS) {
			lose(losses);
			losses = 0;
		}
		if (t >= next) {
			suspend_and_resume(false);
			next = now_ms() + next_random() % (2 * SUSPEND_EVERY_MS);
		}
		if (t - said >= 1000) {
			said = t;
			say("@faults alive");
		}
	} while (!told_to_end(next_random() % EVERY_MS));
	say("RESULT faults");
	say("@faults done");
}

/* The pages that the stack will have: locked before they are needed. */
static void touch_stack(void)
{
	char room[65536];

	explicit_bzero(room, sizeof(room));
}

int main(int argc, char **argv)
{
	unsigned long n;

	if (argc != 5 && argc != 7)
		errx(1, "usage: swapfaults NAME FAULTY SECTORS SEED [hang N | lose N]");
	dm.name = argv[1];
	faulty = argv[2];
	nr_sect = strtoull(argv[3], NULL, 0);
	rnd = strtoull(argv[4], NULL, 0);
	n = argc == 7 ? strtoul(argv[6], NULL, 0) : 0;
	dm.control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	message_fd = open(MESSAGE_FILE, O_WRONLY | O_CLOEXEC);
	if (dm.control < 0 || message_fd < 0 || nr_sect <= RANGE_MAX)
		err(1, "opening %s", dm.control < 0 ? "/dev/mapper/control" : MESSAGE_FILE);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	touch_stack();
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	run(n && !strcmp(argv[5], "hang") ? n : 0, n && !strcmp(argv[5], "lose") ? n : 0);
	return 0;
}
