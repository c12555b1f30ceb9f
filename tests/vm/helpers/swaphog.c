// SPDX-License-Identifier: GPL-2.0-only
/*
 * swaphog - needs more memory than there is, and knows what must be in it.
 *
 *	swaphog MB SECONDS WORKERS SEED
 *
 * Each worker has its share of the MB, in pages of which each holds its number,
 * the number of its writing, a pattern that follows from both, and a checksum.
 * For SECONDS pages are chosen at random, alone and in runs; each is checked,
 * and every second one is written anew; in the end all are checked. Which
 * writing a page must hold is kept in locked memory, so a page that came back
 * as an older one is noticed as well.
 *
 * While it gets on a worker says so every second, as "@hog<n> alive ...", and
 * "@hog<n> done" at its end. The last line is "RESULT hog pages <n> checks <n>
 * writes <n> wrong <n>".
 *
 * Exit: 0 fine, 1 setup or a worker died, 3 a page was not as it must be.
 */
#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

#define PAGE_BYTES 4096
#define WORDS (PAGE_BYTES / 8)
#define FILLED (WORDS - 3)
#define RUN_MAX 16		/* pages that are touched one after the other */
#define WORKERS_MAX 8
#define WRONG_SHOWN 8		/* of each worker */

struct page {
	uint64_t nr;
	uint64_t gen;
	uint64_t fill[FILLED];
	uint64_t sum;
};

struct totals {
	uint64_t checks;
	uint64_t writes;
	uint64_t wrong;
};

static struct totals *totals;	/* of each worker; shared */
static struct totals *mine;
static struct page *pages;
static uint32_t *gen;		/* of each page of this worker */
static uint64_t nr_pages;	/* of each worker */
static uint64_t base;		/* number of this worker's first page */
static unsigned int worker;
static uint64_t rnd;
static time_t began, said;

static uint64_t next_random(void)
{
	rnd += 0x9e3779b97f4a7c15ULL;
	return pattern_mix(rnd);
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void *locked(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mlock(p, bytes))
		err(1, "no memory that is locked");
	return p;
}

/* One call, and no buffer: two workers write to one terminal. */
static void say(const char *what)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "@hog%u %s checks %ju writes %ju wrong %ju\n",
			 worker, what, (uintmax_t)mine->checks, (uintmax_t)mine->writes,
			 (uintmax_t)mine->wrong);

	if (write(STDOUT_FILENO, line, n) != n)
		_exit(1);
}

static void alive(void)
{
	time_t t = now();

	if (t == said)
		return;
	said = t;
	say("alive");
}

static uint64_t fill_word(uint64_t start, unsigned int i)
{
	return start + i * 0x9e3779b97f4a7c15ULL;
}

static uint64_t fill_start(uint64_t nr, uint64_t g)
{
	return pattern_mix(nr * 1000003 + g);
}

static void page_write(uint64_t i)
{
	struct page *p = &pages[i];
	uint64_t start, sum;
	unsigned int w;

	p->nr = base + i;
	p->gen = ++gen[i];
	start = fill_start(p->nr, p->gen);
	sum = p->nr + p->gen;
	for (w = 0; w < FILLED; w++) {
		p->fill[w] = fill_word(start, w);
		sum += p->fill[w];
	}
	p->sum = sum;
	mine->writes++;
}

/* Does the page hold what it says it holds? *@at: the first word that does not. */
static bool page_whole(const struct page *p, unsigned int *at)
{
	uint64_t start = fill_start(p->nr, p->gen);
	uint64_t sum = p->nr + p->gen;

	for (*at = 0; *at < FILLED; (*at)++) {
		if (p->fill[*at] != fill_word(start, *at))
			return false;
		sum += p->fill[*at];
	}
	return p->sum == sum;
}

static void page_tell(uint64_t i, bool whole, unsigned int at)
{
	const struct page *p = &pages[i];
	char line[192];
	int n;

	if (mine->wrong > WRONG_SHOWN)
		return;
	n = snprintf(line, sizeof(line),
		     "wrong: page %ju writing %u: holds page %ju writing %ju, %s%.0u\n",
		     (uintmax_t)(base + i), gen[i], (uintmax_t)p->nr, (uintmax_t)p->gen,
		     whole ? "whole" : "not whole from word ", whole ? 0 : at);
	if (write(STDOUT_FILENO, line, n) != n)
		_exit(1);
}

static void page_check(uint64_t i)
{
	const struct page *p = &pages[i];
	unsigned int at;
	bool whole = page_whole(p, &at);

	mine->checks++;
	if (whole && p->nr == base + i && p->gen == gen[i])
		return;
	mine->wrong++;
	page_tell(i, whole, at);
	page_write(i); /* so that it is told once */
}

static void touch_some(void)
{
	uint64_t r = next_random();
	uint64_t i = r % nr_pages;
	uint64_t n = 1;

	/* one in four is a run, as programs have them, and swap's clusters */
	if (!(r >> 62))
		n += (r >> 40) % RUN_MAX;
	for (; n && i < nr_pages; n--, i++) {
		page_check(i);
		if (next_random() & 1)
			page_write(i);
	}
}

/* An I/O error below: the page is lost. */
static void on_bus_error(int sig)
{
	(void)sig;
	mine->wrong++;
	say("cannot read a page:");
	_exit(3);
}

static int work(time_t seconds)
{
	uint64_t i;

	signal(SIGBUS, on_bus_error);
	pages = mmap(NULL, nr_pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pages == MAP_FAILED)
		err(1, "%ju pages", (uintmax_t)nr_pages);
	/* one in a page of 4 KiB, or nothing is swapped page by page */
	madvise(pages, nr_pages * PAGE_BYTES, MADV_NOHUGEPAGE);
	gen = locked(nr_pages * sizeof(*gen));

	for (i = 0; i < nr_pages; i++) {
		page_write(i);
		alive();
	}
	while (now() - began < seconds) {
		touch_some();
		alive();
	}
	for (i = 0; i < nr_pages; i++) {
		page_check(i);
		alive();
	}
	say("done");
	return mine->wrong ? 3 : 0;
}

static void start(unsigned int w, time_t seconds, uint64_t seed)
{
	worker = w;
	mine = &totals[w];
	base = w * nr_pages;
	rnd = pattern_mix(seed + w);
	exit(work(seconds));
}

int main(int argc, char **argv)
{
	unsigned int workers, w;
	struct totals all = {};
	int status, worst = 0;

	workers = argc == 5 ? atoi(argv[3]) : 0;
	if (!workers || workers > WORKERS_MAX)
		errx(1, "usage: swaphog MB SECONDS WORKERS SEED");
	nr_pages = strtoull(argv[1], NULL, 0) * (1048576 / PAGE_BYTES) / workers;
	totals = locked(WORKERS_MAX * sizeof(*totals));
	began = now();
	for (w = 0; w < workers; w++)
		if (!fork())
			start(w, atol(argv[2]), strtoull(argv[4], NULL, 0));
	while (wait(&status) > 0) {
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		if (status && worst != 3)
			worst = status;
	}
	for (w = 0; w < workers; w++) {
		all.checks += totals[w].checks;
		all.writes += totals[w].writes;
		all.wrong += totals[w].wrong;
	}
	printf("RESULT hog pages %ju checks %ju writes %ju wrong %ju\n",
	       (uintmax_t)(nr_pages * workers), (uintmax_t)all.checks, (uintmax_t)all.writes,
	       (uintmax_t)all.wrong);
	return worst;
}
