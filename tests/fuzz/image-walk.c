// SPDX-License-Identifier: GPL-2.0-only
/* Walk: the tool's own reading of an image. */
#include "../../tools/walk.h"
#include "image.h"

static int read_slots(void *ctx, void *buf, struct dmr_slot at, u32 n)
{
	struct fake_disk *d = ctx;
	u32 i;

	for (i = 0; i < n; i++)
		if (fake_disk_read(d, at.v + i, (u8 *)buf + (size_t)i * DMR_BLK_BYTES))
			return -EIO;
	return 0;
}

/* What a finding names exists, and its number is one that check can explain. */
static void on_finding(void *ctx, const struct dmr_finding *f)
{
	const struct walk *w = ctx;

	FUZZ_MUST(dmr_check_info(f->id) && dmr_check_info(f->id)->text);
	fuzz_log("check: %u copy %d block %d slot %jd: %s", f->id, (int)f->copy, (int)f->table_blk,
		 (intmax_t)f->slot, dmr_check_info(f->id)->text);
	FUZZ_MUST(f->copy == ~0u || f->copy < DMR_COPIES_MAX);
	FUZZ_MUST(f->table_blk == ~0u || (w->sb && f->table_blk < w->sb->hwm_blk));
	FUZZ_MUST(f->mblk == ~0ull || f->mblk < dmr_units_blks(w->sb->main_sect));
}

static void check_table(const struct walk *w)
{
	const struct dmr_table_sums *sums = &w->table.sums;
	u64 i;

	FUZZ_MUST(sums->free + sums->meta + sums->used + sums->pending + sums->bad ==
		  w->sb->slots && sums->total == w->sb->slots);
	FUZZ_MUST(w->unknown_slots <= sums->free);
	FUZZ_MUST(w->maps == sums->used + sums->pending);
	for (i = 0; i < w->maps; i++) {
		FUZZ_MUST(walk_word(w, dmr_slot(w->map[i].slot)) == w->map[i].word);
		walk_superseded(w, i);
	}
}

int image_walk(struct image *im, int *judge)
{
	struct walk w;
	int worst;

	*judge = walk_begin(&w, read_slots, &im->disk, im->disk.slots * DMR_BLK_SECTS, on_finding,
			    &w);
	FUZZ_MUST(*judge == w.judge && w.copies <= DMR_COPIES_MAX);
	if (w.sb) {
		/* the work is bounded by what the device can hold, not by what is written on it */
		FUZZ_MUST(w.sb->hwm_blk <= im->disk.slots);
		walk_table(&w);
		check_table(&w);
	}
	worst = w.any ? (int)w.worst : -1;
	walk_end(&w);
	return worst;
}
