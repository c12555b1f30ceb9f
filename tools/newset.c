// SPDX-License-Identifier: GPL-2.0-only
/*
 * Newset: writing a set. One function names every block of it in order; writing
 * and reading back are two visitors of that order.
 */
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "fresh.h"
#include "ident.h"
#include "newset.h"
#include "say.h"
#include "sig.h"

int newset_nonce(struct dmr_super *sb)
{
	if (getrandom(&sb->gen.nonce, sizeof(sb->gen.nonce), 0) == sizeof(sb->gen.nonce))
		return 0;
	say_err("the kernel gives no random numbers: %s", strerror(errno));
	return EXIT_DEVICE;
}

int newset_uuid(struct dmr_super *sb)
{
	if (getrandom(sb->uuid, sizeof(sb->uuid), 0) != sizeof(sb->uuid)) {
		say_err("the kernel gives no random numbers: %s", strerror(errno));
		return EXIT_DEVICE;
	}
	sb->uuid[6] = (sb->uuid[6] & 0x0f) | 0x40;	/* RFC 4122: random */
	sb->uuid[8] = (sb->uuid[8] & 0x3f) | 0x80;
	return newset_nonce(sb);
}

int newset_make(const struct dev *main_dev, const struct dev *spare, const struct dmr_layout *lay,
		struct dmr_super *sb)
{
	int code;

	memset(sb, 0, sizeof(*sb));
	code = newset_uuid(sb);
	if (code)
		return code;
	sb->gen.epoch = 0;
	sb->gen.counter = 1;
	sb->main_sect = main_dev->sect;
	sb->spare_sect = spare->sect;
	sb->main_lbs_bytes = main_dev->lbs_bytes;
	sb->spare_lbs_bytes = spare->lbs_bytes;
	sb->slots = lay->slots;
	sb->table_blk = lay->table_blk;
	sb->copies = lay->copies;
	sb->insync = (1u << lay->copies) - 1;
	sb->strategy = lay->strategy;
	sb->activity = DMR_ACTIVITY_CLEAN;
	memcpy(sb->copy_slot, lay->copy_slot, sizeof(sb->copy_slot));
	sb->hwm_blk = dmr_layout_raised(sb, 0);
	sb->created_s = (u64)time(NULL);
	ident_read(main_dev, sb);
	ident_choose_witness(main_dev, sb);
	return 0;
}

/* ---- the blocks, in order ---- */

#define RUN_BLK	64u	/* table blocks of one copy in one write or read: 256 KiB */

/**
 * struct visit - writing, or reading back
 * @only: the copies that are meant, a set of bits
 * @word: entries of RUN_BLK table blocks
 * @blk, @seen: RUN_BLK blocks as they must be, and as they are
 * @fn: does it with @n of them, which begin at a slot
 */
struct visit {
	struct dev *d;
	const struct dmr_super *sb;
	u32 only;
	u64 *word;
	u8 *blk;
	u8 *seen;
	const struct newset_body *body;
	int (*fn)(struct visit *v, struct dmr_slot at, u32 n);
};

static void visit_begin(struct visit *v)
{
	v->word = say_alloc((size_t)RUN_BLK * DMR_ENTRIES_PER_BLK, sizeof(*v->word));
	v->blk = say_alloc_blocks(RUN_BLK);
	v->seen = say_alloc_blocks(RUN_BLK);
}

static int visit_end(struct visit *v, int code)
{
	free(v->word);
	free(v->blk);
	free(v->seen);
	return code;
}

void newset_empty(void *ctx, const struct dmr_super *sb, u32 blk, u64 *word)
{
	(void)ctx;
	dmr_layout_empty_block(sb, blk, word);
}

static u32 every(const struct dmr_super *sb)
{
	return (1u << sb->copies) - 1;
}

static int put_blk(struct visit *v, struct dmr_slot at, u32 i, u32 n)
{
	return dev_write(v->d, v->blk + i * DMR_BLK_BYTES, (at.v + i) * DMR_BLK_BYTES,
			 n * DMR_BLK_BYTES);
}

static int put(struct visit *v, struct dmr_slot at, u32 n)
{
	int err = put_blk(v, at, 0, n);
	u32 i;

	if (!err)
		return 0;
	/* where it is, for the sentence alone: the first error counts */
	for (i = 0; i + 1 < n && !put_blk(v, at, i, 1); i++)
		;
	say_err("spare %s cannot be written at byte %ju: %s; use another spare",
		v->d->path, (at.v + i) * DMR_BLK_BYTES, strerror(-err));
	return EXIT_DEVICE;
}

