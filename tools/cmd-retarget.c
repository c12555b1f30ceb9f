// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command retarget: main was cloned to another disk on purpose, and the spare is
 * to serve that one. The spare must be whole and closed in order, so that all
 * copies are alike. Superblocks go first, half of the copies at a time: whatever
 * a power cut leaves, one whole superblock is newer than all others or none is.
 * Then, if the list is to go, the table blocks, in the same halves; until they
 * are gone a slot still holds what the clone has in its place.
 */
#include "cmd.h"
#include "dev.h"
#include "ident.h"
#include "newset.h"
#include "pair.h"
#include "say.h"
#include "spare.h"

/** struct target - what is written */
struct target {
	struct dev *d;
	struct dmr_super sb;
	u8 *blk;
};

static int put(struct target *t, struct dmr_slot at)
{
	int err = dev_write(t->d, t->blk, at.v * DMR_BLK_BYTES, DMR_BLK_BYTES);

	if (!err)
		return 0;
	say_err("spare %s cannot be written at byte %ju: %s; the copies that were not reached are as before, and an open repairs the others",
		t->d->path, at.v * DMR_BLK_BYTES, strerror(-err));
	return EXIT_DEVICE;
}

/* A block of each copy, half of them, a flush, the others, a flush. @word NULL: superblocks. */
static int put_rounds(struct target *t, u32 blk, const u64 *word)
{
	const struct dmr_super *sb = &t->sb;
	u32 i, half = sb->copies / 2;
	struct dmr_slot at;
	int code = 0;

	for (i = 0; i < sb->copies && !code; i++) {
		if (word) {
			at = dmr_layout_table_slot(sb, i, blk);
			dmr_codec_table_encode(t->blk, sb->uuid, &sb->gen, blk, word, at);
		} else {
			at = dmr_layout_super_slot(sb, i);
			dmr_codec_super_encode(t->blk, sb, i, at);
		}
		code = put(t, at);
		if (!code && (i + 1 == half || i + 1 == sb->copies) && dev_sync(t->d)) {
			say_err("spare %s cannot be flushed; try again, or open it to repair it",
				t->d->path);
			code = EXIT_DEVICE;
		}
	}
	return code;
}

/* Slots that hold or are kept for blocks become free; bad ones stay. Return: is there any? */
static bool drop_entries(const struct walk *w, u32 blk, u64 *word)
{
	bool any = false;
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		word[i] = w->page[blk]->word[i];
		if (dmr_entry_maps(word[i])) {
			word[i] = 0;
			any = true;
		}
	}
	return any;
}

static int write_all(struct target *t, const struct walk *w, bool drop)
{
	u64 word[DMR_ENTRIES_PER_BLK];
	int code = put_rounds(t, 0, NULL);
	u32 blk;

	for (blk = 0; drop && blk < w->sb->hwm_blk && !code; blk++) {
		if (!w->page[blk] || !drop_entries(w, blk, word))
			continue;
		t->sb.gen.counter++;
		code = put_rounds(t, blk, word);
	}
	return code;
}

/* Return: exit code: is the spare as it must be? */
static int check_spare(const struct dev *spare, const struct walk *w)
{
	if (w->judge || !w->sb) {
		say_err("spare %s %s: dmremap check says more", spare->path,
			walk_judge_text(w->judge ? w->judge : -ENOSPC));
		return EXIT_DEVICE;
	}
	if (w->sb->ro_compat)
		return spare_may_write(spare, w);
	if (w->sb->activity == DMR_ACTIVITY_CLEAN && !w->losts && w->worst < DMR_SEV_FIXABLE)
		return spare_may_write(spare, w);
	say_err("spare %s was not closed in order, or something of it is damaged: open it with its old main and close it once, or see dmremap check",
		spare->path);
	return EXIT_DEVICE;
}

static int check_main(const struct dev *main_dev, const struct dmr_super *sb)
{
	if (main_dev->sect >= sb->main_sect && main_dev->lbs_bytes == sb->main_lbs_bytes)
		return 0;
	if (main_dev->sect < sb->main_sect)
		say_err("main %s is too small: it has %ju sectors, the old one had %ju",
			main_dev->path, main_dev->sect, sb->main_sect);
	else
		say_err("main %s has logical blocks of %u bytes, the old one of %u: the map counts in those, use another disk",
			main_dev->path, main_dev->lbs_bytes, sb->main_lbs_bytes);
	return EXIT_DEVICE;
}

static bool confirmed(const struct cmd_opts *o, const struct dev *main_dev, const struct walk *w)
{
	if (o->yes)
		return true;
	if (o->drop)
		fprintf(stderr, "The clone %s is taken to have all blocks, copied from the open set: the %ju that live on the spare are given up there.\n",
			main_dev->path, w->table.sums.used);
	else
		fprintf(stderr, "The clone %s is taken to be a copy of the old main by itself: %ju blocks go on living on the spare. If it was copied from the open set, use --drop.\n",
			main_dev->path, w->table.sums.used);
	return say_ask();
}

static int retarget(const struct cmd_opts *o, struct dev *main_dev, struct dev *spare,
		    struct walk *w)
{
	struct target t = { .d = spare };
	struct dmr_layout lay;
	int code = check_spare(spare, w);

	if (!code)
		code = check_main(main_dev, w->sb);
	if (!code)
		code = pair_check(main_dev, spare, &lay);
	if (!code)
		code = pair_check_free(main_dev);
	if (code)
		return code;
	if (!confirmed(o, main_dev, w))
		return EXIT_ARGS;
	t.sb = *w->sb;
	t.sb.gen.epoch++;
	t.sb.gen.counter = 1;
	code = newset_nonce(&t.sb);
	if (code)
		return code;
	ident_read(main_dev, &t.sb);
	memset(t.sb.witness, 0, sizeof(t.sb.witness));
	ident_choose_witness(main_dev, &t.sb);
	/* the health of another disk; first, as it may be lost and may not be wrong */
	code = newset_aux(spare, &t.sb, NULL, (1u << t.sb.copies) - 1);
	t.blk = say_alloc_blocks(1);
	if (!code)
		code = write_all(&t, w, o->drop);
	free(t.blk);
	if (!code)
		say_info("%s is the spare of %s now; blocks that live on it: %ju", spare->path,
			 main_dev->path, o->drop ? 0 : w->table.sums.used);
	return code;
}

int cmd_retarget(const struct cmd_opts *o, int argc, char **argv)
{
	struct dev main_dev, spare;
	struct walk w;
	int code = spare_check_closed(argv[0], "retarget");

	(void)argc;
	if (!code)
		code = dev_open(&spare, argv[0], "spare", DEV_WRITE);
	if (code)
		return code;
	code = dev_open(&main_dev, argv[1], "main", DEV_PEEK);
	if (!code) {
		walk_begin(&w, dev_read_slots, &spare, spare.sect, NULL, NULL);
		if (!w.judge)
			walk_table(&w);
		code = retarget(o, &main_dev, &spare, &w);
		walk_end(&w);
		dev_close(&main_dev);
	}
	dev_close(&spare);
	return code;
}
