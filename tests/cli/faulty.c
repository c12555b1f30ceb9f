// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faulty: a library that is preloaded into the tool. It makes a power cut after
 * so many writes, a write or a flush that fails, and slots of a file that cannot be read.
 *
 * FAULTY_WRITES=N    the program ends before its write N + 1
 * FAULTY_TORN=BYTES  ... of which so many bytes are still written
 * FAULTY_FAILS=N     write N + 1 fails, and nothing of it is written
 * FAULTY_SYNCS=N     flush N + 1 fails
 * FAULTY_FILE=PATH   the file that cannot be read, in the
 * FAULTY_SECTORS=A,B,...  sectors given
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR	512
#define ENDED	99

static int is_faulty(int fd)
{
	const char *path = getenv("FAULTY_FILE");
	struct stat a, b;

	return path && !stat(path, &a) && !fstat(fd, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static int hits(size_t n, off_t off)
{
	char *p = getenv("FAULTY_SECTORS");

	while (p && *p) {
		off_t at = strtoll(p, &p, 10) * SECTOR;

		if (at < off + (off_t)n && off < at + SECTOR)
			return 1;
		p += *p == ',';
	}
	return 0;
}

ssize_t pread64(int fd, void *buf, size_t n, off_t off)
{
	if (hits(n, off) && is_faulty(fd)) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, buf, n, off);
}

ssize_t pread(int fd, void *buf, size_t n, off_t off)
{
	return pread64(fd, buf, n, off);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off_t off)
{
	const char *limit = getenv("FAULTY_WRITES"), *torn = getenv("FAULTY_TORN");
	const char *fails = getenv("FAULTY_FAILS");
	static long done, tried;

	if (fails && tried++ == atol(fails)) {
		errno = EIO;
		return -1;
	}
	if (limit && done++ >= atol(limit)) {
		if (torn)
			syscall(SYS_pwrite64, fd, buf, (size_t)atol(torn), off);
		_exit(ENDED);
	}
	return syscall(SYS_pwrite64, fd, buf, n, off);
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t off)
{
	return pwrite64(fd, buf, n, off);
}

int fsync(int fd)
{
	const char *fails = getenv("FAULTY_SYNCS");
	static long done;

	if (fails && done++ == atol(fails)) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}
