// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies: which replica counts.
 *
 * Decisions: all copies are looked at before anything is decided; the order of
 * the copies decides nothing but which of several identical ones is named. A
 * superblock that calls itself another copy than the place it was found in
 * stands for is damage. Two histories are looked for where it matters: between
 * the superblock that speaks and the copies it would make us believe.
 *
 * Invariants: a candidate is valid, named by the highest readable superblock,
 * and no history of its own; nothing of an unknown version is ever to be
 * rebuilt.
 */
#include "copies.h"

static bool same_members(const struct dmr_super *a, const struct dmr_super *b)
{
	u32 i;

	if (a->copies != b->copies || a->insync != b->insync || a->table_blk != b->table_blk ||
	    a->hwm_blk != b->hwm_blk || a->slots != b->slots || a->activity != b->activity ||
	    a->strategy != b->strategy)
		return false;
	for (i = 0; i < a->copies; i++)
		if (a->copy_slot[i].v != b->copy_slot[i].v)
			return false;
	return !memcmp(a->old_slot, b->old_slot, sizeof(a->old_slot));
}

static bool same_devices(const struct dmr_super *a, const struct dmr_super *b)
{
	return a->main_sect == b->main_sect && a->spare_sect == b->spare_sect &&
	       a->main_lbs_bytes == b->main_lbs_bytes &&
	       a->spare_lbs_bytes == b->spare_lbs_bytes && a->created_s == b->created_s &&
	       !strcmp(a->main_wwid, b->main_wwid) && !strcmp(a->main_serial, b->main_serial) &&
	       !strcmp(a->main_partuuid, b->main_partuuid);
}

static bool same_witness(const struct dmr_super *a, const struct dmr_super *b)
{
	unsigned int i;

	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		const struct dmr_witness *x = &a->witness[i];
		const struct dmr_witness *y = &b->witness[i];

		if (x->start_sect != y->start_sect || x->len_sect != y->len_sect ||
		    x->valid != y->valid || x->crc != y->crc)
			return false;
	}
	return true;
}

bool dmr_copies_same(const struct dmr_super *a, const struct dmr_super *b)
{
	return a->compat == b->compat && a->ro_compat == b->ro_compat &&
	       a->incompat == b->incompat && same_members(a, b) && same_devices(a, b) &&
	       same_witness(a, b);
}

/*
 * Superblocks that the one which speaks knows nothing of: of a copy that it has
 * elsewhere. Left behind by nobody, they are damage. It speaks of all @n copies.
 */
static u32 strangers(const struct dmr_super_seen *seen, u32 n, u32 set,
		     const struct dmr_super *best)
{
	u32 out = 0;
	u32 i;

	for (i = 0; i < n; i++)
		if (set >> i & 1 && seen[i].sb.copy_slot[i].v != best->copy_slot[i].v)
			out |= 1u << i;
	return out;
}

/* What each superblock gave, sorted into sets. */
struct heap {
	u32 ok;
	u32 unread;
	u32 damaged;
	u32 nothing;	/* damaged, but no trace of us either */
	u32 version;
	u32 foreign;
};

static void sort_seen(const struct dmr_super_seen *seen, u32 n, struct heap *h)
{
	u32 i;

	memset(h, 0, sizeof(*h));
	for (i = 0; i < n; i++) {
		const u32 bit = 1u << i;

		switch (seen[i].st) {
		case DMR_BLK_OK:
			if (seen[i].sb.copy == i)
				h->ok |= bit;
			else
				h->damaged |= bit;
			break;
		case DMR_BLK_UNREAD:
			h->unread |= bit;
			break;
		case DMR_BLK_VERSION:
			h->version |= bit;
			break;
		case DMR_BLK_FOREIGN:
			h->foreign |= bit;
			break;
		case DMR_BLK_NOT_OURS:
			h->nothing |= bit;
			fallthrough;
		default:
			h->damaged |= bit;
			break;
		}
	}
}

static u32 highest(const struct dmr_super_seen *seen, u32 n, u32 set)
{
	u32 best = n;
	u32 i;

	for (i = 0; i < n; i++) {
		if (!(set >> i & 1))
			continue;
		if (best == n || dmr_codec_gen_cmp(&seen[i].sb.gen, &seen[best].sb.gen) > 0)
			best = i;
	}
	return best;
}

static bool of_different_sets(const struct dmr_super_seen *seen, u32 n, u32 set, u32 ref)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (set >> i & 1 &&
		    memcmp(seen[i].sb.uuid, seen[ref].sb.uuid, DMR_UUID_BYTES))
			return true;
	return false;
}

