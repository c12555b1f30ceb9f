// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mend: the copies are written in two parts. Those written last have to hold, by
 * themselves, all that there is to be read, contradictions included: with one of
 * two histories gone, a power cut in between would leave the other to be believed.
 */
#include "mend.h"
#include "newset.h"
#include "say.h"

static u32 every(const struct salvage *s)
{
	return (1u << s->sb.copies) - 1;
}

int mend_check(const struct salvage *s)
{
	if (s->d->sect < s->sb.spare_sect) {
		say_err("spare %s is smaller than when it was formatted, and cannot be repaired in place: repair it to another device",
			s->d->path);
		return EXIT_DEVICE;
	}
	if (s->sb.ro_compat & DMR_RO_RESIZE) {
		say_err("spare %s: a resize of it was cut short: dmremap resize finishes it; if that fails, repair it to another device",
			s->d->path);
		return EXIT_DEVICE;
	}
	if (s->epoch >= DMR_EPOCH_MAX - DMR_EPOCH_GAP) {
		say_err("spare %s has metadata that nothing written later could outrank: repair it to another device",
			s->d->path);
		return EXIT_DEVICE;
	}
	return 0;
}

/* ---- which copies go last ---- */

/* Copies that hold all of what is needed */
static u32 complete(const struct salvage *s)
{
	u32 i, set = every(s);

	for (i = 1; i < ARRAY_SIZE(s->need); i++) {
		if (s->need[i])
			set &= i;
	}
	return set;
}

/* A few copies that hold it together: first those that are alone with something */
static u32 together(const struct salvage *s)
{
	u32 bits, i, set = 0;

	for (bits = 1; bits <= s->sb.copies; bits++) {
		for (i = 1; i < ARRAY_SIZE(s->need); i++) {
			if (s->need[i] && hweight32(i) == bits && !(i & set))
				set |= i & ~(i - 1);
		}
	}
	return set;
}

/* The copy that lacks least, of those whose superblock is wanted */
static u32 fullest(const struct salvage *s)
{
	u32 copy, i, n, best = 0, most = 0;

	for (copy = 0; copy < s->sb.copies; copy++) {
		for (i = 1, n = 0; i < ARRAY_SIZE(s->need); i++)
			n += s->need[i] && (i >> copy & 1);
		if (s->trust == SALVAGE_BELIEVED && !(s->w.v.candidates >> copy & 1))
			n = 0;
		if (n > most) {
			most = n;
			best = copy;
		}
	}
	return best;
}

/*
 * Every copy is alone with something: one gets what it lacks from the others, as
 * it is, before any of them is written. An image that is in one more copy is
 * believed as it was before.
 */
static int complete_one(struct salvage *s, struct dev *d, u32 copy)
{
	u8 *raw = say_alloc_blocks(1);
	int err = 0;
	u32 blk;

	for (blk = 0; blk < s->sb.hwm_blk && !err; blk++) {
		const u32 from = s->src[blk];
		struct dmr_slot at = dmr_layout_table_slot(&s->sb, copy, blk);

		if (!from || (from >> copy & 1))
			continue;
		err = dev_read_slots(d, raw, dmr_layout_table_slot(&s->sb, dmr_plat_ctz64(from),
								   blk), 1);
		dmr_codec_restamp(raw, at, -1);
		if (!err)
			err = dev_write(d, raw, at.v * DMR_BLK_BYTES, DMR_BLK_BYTES);
	}
	if (!err)
		err = dev_sync(d);
	free(raw);
	if (!err)
		return 0;
	say_err("spare %s: its copies cannot be brought together: %s; repair it to another device",
		d->path, strerror(-err));
	return EXIT_DEVICE;
}

/*
 * With two copies that contradict each other there is no such choice: then the one
 * that goes last is a set by itself until the other one is written.
 */
static int choose_last(struct salvage *s, struct dev *d, u32 *last)
{
	const u32 all = every(s);
	u32 copy;

	*last = complete(s);
	if (*last == all)
		*last = all & ~((1u << s->sb.copies / 2) - 1);
	if (!*last)
		*last = together(s);
	if (*last != all)
		return 0;
	copy = fullest(s);
	*last = 1u << copy;
	return complete_one(s, d, copy);
}

int mend_write(struct salvage *s, struct dev *d)
{
	struct dmr_super *sb = &s->out.sb;
	int code = newset_nonce(sb);
	const struct newset_body body = { dump_table, &s->out, &s->out.aux };
	u32 last;

	if (!code)
		code = choose_last(s, d, &last);
	if (code)
		return code;
	/* a copy that cannot be read may have seen more; the counter: see newset_rewrite() */
	sb->gen.epoch = s->epoch + DMR_EPOCH_GAP;
	sb->gen.counter = 2;
	code = newset_rewrite(d, sb, &body, last);
	if (!code)
		newset_bury(d, sb);
	return code;
}
