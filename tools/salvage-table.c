// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage, the table: for each table block what a loader would believe, else the
 * newest valid image in any copy; what equally new images do not agree on is
 * left to salvage-claim.c.
 */
#include "salvage.h"
#include "say.h"

/** struct images - one table block in all copies */
struct images {
	u32 blk;
	void *raw;
	u64 word[DMR_COPIES_MAX][DMR_ENTRIES_PER_BLK];
	struct dmr_table_seen seen[DMR_COPIES_MAX];
};

static bool same_words(const u64 *a, const u64 *b)
{
	return !memcmp(a, b, DMR_ENTRIES_PER_BLK * sizeof(*a));
}

static bool read_images(struct salvage *s, struct images *im)
{
	struct dmr_table_seen *seen;
	struct dmr_slot at;
	u32 i;

	memset(im->seen, 0, sizeof(im->seen));
	for (i = 0; i < s->sb.copies; i++) {
		seen = &im->seen[i];
		seen->word = im->word[i];
		seen->st = DMR_BLK_UNREAD;
		at = dmr_layout_table_slot(&s->sb, i, im->blk);
		if (!dev_read_slots(s->d, im->raw, at, 1))
			seen->st = dmr_codec_table_decode(im->raw, at, &s->sb, im->blk, im->word[i],
							  &seen->gen, NULL);
		if (seen->st == DMR_BLK_VERSION)
			return false;
		if (seen->st == DMR_BLK_OK && seen->gen.epoch > s->epoch)
			s->epoch = seen->gen.epoch;
	}
	return true;
}

static void take_words(struct salvage *s, u32 blk, const u64 *word)
{
	u64 slot = (u64)blk * DMR_ENTRIES_PER_BLK;
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++, slot++) {
		if (dmr_entry_maps(word[i]))
			salvage_add_claim(s, slot, word[i]);
		else if (dmr_entry_kind(word[i]) == DMR_KIND_BAD)
			salvage_add_entry(s, slot, word[i]);
	}
}

/* The newest valid ones of @among; 0: there is none */
static u32 newest(const struct salvage *s, const struct images *im, u32 among, u32 *top)
{
	u32 i, set = 0;
	int cmp;

	for (i = 0; i < s->sb.copies; i++) {
		if (!(among >> i & 1) || im->seen[i].st != DMR_BLK_OK)
			continue;
		cmp = set ? dmr_codec_gen_cmp(&im->seen[i].gen, &im->seen[*top].gen) : 1;
		if (cmp > 0) {
			*top = i;
			set = 0;
		}
		if (cmp >= 0)
			set |= 1u << i;
	}
	return set;
}

/* Those of @set that hold these entries */
static u32 holders(const struct salvage *s, const struct images *im, u32 set, const u64 *word)
{
	u32 i, same = 0;

	for (i = 0; i < s->sb.copies; i++) {
		if ((set >> i & 1) && same_words(im->word[i], word))
			same |= 1u << i;
	}
	return same;
}

/* One copy for each of the different images in @set */
static u32 different(struct salvage *s, const struct images *im, u32 set, u32 *copy)
{
	u32 i, n = 0;

	for (i = 0; i < s->sb.copies; i++) {
		u32 same = set >> i & 1 ? holders(s, im, set, im->word[i]) : 0;

		if (!same || same & ((1u << i) - 1))
			continue;	/* an earlier copy has it, too */
		s->need[same] = true;
		copy[n++] = i;
	}
	return n;
}

static void take_merged(struct salvage *s, const struct images *im, const u32 *copy, u32 n)
{
	u64 word[DMR_COPIES_MAX], slot = (u64)im->blk * DMR_ENTRIES_PER_BLK;
	u32 i, k, m, seen;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++, slot++) {
		for (k = 0, m = 0; k < n; k++) {
			word[m] = im->word[copy[k]][i];
			for (seen = 0; word[seen] != word[m]; seen++)
				;
			m += seen == m;
		}
		if (m > 1)
			salvage_add_contest(s, slot, word, m);
		else if (dmr_entry_maps(word[0]))
			salvage_add_claim(s, slot, word[0]);
		else if (dmr_entry_kind(word[0]) == DMR_KIND_BAD)
			salvage_add_entry(s, slot, word[0]);
	}
}

