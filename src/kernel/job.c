// SPDX-License-Identifier: GPL-2.0-only
/*
 * Job: see job.h. A ring of the last jobs under map_lock, and one worker.
 */
#include <linux/sched/mm.h>

#include "job.h"
#include "mode.h"

static bool remap_job_open(const struct remap_job *j)
{
	return j->state == DMR_JOB_QUEUED || j->state == DMR_JOB_RUNNING;
}

static struct remap_job *remap_job_at(struct remap *r, u32 id)
{
	return &r->job[id % REMAP_JOBS];
}

/* The oldest that is not over. Context: map_lock. */
static struct remap_job *remap_job_next(struct remap *r)
{
	u32 id = r->job_last > REMAP_JOBS ? r->job_last - REMAP_JOBS + 1 : 1;

	lockdep_assert_held(&r->map_lock);
	for (; id <= r->job_last; id++)
		if (remap_job_open(remap_job_at(r, id)))
			return remap_job_at(r, id);
	return NULL;
}

int remap_job_add(struct remap *r, enum dmr_job_verb verb, struct dmr_range *range, u32 ranges,
		  u64 total)
{
	struct remap_job *j;
	int id;

	mutex_lock(&r->map_lock);
	j = remap_job_at(r, r->job_last + 1);
	id = remap_job_open(j) ? -EBUSY : (int)(r->job_last + 1);
	if (id > 0) {
		*j = (struct remap_job){
			.id = ++r->job_last,
			.verb = verb,
			.state = DMR_JOB_QUEUED,
			.range = range,
			.ranges = ranges,
			.total = total,
		};
		if (ranges == 1) {
			j->one = *range;
			j->range = &j->one;
		}
		if (!r->suspending)
			queue_work(r->job_wq, &r->job_work);
	}
	mutex_unlock(&r->map_lock);
	if (id < 0) {
		DMWARN("%s: %d jobs wait: ask again when one of them is over", remap_name(r),
		       REMAP_JOBS);
		if (ranges > 1)
			kvfree(range);
	}
	return id;
}

int remap_job_cancel(struct remap *r, u32 id)
{
	struct remap_job *j;
	int err = -ENOENT;

	mutex_lock(&r->map_lock);
	j = remap_job_at(r, id);
	if (j->id == id && remap_job_open(j)) {
		WRITE_ONCE(j->cancel, true);
		if (!r->suspending)
			queue_work(r->job_wq, &r->job_work);
		err = 0;
	}
	mutex_unlock(&r->map_lock);
	return err;
}

void remap_job_list(struct remap *r, char *result, unsigned int maxlen)
{
	u32 id = r->job_last > REMAP_JOBS ? r->job_last - REMAP_JOBS + 1 : 1;
	unsigned int sz = 0;

	*result = 0;
	mutex_lock(&r->map_lock);
	for (; id <= r->job_last; id++) {
		const struct remap_job *j = remap_job_at(r, id);

		DMEMIT("%u %s %s %llu %llu %llu\n", j->id, dmr_status_verb_name(j->verb),
		       dmr_status_job_name(j->state), (unsigned long long)j->done,
		       (unsigned long long)j->total, (unsigned long long)j->failed);
	}
	mutex_unlock(&r->map_lock);
}

void remap_job_status(struct remap *r, struct dmr_status *s)
{
	const struct remap_job *j = remap_job_next(r);

	if (!j && !r->job_last)
		return;
	if (!j)
		j = remap_job_at(r, r->job_last);
	s->job = j->id;
	s->job_verb = j->verb;
	s->job_state = j->state;
	s->job_done = j->done;
	s->job_total = j->total;
	s->job_failed = j->failed;
}

static void remap_job_free(struct remap_job *j)
{
	if (j->range != &j->one)
		kvfree(j->range);
	j->range = NULL;
}

/* Over. Context: map_lock. */
static void remap_job_end(struct remap *r, struct remap_job *j, enum dmr_job_state state, int err)
{
	j->state = state;
	remap_job_free(j);
	DMINFO("%s: job %u, %s: %s after %llu of %llu blocks, %llu of them could not be done (%d)",
	       remap_name(r), j->id, dmr_status_verb_name(j->verb), dmr_status_job_name(state),
	       (unsigned long long)j->done, (unsigned long long)j->total,
	       (unsigned long long)j->failed, err);
	remap_mode_event(r);
}

/* One step of job @j, which nobody else changes. @n: blocks done. */
static int remap_job_step(struct remap *r, struct remap_job *j, u64 *n, u64 *failed)
{
	int err;

	if (j->verb != DMR_JOB_VERIFY)
		return remap_carry_blocks(r, j, n, failed);
	*n = min_t(u64, j->total - j->done, REMAP_GROUP);
	err = remap_verify_blocks(r, j->done, *n, j->done + *n == j->total, failed);
	if (err)
		*n = 0;
	return err;
}

/* Return: false when there is nothing to do, a suspend waits, or memory is short. */
static bool remap_job_some(struct remap *r)
{
	struct remap_job *j;
	u64 failed = 0;
	u64 n = 0;
	int err;

	mutex_lock(&r->map_lock);
	j = remap_job_next(r);
	if (!j || r->suspending) {
		mutex_unlock(&r->map_lock);
		return false;
	}
	if (j->cancel) {
		remap_job_end(r, j, DMR_JOB_CANCELLED, 0);
		mutex_unlock(&r->map_lock);
		return true;
	}
	/* it goes on when there is some again: remap_mode_memory() */
	if (remap_scarce(r)) {
		j->state = DMR_JOB_QUEUED;
		mutex_unlock(&r->map_lock);
		return false;
	}
	j->state = DMR_JOB_RUNNING;
	r->job_now = j;
	mutex_unlock(&r->map_lock);

	err = remap_job_step(r, j, &n, &failed);

	mutex_lock(&r->map_lock);
	j->done += n;
	j->failed += failed;
	/* no memory to spare: that is emergency mode by now, or was */
	if (err == -EAGAIN)
		err = 0;
	if (err || j->done == j->total)
		remap_job_end(r, j, err || j->failed ? DMR_JOB_FAILED : DMR_JOB_DONE, err);
	mutex_unlock(&r->map_lock);
	return true;
}

void remap_job_work(struct work_struct *work)
{
	struct remap *r = container_of(work, struct remap, job_work);
	unsigned int noio = memalloc_noio_save();

	while (remap_job_some(r))
		cond_resched();
	memalloc_noio_restore(noio);
}

void remap_job_stop(struct remap *r)
{
	struct remap_job *j;

	flush_work(&r->job_work);
	mutex_lock(&r->map_lock);
	j = remap_job_next(r);
	if (j)
		j->state = DMR_JOB_QUEUED;
	mutex_unlock(&r->map_lock);
}

void remap_job_go(struct remap *r)
{
	queue_work(r->job_wq, &r->job_work);
}

void remap_job_forget(struct remap *r)
{
	u32 i;

	for (i = 0; i < REMAP_JOBS; i++)
		remap_job_free(&r->job[i]);
}
