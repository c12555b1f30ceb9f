// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commit: gather, build, run the protocol, publish; see commit.h.
 *
 * The order inside remap_commit_batch() is the protocol: images are built from
 * what is published plus the batch, the steps of core/protocol.c make them
 * durable, and only then does the I/O path see the change and the writers hear
 * of it. A run that ends in doubt leaves its requests on r->doubtful: slots
 * taken, blocks fenced, until thaw.c has written the published images again.
 */
#include <linux/sched/mm.h>

#include "commit.h"
#include "grow.h"
#include "job.h"
#include "mode.h"

#define REMAP_LAZY_DELAY	HZ

void remap_commit_kick(struct remap *r)
{
	queue_work(r->commit_wq, &r->commit_work);
}

void remap_commit_dirty(struct remap *r, struct dmr_slot s)
{
	lockdep_assert_held(&r->map_lock);
	__set_bit(dmr_table_blk_of(s), r->dirty);
	if (!r->suspending)
		queue_delayed_work(r->commit_wq, &r->lazy_work, REMAP_LAZY_DELAY);
}

static void remap_req_end(struct remap *r, struct remap_req *req, int result)
{
	struct remap_group *g = req->grp;

	remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], req->page);
	req->page = NULL;
	if (result)
		g->result = result;
	if (!atomic_dec_and_test(&g->left))
		return;
	if (g->io)
		atomic_dec(&r->waiting);
	/* the group may be gone after either */
	if (g->last)
		remap_error_over(r, g);
	else
		complete(&g->done);
}

/* Nothing was written: the slots are free again, the blocks open. */
static void remap_req_abort(struct remap *r, struct remap_req *req)
{
	list_del(&req->list);
	mutex_lock(&r->map_lock);
	if (!req->chg.old)
		dmr_alloc_release(&r->table, req->chg.slot);
	mutex_unlock(&r->map_lock);
	remap_fence_remove(r, &req->fence);
	remap_req_end(r, req, -EIO);
}

/* Some copies may hold it: keep the slot, let writes to the block fail (R13). */
static void remap_req_doubt(struct remap *r, struct remap_req *req)
{
	remap_fence_change(r, &req->fence, REMAP_FENCE_DOUBT);
	list_move_tail(&req->list, &r->doubtful);
	atomic_inc(&req->grp->refs);
	remap_req_end(r, req, -EIO);
}

static void remap_req_publish(struct remap *r, struct remap_req *req)
{
	bool fresh = !req->chg.old;

	dmr_txn_publish(&r->table, &req->chg, 1);
	if (fresh)
		remap_grow_enter(r, req->b, req->chg.slot);
	if (req->has_follow) {
		/* the old slot loses the block: in memory now, on disk in a later commit (A6) */
		dmr_txn_publish(&r->table, &req->follow, 1);
		remap_commit_dirty(r, req->follow.slot);
		remap_count(r, slots_moved);
		remap_count(r, slots_retired);
	} else if (!req->grp->io) {
		if (req->chg.word)
			remap_count(r, moved_out);
		else
			remap_count(r, moved_back);
	} else if (fresh || dmr_entry_kind(req->chg.old) == DMR_KIND_PENDING) {
		remap_count(r, remaps);
	} else {
		remap_count(r, partial);
	}
}

static bool remap_batch_has(const struct remap_exec *x, u32 blk)
{
	u32 i;

	for (i = 0; i < x->n_blk; i++)
		if (x->blk[i] == blk)
			return true;
	return false;
}

static bool remap_batch_add_blk(struct remap_exec *x, u32 blk)
{
	if (remap_batch_has(x, blk))
		return true;
	if (x->n_blk == REMAP_BATCH_BLK)
		return false;
	x->blk[x->n_blk++] = blk;
	return true;
}

/* Take what is queued, as far as it fits. Context: map_lock. */
static u32 remap_batch_gather(struct remap *r, struct remap_exec *x, struct list_head *reqs)
{
	struct remap_req *req, *next;
	u32 n = 0;

	list_for_each_entry_safe(req, next, &r->queue, list) {
		if (n == REMAP_BATCH_REQS)
			break;
		if (!remap_batch_add_blk(x, dmr_table_blk_of(req->chg.slot)))
			continue;
		list_move_tail(&req->list, reqs);
		r->batch_chg[n++] = req->chg;
	}
	return n;
}

