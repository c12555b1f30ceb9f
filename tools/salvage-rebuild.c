// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage, a superblock made anew: what follows from the sizes of spare and main,
 * with the uuid and the mark that the table blocks tell.
 */
#include "newset.h"
#include "pair.h"
#include "salvage.h"
#include "say.h"

#define RUN_BLK		64u	/* table blocks of a copy read at once */
#define SETS_MAX	16u

/** struct tally - a set that table blocks speak of; @end: its highest block and one */
struct tally {
	u8 uuid[DMR_UUID_BYTES];
	u64 blks;
	u32 end;
};

/**
 * struct probe - table blocks at the places that follow from a size
 * @sb: what a superblock would say of that size; its uuid is that of the block looked at
 * @wrong: blocks that are whole, and cannot be about this main and size; @why: the last
 */
struct probe {
	struct salvage *s;
	struct dmr_super sb;
	struct tally set[SETS_MAX];
	u32 sets;
	u64 wrong;
	u64 wrong_byte;
	const char *why;
};

static void count_blk(struct probe *p, const u8 *uuid, u32 blk)
{
	u32 i = 0;

	while (i < p->sets && memcmp(p->set[i].uuid, uuid, DMR_UUID_BYTES) != 0)
		i++;
	if (i == SETS_MAX)	/* so many sets are a matter for force anyway */
		return;
	if (i == p->sets)
		memcpy(p->set[p->sets++].uuid, uuid, DMR_UUID_BYTES);
	p->set[i].blks++;
	if (blk >= p->set[i].end)
		p->set[i].end = blk + 1;
}

/* Return: false for an unknown version */
static bool probe_blk(struct probe *p, const void *raw, struct dmr_slot at, u32 blk)
{
	const struct dmr_disk_header *h = raw;
	u64 word[DMR_ENTRIES_PER_BLK];
	const char *why = NULL;
	struct dmr_gen gen;

	memcpy(p->sb.uuid, h->uuid, DMR_UUID_BYTES);
	switch (dmr_codec_table_decode(raw, at, &p->sb, blk, word, &gen, &why)) {
	case DMR_BLK_OK:
		count_blk(p, h->uuid, blk);
		return true;
	case DMR_BLK_MEANING:
		p->wrong++;
		p->wrong_byte = at.v * DMR_BLK_BYTES;
		p->why = why;
		return true;
	case DMR_BLK_VERSION:
		return false;
	default:
		return true;
	}
}

/* @n table blocks of a copy, from @blk on; one by one where they cannot be read at once */
static bool probe_run(struct probe *p, u8 *raw, u32 copy, u32 blk, u32 n)
{
	struct dmr_slot at = dmr_layout_table_slot(&p->sb, copy, blk);
	bool whole = !dev_read_slots(p->s->d, raw, at, n);
	u32 i;

	for (i = 0; i < n; i++) {
		u8 *one = raw + (size_t)i * DMR_BLK_BYTES;

		if (!whole && dev_read_slots(p->s->d, one, dmr_slot(at.v + i), 1))
			continue;
		if (!dmr_layout_implied(&p->sb, blk + i) &&
		    !probe_blk(p, one, dmr_slot(at.v + i), blk + i))
			return false;
	}
	return true;
}

static int probe_all(struct probe *p)
{
	u8 *raw = say_alloc_blocks(RUN_BLK);
	bool known = true;
	u32 copy, blk, n;

	p->sets = 0;
	p->wrong = 0;
	memset(p->set, 0, sizeof(p->set));
	for (copy = 0; copy < p->sb.copies; copy++) {
		for (blk = 0; blk < p->sb.table_blk && known; blk += n) {
			n = p->sb.table_blk - blk < RUN_BLK ? p->sb.table_blk - blk : RUN_BLK;
			known = probe_run(p, raw, copy, blk, n);
		}
	}
	free(raw);
	return known ? 0 : salvage_newer(p->s);
}

/* ---- one made anew ---- */

static int make_super(struct salvage *s, u64 spare_sect, struct dmr_super *sb)
{
	struct dev as = *s->d;
	struct dmr_layout lay;
	int code;

	as.sect = spare_sect;
	code = pair_check(s->main_dev, &as, &lay);
	return code ? code : newset_make(s->main_dev, &as, &lay, sb);
}

static const struct tally *most(const struct probe *p)
{
	const struct tally *t = p->set;
	u32 i;

	for (i = 1; i < p->sets; i++) {
		if (p->set[i].blks > t->blks)
			t = &p->set[i];
	}
	return t;
}

/*
 * Copies may have moved. A list counts if nothing is missing with it that was found
 * in the anchors, and no table block has something else in the places it names.
 */
