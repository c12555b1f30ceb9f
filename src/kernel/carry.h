/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Carry, inner part: what carry.c has carry-copy.c do with one block.
 *
 * The part's block is fenced, its range is held, and p->req.page is a page of
 * its own. Context: the job worker.
 */
#ifndef REMAP_CARRY_H
#define REMAP_CARRY_H

#include "error.h"

/**
 * remap_carry_out() - what lives on main of one block, into a slot
 * Return: 0, with the part BAD when there is a change to commit; -EROFS, -ENOSPC: no block
 * can be moved now; another -errno: this one cannot.
 */
int remap_carry_out(struct remap *r, struct remap_part *p);

/** remap_carry_back() - what lives in its slot, onto main, not durable there. Returns likewise. */
int remap_carry_back(struct remap *r, struct remap_part *p);

/** remap_carry_compare() - does main give back what remap_carry_back() wrote? @seen: a free page */
int remap_carry_compare(struct remap *r, struct remap_part *p, struct page *seen);

#endif
