/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cutload, inside: the numbers that its parts share.
 */
#ifndef CUTLOAD_H
#define CUTLOAD_H

#include <stdint.h>

#include "../pattern.h"

#define WINDOW		1024		/* sectors written to between two cuts */
#define BIGGEST		128		/* sectors of one I/O */
#define BLOCK		8		/* sectors */

/* Where the load is: one at a time, set by main() and the life of the device. */
struct load {
	int fd;				/* of the device, while it is up */
	uint64_t nr_sectors;		/* of it */
	uint64_t window;		/* first sector of the window */
	unsigned int cut;		/* which cut it is, from 1 */
};

extern struct load load;

/* A number below @n. */
static inline uint64_t dice(uint64_t *rnd, uint64_t n)
{
	*rnd = pattern_mix(*rnd + 0x9e3779b97f4a7c15ULL);
	return *rnd % n;
}

#endif