/* Do two superblocks of @set state one generation and different content? */
static bool two_histories(const struct dmr_super_seen *seen, u32 n, u32 set)
{
	u32 i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if ((set >> i) & (set >> j) & 1 &&
			    !dmr_codec_gen_cmp(&seen[i].sb.gen, &seen[j].sb.gen) &&
			    !dmr_copies_same(&seen[i].sb, &seen[j].sb))
				return true;
	return false;
}

/* The superblocks that share the highest generation. */
static u32 speakers(const struct dmr_super_seen *seen, u32 n, u32 set, u32 best)
{
	u32 out = 0;
	u32 i;

	for (i = 0; i < n; i++)
		if (set >> i & 1 && !dmr_codec_gen_cmp(&seen[i].sb.gen, &seen[best].sb.gen))
			out |= 1u << i;
	return out;
}

/* Those of @set that another readable superblock, not older, names in sync. */
static u32 confirmed(const struct dmr_super_seen *seen, u32 n, u32 ok, u32 set)
{
	u32 out = 0;
	u32 i, j;

	for (i = 0; i < n; i++) {
		if (!(set >> i & 1))
			continue;
		for (j = 0; j < n; j++)
			if (j != i && ok >> j & 1 && seen[j].sb.insync >> i & 1 &&
			    dmr_codec_gen_cmp(&seen[j].sb.gen, &seen[i].sb.gen) >= 0)
				out |= 1u << i;
	}
	return out;
}

static int nothing_readable(const struct heap *h, u32 n)
{
	if (h->unread)
		return -EIO;
	return hweight32(h->nothing) == n ? -ENODATA : -EBADMSG;
}

int dmr_copies_judge(const struct dmr_super_seen *seen, u32 n, struct dmr_verdict_copies *out)
{
	struct heap h;
	u32 named;

	memset(out, 0, sizeof(*out));
	sort_seen(seen, n, &h);
	out->unread = h.unread;
	if (h.version)
		return -EPROTONOSUPPORT;
	if (h.foreign)
		return -EMEDIUMTYPE;
	if (!h.ok)
		return nothing_readable(&h, n);

	out->best = highest(seen, n, h.ok);
	if (of_different_sets(seen, n, h.ok, out->best))
		return -EMEDIUMTYPE;
	/* copies were looked for where it says none are, or not where it has them */
	if (seen[out->best].sb.copies != n)
		return -EUCLEAN;
	h.damaged |= strangers(seen, n, h.ok, &seen[out->best].sb);
	h.ok &= ~h.damaged;
	named = h.ok & seen[out->best].sb.insync;
	if (two_histories(seen, n, named | speakers(seen, n, h.ok, out->best)))
		return -EUCLEAN;

	out->candidates = hweight32(h.unread) < 2 ? named : confirmed(seen, n, h.ok, named);
	out->rebuild = h.damaged | (h.ok & ~out->candidates);
	return out->candidates ? 0 : -ESTALE;
}

static bool same_image(const struct dmr_table_seen *a, const struct dmr_table_seen *b)
{
	return !dmr_codec_gen_cmp(&a->gen, &b->gen) && a->gen.nonce == b->gen.nonce &&
	       (a->word == b->word ||
		!memcmp(a->word, b->word, DMR_ENTRIES_PER_BLK * sizeof(*a->word)));
}

int dmr_copies_pick(const struct dmr_table_seen *seen, u32 n, u32 candidates, u32 *best, u32 *same)
{
	u32 top = n;
	int rc = 0;
	u32 i;

	*same = 0;
	for (i = 0; i < n; i++) {
		if (seen[i].st == DMR_BLK_VERSION)
			rc = -EPROTONOSUPPORT;
		if (!(candidates >> i & 1) || seen[i].st != DMR_BLK_OK)
			continue;
		if (top == n || dmr_codec_gen_cmp(&seen[i].gen, &seen[top].gen) > 0)
			top = i;
	}
	if (top == n)
		return rc ? rc : -ENODATA;

	*best = top;
	for (i = 0; i < n; i++) {
		if (seen[i].st != DMR_BLK_OK)
			continue;
		if (same_image(&seen[i], &seen[top]))
			*same |= 1u << i;
		else if (candidates >> i & 1 && !rc &&
			 !dmr_codec_gen_cmp(&seen[i].gen, &seen[top].gen))
			rc = -EUCLEAN;
	}
	return rc;
}
