// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commit-io: the steps of core/protocol.c, done.
 *
 * core/protocol.c says what comes next and which copies are written; this file
 * writes, flushes, and says how it went. A copy is only reported as failing
 * after a verdict: the write failed, another slot took a write, it failed
 * again (R7). Everything else that fails is "the spare does not answer".
 */
#include "../core/copies.h"
#include "commit.h"
#include "evidence.h"
#include "index.h"
#include "summary.h"

/* Pages of copy c: REMAP_BATCH_BLK table images, then the superblock; copy 0 carries the images. */
struct page *remap_exec_scratch(struct remap *r, u32 i, u32 c)
{
	return r->meta_page[c * REMAP_META_PAGES + i];
}

struct page *remap_exec_image(struct remap *r, u32 i)
{
	return remap_exec_scratch(r, i, 0);
}

struct remap_exec *remap_exec_new(struct remap *r)
{
	struct remap_exec *x = r->exec;

	memset(x, 0, sizeof(*x));
	x->sb = r->sb;
	x->void_seq = atomic_read(&r->spare_void);
	return x;
}

/* A metadata write failed: the verdict on the place. */
static enum dmr_result remap_meta_verdict(struct remap *r, const struct remap_child *c)
{
	struct dmr_slot s = dmr_slot(c->dest_sect / DMR_BLK_SECTS);

	remap_count(r, slot_errors);
	if (remap_spare_class(r, c->status, c->began) != DMR_CLASS_CANDIDATE ||
	    !remap_evidence_spare(r))
		return DMR_RES_GONE;
	return remap_meta_write(r, s, c->page) ? DMR_RES_COPIES : DMR_RES_OK;
}

static void remap_meta_submit(struct remap *r, struct remap_meta_io *m, struct page *page, u32 copy,
			      struct dmr_slot s, struct remap_batch *b)
{
	m->copy = copy;
	m->c = (struct remap_child){
		.nr_sect = DMR_BLK_SECTS,
		.to_spare = true,
		.dest_sect = dmr_slot_sect(s),
		.owner = REMAP_OWNER_META,
		.opf = REMAP_META_WRITE,
		.page = page,
	};
	remap_child_submit(r, NULL, &m->c, b);
}

/* All are back: who failed, and was it the place? */
static enum dmr_result remap_meta_gather(struct remap *r, struct remap_meta_io *m, u32 n, u32 *bad)
{
	u32 i;

	for (i = 0; i < n; i++) {
		if (!m[i].c.status || (*bad & BIT(m[i].copy)))
			continue;
		switch (remap_meta_verdict(r, &m[i].c)) {
		case DMR_RES_OK:
			break;
		case DMR_RES_COPIES:
			*bad |= BIT(m[i].copy);
			break;
		default:
			return DMR_RES_GONE;
		}
	}
	return *bad ? DMR_RES_COPIES : DMR_RES_OK;
}

/* One table block to every copy in @mask, at once. */
static enum dmr_result remap_table_to(struct remap *r, struct remap_exec *x, u32 i, u32 mask,
				      u32 *bad)
{
	struct remap_meta_io *m = x->io;
	struct remap_batch b;
	u32 n = 0;
	u32 c;

	remap_batch_init(&b);
	for (c = 0; c < r->sb.copies; c++) {
		struct dmr_slot s = dmr_layout_table_slot(&r->sb, c, x->blk[i]);
		struct page *page = remap_exec_scratch(r, i, c);

		if (!(mask & BIT(c)))
			continue;
		if (c)
			copy_page(page_address(page), page_address(remap_exec_image(r, i)));
		dmr_codec_restamp(page_address(page), s, -1);
		remap_meta_submit(r, &m[n++], page, c, s, &b);
	}
	remap_batch_wait(&b);
	return remap_meta_gather(r, m, n, bad);
}

static enum dmr_result remap_step_table(struct remap *r, struct remap_exec *x, u32 mask, u32 *bad)
{
	enum dmr_result res = DMR_RES_OK;
	u32 i;

	for (i = 0; i < x->n_blk && res != DMR_RES_GONE; i++)
		res = remap_table_to(r, x, i, mask & ~*bad, bad);
	if (res == DMR_RES_GONE)
		return res;
	return *bad ? DMR_RES_COPIES : DMR_RES_OK;
}

/* The new table blocks above the mark, block by block. */
static enum dmr_result remap_step_empty(struct remap *r, struct remap_exec *x, u32 mask, u32 *bad)
{
	enum dmr_result res = DMR_RES_OK;
	u32 blk;

