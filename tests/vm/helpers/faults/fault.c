// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault itself: rules of the test target, fail-nth of the kernel, and the
 * count of the module's own allocations.
 */
#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"

#define MODULE	"/sys/module/dm_remap/parameters/"
#define DEBUG	"/sys/kernel/debug/"

static const char *status;
static int nth_fd, message_fd, fail_fd, rest_fd, seen_fd;
static enum fault armed;
static u32 armed_k;

static int open_or_die(const char *path, int flags)
{
	const int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void put(int fd, const char *text)
{
	if (pwrite(fd, text, strlen(text), 0) < 0)
		err(1, "writing %s", text);
}

static void put_number(int fd, u32 n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	put(fd, text);
}

static u32 get_number(int fd)
{
	char text[32] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		err(1, "reading a count");
	return strtoul(text, NULL, 10);
}

void tell(const char *fmt, ...)
{
	char text[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put(message_fd, text);
}

/* Sum of the I/Os of a faulty disk since its counters were cleared. */
static u64 count_io(const char *name)
{
	static const char *const what[] = { " reads ", " writes ", " flushes ", " discards ",
					    " zeroes " };
	static int fd = -1;
	char text[2048];
	const char *at, *p;
	u64 sum = 0;
	ssize_t n;
	u32 i;

	if (fd < 0)
		fd = open_or_die(DEBUG "dm-remap-test/status", O_RDONLY);
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		err(1, "dm-remap-test/status");
	text[n] = 0;
	at = strstr(text, name);
	for (i = 0; at && i < sizeof(what) / sizeof(*what); i++) {
		p = strstr(at, what[i]);
		if (!p)
			errx(1, "no%sin the status of %s", what[i], name);
		sum += strtoull(p + strlen(what[i]), NULL, 10);
	}
	return sum;
}

/*
 * As delivered, the kernel fails only allocations that may not wait, and pages
 * only from order 1 on: that would leave out nearly all.
 */
static void knobs(const char *which)
{
	static const char *const zero[] = { "ignore-gfp-wait", "cache-filter", "ignore-gfp-highmem",
					    "min-order", "verbose", "probability" };
	char path[96];
	u32 i;
	int fd;

	for (i = 0; i < sizeof(zero) / sizeof(*zero); i++) {
		snprintf(path, sizeof(path), DEBUG "%s/%s", which, zero[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;	/* the two have not the same ones */
		if (write(fd, "0", 1) != 1)
			err(1, "%s", path);
		close(fd);
	}
}

void fault_init(const char *with)
{
	status = with;
	nth_fd = open_or_die("/proc/thread-self/fail-nth", O_RDWR);
	message_fd = open_or_die(DEBUG "dm-remap-test/message", O_WRONLY);
	fail_fd = open_or_die(MODULE "alloc_fail", O_RDWR);
	rest_fd = open_or_die(MODULE "alloc_rest", O_RDWR);
	seen_fd = open_or_die(MODULE "alloc_seen", O_RDWR);
	knobs("failslab");
	knobs("fail_page_alloc");
}

static const char *disk_of(enum fault kind)
{
	return kind == SPARE_ONCE || kind == SPARE_FROM ? "fspare" : "fmain";
}

void fault_arm(enum fault kind, u32 k)
{
	armed = kind;
	armed_k = k;
	switch (kind) {
	case SPARE_ONCE:
	case MAIN_ONCE:
		tell("%s stats clear", disk_of(kind));
		tell("%s fail-nth %u all %s", disk_of(kind), k, status);
		break;
	case SPARE_FROM:
	case MAIN_FROM:
		tell("%s stats clear", disk_of(kind));
		tell("%s fail-from %u all %s", disk_of(kind), k, status);
		break;
	case MODULE_ONCE:
	case MODULE_FROM:
		put(rest_fd, kind == MODULE_FROM ? "Y" : "N");
		put(seen_fd, "0");
		put_number(fail_fd, k);
		break;
	default:
		put_number(nth_fd, k);
		break;
	}
}

bool fault_reached(void)
{
	switch (armed) {
	case MODULE_ONCE:
	case MODULE_FROM:
		return get_number(seen_fd) >= armed_k;
	case CALLER:
		return !get_number(nth_fd);
	default:
		return count_io(disk_of(armed)) >= armed_k;
	}
}

void fault_disarm(void)
{
	if (armed == CALLER)
		put(nth_fd, "0");
	else if (armed >= MODULE_ONCE)
		put(fail_fd, "0");
	else
		tell("%s fail none", disk_of(armed));
}

void fault_calm(void)
{
	tell("fmain good all");
	tell("fspare good all");
}

void fault_settle(void)
{
	u64 last = ~0ull, now;
	u32 i, quiet = 0;

	for (i = 0; i < 2000 && quiet < 3; i++) {
		now = count_io("fmain") + count_io("fspare");
		quiet = now == last ? quiet + 1 : 0;
		last = now;
		usleep(2000);
	}
}
