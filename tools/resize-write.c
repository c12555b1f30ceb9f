// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resize, the writes: see resize.h. Each step ends with a flush; what is written
 * between two flushes may reach the disk in any order.
 */
#include "newset.h"
#include "resize.h"
#include "say.h"

static u32 every(const struct dmr_super *sb)
{
	return (1u << sb->copies) - 1;
}

bool resize_too_often(const struct dev *d, const struct dmr_super *sb)
{
	if (sb->gen.epoch < DMR_EPOCH_MAX - 3 * DMR_EPOCH_GAP)
		return false;
	say_err("spare %s has seen more activations than there can be: see dmremap check", d->path);
	return true;
}

/* Generations above all that is there (a copy that cannot be read may have seen more) */
static int next_epoch(struct dmr_super *sb, const struct walk *w)
{
	sb->gen.epoch = dmr_copies_epoch(w->sb->gen.epoch, w->v.unread);
	sb->gen.counter = 1;
	return newset_nonce(sb);
}

static int sync_spare(struct dev *d)
{
	int err = dev_sync(d);

	if (!err)
		return 0;
	say_err("spare %s cannot be flushed: %s", d->path, strerror(-err));
	return EXIT_DEVICE;
}

/* ---- blocks in the way ---- */

/* Of a slot that does not read as a whole, what lives there; the rest is nobody's */
static int read_sectors(const struct resize *z, const struct resize_move *m, u8 *blk)
{
	const u32 lbs = z->to.sb.main_lbs_bytes;
	u32 i;
	int err;

	memset(blk, 0, DMR_BLK_BYTES);
	for (i = 0; i < DMR_BLK_BYTES / lbs; i++) {
		if (dmr_states_get(dmr_entry_states(m->word), i) != DMR_STATE_SLOT)
			continue;
		err = dev_read(z->in, blk + i * lbs, m->from * DMR_BLK_BYTES + i * lbs, lbs);
		if (err)
			return err;
	}
	return 0;
}

static int move_block(const struct resize *z, const struct resize_move *m, u8 *blk)
{
	int err = dev_read(z->in, blk, m->from * DMR_BLK_BYTES, DMR_BLK_BYTES);

	if (err)
		err = read_sectors(z, m, blk);
	if (err) {
		say_err("spare %s: slot %ju, where block %ju of main lives, is in the way and cannot be read: write that block anew, or use dmremap replace, which says what is lost",
			z->d->path, m->from, m->mblk);
		return EXIT_DEVICE;
	}
	err = dev_write(z->d, blk, m->to * DMR_BLK_BYTES, DMR_BLK_BYTES);
	if (!err)
		return 0;
	say_err("spare %s cannot be written at byte %ju: %s; use dmremap replace",
		z->d->path, m->to * DMR_BLK_BYTES, strerror(-err));
	return EXIT_DEVICE;
}

static int move_blocks(const struct resize *z)
{
	u8 *blk = say_alloc_blocks(1);
	int code = 0;
	u64 i;

	for (i = 0; i < z->moves && !code; i++) {
		if (dmr_entry_kind(z->move[i].word) == DMR_KIND_USED)
			code = move_block(z, &z->move[i], blk);
	}
	free(blk);
	return code ? code : sync_spare(z->d);
}

/* ---- the switch ---- */

static int put_tomb(struct dev *d, const struct dmr_super *sb, u32 copy, struct dmr_slot at)
{
	u8 *blk = say_alloc_blocks(1);
	int err;

	dmr_codec_tomb_encode(blk, sb, copy, at);
	err = dev_write(d, blk, at.v * DMR_BLK_BYTES, DMR_BLK_BYTES);
	free(blk);
	return err;
}

static int switch_over(struct resize *z)
{
	int err;

	z->begun = true;
	err = put_tomb(z->d, &z->way.sb, 0, dmr_slot(0));
	if (!err)
		return sync_spare(z->d);
	say_err("spare %s cannot be written at its first slot: %s; use dmremap replace",
		z->d->path, strerror(-err));
	return EXIT_DEVICE;
}