	for (blk = r->sb.hwm_blk; blk < x->raise_to && res != DMR_RES_GONE; blk++) {
		if (dmr_layout_implied(&r->sb, blk))
			continue;
		dmr_layout_empty_block(&r->sb, blk, r->batch_word);
		x->blk[0] = blk;
		dmr_codec_table_encode(page_address(remap_exec_image(r, 0)), r->sb.uuid, &r->gen,
				       blk, r->batch_word, dmr_layout_table_slot(&r->sb, 0, blk));
		res = remap_table_to(r, x, 0, mask & ~*bad, bad);
	}
	if (res == DMR_RES_GONE)
		return res;
	return *bad ? DMR_RES_COPIES : DMR_RES_OK;
}

static void remap_super_stamp(struct remap *r, struct remap_exec *x)
{
	if (x->super_gen == x->p.super_gen)
		return;
	x->super_gen = x->p.super_gen;
	r->gen.counter++;
	x->sb.gen = r->gen;
	x->sb.insync = dmr_copies_named(x->p.insync, r->sb.insync);
}

static enum dmr_result remap_step_super(struct remap *r, struct remap_exec *x, u32 mask, u32 *bad)
{
	struct remap_meta_io *m = x->io;
	struct remap_batch b;
	u32 n = 0;
	u32 c;

	remap_super_stamp(r, x);
	remap_batch_init(&b);
	for (c = 0; c < r->sb.copies; c++) {
		struct dmr_slot s = dmr_layout_super_slot(&x->sb, c);
		/* not a page of a table image: a commit goes on with those afterwards */
		struct page *page = remap_exec_scratch(r, REMAP_BATCH_BLK, c);

		if (!(mask & BIT(c)))
			continue;
		dmr_codec_super_encode(page_address(page), &x->sb, c, s);
		remap_meta_submit(r, &m[n++], page, c, s, &b);
	}
	remap_batch_wait(&b);
	return remap_meta_gather(r, m, n, bad);
}

/* The selected image of a table block, from the first of the copies in @from that gives it. */
static int remap_fill_read(struct remap *r, u32 from, u32 blk, struct page *page)
{
	struct dmr_gen gen;
	u32 c;

	for (c = 0; c < r->sb.copies; c++) {
		struct dmr_slot s = dmr_layout_table_slot(&r->sb, c, blk);

		if (!(from & BIT(c)) || remap_meta_read(r, s, page))
			continue;
		if (!dmr_codec_table_decode(page_address(page), s, &r->sb, blk, r->batch_word, &gen,
					    NULL))
			return 0;
	}
	return -EIO;
}

int remap_fill_block(struct remap *r, u32 from, struct dmr_slot at, u32 blk)
{
	struct page *page = remap_exec_image(r, 0);
	struct dmr_slot dst = dmr_slot(at.v + 1 + blk);

	if (remap_fill_read(r, from, blk, page))
		return -ENODATA;
	dmr_codec_restamp(page_address(page), dst, -1);
	if (!remap_meta_write(r, dst, page))
		return 0;
	return remap_meta_write(r, dst, page);
}

int remap_fill_aux(struct remap *r, const struct dmr_super *sb, u32 to)
{
	struct page *page = remap_exec_image(r, 0);
	struct dmr_slot dst = dmr_layout_aux_slot(sb, to);

	mutex_lock(&r->map_lock);
	remap_summary_encode(r, page_address(page), &r->gen, to, dst);
	mutex_unlock(&r->map_lock);
	return remap_meta_write(r, dst, page);
}

static int remap_fill_copy(struct remap *r, struct remap_exec *x, u32 to)
{
	u32 blk;
	int err;

	for (blk = 0; blk < r->sb.hwm_blk && !x->moved; blk++) {
		u32 from = x->fill_same ? x->fill_same[blk] : x->p.insync;

		if (dmr_layout_implied(&r->sb, blk) || (x->fill_same && (from & BIT(to))))
			continue;
		err = remap_fill_block(r, from & ~BIT(to), r->sb.copy_slot[to], blk);
		if (err)
			return err;
	}
	return remap_fill_aux(r, &x->sb, to);
}

static enum dmr_result remap_step_fill(struct remap *r, struct remap_exec *x, u32 mask, u32 *bad)
{
	u32 c;

	for (c = 0; c < r->sb.copies; c++) {
		if (!(mask & BIT(c)))
			continue;
		if (remap_fill_copy(r, x, c))
			*bad |= BIT(c);
		else
			remap_count(r, copies_rewritten);
	}
	if (!*bad)
		return DMR_RES_OK;
	return remap_evidence_spare(r) ? DMR_RES_COPIES : DMR_RES_GONE;
}

