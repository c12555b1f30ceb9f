// SPDX-License-Identifier: GPL-2.0-only
/*
 * Search: where the superblocks of a spare are.
 *
 * One list of places after another is read, whole. Which one next:
 *
 *   1. the anchors
 *   2. the list of a hint (a tombstone, a superblock in an alternate, or one of
 *      another copy than the place is for: the device may have another size than
 *      the set) that is newer than the newest superblock of the list just read
 *   3. the list that this newest superblock states, if it is another one
 *   4. the alternates, once, if not every superblock of the list is whole;
 *      what they give is a hint
 *
 * A hint is followed once: a tombstone is written before the copy it speaks of
 * counts, and after a power cut the copy may not be there; then the newest
 * superblock of those that are has the last word.
 *
 * What is found so is judged by copies.c like any other. It is for this that an
 * old superblock in an anchor must not be all that is found of a set whose only
 * good copy has moved: it would be believed.
 */
#include "search.h"

#define HOPS_MAX	8u

static void list_begin(struct dmr_search *s, const struct dmr_slot *at, u32 n)
{
	s->n = n;
	memcpy(s->at, at, n * sizeof(*at));
	memset(s->seen, 0, sizeof(s->seen));
	s->phase = DMR_SEARCH_LIST;
	s->i = 0;
	s->hops++;
}

int dmr_search_begin(struct dmr_search *s, u64 spare_sect)
{
	struct dmr_layout lay;
	const int err = dmr_layout_compute(spare_sect, &lay);

	memset(s, 0, sizeof(*s));
	if (err)
		return err;
	s->device_slots = lay.slots;
	s->slots = lay.slots;
	list_begin(s, lay.copy_slot, lay.copies);
	return 0;
}

static bool whole(const struct dmr_search *s, u32 i)
{
	return s->seen[i].st == DMR_BLK_OK && s->seen[i].sb.copy == i;
}

static const struct dmr_super *newest(const struct dmr_search *s)
{
	const struct dmr_super *sb = NULL;
	u32 i;

	for (i = 0; i < s->n; i++)
		if (whole(s, i) && (!sb || dmr_codec_gen_cmp(&s->seen[i].sb.gen, &sb->gen) > 0))
			sb = &s->seen[i].sb;
	return sb;
}

static bool all_whole(const struct dmr_search *s)
{
	u32 i;

	for (i = 0; i < s->n; i++)
		if (!whole(s, i))
			return false;
	return true;
}

static bool elsewhere(const struct dmr_search *s, const struct dmr_super *sb)
{
	return sb->copies != s->n || memcmp(sb->copy_slot, s->at, s->n * sizeof(*s->at));
}

static void hint_at(struct dmr_search *s, const struct dmr_super *sb)
{
	if (s->hinted && dmr_codec_gen_cmp(&sb->gen, &s->hint.gen) <= 0)
		return;
	s->hint = *sb;
	s->hinted = true;
}

/* Is there a hint that is news, next to @best? */
static bool hint_tells(const struct dmr_search *s, const struct dmr_super *best)
{
	if (!s->hinted || dmr_codec_gen_cmp(&s->hint.gen, &s->used) <= 0)
		return false;
	return !best || (!memcmp(best->uuid, s->hint.uuid, DMR_UUID_BYTES) &&
			 dmr_codec_gen_cmp(&s->hint.gen, &best->gen) > 0);
}

/* The list has been read: what next? */
static void list_end(struct dmr_search *s)
{
	const struct dmr_super *best = newest(s);
	u32 i;

	for (i = 0; i < s->n; i++)
		if (s->seen[i].st == DMR_BLK_TOMBSTONE ||
		    (s->seen[i].st == DMR_BLK_OK && s->seen[i].sb.copy != i))
			hint_at(s, &s->seen[i].sb);
	if (s->hops == HOPS_MAX) {
		s->phase = DMR_SEARCH_DONE;
	} else if (hint_tells(s, best)) {
		s->used = s->hint.gen;
		list_begin(s, s->hint.copy_slot, s->hint.copies);
	} else if (best && elsewhere(s, best)) {
		/* the list is about to overwrite what states it */
		s->tmp = *best;
		list_begin(s, s->tmp.copy_slot, s->tmp.copies);
	} else if (!s->probed && !all_whole(s)) {
		s->probed = true;
		s->phase = DMR_SEARCH_ALTERNATES;
		s->i = 0;
		if (best)
			s->slots = best->slots;
	} else {
		s->phase = DMR_SEARCH_DONE;
	}
}

static struct dmr_slot place(const struct dmr_search *s)
{
	return s->phase == DMR_SEARCH_LIST ? s->at[s->i] : dmr_layout_alternate(s->slots, s->i);
}

struct dmr_slot dmr_search_next(struct dmr_search *s)
{
	for (;;) {
		struct dmr_slot at;

		if (s->phase == DMR_SEARCH_DONE)
			return DMR_SLOT_NONE;
		if (s->i == (s->phase == DMR_SEARCH_LIST ? s->n : DMR_ALTERNATES)) {
			list_end(s);
			continue;
		}
		at = place(s);
		if (at.v < s->device_slots)
			return at;
		/* no such place: nothing is there, which is not the same as an error */
		if (s->phase == DMR_SEARCH_LIST)
			s->seen[s->i].st = DMR_BLK_NOT_OURS;
		s->i++;
	}
}

void dmr_search_gave(struct dmr_search *s, enum dmr_blk_status st, const struct dmr_super *sb)
{
	if (s->phase == DMR_SEARCH_LIST) {
		s->seen[s->i].st = st;
		if (st == DMR_BLK_OK || st == DMR_BLK_TOMBSTONE)
			s->seen[s->i].sb = *sb;
	} else if (st == DMR_BLK_OK) {
		hint_at(s, sb);
	}
	s->i++;
}

void dmr_search_took(struct dmr_search *s, const void *blk)
{
	enum dmr_blk_status st = DMR_BLK_UNREAD;

	if (blk)
		st = dmr_codec_super_decode(blk, place(s), &s->tmp, NULL);
	dmr_search_gave(s, st, &s->tmp);
}
