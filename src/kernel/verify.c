// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verify: are the copies of the metadata what they ought to be?
 *
 * Done by the commit worker, a few blocks at a time, so that nothing is being
 * written meanwhile. A table block that one of the copies in sync does not give
 * back as it is in memory is committed again, to all of them; superblocks and
 * auxiliary blocks are written anew. A copy that was left behind is thaw's.
 */
#include "commit.h"
#include "index.h"
#include "job.h"

static bool remap_verify_reads(struct remap *r, struct dmr_slot s, struct page *page)
{
	return !remap_meta_read(r, s, page);
}

/* Does copy @c give table block @blk as it is in memory? */
static bool remap_verify_same(struct remap *r, u32 c, u32 blk)
{
	struct dmr_slot s = dmr_layout_table_slot(&r->sb, c, blk);
	struct page *page = remap_exec_image(r, 0);
	struct dmr_gen gen;
	bool same;

	if (!remap_verify_reads(r, s, page) ||
	    dmr_codec_table_decode(page_address(page), s, &r->sb, blk, r->batch_word, &gen, NULL))
		return false;
	/* a hint may have come while the copy was read: then the block is dirty */
	mutex_lock(&r->map_lock);
	same = test_bit(blk, r->dirty) || !memcmp(r->table.page[blk]->word, r->batch_word,
						  DMR_ENTRIES_PER_BLK * sizeof(u64));
	mutex_unlock(&r->map_lock);
	return same;
}

/* Return: 0, or why a damaged block cannot be written. */
static int remap_verify_table(struct remap *r, u32 blk)
{
	u32 bad = 0;
	u32 c;

	if (blk >= r->sb.hwm_blk || dmr_layout_implied(&r->sb, blk))
		return 0;
	/* what waits to be written, or is in doubt, is written anyway */
	if (test_bit(blk, r->dirty) || test_bit(blk, r->doubt))
		return 0;
	for (c = 0; c < r->sb.copies; c++)
		if ((r->whole & BIT(c)) && !remap_verify_same(r, c, blk)) {
			DMWARN("%s: copy %u of table block %u is damaged: rewritten",
			       remap_name(r), c, blk);
			bad |= BIT(c);
		}
	if (!bad)
		return 0;
	r->verify.differ++;
	return remap_commit_repair(r, blk, bad);
}

static bool remap_verify_super(struct remap *r, u32 c)
{
	struct dmr_slot s = dmr_layout_super_slot(&r->sb, c);
	struct page *page = remap_exec_image(r, 0);
	struct dmr_super seen;

	return remap_verify_reads(r, s, page) &&
	       !dmr_codec_super_decode(page_address(page), s, &seen, NULL) && seen.copy == c &&
	       !dmr_codec_gen_cmp(&seen.gen, &r->sb.gen);
}

static bool remap_verify_aux(struct remap *r, u32 c)
{
	struct dmr_slot s = dmr_layout_aux_slot(&r->sb, c);
	struct page *page = remap_exec_image(r, 0);

	return remap_verify_reads(r, s, page) &&
	       !dmr_codec_aux_decode(page_address(page), s, &r->sb, c, NULL, NULL);
}

/* Superblocks and auxiliary blocks of all copies in sync. Return: 0, -EIO. */
static int remap_verify_ends(struct remap *r)
{
	u32 bad = 0;
	int err = 0;
	u32 c;

	for (c = 0; c < r->sb.copies; c++) {
		if (!(r->whole & BIT(c)))
			continue;
		if (!remap_verify_super(r, c)) {
			DMWARN("%s: superblock %u is damaged: rewritten", remap_name(r), c);
			bad |= BIT(c);
		}
		if (!remap_verify_aux(r, c)) {
			DMWARN("%s: auxiliary block %u is damaged: rewritten", remap_name(r), c);
			r->verify.differ++;
			err |= remap_fill_aux(r, &r->sb, c);
		}
	}
	if (bad) {
		r->verify.differ++;
		/* written before the good ones (A36) */
		r->super_torn |= bad;
		err |= remap_super_write(r, r->sb.activity);
	}
	return err ? -EIO : 0;
}

void remap_verify_run(struct remap *r)
{
	struct remap_verify *v = &r->verify;
	u32 i;

	/* pairs with the release in remap_verify_blocks(): what is asked for is there */
	if (!smp_load_acquire(&v->asked))
		return;
	if (READ_ONCE(r->mode) > DMR_MODE_FROZEN) {
		v->result = -EROFS;
	} else {
		for (i = 0; i < v->n && !v->result; i++)
			v->result = remap_verify_table(r, v->first + i);
		if (!v->result && v->last)
			v->result = remap_verify_ends(r);
		remap_count_add(r, blocks_repaired, v->differ);
	}
	v->asked = false;
	complete(&v->done);
}

int remap_verify_blocks(struct remap *r, u64 first, u32 n, bool last, u64 *failed)
{
	struct remap_verify *v = &r->verify;

	v->first = (u32)first;
	v->n = n;
	v->last = last;
	v->differ = 0;
	v->result = 0;
	init_completion(&v->done);
	/* pairs with the acquire in remap_verify_run() */
	smp_store_release(&v->asked, true);
	remap_commit_kick(r);
	wait_for_completion_io(&v->done);
	if (v->result)
		*failed += n;
	return v->result;
}
