// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gather: requests on their way to the commit worker.
 *
 * A commit is three flushes, whatever is in it, and on a dying disk errors come
 * many at a time: with 128 writes failing at once, the first to get its verdict
 * would have a commit for itself. So a commit begins when every held bio has
 * queued what it wants, or when none did for REMAP_GATHER, or after
 * REMAP_GATHER_MAX of these. That is little beside the seconds an error takes on
 * a real disk, and it is bounded: a held bio may itself wait for a commit, or for
 * a disk that does not answer (B9). Measured by the test storm.
 *
 * Who waits for a commit needs no thread for it: the commit worker ends the bio.
 * With a thread for each, a storm had as many in a commit as the workqueue had
 * threads, and while it makes more of them, a rescuer takes all that is queued and
 * settles it one by one, each with a commit of its own.
 */
#include "commit.h"

#define REMAP_GATHER		(HZ / 20)
#define REMAP_GATHER_MAX	4

static bool remap_gathered(struct remap *r)
{
	/* an answer that is wrong by a moment costs a wait or a commit, no more */
	return atomic_read(&r->waiting) >= READ_ONCE(r->held);
}

void remap_gather_wait(struct remap *r)
{
	bool none;
	int had;
	u32 i;

	mutex_lock(&r->map_lock);
	none = list_empty(&r->queue);
	mutex_unlock(&r->map_lock);
	if (none || !remap_can_commit(r))
		return;
	for (i = 0; i < REMAP_GATHER_MAX; i++) {
		had = atomic_read(&r->waiting);
		if (wait_event_timeout(r->held_wait, remap_gathered(r), REMAP_GATHER) ||
		    atomic_read(&r->waiting) == had)
			return;
	}
}

static void remap_commit_prepare(struct remap_group *g)
{
	u32 n = 0;
	u32 i;

	init_completion(&g->done);
	g->result = 0;
	for (i = 0; i < g->n; i++)
		if (g->part[i]->state == REMAP_PART_BAD)
			n++;
	atomic_set(&g->left, n);
}

static void remap_commit_add(struct remap *r, struct remap_group *g)
{
	u32 i;

	lockdep_assert_held(&r->map_lock);
	for (i = 0; i < g->n; i++)
		if (g->part[i]->state == REMAP_PART_BAD)
			list_add_tail(&g->part[i]->req.list, &r->queue);
}

void remap_commit_groups(struct remap *r, struct remap_group *const *g, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		remap_commit_prepare(g[i]);
		/* one more, so that a group without any is over like the others */
		atomic_inc(&g[i]->left);
	}
	mutex_lock(&r->map_lock);
	for (i = 0; i < n; i++)
		remap_commit_add(r, g[i]);
	mutex_unlock(&r->map_lock);
	remap_commit_kick(r);
	for (i = 0; i < n; i++)
		if (!atomic_dec_and_test(&g[i]->left))
			wait_for_completion_io(&g[i]->done);
}

bool remap_commit_queue(struct remap *r, struct remap_group *g)
{
	bool leave = g->last;

	remap_commit_prepare(g);
	/* the index has room for so many that are not published */
	if (g->io && atomic_inc_return(&r->waiting) > REMAP_WAITERS)
		leave = false;
	g->last = leave;
	mutex_lock(&r->map_lock);
	remap_commit_add(r, g);
	mutex_unlock(&r->map_lock);
	/* with @leave the group is the commit worker's from here on */
	wake_up(&r->held_wait);
	remap_commit_kick(r);
	if (leave)
		return false;
	wait_for_completion_io(&g->done);
	return true;
}
