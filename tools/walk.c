// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walk: superblocks first, where core/search.c says, then the table block by
 * block over all copies.
 */
#include <stdlib.h>

#include "say.h"
#include "walk.h"

#define RUN_BLK	64u	/* table blocks of one copy read at once: 256 KiB at the most */

static void report(struct walk *w, const struct dmr_finding *f)
{
	enum dmr_severity sev = dmr_check_info(f->id)->sev;

	w->any = true;
	w->count[sev]++;
	if (sev > w->worst)
		w->worst = sev;
	if (w->fn)
		w->fn(w->fn_ctx, f);
}

static void on_finding(void *ctx, const struct dmr_finding *f)
{
	report(ctx, f);
}

static void find(struct walk *w, enum dmr_finding_id id, u32 copy, u64 slot, const char *detail)
{
	const struct dmr_finding f = {
		.id = id, .copy = copy, .table_blk = ~0u, .slot = slot, .mblk = ~0ull,
		.detail = detail,
	};

	report(w, &f);
}

/* ---- superblocks ---- */

/* The superblock found whose generation is highest, NULL when there is none */
static const struct dmr_super *newest(const struct walk *w)
{
	const struct dmr_super *sb = NULL;
	u32 i;

	for (i = 0; i < w->copies; i++) {
		if (w->seen[i].st == DMR_BLK_OK && w->seen[i].sb.copy == i &&
		    (!sb || dmr_codec_gen_cmp(&w->seen[i].sb.gen, &sb->gen) > 0))
			sb = &w->seen[i].sb;
	}
	return sb;
}

/* Return: as dmr_search_begin() */
static int read_supers(struct walk *w)
{
	struct dmr_search *find = say_alloc(1, sizeof(*find));
	void *blk = say_alloc_blocks(1);
	struct dmr_slot at;
	int err = dmr_search_begin(find, w->spare_sect);

	while (!err) {
		at = dmr_search_next(find);
		if (dmr_slot_is_none(at))
			break;
		dmr_search_took(find, w->read(w->ctx, blk, at, 1) ? NULL : blk);
	}
	w->copies = find->n;
	memcpy(w->at, find->at, sizeof(w->at));
	memcpy(w->seen, find->seen, sizeof(w->seen));
	free(blk);
	free(find);
	return err;
}

static void check_size(struct walk *w)
{
	if (w->spare_sect < w->sb->spare_sect) {
		find(w, DMR_FINDING_SPARE_SMALLER, ~0u, ~0ull, NULL);
		/* a table that cannot be here is not looked for: any size can be claimed (R10) */
		if (w->sb->hwm_blk > w->spare_sect / DMR_BLK_SECTS)
			w->sb = NULL;
		return;
	}
	if (w->spare_sect > w->sb->spare_sect)
		find(w, DMR_FINDING_SPARE_LARGER, ~0u, ~0ull, NULL);
}

/* An anchor that its copy has left has to say where the copies are */
static void check_tombstones(struct walk *w)
{
	struct dmr_super *tomb = say_alloc(1, sizeof(*tomb));
	void *blk = say_alloc_blocks(1);
	u32 i;

	for (i = 0; i < w->sb->copies; i++) {
		const struct dmr_slot at = dmr_layout_anchor(w->sb, i);

		if (!dmr_layout_moved(w->sb, i))
			continue;
		if (w->read(w->ctx, blk, at, 1) ||
		    dmr_codec_super_decode(blk, at, tomb, NULL) != DMR_BLK_TOMBSTONE ||
		    memcmp(tomb->uuid, w->sb->uuid, DMR_UUID_BYTES) ||
		    memcmp(tomb->copy_slot, w->sb->copy_slot, sizeof(tomb->copy_slot)))
			find(w, DMR_FINDING_TOMBSTONE_MISSING, i, at.v, NULL);
	}
	free(blk);
	free(tomb);
}

int walk_begin(struct walk *w, walk_read_fn read, void *ctx, u64 spare_sect, dmr_finding_fn fn,
	       void *fn_ctx)
{
	memset(w, 0, sizeof(*w));
	w->read = read;
	w->ctx = ctx;
	w->fn = fn;
	w->fn_ctx = fn_ctx;
	w->spare_sect = spare_sect;
	w->judge = read_supers(w);
	if (w->judge)
		return w->judge;
	w->judge = dmr_check_supers(w->seen, w->copies, &w->v, on_finding, w);
	if (!w->judge)
		w->sb = &w->seen[w->v.best].sb;
	else if (w->judge == -ESTALE)
		w->sb = newest(w);	/* says what was there, though it may not be believed */
	if (w->sb)
		check_size(w);
	if (w->sb && w->sb->ro_compat & ~DMR_RO_RESIZE)
		find(w, DMR_FINDING_RO_FEATURES, ~0u, ~0ull, NULL);
	if (w->sb && w->sb->ro_compat & DMR_RO_RESIZE)
		find(w, DMR_FINDING_RESIZE_CUT, ~0u, ~0ull, NULL);
	if (w->sb)
		check_tombstones(w);
	return w->judge;
}