/* Images of the batch's table blocks, generation and all. Context: map_lock. */
static int remap_batch_build(struct remap *r, struct remap_exec *x, u32 n)
{
	u32 i;

	r->gen.counter++;
	for (i = 0; i < x->n_blk; i++) {
		int err = dmr_txn_build(&r->table, x->blk[i], r->batch_chg, n, r->batch_word);

		if (err)
			return err;
		dmr_codec_table_encode(page_address(remap_exec_image(r, i)), r->sb.uuid, &r->gen,
				       x->blk[i], r->batch_word,
				       dmr_layout_table_slot(&r->sb, 0, x->blk[i]));
	}
	for (i = 0; i < x->n_blk; i++)
		__clear_bit(x->blk[i], r->dirty);
	return 0;
}

static void remap_batch_data_void(struct remap *r, struct remap_exec *x, struct list_head *reqs)
{
	u32 now = atomic_read(&r->spare_void);
	struct remap_req *req;

	x->reqs = reqs;
	x->void_seq = now;
	list_for_each_entry(req, reqs, list)
		if (req->void_seq != now)
			x->data_void = true;
}

static void remap_batch_failed(struct remap *r, struct remap_exec *x, enum dmr_op how)
{
	u32 i;

	mutex_lock(&r->map_lock);
	for (i = 0; i < x->n_blk; i++) {
		__set_bit(x->blk[i], r->dirty);
		if (how == DMR_OP_DOUBT && !__test_and_set_bit(x->blk[i], r->doubt))
			r->doubt_blk++;
	}
	if (how == DMR_OP_DOUBT) {
		r->torn |= x->p.table.torn;
		remap_count(r, commits_doubt);
	}
	mutex_unlock(&r->map_lock);
	if (x->p.gone)
		remap_mode_worsen(r, DMR_MODE_FAIL,
				  x->p.flush_fails ? DMR_WHY_FLUSH : DMR_WHY_SPARE);
	else
		remap_mode_worsen(r, DMR_MODE_MAP_RO, DMR_WHY_COPIES);
}

static void remap_batch_done(struct remap *r, struct remap_exec *x, struct list_head *reqs)
{
	struct remap_req *req, *next;
	u32 i;

	mutex_lock(&r->map_lock);
	for (i = 0; i < x->n_blk; i++) {
		if (__test_and_clear_bit(x->blk[i], r->doubt))
			r->doubt_blk--;
	}
	list_for_each_entry(req, reqs, list)
		remap_req_publish(r, req);
	mutex_unlock(&r->map_lock);
	remap_count(r, commits);
	list_for_each_entry_safe(req, next, reqs, list) {
		list_del(&req->list);
		remap_fence_remove(r, &req->fence);
		remap_req_end(r, req, 0);
	}
}

/* One commit of the blocks in @x and the requests in @reqs. */
static int remap_commit_run(struct remap *r, struct remap_exec *x, struct list_head *reqs)
{
	struct remap_req *req, *next;
	enum dmr_op how;

	remap_batch_data_void(r, x, reqs);
	dmr_proto_begin(&x->p, DMR_PROTO_COMMIT, r->whole, r->torn, 0, !list_empty(reqs));
	how = remap_exec_run(r, x);
	if (how == DMR_OP_DONE) {
		remap_batch_done(r, x, reqs);
		remap_rebuild_follow(r, x);
		return 0;
	}
	remap_batch_failed(r, x, how);
	list_for_each_entry_safe(req, next, reqs, list) {
		if (how == DMR_OP_DOUBT)
			remap_req_doubt(r, req);
		else
			remap_req_abort(r, req);
	}
	return -EIO;
}