static int probe_moved(struct probe *p)
{
	struct probe *q = say_alloc(1, sizeof(*q));
	int code = 0;
	u32 how;

	for (how = 0; how < SALVAGE_PLACES && !code; how++) {
		*q = *p;
		if (!salvage_places(p->s->d, &p->sb, how, q->sb.copy_slot))
			continue;
		code = probe_all(q);
		if (code || !q->sets || q->wrong > p->wrong ||
		    (p->sets && most(q)->blks < most(p)->blks))
			continue;
		*p = *q;
		break;
	}
	free(q);
	return code;
}

static int probe_size(struct probe *p, u64 spare_sect)
{
	int code = make_super(p->s, spare_sect, &p->sb);

	if (!code)
		code = probe_all(p);
	return code ? code : probe_moved(p);
}

/* Its blocks are nowhere, or not as they would be: has the device another size than it had? */
static int try_other_size(struct probe *p, struct salvage_origin *o)
{
	struct salvage *s = p->s;
	struct salvage_note *n;
	int code = salvage_scan(s, &p->sb, o);

	if (code || !o->slots || o->slots == p->sb.slots)
		return code;
	n = salvage_add_note(s, SALVAGE_SIZE_FOUND,
			     "the device has another size than the spare had when it was formatted");
	n->slot = 0;
	n->last_slot = o->slots - 1;
	return o->found ? 0 : probe_size(p, o->slots * DMR_BLK_SECTS);
}

static int check_probe(const struct probe *p)
{
	const struct salvage *s = p->s;

	if (p->wrong && !s->force) {
		say_err("spare %s: the table block at byte %ju is whole, and cannot be about main %s: %s. Is this its main? --force goes on without such blocks",
			s->d->path, p->wrong_byte, s->main_dev->path, p->why);
		return EXIT_DEVICE;
	}
	if (!p->sets) {
		say_err("spare %s: nothing of a set was found on it, neither superblocks nor table blocks; dmremap restore brings back what was dumped",
			s->d->path);
		return EXIT_DEVICE;
	}
	if (p->sets > 1 && !s->force) {
		say_err("spare %s holds table blocks of %u sets: --force takes the one of which there are most",
			s->d->path, p->sets);
		return EXIT_DEVICE;
	}
	return 0;
}

static void on_finding(void *ctx, const struct dmr_finding *f)
{
	report_finding(ctx, f);
}

/* As a loader would, had it looked where this superblock says */
static int judge_again(struct salvage *s, const struct dmr_super *sb)
{
	void *raw = say_alloc_blocks(1);
	struct walk *w = &s->w;
	u32 i;

	w->copies = sb->copies;
	memcpy(w->at, sb->copy_slot, sizeof(w->at));
	for (i = 0; i < w->copies; i++) {
		w->seen[i].st = DMR_BLK_UNREAD;
		if (!dev_read_slots(s->d, raw, w->at[i], 1))
			w->seen[i].st = dmr_codec_super_decode(raw, w->at[i], &w->seen[i].sb, NULL);
	}
	free(raw);
	s->found.n = 0;
	w->judge = dmr_check_supers(w->seen, w->copies, &w->v, on_finding, &s->found);
	w->sb = w->judge ? NULL : &w->seen[w->v.best].sb;
	return salvage_verdict(s);
}

int salvage_rebuild(struct salvage *s)
{
	struct salvage_origin o = { 0 };
	struct probe p = { .s = s };
	const struct tally *t;
	int code;

	if (!s->main_dev) {
		say_err("spare %s %s: what its superblocks said of main (size, logical blocks, identity) has to come from main itself; name it with --main",
			s->d->path, walk_judge_text(s->w.judge));
		return EXIT_DEVICE;
	}
	code = probe_size(&p, s->d->sect);
	if (!code && (!p.sets || p.wrong))
		code = try_other_size(&p, &o);
	if (!code && o.found)
		return judge_again(s, &o.sb);
	if (!code)
		code = check_probe(&p);
	if (code)
		return code;
	t = most(&p);
	s->trust = SALVAGE_REBUILT;
	s->sb = p.sb;
	memcpy(s->sb.uuid, t->uuid, DMR_UUID_BYTES);
	/* marks go up in chunks: what is missing of the last one was there, and is lost */
	s->sb.hwm_blk = 0;
	while (s->sb.hwm_blk < t->end)
		s->sb.hwm_blk = dmr_layout_raised(&s->sb, s->sb.hwm_blk);
	salvage_add_note(s, SALVAGE_SUPER_REBUILT,
			 "made anew from main, the size of the spare, and its table blocks");
	return 0;
}
