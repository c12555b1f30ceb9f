// SPDX-License-Identifier: GPL-2.0-only
/*
 * cutload - verified writing under power cuts.
 *
 *	cutload TARGET MAIN SPARE SECTORS CUTS SEED [until-loss]
 *
 * MAIN and SPARE are the names of remap-test devices; SPARE is formatted, and
 * nothing has it open. TARGET is remap, or a variant of it. For each cut: open the pair, check
 * every sector, write
 * with several threads while blocks go bad, cut the power of both at a random
 * moment, tear the device down, give the power back.
 *
 * A sector has one writer at a time and is written with increasing sequence
 * numbers. What must survive a cut is, per sector, the newest write that was
 *   - acknowledged by RWF_DSYNC, or
 *   - acknowledged before a flush began that succeeded, or
 *   - acknowledged, and remapped: main's block was bad all the time, or the
 *     sector was in a slot already;
 * it may hold anything newer that was submitted. What was read after a cut
 * stays: of the writes before that cut, none may turn up later.
 *
 * Exit: 0 nothing lost, 1 setup, 3 lost. The last line of output is
 * "cuts <n> lost <n> wrong <n> ..." (lost: too old; wrong: no such write, an
 * error, or not opened).
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "dmdev.h"
#include "pattern.h"

#define THREADS		6
#define WINDOW		1024		/* sectors written to between two cuts */
#define STEP		256		/* the window moves on by that much each cut */
#define CHUNK		128		/* sectors that a thread has for itself */
#define SHARED		256		/* at the end of a window: each sector has its owner */
#define BIGGEST		128		/* sectors of one write */
#define BLOCK		8		/* sectors */
#define FULL_EVERY	10		/* cuts from one check of everything to the next */
#define SHOW		12		/* complaints */

/* What a sector may hold; its writer alone writes to it, but for durable. */
struct sector {
	uint32_t base;		/* what was read after the last cut */
	uint32_t since;		/* the last write before that cut */
	uint32_t sent;
	_Atomic uint32_t acked;
	_Atomic uint32_t durable;
	bool slot;		/* known to live in a slot */
};

struct thread {
	pthread_t id;
	unsigned int nr;
	uint64_t rnd;
	struct pattern *buf;
	uint32_t *seen;		/* acked[] of the window, before a flush */
};

static struct dmdev dm = { .name = "cutload" };
static char params[128];
static const char *target, *main_name, *spare_name;
static uint64_t nr_sectors, spare_sectors;
static struct sector *sectors;
static _Atomic bool *bad;		/* by block: main refuses it until the power is back */
static uint64_t window;		/* its first sector */
static uint64_t written;	/* end of what was ever in one */
static int fd;
static _Atomic bool stop;
static unsigned int cut, lost, wrong;
static _Atomic unsigned int stale;
static _Atomic uint64_t writes, failed;
static uint64_t remaps;

static uint64_t dice(uint64_t *rnd, uint64_t n)
{
	*rnd = pattern_mix(*rnd + 0x9e3779b97f4a7c15ULL);
	return *rnd % n;
}

static void nap(unsigned int us)
{
	struct timespec t = { .tv_nsec = us * 1000L };

	nanosleep(&t, NULL);
}

/* --- the test target --- */

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

/* --- what a sector may hold --- */

static void complain(uint64_t s, int64_t got, const char *what)
{
	const struct sector *x = &sectors[s];

	if (lost + wrong + stale > SHOW)
		return;
	printf("cut %u: sector %ju (block %ju%s): %s: has %jd; base %u, before the cut %u, sent %u, acked %u, durable %u\n",
	       cut, (uintmax_t)s, (uintmax_t)s / BLOCK, x->slot ? ", in a slot" : "", what,
	       (intmax_t)got, x->base, x->since, x->sent, x->acked, x->durable);
	fflush(stdout);
}

