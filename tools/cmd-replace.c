// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command replace: all that lives on a spare goes to another one, which becomes a
 * set of its own for the same main. The order: the new spare's anchors destroyed,
 * data, table, superblocks, each flushed; the old superblocks last. A power cut
 * leaves the old set, or the new one, or both, and then they say the same.
 */
#include "cmd.h"
#include "dump.h"
#include "fresh.h"
#include "newset.h"
#include "say.h"
#include "spare.h"
#include "../src/core/statusline.h"

/**
 * struct copy - from one spare to another
 * @from: the old one, held for writing
 * @in: the same, to be read sector by sector: past the page cache, which reads whole pages
 */
struct copy {
	struct dev *from;
	struct dev *in;
	struct dev *to;
	const struct walk *w;
	struct dmr_layout lay;	/* of the new one */
	struct dump d;		/* the new set */
	u8 *blk;
	u64 lost;		/* sectors */
};

/* ---- what goes where ---- */

static u64 next_free(const struct dmr_super *sb, u64 slot)
{
	while (dmr_layout_is_meta(sb, dmr_slot(slot)))
		slot++;
	return slot;
}

/* Entries that count get slots in a row; bad slots are the old spare's affair. */
static int place(struct copy *c)
{
	struct dmr_super *sb = &c->d.sb;
	u64 i, slot = 0;

	c->d.entry = say_alloc(c->w->maps, sizeof(*c->d.entry));
	for (i = 0; i < c->w->maps; i++) {
		const struct dmr_check_map *m = &c->w->map[i];

		if (walk_superseded(c->w, i))
			continue;
		slot = next_free(sb, slot);
		if (slot >= sb->slots) {
			say_err("spare %s is too small: it has room for %ju blocks, and there are %ju; use a larger one",
				c->to->path, c->d.n, c->w->maps);
			return EXIT_DEVICE;
		}
		c->d.entry[c->d.n++] = (struct dmr_check_map){
			.mblk = m->mblk, .slot = slot++, .word = m->word,
		};
	}
	while (slot > (u64)sb->hwm_blk * DMR_ENTRIES_PER_BLK)
		sb->hwm_blk = dmr_layout_raised(sb, sb->hwm_blk);
	return 0;
}

static int make_super(struct copy *c)
{
	const struct dmr_super *old = c->w->sb;
	struct dmr_super *sb = &c->d.sb;

	*sb = *old;
	sb->spare_sect = c->to->sect;
	sb->spare_lbs_bytes = c->to->lbs_bytes;
	sb->slots = c->lay.slots;
	sb->table_blk = c->lay.table_blk;
	sb->copies = c->lay.copies;
	sb->insync = (1u << c->lay.copies) - 1;
	sb->strategy = c->lay.strategy;
	memset(sb->copy_slot, 0, sizeof(sb->copy_slot));
	memcpy(sb->copy_slot, c->lay.copy_slot, sizeof(c->lay.copy_slot));
	sb->hwm_blk = dmr_layout_raised(sb, 0);
	return newset_uuid(sb);
}

/* ---- data ---- */

static void tell_lost(struct copy *c, u64 mblk, u32 i)
{
	const u32 lbs_sect = c->d.sb.main_lbs_bytes / DMR_SECT_BYTES;

	c->lost += lbs_sect;
	say_warn("sector %ju of main is lost: its slot on %s cannot be read",
		 mblk * DMR_BLK_SECTS + i * lbs_sect, c->from->path);
}

/* The sectors that live in the slot, one by one. What cannot be read is lost from here on. */
static void read_sectors(struct copy *c, u64 from, struct dmr_check_map *e)
{
	const u32 lbs = c->d.sb.main_lbs_bytes;
	u32 states = dmr_entry_states(e->word);
	u32 i;

	/* nothing of another block */
	memset(c->blk, 0, DMR_BLK_BYTES);
	for (i = 0; i < DMR_BLK_BYTES / lbs; i++) {
		if (dmr_states_get(states, i) != DMR_STATE_SLOT ||
		    !dev_read(c->in, c->blk + i * lbs, from * DMR_BLK_BYTES + i * lbs, lbs))
			continue;
		memset(c->blk + i * lbs, 0, lbs);
		states = dmr_states_set(states, i, 1, DMR_STATE_LOST);
		tell_lost(c, e->mblk, i);
	}
	e->word = dmr_entry_make(dmr_entry_kind(e->word), dmr_mblk(e->mblk), states,
				 dmr_entry_serial(e->word));
}