/* ---- table blocks ---- */

/**
 * struct run - images of some consecutive table blocks, in all copies
 * @room: blocks of one copy that raw has room for
 * @raw: the blocks of each copy, as read
 * @bad: bit i of bad[copy]: block i of the run could not be read
 */
struct run {
	u32 first;
	u32 n;
	u32 room;
	u8 *raw;
	u64 bad[DMR_COPIES_MAX];
	u64 word[DMR_COPIES_MAX][DMR_ENTRIES_PER_BLK];
	struct dmr_table_seen seen[DMR_COPIES_MAX];
};

static u8 *run_blk(const struct run *r, u32 copy, u32 i)
{
	return r->raw + ((size_t)copy * r->room + i) * DMR_BLK_BYTES;
}

static void read_run(struct walk *w, struct run *r, u32 copy)
{
	struct dmr_slot at = dmr_layout_table_slot(w->sb, copy, r->first);
	u32 i;

	r->bad[copy] = 0;
	if (!w->read(w->ctx, run_blk(r, copy, 0), at, r->n))
		return;
	for (i = 0; i < r->n; i++) {
		if (w->read(w->ctx, run_blk(r, copy, i), dmr_slot(at.v + i), 1))
			r->bad[copy] |= BIT_ULL(i);
	}
}

static void decode(struct walk *w, struct run *r, u32 copy, u32 i)
{
	struct dmr_table_seen *seen = &r->seen[copy];
	u32 blk = r->first + i;

	memset(seen, 0, sizeof(*seen));
	seen->word = r->word[copy];
	if (r->bad[copy] & BIT_ULL(i))
		seen->st = DMR_BLK_UNREAD;
	else
		seen->st = dmr_codec_table_decode(run_blk(r, copy, i),
						  dmr_layout_table_slot(w->sb, copy, blk), w->sb,
						  blk, r->word[copy], &seen->gen, NULL);
}

/* A copy that was left behind may still say what lived there */
static void lose(struct walk *w, const struct run *r, u32 blk)
{
	struct walk_lost *l;
	u64 s;
	u32 i;

	w->lost = say_realloc(w->lost, w->losts + 1, sizeof(*w->lost));
	l = &w->lost[w->losts++];
	memset(l, 0, sizeof(*l));
	l->blk = blk;
	l->first = (u64)blk * DMR_ENTRIES_PER_BLK;
	l->count = w->sb->slots - l->first < DMR_ENTRIES_PER_BLK ?
		   (u32)(w->sb->slots - l->first) : DMR_ENTRIES_PER_BLK;
	for (i = 0; i < w->copies; i++) {
		if (r->seen[i].st != DMR_BLK_OK ||
		    (l->known && dmr_codec_gen_cmp(&r->seen[i].gen, &l->gen) <= 0))
			continue;
		l->known = true;
		l->copy = i;
		l->gen = r->seen[i].gen;
		memcpy(l->word, r->seen[i].word, sizeof(l->word));
	}
	for (s = l->first; s < l->first + l->count; s++) {
		if (!dmr_layout_is_meta(w->sb, dmr_slot(s)))
			w->unknown_slots++;
	}
}

static void add_map(struct walk *w, u64 slot, u64 word)
{
	if (w->maps == w->maps_room) {
		w->maps_room = w->maps_room ? 2 * w->maps_room : 1024;
		w->map = say_realloc(w->map, w->maps_room, sizeof(*w->map));
	}
	w->map[w->maps++] = (struct dmr_check_map){
		.mblk = dmr_entry_mblk(word).v, .slot = slot, .word = word,
	};
}

static void take_block(struct walk *w, u32 blk, const u64 *word)
{
	struct dmr_table_page *page = say_alloc(1, sizeof(*page));
	u32 i;

	memcpy(page->word, word, sizeof(page->word));
	w->page[blk] = page;
	dmr_table_load_block(&w->table, blk);
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		if (dmr_entry_maps(word[i]))
			add_map(w, (u64)blk * DMR_ENTRIES_PER_BLK + i, word[i]);
	}
}

static void judge_block(struct walk *w, struct run *r, u32 i)
{
	u32 candidates = w->judge ? 0 : w->v.candidates;
	u32 blk = r->first + i, copy, best = 0;

	for (copy = 0; copy < w->copies; copy++)
		decode(w, r, copy, i);
	if (dmr_check_block(w->sb, blk, r->seen, candidates, &best, on_finding, w)) {
		lose(w, r, blk);
		return;
	}
	if (dmr_codec_table_unsettled(run_blk(r, best, i), r->seen[best].word))
		report(w, &(const struct dmr_finding){
			.id = DMR_FINDING_ENTRIES_UNSETTLED, .copy = ~0u, .table_blk = blk,
			.slot = ~0ull, .mblk = ~0ull,
		});
	take_block(w, blk, r->seen[best].word);
}

