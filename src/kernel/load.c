// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load: superblocks, and the activation that follows the table; see load.h.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "grow.h"
#include "index.h"
#include "load.h"
#include "mem.h"
#include "mode.h"
#include "summary.h"

static const char *remap_load_why(int err)
{
	switch (err) {
	case -ENODATA:
		return "Spare is not formatted for dm-remap; format it with dmremap format";
	case -EIO:
		return "No superblock of the spare can be read; check its cable and its health";
	case -EPROTONOSUPPORT:
		return "Spare has a newer format than this module knows; use a newer dm-remap";
	case -EMEDIUMTYPE:
		return "Spare has superblocks of different sets; see dmremap check";
	case -EBADMSG:
		return "All superblocks of the spare are damaged; see dmremap check";
	case -EUCLEAN:
		return "Spare has superblocks that contradict each other; see dmremap check";
	case -ESTALE:
		return "Only copies that were left behind can be read; see dmremap check";
	default:
		return "Spare cannot be loaded; see the kernel log";
	}
}

int remap_load_supers(struct remap *r, struct remap_supers *s, bool force, char **err_text)
{
	struct page *page;
	struct dmr_slot at;
	int err;

	if (dmr_search_begin(&s->find, bdev_nr_sectors(r->spare))) {
		*err_text = "Spare is too small; it needs at least 36 KiB";
		return -EINVAL;
	}
	page = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], REMAP_POOL_WAIT);
	for (at = dmr_search_next(&s->find); !dmr_slot_is_none(at); at = dmr_search_next(&s->find))
		dmr_search_took(&s->find, remap_meta_read(r, at, page) &&
				remap_meta_read(r, at, page) ? NULL : page_address(page));
	remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], page);
	err = dmr_copies_judge(s->find.seen, s->find.n, &s->v);
	if (err == -ESTALE && force)
		return 0;
	if (err)
		*err_text = (char *)remap_load_why(err);
	return err;
}

int remap_load_check(struct remap *r, const struct dmr_super *sb, char **err_text)
{
	if (sb->spare_sect > bdev_nr_sectors(r->spare))
		*err_text = "Spare is smaller than when it was formatted; restore its size";
	else if (sb->main_sect > bdev_nr_sectors(r->main))
		*err_text = "Main is smaller than the one the spare was formatted for; wrong main?";
	else if (r->ti->len > sb->main_sect)
		*err_text = "Length is beyond main as it was when the spare was formatted";
	else if (bdev_logical_block_size(r->main) != sb->main_lbs_bytes)
		*err_text = "Logical block size of main has changed since the spare was formatted";
	else if (bdev_logical_block_size(r->spare) > sb->main_lbs_bytes)
		*err_text = "Logical blocks of the spare are larger than main's; use another spare";
	else
		return 0;
	return -EINVAL;
}

static int remap_witness_crc(struct remap *r, const struct dmr_witness *w, struct page *page,
			     u32 *crc)
{
	u32 done = 0;

	*crc = ~0u;
	while (done < w->len_sect) {
		struct remap_child c = {
			.nr_sect = min(w->len_sect - done, DMR_BLK_SECTS),
			.dest_sect = w->start_sect + done,
			.opf = REQ_OP_READ,
			.page = page,
		};

		if (remap_child_run(r, NULL, &c))
			return -EIO;
		*crc = dmr_plat_crc32c(*crc, page_address(page), c.nr_sect << DMR_SECT_SHIFT);
		done += c.nr_sect;
	}
	return 0;
}

int remap_load_witness(struct remap *r, const struct dmr_super *sb, char **err_text)
{
	struct page *page;
	int ret = 0;
	u32 i;

	if (sb->activity != DMR_ACTIVITY_CLEAN)
		return 0;
	page = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], REMAP_POOL_WAIT);
	for (i = 0; i < DMR_WITNESS_MAX && !ret; i++) {
		const struct dmr_witness *w = &sb->witness[i];
		u32 crc;

		if (!w->valid || !w->len_sect || remap_witness_crc(r, w, page, &crc))
			continue;
		if (crc == w->crc)
			continue;
		*err_text = "Main was written without dm-remap since its close, or is another disk";
		ret = -ESTALE;
	}
	remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], page);
	return ret;
}

/* A range with a remapped block says nothing about main. */
static bool remap_witness_clear(struct remap *r, const struct dmr_witness *w)
{
	u64 first = dmr_mblk_of_sect(w->start_sect).v;
	u64 last = dmr_mblk_of_sect(w->start_sect + w->len_sect - 1).v;
	const struct remap_index *idx = rcu_dereference_protected(r->index, true);
	struct remap_hit hit;

	return remap_index_first(idx, first, last, &hit) > last;
}