static void lose_block(struct salvage *s, u32 blk)
{
	struct salvage_note *n = salvage_add_note(s, SALVAGE_TABLE_LOST,
						  "no copy has a valid image of it");
	u64 slot, end = (u64)(blk + 1) * DMR_ENTRIES_PER_BLK;

	if (end > s->sb.slots)
		end = s->sb.slots;
	n->table_blk = blk;
	n->slot = (u64)blk * DMR_ENTRIES_PER_BLK;
	n->last_slot = end - 1;
	for (slot = n->slot; slot < end; slot++)
		s->sums.retired += !dmr_layout_is_meta(&s->sb, dmr_slot(slot));
	s->sums.table_lost++;
	s->out.lost = say_realloc(s->out.lost, s->out.losts + 1, sizeof(*s->out.lost));
	s->out.lost[s->out.losts++] = blk;
}

/* What no loader would believe */
static void take_other(struct salvage *s, const struct images *im)
{
	u32 copy[DMR_COPIES_MAX], top = 0, n, set = newest(s, im, ~0u, &top);
	struct salvage_note *note;

	s->src[im->blk] = (u8)set;
	if (!set) {
		lose_block(s, im->blk);
		return;
	}
	n = different(s, im, set, copy);
	if (n > 1) {
		note = salvage_add_note(s, SALVAGE_TABLE_MERGED,
					"equally new images differ: what they agree on is taken");
		s->sums.table_merged++;
		take_merged(s, im, copy, n);
	} else {
		take_words(s, im->blk, im->word[top]);
		if (s->trust != SALVAGE_BELIEVED)
			return;
		note = salvage_add_note(s, SALVAGE_TABLE_OLD,
					"an image that may not be believed is all there is: blocks may have moved since");
		s->sums.table_old++;
	}
	note->table_blk = im->blk;
	note->copy = top;
	note->gen = im->seen[top].gen;
}

static int take_block(struct salvage *s, struct images *im)
{
	const u64 *word;
	u32 set, top = 0;

	if (!read_images(s, im))
		return salvage_newer(s);
	if (s->trust != SALVAGE_BELIEVED || !s->w.page[im->blk]) {
		take_other(s, im);
		return 0;
	}
	word = s->w.page[im->blk]->word;
	set = holders(s, im, newest(s, im, s->w.v.candidates, &top), word);
	s->src[im->blk] = (u8)set;
	s->need[set] = true;
	take_words(s, im->blk, word);
	return 0;
}

/* The newest summary there is; and one of a newer version must not be written over */
static int check_aux(struct salvage *s, void *blk)
{
	struct dmr_aux *aux = say_alloc(1, sizeof(*aux));
	bool newer = false;
	struct dmr_slot at;
	u32 i;

	for (i = 0; i < s->sb.copies; i++) {
		at = dmr_layout_aux_slot(&s->sb, i);
		if (dev_read_slots(s->d, blk, at, 1))
			continue;
		switch (dmr_codec_aux_decode(blk, at, &s->sb, i, aux, NULL)) {
		case DMR_BLK_OK:
			if (aux->seq > s->out.aux.seq)
				s->out.aux = *aux;
			break;
		case DMR_BLK_VERSION:
			newer = true;
			break;
		default:
			break;
		}
	}
	free(aux);
	return newer ? salvage_newer(s) : 0;
}

int salvage_tables(struct salvage *s)
{
	struct images *im = say_alloc(1, sizeof(*im));
	int code = 0;

	im->raw = say_alloc_blocks(1);
	s->src = say_alloc(s->sb.hwm_blk, sizeof(*s->src));
	for (im->blk = 0; im->blk < s->sb.hwm_blk && !code; im->blk++) {
		if (!dmr_layout_implied(&s->sb, im->blk))
			code = take_block(s, im);
	}
	if (!code)
		code = check_aux(s, im->raw);
	free(im->raw);
	free(im);
	return code;
}