/* Return: 0, -errno, or 1: it is different */
static int compare_blk(struct visit *v, struct dmr_slot at, u32 i, u32 n)
{
	const size_t from = i * DMR_BLK_BYTES, len = n * DMR_BLK_BYTES;
	int err = dev_read(v->d, v->seen + from, at.v * DMR_BLK_BYTES + from, len);

	return err ? err : !!memcmp(v->seen + from, v->blk + from, len);
}

static int compare(struct visit *v, struct dmr_slot at, u32 n)
{
	int err = compare_blk(v, at, 0, n);
	u32 i;

	if (!err)
		return 0;
	for (i = 0; i + 1 < n && !compare_blk(v, at, i, 1); i++)
		;
	say_err("spare %s does not keep what is written to it: byte %ju %s; use another spare",
		v->d->path, (at.v + i) * DMR_BLK_BYTES,
		err < 0 ? strerror(-err) : "reads back different");
	return EXIT_DEVICE;
}

static int sync_spare(struct dev *d)
{
	int err = dev_sync(d);

	if (!err)
		return 0;
	say_err("spare %s cannot be flushed: %s; use another spare", d->path, strerror(-err));
	return EXIT_DEVICE;
}

static int each_aux(struct visit *v)
{
	const struct dmr_super *sb = v->sb;
	struct dmr_slot at;
	int code = 0;
	u32 copy;

	for (copy = 0; copy < sb->copies && !code; copy++) {
		if (!(v->only >> copy & 1))
			continue;
		at = dmr_layout_aux_slot(sb, copy);
		dmr_codec_aux_encode(v->blk, sb->uuid, &sb->gen, copy, at, v->body->aux);
		code = v->fn(v, at, 1);
	}
	return code;
}

/* One run of table blocks, in all copies */
static int each_run(struct visit *v, u32 first, u32 n)
{
	const struct dmr_super *sb = v->sb;
	u32 copy, i;
	int code = 0;

	for (i = 0; i < n; i++)
		v->body->words(v->body->ctx, sb, first + i, v->word + i * DMR_ENTRIES_PER_BLK);
	for (copy = 0; copy < sb->copies && !code; copy++) {
		if (!(v->only >> copy & 1))
			continue;
		for (i = 0; i < n; i++)
			dmr_codec_table_encode(v->blk + i * DMR_BLK_BYTES, sb->uuid, &sb->gen,
					       first + i, v->word + i * DMR_ENTRIES_PER_BLK,
					       dmr_layout_table_slot(sb, copy, first + i));
		code = v->fn(v, dmr_layout_table_slot(sb, copy, first), n);
	}
	return code;
}

static int each_table(struct visit *v)
{
	const struct dmr_super *sb = v->sb;
	u32 first, n;
	int code = 0;

	for (first = 0; first < sb->hwm_blk && !code; first += n ? n : 1) {
		for (n = 0; n < RUN_BLK && first + n < sb->hwm_blk; n++)
			if (dmr_layout_implied(sb, first + n))
				break;
		code = n ? each_run(v, first, n) : 0;
	}
	return code ? code : each_aux(v);
}

static int each_super(struct visit *v)
{
	struct dmr_slot at;
	int code = 0;
	u32 copy;

	for (copy = 0; copy < v->sb->copies && !code; copy++) {
		if (!(v->only >> copy & 1))
			continue;
		at = dmr_layout_super_slot(v->sb, copy);
		dmr_codec_super_encode(v->blk, v->sb, copy, at);
		code = v->fn(v, at, 1);
	}
	return code;
}

static int each_super_zero(struct visit *v)
{
	int code = 0;
	u32 copy;

	memset(v->blk, 0, DMR_BLK_BYTES);
	for (copy = 0; copy < v->sb->copies && !code; copy++) {
		if (v->only >> copy & 1)
			code = v->fn(v, dmr_layout_super_slot(v->sb, copy), 1);
	}
	return code;
}

/* Through a second, direct descriptor: the writing one would answer from the page cache */
static int verify(struct visit *v, u32 copies, bool supers)
{
	struct dev again, *writing = v->d;
	int code = dev_open(&again, writing->path, writing->role, DEV_PEEK);

	if (code)
		return code;
	dev_uncache(writing);
	v->d = &again;
	v->fn = compare;
	v->only = copies;
	code = each_table(v);
	if (!code && supers)
		code = each_super(v);
	dev_close(&again);
	v->d = writing;
	return code;
}

