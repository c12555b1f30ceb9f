/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * iopat, inside: what is asked for, and the I/O that does it.
 */
#ifndef IOPAT_H
#define IOPAT_H

#include "../pattern.h"

#include <stdbool.h>

#define MAX_QD 256

/* The options of the command line; @bs and @step are not 0 when a run begins. */
struct options {
	unsigned long bs;
	unsigned long step;
	unsigned int qd;
	bool fua, flush, buffered, readahead, uring, nowait, vec, keep_going;
};

/* What is done to a range of sectors. */
struct run {
	const struct options *opt;
	int fd;
	bool write;
	uint64_t seq;				/* of a write */
	/* Told of each I/O when it is over; @error is 0 or an errno. */
	void (*done)(const struct run *run, const struct pattern *buf, uint64_t first,
		     unsigned long nr, int error);
};

/* Over [first, first + nr), as the options say: one I/O at a time or many. */
void run_over(const struct run *run, uint64_t first, unsigned long nr);

/* What main() has opened, for who goes on after it. */
void iopat_close(void);

#endif
