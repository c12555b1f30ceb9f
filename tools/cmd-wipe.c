// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command wipe: a spare becomes a device like any other. All metadata goes, the
 * superblocks first; the slots keep what they hold.
 */
#include "cmd.h"
#include "dev.h"
#include "fresh.h"
#include "say.h"
#include "walk.h"
#include "../src/core/statusline.h"

#define RUN_SLOTS	64u

static int zero(struct dev *d, struct dmr_slot at, u64 n)
{
	void *none = say_alloc_blocks(RUN_SLOTS);
	int err = 0;
	u64 k;

	for (; n && !err; n -= k, at.v += k) {
		k = n < RUN_SLOTS ? n : RUN_SLOTS;
		err = dev_write(d, none, at.v * DMR_BLK_BYTES, k * DMR_BLK_BYTES);
	}
	free(none);
	if (!err)
		return 0;
	say_err("spare %s cannot be written: %s", d->path, strerror(-err));
	return EXIT_DEVICE;
}

static int sync_all(struct dev *d)
{
	int err = dev_sync(d);

	if (!err)
		return 0;
	say_err("spare %s cannot be flushed: %s", d->path, strerror(-err));
	return EXIT_DEVICE;
}

/* What comes after the superblock in a place: table blocks up to the mark, the auxiliary block */
static int wipe_place(struct dev *d, const struct dmr_super *sb, struct dmr_slot at)
{
	int code = zero(d, dmr_slot(at.v + 1), sb->hwm_blk);

	return code ? code : zero(d, dmr_slot(at.v + 1 + sb->table_blk), 1);
}

/* Each place of a copy, those that were left too; of a damaged set the superblocks alone */
static int wipe_copies(struct dev *d, const struct walk *w)
{
	u64 byte;
	int err = fresh_forget(d, w->at, w->copies, w->sb ? w->sb->slots : 0, &byte);
	int code = err ? EXIT_DEVICE : sync_all(d);
	u32 i;

	if (err)
		say_err("spare %s cannot be written at byte %ju: %s", d->path, byte,
			strerror(-err));
	for (i = 0; w->sb && i < w->copies && !code; i++) {
		code = wipe_place(d, w->sb, w->sb->copy_slot[i]);
		if (!code && dmr_layout_moved(w->sb, i))
			code = wipe_place(d, w->sb, dmr_layout_anchor(w->sb, i));
	}
	return code ? code : sync_all(d);
}

/* Return: exit code: does anything live there that would be missed? */
static int check_unused(bool force, const struct dev *d, const struct walk *w)
{
	if (w->judge == -ENODATA || !w->copies) {
		say_err("spare %s is not formatted for dm-remap: there is nothing to wipe",
			d->path);
		return EXIT_DEVICE;
	}
	if (w->judge)
		say_err("spare %s %s: whether blocks live there is not known", d->path,
			walk_judge_text(w->judge));
	else if (w->table.sums.used || w->unknown_slots)
		say_err("spare %s: blocks of its main that live only there: %ju, slots of which nothing is known: %ju",
			d->path, w->table.sums.used, w->unknown_slots);
	else
		return 0;
	if (force)
		return 0;
	say_err("spare %s is left as it is: move the blocks back first (dmremap unmap), or use --force if nobody needs them",
		d->path);
	return EXIT_BUSY;
}

static bool confirmed(const struct cmd_opts *o, const struct dev *d)
{
	char size[SAY_SIZE_LEN];

	if (o->yes)
		return true;
	say_size(d->sect * DMR_SECT_BYTES, size);
	fprintf(stderr, "This destroys the metadata on spare %s (%s), so that it is none any more.\n",
		d->path, size);
	return say_ask();
}

static int wipe_dev(const struct cmd_opts *o, struct dev *d)
{
	struct walk w;
	int code;

	walk_begin(&w, dev_read_slots, d, d->sect, NULL, NULL);
	if (!w.judge)
		walk_table(&w);
	code = fresh_check_user(d);
	if (!code)
		code = check_unused(o->force, d, &w);
	if (!code && !confirmed(o, d))
		code = EXIT_ARGS;
	if (!code)
		code = wipe_copies(d, &w);
	if (!code)
		say_info("%s is no spare any more.", d->path);
	walk_end(&w);
	return code;
}

int cmd_wipe(const struct cmd_opts *o, int argc, char **argv)
{
	struct dev d;
	int code = dev_open(&d, argv[0], "spare", DEV_WRITE);

	(void)argc;
	if (code)
		return code;
	code = wipe_dev(o, &d);
	dev_close(&d);
	return code;
}