static void verify_sector(uint64_t s, int64_t got)
{
	struct sector *x = &sectors[s];

	if (got == x->base ? x->durable <= x->base :
	    got > x->since && got >= x->durable && got <= x->sent) {
		x->base = got;
	} else if (got >= 0 && got <= x->sent && got < x->durable) {
		complain(s, got, "lost");
		lost++;
	} else {
		complain(s, got, got < 0 ? "not of this sector" : "came back");
		wrong++;
	}
	x->since = x->sent;
	x->acked = x->base;
	x->durable = x->base;
}

/* A pending sector may be tried once a second only. */
static bool read_one(uint64_t s, struct pattern *p)
{
	if (pread(fd, p, SECTOR, s * SECTOR) == SECTOR)
		return true;
	sleep(1);
	nap(100000);
	return pread(fd, p, SECTOR, s * SECTOR) == SECTOR;
}

static void verify(uint64_t first, uint64_t end)
{
	static struct pattern *buf;
	uint64_t s, i;

	if (!buf && posix_memalign((void **)&buf, 4096, BIGGEST * SECTOR))
		errx(1, "out of memory");

	for (s = first; s < end; s += BIGGEST) {
		uint64_t n = end - s < BIGGEST ? end - s : BIGGEST;
		bool whole = pread(fd, buf, n * SECTOR, s * SECTOR) == (ssize_t)(n * SECTOR);

		for (i = 0; i < n; i++) {
			if (!whole && !read_one(s + i, &buf[i])) {
				complain(s + i, -1, "cannot be read");
				wrong++;
				continue;
			}
			verify_sector(s + i, pattern_seq(&buf[i], s + i));
		}
	}
}

/* --- the writers --- */

static bool owns(const struct thread *t, uint64_t s)
{
	if (s >= window + WINDOW - SHARED)
		return s % THREADS == t->nr;
	return (s - window) / CHUNK % THREADS == t->nr;
}

static uint64_t own_sector(struct thread *t)
{
	uint64_t s;

	do
		s = window + dice(&t->rnd, WINDOW);
	while (!owns(t, s));
	return s;
}

/* From @s on, the sectors of one of this thread's writes. */
static unsigned int own_run(struct thread *t, uint64_t s)
{
	unsigned int most, n;

	switch (dice(&t->rnd, 8)) {
	case 0:
		most = BIGGEST;
		break;
	case 1:
	case 2:
		most = 1 + dice(&t->rnd, 32);
		break;
	default:
		most = BLOCK - s % BLOCK;
	}
	for (n = 1; n < most && s + n < window + WINDOW && owns(t, s + n); n++)
		;
	return n;
}

static void do_write(struct thread *t)
{
	uint64_t s = own_sector(t);
	bool dsync = !dice(&t->rnd, 6);
	bool was_bad[BIGGEST];
	unsigned int n, i;
	struct iovec v;

	if (dice(&t->rnd, 2))
		while (s % BLOCK && owns(t, s - 1) && s > window)
			s--;
	n = own_run(t, s);
	for (i = 0; i < n; i++) {
		was_bad[i] = bad[(s + i) / BLOCK];
		pattern_fill(&t->buf[i], s + i, ++sectors[s + i].sent);
	}
	v = (struct iovec){ t->buf, n * SECTOR };
	if (pwritev2(fd, &v, 1, s * SECTOR, dsync ? RWF_DSYNC : 0) != (ssize_t)v.iov_len) {
		failed++;
		return;
	}
	writes++;
	for (i = 0; i < n; i++) {
		struct sector *x = &sectors[s + i];

		x->slot |= was_bad[i];
		x->acked = x->sent;
		if (dsync || x->slot)
			x->durable = x->sent;
	}
}

static void do_flush(struct thread *t)
{
	unsigned int i;

	for (i = 0; i < WINDOW; i++)
		t->seen[i] = sectors[window + i].acked;
	if (fdatasync(fd))
		return;
	for (i = 0; i < WINDOW; i++) {
		struct sector *x = &sectors[window + i];
		uint32_t was = x->durable;

		while (was < t->seen[i] &&
		       !atomic_compare_exchange_weak(&x->durable, &was, t->seen[i]))
			;
	}
}

