/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mend: what salvage made of a spare, written to the spare itself. Data slots
 * stay as they are.
 */
#ifndef DMREMAP_MEND_H
#define DMREMAP_MEND_H

#include "salvage.h"

/** mend_check() - can it be written in place, and above all that is there? Return: exit code */
int mend_check(const struct salvage *s);

/**
 * mend_write() - all copies anew, in parts: see newset_rewrite()
 * @d: open for writing
 *
 * A power cut leaves what was there, or the repaired set. After
 * salvage_settle(). Return: exit code.
 */
int mend_write(struct salvage *s, struct dev *d);

#endif
