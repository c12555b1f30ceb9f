// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage, the superblock: the one that speaks, or the newest of those that
 * contradict each other. If there is none: salvage-rebuild.c.
 */
#include "salvage.h"
#include "say.h"

static bool usable(const struct salvage *s, u32 i)
{
	return s->w.seen[i].st == DMR_BLK_OK && s->w.seen[i].sb.copy == i;
}

static u32 votes(const struct salvage *s, const u8 *uuid)
{
	u32 i, n = 0;

	for (i = 0; i < s->w.copies; i++)
		n += usable(s, i) && !memcmp(s->w.seen[i].sb.uuid, uuid, DMR_UUID_BYTES);
	return n;
}

/* More of its set, then newer, then of a higher mark: a mark that is too high harms nobody */
static bool better(const struct salvage *s, const struct dmr_super *a, const struct dmr_super *b)
{
	int cmp = (int)votes(s, a->uuid) - (int)votes(s, b->uuid);

	if (memcmp(a->uuid, b->uuid, DMR_UUID_BYTES) && cmp)
		return cmp > 0;
	cmp = dmr_codec_gen_cmp(&a->gen, &b->gen);
	return cmp ? cmp > 0 : a->hwm_blk > b->hwm_blk;
}

static const struct dmr_super *best_super(const struct salvage *s)
{
	const struct dmr_super *sb = NULL;
	u32 i;

	for (i = 0; i < s->w.copies; i++) {
		if (usable(s, i) && (!sb || better(s, &s->w.seen[i].sb, sb)))
			sb = &s->w.seen[i].sb;
	}
	return sb;
}

static bool among(const struct salvage *s, u32 i)
{
	const struct dmr_super *sb = &s->w.seen[i].sb;

	return usable(s, i) && !memcmp(sb->uuid, s->sb.uuid, DMR_UUID_BYTES) &&
	       (s->trust != SALVAGE_BELIEVED || (s->w.v.candidates >> i & 1)) &&
	       !dmr_codec_gen_cmp(&sb->gen, &s->sb.gen);
}

/* Each of the equally new ones that differ is needed: without it the others would be believed */
static void note_needed(struct salvage *s)
{
	u32 i, k, same;

	for (i = 0; i < s->w.copies; i++) {
		if (usable(s, i) && s->w.seen[i].sb.gen.epoch > s->epoch)
			s->epoch = s->w.seen[i].sb.gen.epoch;
		if (!among(s, i))
			continue;
		for (k = 0, same = 0; k < s->w.copies; k++) {
			if (among(s, k) && dmr_copies_same(&s->w.seen[i].sb, &s->w.seen[k].sb))
				same |= 1u << k;
		}
		s->need[same] = true;
	}
}

static const char *doubt(int judge)
{
	switch (judge) {
	case -EMEDIUMTYPE:
		return "superblocks of different sets: that of which there are most is taken";
	case -ESTALE:
		return "only copies that were left behind, or may be: what moved since is lost";
	default:
		return "superblocks of equal age differ (two histories): the newest table counts";
	}
}

/* Only these places have been looked at, so that nothing newer is there */
static bool same_places(const struct salvage *s, const struct dmr_super *sb)
{
	u32 i;

	for (i = 0; i < sb->copies; i++) {
		if (sb->copies != s->w.copies || sb->copy_slot[i].v != s->w.at[i].v)
			return false;
	}
	return true;
}

static int choose(struct salvage *s, const struct dmr_super *sb)
{
	struct salvage_note *n;

	if (s->w.judge == -EMEDIUMTYPE && !s->force) {
		say_err("spare %s holds superblocks of different sets: --force takes the one of which there are most",
			s->d->path);
		return EXIT_DEVICE;
	}
	s->trust = SALVAGE_DOUBTFUL;
	s->sb = *sb;
	note_needed(s);
	n = salvage_add_note(s, SALVAGE_SUPER_CHOSEN, doubt(s->w.judge));
	n->copy = sb->copy;
	n->gen = sb->gen;
	return 0;
}

int salvage_verdict(struct salvage *s)
{
	const struct dmr_super *sb = best_super(s);
	u32 i;

	for (i = 0; i < s->w.copies; i++) {
		if (s->w.seen[i].st == DMR_BLK_VERSION ||
		    (usable(s, i) && s->w.seen[i].sb.ro_compat & ~DMR_RO_RESIZE))
			return salvage_newer(s);
	}
	if (!sb) {
		say_err("spare %s %s any more: check the device and its cable", s->d->path,
			walk_judge_text(s->w.judge));
		return EXIT_DEVICE;
	}
	if (!same_places(s, sb)) {
		say_err("spare %s has superblocks that contradict each other about the places of its copies: nothing says where to look; restore a dump of it",
			s->d->path);
		return EXIT_DEVICE;
	}
	if (s->w.judge)
		return choose(s, sb);
	s->trust = SALVAGE_BELIEVED;
	s->sb = s->w.seen[s->w.v.best].sb;
	note_needed(s);
	return 0;
}

int salvage_super(struct salvage *s)
{
	if (s->w.judge == -ENOSPC || s->w.judge == -EFBIG) {
		say_err("spare %s %s: name another one", s->d->path, walk_judge_text(s->w.judge));
		return EXIT_DEVICE;
	}
	if (!s->w.judge || s->w.judge == -EPROTONOSUPPORT || best_super(s))
		return salvage_verdict(s);
	return salvage_rebuild(s);
}