static void do_read(struct thread *t)
{
	uint64_t s = own_sector(t);
	unsigned int n = own_run(t, s), i;

	if (pread(fd, t->buf, n * SECTOR, s * SECTOR) != (ssize_t)(n * SECTOR))
		return;
	for (i = 0; i < n; i++) {
		const struct sector *x = &sectors[s + i];
		int64_t got = pattern_seq(&t->buf[i], s + i);

		if (got == x->base ? x->acked <= x->base :
		    got > x->since && got >= x->acked && got <= x->sent)
			continue;
		complain(s + i, got, "read while writing");
		stale++;
	}
}

static void *writer(void *arg)
{
	struct thread *t = arg;

	while (!stop) {
		switch (dice(&t->rnd, 12)) {
		case 0:
			do_flush(t);
			break;
		case 1:
			do_read(t);
			break;
		default:
			do_write(t);
		}
	}
	return NULL;
}

/* --- what goes wrong meanwhile --- */

static void break_main(uint64_t *rnd)
{
	static const char *const status[] = { "ioerr", "medium", "target" };
	uint64_t b = window / BLOCK + dice(rnd, WINDOW / BLOCK);
	unsigned int n = dice(rnd, 4) ? 1 : 1 + dice(rnd, 6), i;

	for (i = 0; i < n && b + i < (window + WINDOW) / BLOCK; i++) {
		if (bad[b + i])
			continue;
		tell("%s bad %ju %d %s %s", main_name, (uintmax_t)(b + i) * BLOCK, BLOCK,
		     dice(rnd, 2) ? "both" : "write", status[dice(rnd, 3)]);
		bad[b + i] = true;
	}
}

/* One slot takes no more writes; its data can still be read. */
static void break_spare(uint64_t *rnd)
{
	uint64_t near = dmdev_status(&dm, "slots_used") + 24 + dice(rnd, 8);
	uint64_t slot = dice(rnd, 3) ? near : dice(rnd, spare_sectors / BLOCK);

	tell("%s bad %ju %d write medium", spare_name, (uintmax_t)slot * BLOCK, BLOCK);
}

/* Until the power is gone. */
static void suffer(uint64_t *rnd)
{
	unsigned int ms = 20 + dice(rnd, 400), i;
	bool spare = !dice(rnd, 4);

	for (i = 0; i < 1 + dice(rnd, 6); i++)
		break_main(rnd);
	if (spare)
		break_spare(rnd);
	if (dice(rnd, 2))
		tell("%s cut-at %ju %s %ju", main_name, (uintmax_t)(1 + dice(rnd, 400)),
		     dice(rnd, 3) ? "write+flush" : "flush", (uintmax_t)*rnd);
	for (i = 0; i < ms && !power_is_off(); i += 5) {
		nap(5000);
		if (!dice(rnd, 12))
			break_main(rnd);
	}
	tell("%s cut-at none", main_name);
	tell("%s powercut-all %ju", main_name, (uintmax_t)dice(rnd, UINT64_MAX));
}

/* --- one life of the device --- */

static bool come_up(void)
{
	int r = dmdev_create(&dm, nr_sectors, target, params);

	if (!r) {
		fd = open(dm.node, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (fd < 0)
			err(1, "%s", dm.node);
		return true;
	}
	printf("cut %u: not opened: %s\n", cut, strerror(r));
	wrong++;
	return false;
}

static void must(int r, const char *what)
{
	if (r)
		errx(1, "cut %u: %s: %s", cut, what, strerror(r));
}

/* With writers waiting: what they wait for fails. Without power. */
static void go_down(struct thread *t, unsigned int n)
{
	unsigned int i;

	remaps += dmdev_status(&dm, "remaps");
	must(dmdev_suspend(&dm), "suspend without power");
	must(dmdev_load(&dm, nr_sectors, "error", ""), "load the error target");
	must(dmdev_resume(&dm), "resume the error target");
	for (i = 0; i < n; i++)
		pthread_join(t[i].id, NULL);
	close(fd);
	must(dmdev_remove(&dm), "remove");
}

static void one_cut(struct thread *t, uint64_t *rnd)
{
	unsigned int i;

	stop = false;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&t[i].id, NULL, writer, &t[i]))
			errx(1, "pthread_create");
	suffer(rnd);
	stop = true;
	go_down(t, THREADS);
	tell("%s good all", main_name);
	tell("%s good all", spare_name);
	tell("%s revive-all", main_name);
	for (i = 0; i < nr_sectors / BLOCK; i++)
		bad[i] = false;
}