void remap_load_witness_take(struct remap *r, struct dmr_super *sb)
{
	/*
	 * Nobody runs a protocol now, so its page is free. An allocation would wait for
	 * memory while what swap writes here waits for the resume (B17).
	 */
	struct page *page = remap_exec_image(r, 0);
	bool durable = !blkdev_issue_flush(r->main);
	u32 i;

	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		struct dmr_witness *w = &sb->witness[i];

		/* what main may still lose must not be remembered (A33) */
		w->valid = durable && w->len_sect && remap_witness_clear(r, w) &&
			   !remap_witness_crc(r, w, page, &w->crc);
	}
}

/* Return: 0; -ESTALE: somebody else has written it; -EAGAIN: nothing can be seen. */
static int remap_load_compare(struct remap *r, struct dmr_super *sb)
{
	struct page *page = remap_exec_image(r, 0);
	bool torn = READ_ONCE(r->mode) == DMR_MODE_FAIL;
	u32 read = 0, ours = 0;
	u32 c;

	for (c = 0; c < r->sb.copies; c++) {
		enum dmr_blk_status st;

		if (!(r->whole & BIT(c)) || remap_meta_read(r, r->sb.copy_slot[c], page))
			continue;
		st = dmr_codec_super_decode(page_address(page), r->sb.copy_slot[c], sb, NULL);
		read++;
		if ((st != DMR_BLK_OK && st != DMR_BLK_TOMBSTONE) ||
		    memcmp(sb->uuid, r->sb.uuid, DMR_UUID_BYTES))
			continue;
		ours += st == DMR_BLK_OK;
		if (dmr_codec_gen_cmp(&sb->gen, &r->gen) > 0)
			return -ESTALE;
	}
	/* what failed here may have torn them: then nobody can be told from somebody else */
	if (!read || (!ours && torn))
		return -EAGAIN;
	return ours ? 0 : -ESTALE;
}

int remap_load_changed(struct remap *r)
{
	/* nobody else runs a protocol now: its superblock is room for another one */
	int err = remap_load_compare(r, &remap_exec_new(r)->sb);

	WRITE_ONCE(r->unseen, !!err);
	if (err == -ESTALE)
		DMERR("%s: the spare was written by somebody else while suspended: load the table anew",
		      remap_name(r));
	return err;
}

/*
 * Copies that may hold older images than the ones selected: those that do, and
 * after a crash those that could not be read.
 */
static u32 remap_load_behind(struct remap *r, const struct remap_supers *s, const u8 *same)
{
	u32 behind = r->sb.activity == DMR_ACTIVITY_CLEAN ? 0 : s->v.unread;
	u32 blk;

	for (blk = 0; blk < r->sb.hwm_blk; blk++)
		behind |= s->v.candidates & ~same[blk];
	return behind & r->sb.insync;
}

/* Everything selected is made identical and durable, "in use" with it (R14). */
static int remap_load_activate(struct remap *r, const struct remap_supers *s, u8 *same)
{
	u32 behind = remap_load_behind(r, s, same);
	u32 whole = s->v.candidates;
	struct remap_exec *x;
	enum dmr_op how;
	u32 fill;
	u32 blk;

	for (blk = 0; blk < r->sb.hwm_blk; blk++)
		whole &= same[blk];
	fill = (s->v.candidates | s->v.rebuild | s->v.unread) & ~whole;
	r->whole = whole;
	r->gen.epoch = dmr_copies_epoch(r->gen.epoch, s->v.unread);
	r->gen.counter = 0;
	r->gen.nonce = get_random_u32();
	x = remap_exec_new(r);
	x->sb.activity = DMR_ACTIVITY_IN_USE;
	x->fill_same = same;
	x->behind = behind;
	dmr_proto_begin(&x->p, DMR_PROTO_ACTIVATE, whole, 0, fill, false);
	how = remap_exec_run(r, x);
	if (x->lone_behind) {
		DMERR("%s: the last but one copy is behind and cannot be rewritten: read-only",
		      remap_name(r));
		r->readonly = true;
		return 0;
	}
	if (how != DMR_OP_DONE) {
		DMERR("%s: spare cannot be written; not activated", remap_name(r));
		return -EIO;
	}
	r->unread &= ~r->whole;
	if (fill)
		DMINFO("%s: metadata copies 0x%x were behind or damaged, 0x%x are in sync now",
		       remap_name(r), fill, r->whole);
	return 0;
}