/* Sizes alone: half of the superblocks, then the others (the law of rounds) */
static int state_sizes(struct resize *z)
{
	const u32 half = (1u << z->to.sb.copies / 2) - 1;
	int code = next_epoch(&z->to.sb, z->w);

	z->begun = true;
	if (!code)
		code = newset_supers(z->d, &z->to.sb, half);
	if (!code)
		code = newset_supers(z->d, &z->to.sb, every(&z->to.sb) & ~half);
	/* of another size: until then it is no summary, and what is lost with it is advice */
	if (!code && z->way.aux.region_shift != z->w->aux.region_shift)
		code = newset_aux(z->d, &z->to.sb, &z->way.aux, every(&z->to.sb));
	return code;
}

int resize_write(struct resize *z)
{
	const struct newset_body body = { dump_table, &z->way, &z->way.aux };
	struct dmr_super *sb = &z->way.sb;
	int code;

	if (!z->places)
		return state_sizes(z);
	code = next_epoch(sb, z->w);
	if (!code)
		code = move_blocks(z);
	if (!code)
		code = newset_tables(z->d, sb, &body, sb->insync);
	if (!code)
		code = newset_supers(z->d, sb, sb->insync);
	return code ? code : switch_over(z);
}

/* ---- from the switch on ---- */

/** struct finish - what is left to do */
struct finish {
	struct dev *d;
	struct dev *in;
	struct walk w;
	struct dump to;
	u32 good;
};

/* Is a superblock of the old set there, or may one be? */
static bool old_super(struct finish *f, struct dmr_slot at)
{
	struct dmr_super *sb = say_alloc(1, sizeof(*sb));
	u8 *blk = say_alloc_blocks(1);
	bool old = true;

	if (!dev_read(f->in, blk, at.v * DMR_BLK_BYTES, DMR_BLK_BYTES))
		old = dmr_codec_super_decode(blk, at, sb, NULL) == DMR_BLK_OK &&
		      !memcmp(sb->uuid, f->to.sb.uuid, DMR_UUID_BYTES);
	free(blk);
	free(sb);
	return old;
}

/*
 * The old superblocks must not be believed once the new set has seen writes.
 * @placed: where copies belong they are by now. A slot where something lives is
 * left alone, whatever a list says (R10).
 */
static int destroy_old(struct finish *f, const struct dmr_super *sb, bool placed)
{
	u8 *zero = say_alloc_blocks(1);
	int err = 0;
	u32 i;

	for (i = 0; i < DMR_COPIES_MAX && !err; i++) {
		const struct dmr_slot at = sb->old_slot[i];

		if (!at.v || at.v >= f->d->sect / DMR_BLK_SECTS ||
		    (at.v < sb->slots && dmr_entry_maps(walk_word(&f->w, at))) ||
		    (placed && dmr_layout_is_meta(&f->to.sb, at)) || !old_super(f, at))
			continue;
		err = dev_write(f->d, zero, at.v * DMR_BLK_BYTES, DMR_BLK_BYTES);
	}
	free(zero);
	if (!err)
		return sync_spare(f->d);
	say_err("spare %s: an old superblock cannot be destroyed: %s; run dmremap resize again, or use dmremap replace",
		f->d->path, strerror(-err));
	return EXIT_DEVICE;
}

/* Best effort: it takes the loss of slot 0, too, for one of them to matter */
static int keep_tombs(struct finish *f, const struct dmr_super *sb)
{
	struct dmr_slot at[DMR_COPIES_MAX];
	u32 i, n = resize_stay(&f->to.sb, f->d->sect, at);

	for (i = 0; i < n; i++) {
		/* the device may have had another size when they were retired */
		if (at[i].v < sb->slots &&
		    dmr_entry_kind(walk_word(&f->w, at[i])) != DMR_KIND_BAD)
			continue;
		if (put_tomb(f->d, sb, 1, at[i]))
			say_warn("spare %s: byte %ju cannot say where the copies are",
				 f->d->path, at[i].v * DMR_BLK_BYTES);
	}
	return sync_spare(f->d);
}

static int too_few(struct finish *f)
{
	say_err("spare %s takes too few copies of its metadata: use dmremap repair to save it to another device",
		f->d->path);
	return EXIT_DEVICE;
}

/*
 * Whole copies where they belong. One that cannot be written, not even where its
 * superblock goes, moves when the set is open.
 */
static int fill_anchors(struct finish *f)
{
	const struct newset_body body = { dump_table, &f->to, &f->to.aux };
	struct dmr_super *sb = &f->to.sb;
	u32 i;

	for (i = 0; i < sb->copies; i++) {
		if ((!i || !put_tomb(f->d, f->w.sb, 1, sb->copy_slot[i])) &&
		    !newset_tables(f->d, sb, &body, 1u << i))
			f->good |= 1u << i;
		else
			say_warn("copy %u of the metadata stays behind", i);
	}
	return hweight32(f->good) >= 2 ? 0 : too_few(f);
}