int newset_clear(struct dev *spare, const struct dmr_layout *lay, const struct dmr_super *sb,
		 bool wipe_all)
{
	int code = wipe_all ? sig_wipe(spare, lay) : 0;
	u64 byte;
	int err = code ? 0 : fresh_forget(spare, sb->copy_slot, sb->copies, sb->slots, &byte);

	if (err) {
		say_err("spare %s cannot be written at byte %ju: %s; use another spare",
			spare->path, byte, strerror(-err));
		code = EXIT_DEVICE;
	}
	return code ? code : sync_spare(spare);
}

int newset_write(struct dev *spare, const struct dmr_layout *lay, const struct dmr_super *sb,
		 const struct newset_body *body, bool wipe_all)
{
	struct visit v = {
		.d = spare, .sb = sb, .only = every(sb), .fn = put, .body = body,
	};
	int code = newset_clear(spare, lay, sb, wipe_all);

	visit_begin(&v);
	if (!code)
		code = each_table(&v);
	if (!code)
		code = sync_spare(spare);
	if (!code)
		code = each_super(&v);
	if (!code)
		code = sync_spare(spare);
	if (!code)
		code = verify(&v, every(sb), true);
	return visit_end(&v, code);
}

/* ---- over a set that is there ---- */

/* One part of the copies: blocks of a kind, flushed */
static int put_part(struct visit *v, u32 part, int (*each)(struct visit *v))
{
	int code;

	v->only = part;
	code = each(v);
	return code ? code : sync_spare(v->d);
}

int newset_rewrite(struct dev *spare, const struct dmr_super *sb, const struct newset_body *body,
		   u32 last)
{
	const u32 first = every(sb) & ~last;
	struct visit v = { .d = spare, .sb = sb, .fn = put, .body = body };
	struct dmr_super part = *sb;
	int code;

	part.gen.counter = sb->gen.counter - 1;
	part.insync = first;
	visit_begin(&v);
	code = put_part(&v, first, each_super_zero);
	if (!code)
		code = put_part(&v, first, each_table);
	v.sb = &part;
	if (!code)
		code = put_part(&v, first, each_super);
	v.sb = sb;
	if (!code)
		code = put_part(&v, last, each_table);
	if (!code)
		code = put_part(&v, last, each_super);
	if (!code)
		code = put_part(&v, first, each_super);
	if (!code)
		code = verify(&v, every(sb), true);
	return visit_end(&v, code);
}

/* ---- some copies of a set ---- */

int newset_tables(struct dev *spare, const struct dmr_super *sb, const struct newset_body *body,
		  u32 copies)
{
	struct visit v = { .d = spare, .sb = sb, .fn = put, .body = body };
	int code;

	visit_begin(&v);
	code = put_part(&v, copies, each_table);
	if (!code)
		code = verify(&v, copies, false);
	return visit_end(&v, code);
}

int newset_aux(struct dev *spare, const struct dmr_super *sb, const struct dmr_aux *aux,
	       u32 copies)
{
	const struct newset_body body = { .aux = aux };
	struct visit v = { .d = spare, .sb = sb, .fn = put, .body = &body };
	int code;

	visit_begin(&v);
	code = put_part(&v, copies, each_aux);
	return visit_end(&v, code);
}

int newset_supers(struct dev *spare, const struct dmr_super *sb, u32 copies)
{
	struct visit v = { .d = spare, .sb = sb, .fn = put };
	int code;

	visit_begin(&v);
	code = put_part(&v, copies, each_super);
	return visit_end(&v, code);
}

void newset_bury(struct dev *spare, const struct dmr_super *sb)
{
	void *blk = say_alloc_blocks(1);
	u32 i;

	for (i = 0; i < sb->copies; i++) {
		const struct dmr_slot at = dmr_layout_anchor(sb, i);

		if (!dmr_layout_moved(sb, i))
			continue;
		dmr_codec_tomb_encode(blk, sb, i, at);
		if (dev_write(spare, blk, at.v * DMR_BLK_BYTES, DMR_BLK_BYTES) || dev_sync(spare))
			say_warn("spare %s: byte %ju cannot say where copy %u is; it is found without",
				 spare->path, at.v * DMR_BLK_BYTES, i);
	}
	free(blk);
}
