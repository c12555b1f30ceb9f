/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes wrong under cutload: blocks go bad, the power goes.
 */
#ifndef CUTLOAD_FAULTS_H
#define CUTLOAD_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "../dmdev.h"
#include "cutload.h"

/* By block: main refuses it until the power is back. */
extern _Atomic bool *faults_bad;

/* @main and @spare: names of remap-test devices, both with a volatile cache from now on. */
void faults_setup(const char *main, const char *spare);

/* Errors under the writers, until the power is gone from both. */
void faults_suffer(const struct dmdev *dm, uint64_t *rnd);

/* The power is back, and with it all blocks are good. */
void faults_over(void);

#endif
