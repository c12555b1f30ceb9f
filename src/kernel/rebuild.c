// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rebuild: a copy whose place went bad is built anew somewhere else.
 *
 *   place    an alternate (core/layout.h) that is free, taken out of others' hands
 *   fill     a few table blocks at a time, between commits; and from then on each
 *            commit, as it becomes durable
 *   bury     tombstones in what it leaves and in every anchor that stands empty
 *   switch   superblocks that have the new place, the one there first: it is by
 *            this that the move happens, in an instant, for a later load
 *   settle   the entries of both places, in memory at once, on disk with ordinary
 *            commits: they follow from the superblock (dmr_codec_table_decode())
 *
 * Until the switch nothing durable speaks of the new place, so a power cut leaves
 * nothing behind; after it the copy is whole. If superblocks fail half way, some
 * may name the new place: no commit is made before others say otherwise
 * (super_torn), and the place stays in hand so long.
 *
 * Only for a copy that is not in sync, beside two that are: thaw is for the rest.
 * Context: the commit worker.
 */
#include "commit.h"
#include "evidence.h"
#include "index.h"
#include "mode.h"

#define REMAP_REBUILD_STEP	4	/* table blocks between two commits: bios wait for those */

static u32 remap_rebuild_len(const struct remap *r)
{
	return dmr_layout_copy_len(&r->sb);
}

bool remap_rebuild_place(const struct remap *r, struct dmr_slot s)
{
	return r->rebuild.active && s.v - r->rebuild.at.v < remap_rebuild_len(r);
}

void remap_rebuild_hold(struct remap *r)
{
	if (r->rebuild.active || r->rebuild.ghost)
		dmr_alloc_take_run(&r->table, r->rebuild.at, remap_rebuild_len(r));
}

static bool remap_rebuild_may(struct remap *r)
{
	return remap_can_commit(r) && !READ_ONCE(r->suspending) && hweight32(r->whole) >= 2 &&
	       !r->doubt_blk && !(r->sb.insync & ~r->whole);
}

/* The first alternate from @k on that can be had. */
static bool remap_rebuild_find(struct remap *r, u32 copy, u32 k)
{
	struct remap_rebuild *b = &r->rebuild;
	u32 len = remap_rebuild_len(r);

	mutex_lock(&r->map_lock);
	for (; k < DMR_ALTERNATES && !b->active; k++) {
		struct dmr_slot at = dmr_layout_alternate(r->sb.slots, k);

		if (dmr_slot_is_none(at) || !dmr_alloc_run_free(&r->table, at, len))
			continue;
		*b = (struct remap_rebuild){
			.active = true, .copy = copy, .at = at, .k = k, .given_up = b->given_up,
			.void_seq = atomic_read(&r->spare_void),
		};
		dmr_alloc_take_run(&r->table, at, len);
	}
	if (!b->active)
		b->given_up |= BIT(copy);
	mutex_unlock(&r->map_lock);
	if (!b->active)
		DMWARN("%s: no place on the spare for metadata copy %u, which cannot stay at slot %llu",
		       remap_name(r), copy, (unsigned long long)r->sb.copy_slot[copy].v);
	return b->active;
}

static bool remap_rebuild_begin(struct remap *r)
{
	u32 want = (BIT(r->sb.copies) - 1) & ~r->whole & ~r->rebuild.given_up;

	return want && remap_rebuild_may(r) && remap_rebuild_find(r, __ffs(want), 0);
}

/* Not there. Nothing durable speaks of it, so it is as free as before. */
static void remap_rebuild_leave(struct remap *r)
{
	mutex_lock(&r->map_lock);
	r->rebuild.active = false;
	r->rebuild.ghost = false;
	dmr_alloc_release_run(&r->table, r->rebuild.at, remap_rebuild_len(r));
	mutex_unlock(&r->map_lock);
}

/* A block could not be copied. If it is the place, there may be another one (R7). */
static void remap_rebuild_failed(struct remap *r, int err)
{
	u32 copy = r->rebuild.copy;
	u32 k = r->rebuild.k;
	bool place = err == -EIO && remap_evidence_spare(r);

	remap_rebuild_leave(r);
	if (place)
		remap_rebuild_find(r, copy, k + 1);
	else
		r->rebuild.given_up |= BIT(copy);
}

void remap_rebuild_follow(struct remap *r, const struct remap_exec *x)
{
	u32 i;
	int err;

	for (i = 0; i < x->n_blk && r->rebuild.active; i++) {
		if (x->blk[i] >= r->rebuild.next)
			continue;
		err = remap_fill_block(r, r->whole, r->rebuild.at, x->blk[i]);
		if (err) {
			remap_rebuild_failed(r, err);
			return;
		}
	}
}

static int remap_rebuild_fill(struct remap *r)
{
	struct remap_rebuild *b = &r->rebuild;
	u32 n = 0;

	for (; b->next < r->sb.hwm_blk && n < REMAP_REBUILD_STEP; b->next++) {
		int err;

		if (dmr_layout_implied(&r->sb, b->next))
			continue;
		err = remap_fill_block(r, r->whole, b->at, b->next);
		if (err)
			return err;
		n++;
	}
	return 0;
}

