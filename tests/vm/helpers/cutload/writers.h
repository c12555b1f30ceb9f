/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The threads of cutload that write, flush and read in the window.
 */
#ifndef CUTLOAD_WRITERS_H
#define CUTLOAD_WRITERS_H

#include <stdatomic.h>

#include "cutload.h"

/* Writes that succeeded, and those that did not. */
extern _Atomic uint64_t writers_good, writers_failed;

void writers_setup(uint64_t seed);
void writers_start(void);

/* Each ends after its I/O; writers_join() waits for that. */
void writers_stop(void);
void writers_join(void);

#endif