/* `dmremap check`, between a cut and the next open; its status. */
static int run_check(void)
{
	char spare[64];
	int status;
	pid_t pid;

	snprintf(spare, sizeof(spare), "/dev/mapper/%s", spare_name);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!freopen("/tmp/cutload-check", "w", stdout))
			_exit(127);
		execlp("dmremap", "dmremap", "check", spare, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* A clean end: after it, nothing at all may be wrong. */
static void close_clean(void)
{
	close(fd);
	must(dmdev_remove(&dm), "close");
	if (run_check()) {
		printf("cut %u: after a clean close, dmremap check found something\n", cut);
		wrong++;
		if (!system("cat /tmp/cutload-check"))
			fflush(stdout);
	}
}

static void setup(char **argv)
{
	char path[64];
	int file;

	target = argv[1];
	main_name = argv[2];
	spare_name = argv[3];
	nr_sectors = strtoull(argv[4], NULL, 0);
	snprintf(params, sizeof(params), "/dev/mapper/%s /dev/mapper/%s", main_name, spare_name);
	snprintf(path, sizeof(path), "/dev/mapper/%s", spare_name);
	file = open(path, O_RDONLY);
	if (file < 0)
		err(1, "%s", path);
	spare_sectors = lseek(file, 0, SEEK_END) / SECTOR;
	close(file);
	sectors = calloc(nr_sectors, sizeof(*sectors));
	bad = calloc(nr_sectors / BLOCK, sizeof(*bad));
	if (!sectors || !bad)
		errx(1, "out of memory");
	tell("%s cache on", main_name);
	tell("%s cache on", spare_name);
}

static void threads_setup(struct thread *t, uint64_t seed)
{
	unsigned int i;
	void *buf;

	for (i = 0; i < THREADS; i++) {
		if (posix_memalign(&buf, 4096, BIGGEST * SECTOR))
			errx(1, "out of memory");
		t[i] = (struct thread){ .nr = i, .rnd = seed * 1000 + i, .buf = buf };
		t[i].seen = calloc(WINDOW, sizeof(*t[i].seen));
	}
}

int main(int argc, char **argv)
{
	struct thread threads[THREADS];
	unsigned int cuts;
	bool until_loss, up;
	uint64_t rnd;

	if (argc < 7)
		errx(1, "wanted: TARGET MAIN SPARE SECTORS CUTS SEED [until-loss]");
	setup(argv);
	cuts = strtoul(argv[5], NULL, 0);
	rnd = strtoull(argv[6], NULL, 0);
	until_loss = argc > 7;
	threads_setup(threads, rnd);

	up = come_up();
	if (!up)
		return 1;
	while (cut < cuts && up && !(until_loss && lost)) {
		cut++;
		if (window + WINDOW > written)
			written = window + WINDOW;
		one_cut(threads, &rnd);
		up = come_up();
		if (up && (cut % FULL_EVERY == 0 || cut == cuts)) {
			verify(0, written);
			close_clean();
			up = come_up();
		} else if (up) {
			verify(window, window + WINDOW);
		}
		window = (window + STEP) % (nr_sectors - WINDOW);
	}
	if (up) {
		close(fd);
		must(dmdev_remove(&dm), "close");
	}
	printf("cuts %u lost %u wrong %u writes %ju failed %ju remaps %ju\n", cut, lost,
	       wrong + stale, (uintmax_t)writes, (uintmax_t)failed, (uintmax_t)remaps);
	return lost + wrong + stale ? 3 : 0;
}
