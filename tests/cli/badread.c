// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into dmremap: slots that cannot be read. BAD_SLOTS has their
 * numbers, separated by commas. Needs no root, no loop device and no module.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOT_BYTES 4096

static int is_bad(off64_t from, size_t len)
{
	const char *p = getenv("BAD_SLOTS");
	char *end;

	for (; p && *p; p = *end ? end + 1 : end) {
		off64_t at = strtoll(p, &end, 10) * SLOT_BYTES;

		if (at < from + (off64_t)len && from < at + SLOT_BYTES)
			return 1;
	}
	return 0;
}

ssize_t pread64(int fd, void *buf, size_t len, off64_t from)
{
	static ssize_t (*real)(int fd, void *buf, size_t len, off64_t from);

	if (is_bad(from, len)) {
		errno = EIO;
		return -1;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "pread64");
	return real(fd, buf, len, from);
}