static int copy_slots(struct copy *c)
{
	u64 i, n = 0;
	int err;

	for (i = 0; i < c->w->maps; i++) {
		const u64 from = c->w->map[i].slot;
		struct dmr_check_map *e = &c->d.entry[n];

		if (walk_superseded(c->w, i))
			continue;
		n++;
		if (dmr_entry_kind(e->word) != DMR_KIND_USED)
			continue;
		c->d.used++;
		if (dev_read(c->in, c->blk, from * DMR_BLK_BYTES, DMR_BLK_BYTES))
			read_sectors(c, from, e);
		err = dev_write(c->to, c->blk, e->slot * DMR_BLK_BYTES, DMR_BLK_BYTES);
		if (!err)
			continue;
		say_err("spare %s cannot be written at byte %ju: %s; use another one", c->to->path,
			e->slot * DMR_BLK_BYTES, strerror(-err));
		return EXIT_DEVICE;
	}
	err = dev_sync(c->to);
	if (!err)
		return 0;
	say_err("spare %s cannot be flushed: %s; use another one", c->to->path, strerror(-err));
	return EXIT_DEVICE;
}

static void words_of(void *ctx, const struct dmr_super *sb, u32 blk, u64 *word)
{
	(void)sb;
	dump_words(ctx, blk, word);
}

/* The old set must not come up again beside the new one. */
static int retire_old(struct copy *c)
{
	u64 byte;

	if (!fresh_forget(c->from, c->w->at, c->w->copies, &byte) && !dev_sync(c->from))
		return 0;
	say_err("%s has taken over, but %s could not be made unusable: remove it, and never open it with this main again",
		c->to->path, c->from->path);
	return EXIT_DEVICE;
}

static int copy_all(struct copy *c, bool wipe_all)
{
	int code = newset_clear(c->to, &c->lay, &c->d.sb, wipe_all);

	if (!code)
		code = copy_slots(c);
	if (!code)
		code = newset_write(c->to, &c->lay, &c->d.sb, words_of, &c->d, false);
	return code ? code : retire_old(c);
}

/* ---- the command ---- */

static bool confirmed(const struct cmd_opts *o, const struct copy *c)
{
	if (o->yes)
		return true;
	fprintf(stderr, "This makes %s the spare in the place of %s: %ju blocks move, and %s is no spare any more.\n",
		c->to->path, c->from->path, c->w->table.sums.used, c->from->path);
	return say_ask();
}

static int check_new(const struct cmd_opts *o, struct copy *c)
{
	if (c->to->lbs_bytes > c->w->sb->main_lbs_bytes) {
		say_err("spare %s has logical blocks of %u bytes, larger than the %u of main: use another one",
			c->to->path, c->to->lbs_bytes, c->w->sb->main_lbs_bytes);
		return EXIT_DEVICE;
	}
	if (dmr_layout_compute(c->to->sect, &c->lay)) {
		say_err("spare %s is too small, or larger than any spare can be: use another one",
			c->to->path);
		return EXIT_DEVICE;
	}
	return fresh_check_empty(c->to, &c->lay, o->force);
}

static int replace(const struct cmd_opts *o, struct copy *c)
{
	int code = spare_may_write(c->from, c->w);

	if (!code)
		code = fresh_check_user(c->to);
	if (!code)
		code = check_new(o, c);
	if (!code)
		code = make_super(c);
	if (!code)
		code = place(c);
	if (code)
		return code;
	if (!confirmed(o, c))
		return EXIT_ARGS;
	code = copy_all(c, o->force);
	if (!code)
		say_info("%s is the spare now: blocks that live on it: %ju, sectors lost: %ju",
			 c->to->path, c->d.used, c->lost);
	return code;
}

static int replace_devs(const struct cmd_opts *o, struct copy *c)
{
	struct walk w;
	int code = spare_walk(c->in, &w);

	c->w = &w;
	c->blk = say_alloc_blocks(1);
	if (!code)
		code = replace(o, c);
	free(c->blk);
	dump_free(&c->d);
	walk_end(&w);
	return code;
}

int cmd_replace(const struct cmd_opts *o, int argc, char **argv)
{
	struct dev from, in, to;
	struct copy c = { .from = &from, .in = &in, .to = &to };
	int code = dev_open(&from, argv[0], "spare", DEV_WRITE);

	(void)argc;
	if (code)
		return code;
	code = dev_open(&in, argv[0], "spare", DEV_PEEK);
	if (!code) {
		code = dev_open(&to, argv[1], "spare", o->force ? DEV_SEIZE : DEV_WRITE);
		if (!code) {
			code = replace_devs(o, &c);
			dev_close(&to);
		}
		dev_close(&in);
	}
	dev_close(&from);
	return code;
}
