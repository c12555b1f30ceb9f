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

/** remap_carry_part() - block @i of those that move together */
static inline struct remap_part *remap_carry_part(const struct remap *r, u32 i)
{
	return r->carry.group[i / REMAP_GROUP]->part[i % REMAP_GROUP];
}

/**
 * remap_carry_covers() - is one of them in [@first, @last]?
 * Context: any, while r->job_io is among the ranges.
 */
bool remap_carry_covers(const struct remap *r, u64 first, u64 last);

/** remap_carry_wanted() - has block @b anything that a job of @verb would move? */
bool remap_carry_wanted(struct remap *r, enum dmr_job_verb verb, struct dmr_mblk b);

/** remap_carry_ask() - begin to read what lives on main of one block, @b has to be waited for */
void remap_carry_ask(struct remap *r, struct remap_part *p, struct remap_batch *b);

/**
 * remap_carry_out() - what was asked for, and what did not come with it, on its way to a slot
 * @sent: to be waited for before remap_carry_landed()
 * Return: 0; -EROFS, -ENOSPC: no block can be moved now; another -errno: this one cannot.
 */
int remap_carry_out(struct remap *r, struct remap_part *p, struct remap_batch *sent);

/** remap_carry_landed() - what came of it: likewise; the part BAD: there is a change to commit */
int remap_carry_landed(struct remap *r, struct remap_part *p);

/**
 * remap_carry_back() - what lives in its slot, which is drained, onto main, not durable there
 * Return: 0, the part BAD when there is a change to commit; -errno: it stays in its slot.
 */
int remap_carry_back(struct remap *r, struct remap_part *p);

/** remap_carry_compare() - does main give back what remap_carry_back() wrote? @seen: a free page */
int remap_carry_compare(struct remap *r, struct remap_part *p, struct page *seen);

#endif