static void check_aux(struct walk *w)
{
	struct dmr_aux *aux = say_alloc(1, sizeof(*aux));
	void *blk = say_alloc_blocks(1);
	const char *why;
	u32 i;

	for (i = 0; i < w->copies; i++) {
		const struct dmr_slot at = dmr_layout_aux_slot(w->sb, i);
		enum dmr_blk_status st = DMR_BLK_UNREAD;

		why = "cannot be read (I/O error)";
		if (!w->read(w->ctx, blk, at, 1))
			st = dmr_codec_aux_decode(blk, at, w->sb, i, aux, &why);
		if (st == DMR_BLK_VERSION)
			find(w, DMR_FINDING_AUX_VERSION, i, at.v, NULL);
		else if (st != DMR_BLK_OK && (w->v.candidates & BIT(i)))
			find(w, DMR_FINDING_AUX_DAMAGED, i, at.v, why);
		if (st == DMR_BLK_OK && aux->seq > w->aux.seq)
			w->aux = *aux;
	}
	free(blk);
	free(aux);
}

static int by_block(const void *a, const void *b)
{
	const struct dmr_check_map *x = a, *y = b;

	if (x->mblk != y->mblk)
		return x->mblk < y->mblk ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

void walk_sort_map(struct dmr_check_map *map, u64 n)
{
	if (n)
		qsort(map, n, sizeof(*map), by_block);
}

/* Blocks from r->first on that are there to be read; 0: the first is implied */
static u32 run_length(const struct walk *w, const struct run *r)
{
	u32 n = 0;

	while (n < r->room && r->first + n < w->sb->hwm_blk &&
	       !dmr_layout_implied(w->sb, r->first + n))
		n++;
	return n;
}

void walk_table(struct walk *w)
{
	struct run *r;
	u32 copy, i;

	if (!w->sb)
		return;
	r = say_alloc(1, sizeof(*r));
	r->room = w->sb->hwm_blk < RUN_BLK ? w->sb->hwm_blk : RUN_BLK;
	r->raw = say_alloc_blocks((size_t)w->copies * r->room);
	w->page = say_alloc(w->sb->hwm_blk, sizeof(struct dmr_table_page *));
	dmr_table_init(&w->table, w->sb, w->page);
	for (r->first = 0; r->first < w->sb->hwm_blk; r->first += r->n) {
		r->n = run_length(w, r);
		if (!r->n) {
			r->n = 1;
			continue;
		}
		for (copy = 0; copy < w->copies; copy++)
			read_run(w, r, copy);
		for (i = 0; i < r->n; i++)
			judge_block(w, r, i);
	}
	free(r->raw);
	free(r);
	check_aux(w);
	walk_sort_map(w->map, w->maps);
	dmr_check_duplicates(w->map, w->maps, on_finding, w);
}

void walk_end(struct walk *w)
{
	u32 i;

	for (i = 0; w->page && i < w->sb->hwm_blk; i++)
		free(w->page[i]);
	free(w->page);
	free(w->map);
	free(w->lost);
}

u64 walk_word(const struct walk *w, struct dmr_slot s)
{
	u32 blk = dmr_table_blk_of(s);

	if (blk < w->sb->hwm_blk && !w->page[blk] && !dmr_layout_implied(w->sb, blk))
		return 0;
	return dmr_table_get(&w->table, s);
}

bool walk_superseded(const struct walk *w, u64 i)
{
	const struct dmr_check_map *m = w->map;

	if (i > 0 && m[i - 1].mblk == m[i].mblk)
		return dmr_check_winner(m[i - 1].word, m[i].word) == 0;
	if (i + 1 < w->maps && m[i + 1].mblk == m[i].mblk)
		return dmr_check_winner(m[i].word, m[i + 1].word) == 1;
	return false;
}

const char *walk_judge_text(int judge)
{
	switch (judge) {
	case -ENOSPC:
		return "is too small to hold a set";
	case -ENODATA:
		return "is not formatted for dm-remap";
	case -EIO:
		return "cannot be read where its superblocks are";
	case -EPROTONOSUPPORT:
		return "was written by a newer dm-remap";
	case -EMEDIUMTYPE:
		return "holds superblocks of different sets";
	case -EBADMSG:
		return "has only damaged superblocks";
	case -EUCLEAN:
		return "has superblocks that contradict each other (two histories)";
	case -ESTALE:
		return "has only copies that were left behind, or may have been";
	default:
		return "cannot be judged";
	}
}
