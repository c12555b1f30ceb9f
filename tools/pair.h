/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pair: whether a main and a spare can be a set, whatever is on them. Each
 * refusal is a sentence on stderr: what failed, on which device, what to do.
 */
#ifndef DMREMAP_PAIR_H
#define DMREMAP_PAIR_H

#include "base.h"
#include "../src/core/layout.h"
#include "dev.h"

/**
 * pair_check() - can these two be a set?
 * @lay: filled in: the layout of the spare
 * Return: exit code.
 */
int pair_check(const struct dev *main_dev, const struct dev *spare, struct dmr_layout *lay);

/** pair_check_apart() - refuse two that are one device, or lie on each other. Return: exit code */
int pair_check_apart(const struct dev *a, const struct dev *b);

/** pair_check_free() - refuse a main that has holders or is mounted. Return: exit code */
int pair_check_free(const struct dev *main_dev);

/** pair_warn() - what works but hurts: a queue timeout that hides errors, a spare in a file */
void pair_warn(const struct dev *main_dev, const struct dev *spare);

#endif