static enum dmr_result remap_step_data(struct remap *r, struct remap_exec *x)
{
	struct remap_req *req;

	x->void_seq = atomic_read(&r->spare_void);
	x->data_void = false;
	list_for_each_entry(req, x->reqs, list)
		if (remap_relocate_rewrite(r, req))
			return DMR_RES_GONE;
	return DMR_RES_OK;
}

static enum dmr_result remap_step_flush(struct remap *r, struct remap_exec *x)
{
	if (x->data_void) {
		/* somebody's flush failed after our data was written: ask for it again */
		x->data_void = false;
		return DMR_RES_FLUSH;
	}
	if (remap_spare_flush(r))
		return DMR_RES_FLUSH;
	/* void_seq is as old as the last write: a flush after a failed one is not enough */
	return (u32)atomic_read(&r->spare_void) == x->void_seq ? DMR_RES_OK : DMR_RES_FLUSH;
}

/*
 * One copy is left, and another, still named in sync, may lack what was selected.
 * Writes served by such an entry would be lost with the one copy, so nothing is
 * written, not even its superblock, until the other can be rewritten (R5, R9).
 */
static bool remap_lone_behind(struct remap_exec *x)
{
	x->lone_behind = hweight32(x->p.insync) < 2 && (x->behind & ~x->p.insync);
	return x->lone_behind;
}

static enum dmr_result remap_step(struct remap *r, struct remap_exec *x, struct dmr_step step,
				  u32 *bad)
{
	if (step.op != DMR_OP_FLUSH)
		x->void_seq = atomic_read(&r->spare_void);
	switch (step.op) {
	case DMR_OP_DATA:
		return remap_step_data(r, x);
	case DMR_OP_FLUSH:
		return remap_step_flush(r, x);
	case DMR_OP_TABLE:
		return remap_step_table(r, x, step.mask, bad);
	case DMR_OP_EMPTY:
		return remap_step_empty(r, x, step.mask, bad);
	case DMR_OP_FILL:
		return remap_step_fill(r, x, step.mask, bad);
	case DMR_OP_SUPER:
		if (remap_lone_behind(x))
			return DMR_RES_GONE;
		return remap_step_super(r, x, step.mask, bad);
	case DMR_OP_TOMBSTONE:
		remap_step_super(r, x, step.mask, bad);
		*bad = 0;
		return DMR_RES_OK;
	default:
		return DMR_RES_GONE;
	}
}

/* What became durable, whatever the end: membership, the superblock, who failed. */
static void remap_exec_settle(struct remap *r, struct remap_exec *x, enum dmr_op how)
{
	u32 gone = r->whole & ~x->p.insync;
	struct dmr_slot old = r->sb.copy_slot[r->rebuild.copy];

	mutex_lock(&r->map_lock);
	if (x->super_gen && how == DMR_OP_DONE) {
		r->sb = x->sb;
		if (x->moved)
			remap_rebuild_settle(r, old);
	} else if (x->p.expelled) {
		r->sb.insync = x->sb.insync;
		r->sb.gen = x->sb.gen;
	}
	if (gone) {
		remap_count_add(r, copies_expelled, hweight32(x->p.expelled));
		DMERR("%s: metadata copies 0x%x cannot be written any more, 0x%x are in sync",
		      remap_name(r), gone, x->p.insync);
	}
	r->whole = x->p.insync;
	/* superblocks that were written say what we do not know by now: any of them */
	r->super_torn = how == DMR_OP_DONE ? 0 : r->super_torn | x->p.super.torn |
						 (x->super_gen ? x->p.insync : 0);
	r->expelled = (BIT(r->sb.copies) - 1) & ~r->sb.insync;
	mutex_unlock(&r->map_lock);
}

enum dmr_op remap_exec_run(struct remap *r, struct remap_exec *x)
{
	x->p.super.torn |= r->super_torn;
	for (;;) {
		struct dmr_step step = dmr_proto_next(&x->p);
		enum dmr_result res;
		u32 bad = 0;

		if (step.op == DMR_OP_DONE || step.op == DMR_OP_ABORT || step.op == DMR_OP_DOUBT) {
			remap_exec_settle(r, x, step.op);
			return step.op;
		}
		res = remap_step(r, x, step, &bad);
		dmr_proto_result(&x->p, res, bad);
	}
}

int remap_super_write(struct remap *r, u32 activity)
{
	struct remap_exec *x = remap_exec_new(r);

	x->sb.activity = activity;
	dmr_proto_begin(&x->p, DMR_PROTO_SUPER, r->whole, 0, 0, false);
	return remap_exec_run(r, x) == DMR_OP_DONE ? 0 : -EIO;
}
