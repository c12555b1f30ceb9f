// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading, step by step as src/kernel/load.c does it.
 */
#include <stdlib.h>

#include "load.h"

/* Where core/search.c says. */
static void read_supers(const struct golden *g, const u8 *bytes, struct dmr_search *find)
{
	struct dmr_slot at;

	dmr_search_begin(find, g->spare_sect);
	for (at = dmr_search_next(find); !dmr_slot_is_none(at); at = dmr_search_next(find))
		dmr_search_took(find, bytes + at.v * DMR_BLK_BYTES);
}

static bool witness_same(const struct dmr_super *sb)
{
	u8 sector[DMR_SECT_BYTES];
	u32 i, k;

	if (sb->activity != DMR_ACTIVITY_CLEAN)
		return true;
	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		const struct dmr_witness *w = &sb->witness[i];
		u32 crc = ~0u;

		for (k = 0; w->valid && k < w->len_sect; k++) {
			golden_main(w->start_sect + k, sector);
			crc = dmr_plat_crc32c(crc, sector, sizeof(sector));
		}
		if (w->valid && crc != w->crc)
			return false;
	}
	return true;
}

/* The devices are the golden image's: what has changed is what the spare says of them. */
static bool devices_fit(const struct golden *g, const struct dmr_super *sb)
{
	return sb->spare_sect <= g->spare_sect && sb->main_sect == g->main_sect &&
	       sb->main_lbs_bytes == g->lbs_bytes && witness_same(sb);
}

/* What a later version keeps in its auxiliary blocks is not known: nothing is written over. */
static int read_aux(const struct load *l, const u8 *bytes)
{
	u32 i;

	for (i = 0; i < l->sb.copies && !l->sb.ro_compat; i++) {
		const struct dmr_slot at = dmr_layout_aux_slot(&l->sb, i);

		if (dmr_codec_aux_decode(bytes + at.v * DMR_BLK_BYTES, at, &l->sb, i, NULL, NULL) ==
		    DMR_BLK_VERSION)
			return -EPROTONOSUPPORT;
	}
	return 0;
}

static int read_block(struct load *l, const u8 *bytes, u32 candidates, u32 blk)
{
	static u64 word[DMR_COPIES_MAX][DMR_ENTRIES_PER_BLK];
	struct dmr_table_seen seen[DMR_COPIES_MAX];
	u32 best, same, c;
	int err;

	for (c = 0; c < l->sb.copies; c++) {
		const struct dmr_slot at = dmr_layout_table_slot(&l->sb, c, blk);

		seen[c].word = word[c];
		seen[c].st = dmr_codec_table_decode(bytes + at.v * DMR_BLK_BYTES, at, &l->sb, blk,
						    word[c], &seen[c].gen, NULL);
	}
	err = dmr_copies_pick(seen, l->sb.copies, candidates, &best, &same);
	if (!err)
		memcpy(l->table[blk], word[best], sizeof(l->table[blk]));
	return err;
}

static int by_block(const void *a, const void *b)
{
	const struct dmr_check_map *x = a, *y = b;

	if (x->mblk != y->mblk)
		return x->mblk < y->mblk ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

/* Of two entries for a block one may count; of more, none. */
static int settle_doubles(struct load *l)
{
	u32 from, to, kept = 0;

	for (from = 0; from < l->maps; from = to) {
		int winner = 0;

		for (to = from + 1; to < l->maps && l->map[to].mblk == l->map[from].mblk; to++)
			;
		if (to - from == 2)
			winner = dmr_check_winner(l->map[from].word, l->map[from + 1].word);
		if (to - from > 2 || winner < 0)
			return -EUCLEAN;
		l->map[kept++] = l->map[from + (u32)winner];
	}
	l->maps = kept;
	return 0;
}

static void take_block(struct load *l, u32 blk)
{
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		const u64 w = l->table[blk][i];

		if (dmr_entry_maps(w))
			l->map[l->maps++] = (struct dmr_check_map){
				.mblk = dmr_entry_mblk(w).v, .word = w,
				.slot = (u64)blk * DMR_ENTRIES_PER_BLK + i,
			};
	}
}

void load_image(struct load *l, const struct golden *g, const u8 *bytes)
{
	static struct dmr_search find;
	struct dmr_verdict_copies v;
	u32 blk;

	memset(l, 0, sizeof(*l));
	read_supers(g, bytes, &find);
	l->err = dmr_copies_judge(find.seen, find.n, &v);
	if (l->err)
		return;
	l->sb = find.seen[v.best].sb;
	if (!devices_fit(g, &l->sb)) {
		l->by_devices = true;
		l->err = -EINVAL;
		return;
	}
	l->err = read_aux(l, bytes);
	/* what lies within the spare and has passed the codec has no more blocks than that */
	for (blk = 0; blk < l->sb.hwm_blk && !l->err; blk++) {
		l->err = read_block(l, bytes, v.candidates, blk);
		if (!l->err)
			take_block(l, blk);
	}
	qsort(l->map, l->maps, sizeof(*l->map), by_block);
	if (!l->err)
		l->err = settle_doubles(l);
}

u64 load_find(const struct load *l, u64 mblk, u64 *slot)
{
	u32 i;

	for (i = 0; i < l->maps; i++) {
		if (l->map[i].mblk != mblk)
			continue;
		*slot = l->map[i].slot;
		return l->map[i].word;
	}
	return 0;
}