/*
 * What is dirty goes first:
 *   before a move: it takes the serial after that of the entry it replaces. An
 *   older entry of the block, replaced a moment ago and not yet retired on disk,
 *   would make three after a crash, and nothing says which of three counts (A26);
 *   before an entry goes for good: the older one would be all that is left, and
 *   come up again with what the block held then (A34);
 *   before a block's first entry: a hint of it, dropped a moment ago, would be a
 *   second one (A37).
 * Context: map_lock.
 */
static bool remap_batch_must_wait(struct remap *r)
{
	struct remap_req *req;
	bool wait = false;

	list_for_each_entry(req, &r->queue, list)
		wait |= req->has_follow || !req->chg.word || !req->chg.old;
	return wait && !bitmap_empty(r->dirty, r->sb.hwm_blk) && remap_can_commit(r);
}

/* Return: 1 when there was something to do, 0, or -errno. */
static int remap_commit_batch(struct remap *r)
{
	struct remap_exec *x;
	LIST_HEAD(reqs);
	int err = 0;
	u32 n;

	remap_gather_wait(r);
	mutex_lock(&r->map_lock);
	while (remap_batch_must_wait(r)) {
		mutex_unlock(&r->map_lock);
		/* fails for good only with a change of mode, which ends this */
		remap_commit_lazies(r);
		mutex_lock(&r->map_lock);
	}
	x = remap_exec_new(r);
	n = remap_batch_gather(r, x, &reqs);
	if (n && remap_can_commit(r))
		err = remap_batch_build(r, x, n);
	else if (n)
		err = -EROFS;
	mutex_unlock(&r->map_lock);
	if (!n)
		return 0;
	if (err) {
		struct remap_req *req, *next;

		list_for_each_entry_safe(req, next, &reqs, list)
			remap_req_abort(r, req);
		return 1;
	}
	remap_commit_run(r, x, &reqs);
	return 1;
}

int remap_commit_lazies(struct remap *r)
{
	LIST_HEAD(none);
	int err = 0;

	while (!err) {
		struct remap_exec *x = remap_exec_new(r);
		u32 blk;

		mutex_lock(&r->map_lock);
		for_each_set_bit(blk, r->dirty, r->sb.hwm_blk)
			if (!remap_batch_add_blk(x, blk))
				break;
		if (x->n_blk)
			err = remap_batch_build(r, x, 0);
		mutex_unlock(&r->map_lock);
		if (!x->n_blk)
			break;
		if (!err)
			err = remap_commit_run(r, x, &none);
	}
	return err;
}

int remap_commit_repair(struct remap *r, u32 blk, u32 bad)
{
	struct remap_exec *x = remap_exec_new(r);
	u32 torn = r->torn;
	LIST_HEAD(none);
	int err;

	mutex_lock(&r->map_lock);
	remap_batch_add_blk(x, blk);
	err = remap_batch_build(r, x, 0);
	mutex_unlock(&r->map_lock);
	/* a good copy is only written over when a damaged one is good again (A5, A36) */
	r->torn |= bad;
	if (!err)
		err = remap_commit_run(r, x, &none);
	if (!err)
		r->torn = torn;
	return err;
}

void remap_commit_work(struct work_struct *work)
{
	struct remap *r = container_of(work, struct remap, commit_work);
	unsigned int noio = memalloc_noio_save();
	bool raise;

	if (READ_ONCE(r->thaw_asked))
		remap_thaw(r);
	while (remap_commit_batch(r) > 0)
		;
	remap_verify_run(r);
	remap_grow_ahead(r);
	mutex_lock(&r->map_lock);
	raise = remap_can_commit(r) && dmr_alloc_want_raise(&r->table);
	mutex_unlock(&r->map_lock);
	/* without memory it is tried again after the next commit */
	if (raise)
		remap_raise(r);
	if (remap_rebuild_run(r))
		remap_commit_kick(r);
	remap_mode_room(r);
	memalloc_noio_restore(noio);
}

void remap_commit_lazy_work(struct work_struct *work)
{
	struct remap *r = container_of(work, struct remap, lazy_work.work);
	unsigned int noio = memalloc_noio_save();

	if (remap_can_commit(r))
		remap_commit_lazies(r);
	remap_mode_room(r);
	memalloc_noio_restore(noio);
}