/*
 * Superblocks of copies @copies, flushed one by one. Those that cannot be written
 * stay behind: the others are told (R5).
 */
static int put_supers(struct finish *f, u32 copies)
{
	struct dmr_super *sb = &f->to.sb;
	u32 i, lost = 0;

	for (i = 0; i < sb->copies; i++) {
		if ((copies >> i & 1) && newset_supers(f->d, sb, 1u << i))
			lost |= 1u << i;
	}
	if (!lost)
		return 0;
	if (lost & 1)
		return EXIT_DEVICE;
	f->good &= ~lost;
	if (hweight32(f->good) < 2)
		return too_few(f);
	say_warn("copies of the metadata stay behind, bits %#x", lost);
	sb->insync = f->good;
	sb->gen.counter++;
	return put_supers(f, f->good | 1);
}

/* From the temporary places to the anchors: by the superblock in slot 0, in an instant */
static int settle(struct finish *f)
{
	const struct dmr_super *way = f->w.sb;
	struct dmr_super *sb = &f->to.sb;
	u32 i, n = 0;
	int code;

	newset_bury(f->d, way);
	code = keep_tombs(f, way);
	if (!code)
		code = destroy_old(f, way, false);
	if (!code)
		code = fill_anchors(f);
	if (code)
		return code;
	while (n < DMR_COPIES_MAX && sb->old_slot[n].v)
		n++;
	for (i = 0; i < way->copies && n < DMR_COPIES_MAX; i++) {
		if (dmr_layout_moved(way, i))
			sb->old_slot[n++] = way->copy_slot[i];
	}
	sb->insync = f->good;
	return put_supers(f, 1);
}

/* All copies that count are where they belong */
static int end(struct finish *f)
{
	struct dmr_super *sb = &f->to.sb;
	const u32 half = (1u << sb->copies / 2) - 1;
	int code = keep_tombs(f, sb);

	if (!code)
		code = destroy_old(f, sb, true);
	sb->ro_compat &= ~DMR_RO_RESIZE;
	sb->gen.counter++;
	if (!code)
		code = put_supers(f, (f->good | 1) & half);
	return code ? code : put_supers(f, f->good & ~half);
}

static bool in_anchors(const struct dmr_super *sb)
{
	u32 i;

	for (i = 0; i < sb->copies; i++) {
		if (dmr_layout_moved(sb, i))
			return false;
	}
	return true;
}

static int finish(struct finish *f)
{
	struct dmr_super *sb = &f->to.sb;
	const struct dmr_super *was = f->w.sb;
	struct dmr_layout lay;
	int code;

	*sb = *was;
	if (resize_too_often(f->d, was))
		return EXIT_DEVICE;
	if (f->d->sect < sb->spare_sect || dmr_layout_compute(sb->spare_sect, &lay)) {
		say_err("spare %s is smaller than the set on it, whose resize was cut short: give it back its size",
			f->d->path);
		return EXIT_DEVICE;
	}
	memcpy(sb->copy_slot, lay.copy_slot, sizeof(lay.copy_slot));
	resize_entries(&f->w, &f->to);
	f->to.whole = true;
	f->to.aux = f->w.aux;
	code = next_epoch(sb, &f->w);
	if (!code && !in_anchors(was))
		code = settle(f);
	else
		f->good = was->insync;
	/* slot 0 alone may have said so when the power went: all must, before others go */
	if (!code)
		code = put_supers(f, f->good & ~1u);
	return code ? code : end(f);
}

int resize_finish(struct dev *d, struct dev *in)
{
	struct finish f = { .d = d, .in = in };
	int code = 0;

	dev_uncache(d);
	walk_begin(&f.w, dev_read_slots, in, in->sect, NULL, NULL);
	if (!f.w.judge)
		walk_table(&f.w);
	if (f.w.judge || f.w.losts) {
		say_err("spare %s is damaged in the middle of a resize: dmremap check says more, dmremap repair saves what is left",
			d->path);
		code = EXIT_DEVICE;
	} else if (resize_unfinished(&f.w)) {
		code = finish(&f);
	}
	dump_free(&f.to);
	walk_end(&f.w);
	return code;
}