static void remap_load_mode(struct remap *r)
{
	if (r->readonly) {
		remap_index_mark_all(rcu_dereference_protected(r->index, true));
		remap_mode_set(r, DMR_MODE_READONLY,
			       r->forced ? DMR_WHY_FORCED :
			       hweight32(r->whole) < 2 ? DMR_WHY_COPIES : DMR_WHY_READONLY);
	} else if (hweight32(r->whole) < 2) {
		remap_mode_set(r, DMR_MODE_MAP_RO, DMR_WHY_COPIES);
	} else {
		remap_mode_set(r, DMR_MODE_RW, DMR_WHY_NONE);
	}
	remap_mode_room(r);
}

/*
 * The summary of main's health, for which no memory is no error. An auxiliary block that
 * a later release wrote is not ours to write over.
 */
static int remap_load_aux(struct remap *r)
{
	struct page *page = remap_pool_page(&r->memory.pool[DMR_POOL_BUFFER], REMAP_POOL_WAIT);
	struct dmr_aux *seen = remap_mem(kvmalloc(sizeof(*seen), GFP_NOIO | __GFP_NOWARN));
	enum dmr_blk_status st = DMR_BLK_OK;
	u32 c;

	for (c = 0; c < r->sb.copies; c++) {
		struct dmr_slot at = dmr_layout_aux_slot(&r->sb, c);

		if (remap_meta_read(r, at, page))
			continue;
		st = dmr_codec_aux_decode(page_address(page), at, &r->sb, c, seen, NULL);
		if (st == DMR_BLK_OK && seen)
			remap_summary_seen(r, seen);
		if (st == DMR_BLK_VERSION && !r->readonly)
			break;
	}
	kvfree(seen);
	remap_pool_give_page(&r->memory.pool[DMR_POOL_BUFFER], page);
	if (c == r->sb.copies)
		return 0;
	DMERR("%s: auxiliary block of copy %u has a newer format; use a newer dm-remap",
	      remap_name(r), c);
	return -EPROTONOSUPPORT;
}

static u32 remap_load_readable(const struct remap_supers *s)
{
	u32 mask = 0;
	u32 i;

	for (i = 0; i < s->find.n; i++)
		if (s->find.seen[i].st == DMR_BLK_OK)
			mask |= BIT(i);
	return mask;
}

static int remap_load_all(struct remap *r, struct remap_supers *s)
{
	bool force = r->args.force_readonly;
	char *err_text = NULL;
	u8 *same = NULL;
	int err;

	err = remap_load_supers(r, s, force, &err_text);
	if (!err) {
		r->sb = s->find.seen[s->v.best].sb;
		err = remap_load_check(r, &r->sb, &err_text);
	}
	if (err) {
		DMERR("%s: %s", remap_name(r), err_text);
		return err;
	}
	if (r->sb.ro_compat) {
		DMWARN("%s: %s: read-only", remap_name(r), r->sb.ro_compat == DMR_RO_RESIZE ?
		       "a resize of the spare was cut short, dmremap resize finishes it" :
		       "features of a newer version forbid writing");
		r->readonly = true;
	}
	r->gen = r->sb.gen;
	r->unread = s->v.unread;
	if (force && !s->v.candidates) {
		/* a rescue: what was left behind is better than nothing, and said so */
		r->forced = true;
		s->v.candidates = remap_load_readable(s);
	}
	same = remap_mem(kvzalloc(r->sb.hwm_blk, GFP_NOIO));
	err = same ? remap_load_aux(r) : -ENOMEM;
	if (!err)
		err = remap_grow_first(r, r->sb.hwm_blk);
	if (!err)
		err = remap_load_table(r, s->v.candidates, same);
	r->whole = s->v.candidates;
	r->expelled = (BIT(r->sb.copies) - 1) & ~r->sb.insync;
	if (!err && !r->readonly)
		err = remap_load_activate(r, s, same);
	/* once: an activation that failed is tried again with the same map */
	if (!err)
		remap_summary_restore(r);
	kvfree(same);
	return err;
}

int remap_load(struct remap *r)
{
	struct remap_supers *s = remap_mem(kvzalloc(sizeof(*s), GFP_NOIO));
	int err;

	if (!s)
		return -ENOMEM;
	remap_load_forget(r);
	err = remap_load_all(r, s);
	kvfree(s);
	if (err) {
		remap_load_forget(r);
		return err;
	}
	r->loaded = true;
	remap_load_mode(r);
	/*
	 * Losers of a slot replacement that was cut short are retired now. A failure
	 * is no error of the load: it has made the mode worse, and says so.
	 */
	if (!r->readonly && !bitmap_empty(r->dirty, r->sb.hwm_blk) && hweight32(r->whole) >= 2)
		remap_commit_lazies(r);
	return 0;
}