/* Best effort: where none can be written, the copy is still found in its alternate. */
static void remap_rebuild_bury_at(struct remap *r, struct remap_exec *x, u32 c, struct dmr_slot at)
{
	struct page *page = remap_exec_image(r, 0);

	dmr_codec_tomb_encode(page_address(page), &x->sb, c, at);
	if (remap_meta_write(r, at, page) && remap_meta_write(r, at, page))
		DMWARN("%s: slot %llu cannot say that metadata copy %u has left it", remap_name(r),
		       (unsigned long long)at.v, c);
}

static void remap_rebuild_bury(struct remap *r, struct remap_exec *x)
{
	struct dmr_slot old = r->sb.copy_slot[r->rebuild.copy];
	u32 c;

	r->gen.counter++;
	x->sb.gen = r->gen;
	for (c = 0; c < x->sb.copies; c++)
		if (dmr_layout_moved(&x->sb, c))
			remap_rebuild_bury_at(r, x, c, dmr_layout_anchor(&x->sb, c));
	if (dmr_layout_moved(&r->sb, r->rebuild.copy))
		remap_rebuild_bury_at(r, x, r->rebuild.copy, old);
}

/* The entries of a place follow. Context: map_lock. */
static void remap_rebuild_entries(struct remap *r, struct dmr_slot at, bool meta)
{
	u32 len = remap_rebuild_len(r);
	u64 s;

	dmr_table_reserve(&r->table, at, len, meta);
	for (s = at.v; s < at.v + len; s++)
		if (dmr_table_below_mark(&r->table, dmr_slot(s)))
			remap_commit_dirty(r, dmr_slot(s));
	if (!meta)
		dmr_alloc_release_run(&r->table, at, len);
}

void remap_rebuild_settle(struct remap *r, struct dmr_slot old)
{
	remap_rebuild_entries(r, r->rebuild.at, true);
	/* an anchor stays metadata for good */
	if (old.v != dmr_layout_anchor(&r->sb, r->rebuild.copy).v)
		remap_rebuild_entries(r, old, false);
	r->rebuild.active = false;
}

static void remap_rebuild_undone(struct remap *r, const struct remap_exec *x)
{
	if (!x->super_gen) {
		/* not flushed, so no superblock was tried: nothing has happened */
		r->rebuild.given_up |= BIT(r->rebuild.copy);
		remap_rebuild_leave(r);
		return;
	}
	mutex_lock(&r->map_lock);
	r->whole &= ~BIT(r->rebuild.copy);
	r->sb.insync &= ~BIT(r->rebuild.copy);
	r->rebuild.active = false;
	r->rebuild.ghost = true;
	r->rebuild.given_up |= BIT(r->rebuild.copy);
	mutex_unlock(&r->map_lock);
	if (x->p.gone)
		remap_mode_worsen(r, DMR_MODE_FAIL,
				  x->p.flush_fails ? DMR_WHY_FLUSH : DMR_WHY_SPARE);
}

static void remap_rebuild_switch(struct remap *r)
{
	struct remap_exec *x = remap_exec_new(r);
	struct dmr_slot old = r->sb.copy_slot[r->rebuild.copy];
	u32 copy = r->rebuild.copy;

	x->moved = true;
	x->sb.copy_slot[copy] = r->rebuild.at;
	/* the first flush covers all that was filled, or none of it */
	x->void_seq = r->rebuild.void_seq;
	remap_rebuild_bury(r, x);
	dmr_proto_begin(&x->p, DMR_PROTO_ACTIVATE, r->whole, 0, BIT(copy), false);
	if (remap_exec_run(r, x) != DMR_OP_DONE) {
		remap_rebuild_undone(r, x);
		return;
	}
	if (hweight32(r->whole) < 2)
		remap_mode_worsen(r, DMR_MODE_MAP_RO, DMR_WHY_COPIES);
	if (!(r->whole & BIT(copy)))
		return;
	remap_count(r, copies_moved);
	DMWARN("%s: metadata copy %u has moved from slot %llu to slot %llu of the spare",
	       remap_name(r), copy, (unsigned long long)old.v,
	       (unsigned long long)r->sb.copy_slot[copy].v);
	remap_mode_event(r);
}

bool remap_rebuild_run(struct remap *r)
{
	struct remap_rebuild *b = &r->rebuild;
	int err;

	if (b->ghost && !r->super_torn)
		remap_rebuild_leave(r);
	if (b->ghost || (!b->active && !remap_rebuild_begin(r)))
		return false;
	if (!remap_rebuild_may(r))
		return false;
	if (r->whole & BIT(b->copy)) {
		/* thaw could write it where it is */
		remap_rebuild_leave(r);
		return true;
	}
	if (b->void_seq != (u32)atomic_read(&r->spare_void)) {
		/* a flush failed, somebody's: what was filled may be gone (A41) */
		b->void_seq = atomic_read(&r->spare_void);
		b->next = 0;
	}
	err = remap_rebuild_fill(r);
	if (err)
		remap_rebuild_failed(r, err);
	else if (b->next == r->sb.hwm_blk)
		remap_rebuild_switch(r);
	return true;
}
