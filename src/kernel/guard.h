/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guard: R3 at the one place that submits writes to the spare.
 *
 * By construction no write goes astray: one table describes every slot. Here
 * each one says once more whose it is, and the table has to agree. One that says
 * nothing is refused, so that a new kind of write cannot forget to.
 */
#ifndef REMAP_GUARD_H
#define REMAP_GUARD_H

#include "bio.h"

/**
 * remap_guard_allows() - may @c, a write to the spare, be sent?
 *
 * If not it is counted, logged, and the mode is fail: something in this kernel is
 * not what it was, and nothing more is to be written to the spare.
 * Context: any in which a bio may be submitted; takes no lock that sleeps.
 */
bool remap_guard_allows(struct remap *r, struct remap_child *c);

/** remap_guard_violated() - count, log, and go to fail mode. @what: of the write. Context: any. */
void remap_guard_violated(struct remap *r, const char *what, u64 sect);

#endif
