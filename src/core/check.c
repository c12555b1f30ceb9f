// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check: what can be wrong with a spare.
 *
 * Decisions: judging is left to copies.c; here the same facts are put into
 * words. So what check calls fatal is what an open refuses, and never another
 * opinion.
 */
#include "check.h"

static const struct dmr_finding_info infos[] = {
#define DMR_FINDING(num, name_, sev, text_) { num, #name_, sev, text_ },
#include "findings.def"
#undef DMR_FINDING
};

const struct dmr_finding_info *dmr_check_info(enum dmr_finding_id id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(infos); i++)
		if (infos[i].id == id)
			return &infos[i];
	return NULL;
}

/* A finding that says nothing yet but its name. */
static struct dmr_finding finding(enum dmr_finding_id id)
{
	return (struct dmr_finding){
		.id = id, .copy = ~0u, .table_blk = ~0u, .slot = ~0ull, .mblk = ~0ull,
	};
}

/* ---- superblocks ---- */

static void report_copy(enum dmr_finding_id id, u32 copy, u64 slot, dmr_finding_fn fn, void *ctx)
{
	struct dmr_finding f = finding(id);

	f.copy = copy;
	f.slot = slot;
	fn(ctx, &f);
}

static void report_set(enum dmr_finding_id id, dmr_finding_fn fn, void *ctx)
{
	const struct dmr_finding f = finding(id);

	fn(ctx, &f);
}

/* What reading gave; 0 when it is fine as far as the copy itself goes. */
static u32 super_status_finding(const struct dmr_super_seen *seen, u32 i)
{
	switch (seen[i].st) {
	case DMR_BLK_OK:
		return seen[i].sb.copy == i ? 0 : DMR_FINDING_SUPER_MEANING;
	case DMR_BLK_UNREAD:
		return DMR_FINDING_SUPER_UNREAD;
	case DMR_BLK_NOT_OURS:
		return DMR_FINDING_SUPER_NOT_OURS;
	case DMR_BLK_MISPLACED:
		return DMR_FINDING_SUPER_MISPLACED;
	case DMR_BLK_VERSION:
		return DMR_FINDING_SUPER_VERSION;
	case DMR_BLK_CRC:
		return DMR_FINDING_SUPER_CRC;
	case DMR_BLK_FOREIGN:
		return DMR_FINDING_SUPER_FOREIGN;
	case DMR_BLK_TOMBSTONE:
		return DMR_FINDING_SUPER_TOMBSTONE;
	default:
		return DMR_FINDING_SUPER_MEANING;
	}
}

/* Against the superblock that speaks for the set; 0 when they agree. */
static u32 super_against(const struct dmr_super *best, const struct dmr_super *sb)
{
	const int cmp = dmr_codec_gen_cmp(&sb->gen, &best->gen);

	if (memcmp(sb->uuid, best->uuid, DMR_UUID_BYTES))
		return DMR_FINDING_SUPER_FOREIGN;
	if (cmp < 0)
		return DMR_FINDING_SUPER_BEHIND;
	return dmr_copies_same(sb, best) ? 0 : DMR_FINDING_SUPER_TIE;
}

/* Of those that are fine by themselves: how many are of the set that superblock @of is of? */
static u32 super_kin(const struct dmr_super_seen *seen, u32 n, u32 of)
{
	u32 kin = 0;
	u32 i;

	for (i = 0; i < n; i++)
		kin += !super_status_finding(seen, i) &&
		       !memcmp(seen[i].sb.uuid, seen[of].sb.uuid, DMR_UUID_BYTES);
	return kin;
}

/*
 * The one that the others are held against, @n if none is fine by itself: the highest.
 * Between sets generations say nothing: there it is one of the set that most are of.
 */
static u32 super_highest(const struct dmr_super_seen *seen, u32 n)
{
	u32 best = n, best_kin = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		const u32 kin = super_status_finding(seen, i) ? 0 : super_kin(seen, n, i);

		if (kin < best_kin || !kin)
			continue;
		if (kin > best_kin ||
		    dmr_codec_gen_cmp(&seen[i].sb.gen, &seen[best].sb.gen) > 0) {
			best = i;
			best_kin = kin;
		}
	}
	return best;
}

int dmr_check_supers(const struct dmr_super_seen *seen, u32 n, struct dmr_verdict_copies *v,
		     dmr_finding_fn fn, void *ctx)
{
	const int rc = dmr_copies_judge(seen, n, v);
	const u32 best = super_highest(seen, n);
	bool tie = false;
	u32 i;

	for (i = 0; i < n; i++) {
		const u64 slot = best < n && i < seen[best].sb.copies ?
				 seen[best].sb.copy_slot[i].v : ~0ull;
		u32 id = super_status_finding(seen, i);

		if (!id)
			id = super_against(&seen[best].sb, &seen[i].sb);
		tie |= id == DMR_FINDING_SUPER_TIE;
		if (id)
			report_copy((enum dmr_finding_id)id, i, slot, fn, ctx);
		if (best < n && i < seen[best].sb.copies && !(seen[best].sb.insync >> i & 1))
			report_copy(DMR_FINDING_COPY_EXPELLED, i, slot, fn, ctx);
	}
	/* Two histories below the highest generation, among copies that it names. */
	if (rc == -EUCLEAN && !tie)
		report_set(DMR_FINDING_SUPER_TIE, fn, ctx);
	if (!v->candidates && rc != -EPROTONOSUPPORT && rc != -EMEDIUMTYPE && rc != -EUCLEAN)
		report_set(DMR_FINDING_NO_COPY, fn, ctx);
	if (!rc && hweight32(v->candidates) == 1)
		report_set(DMR_FINDING_COPIES_FEW, fn, ctx);
	if (!rc && seen[v->best].sb.activity != DMR_ACTIVITY_CLEAN)
		report_set(DMR_FINDING_NOT_CLEAN, fn, ctx);
	return rc;
}

/* ---- table blocks ---- */

static u32 table_status_finding(enum dmr_blk_status st)
{
	switch (st) {
	case DMR_BLK_OK:
		return 0;
	case DMR_BLK_UNREAD:
		return DMR_FINDING_TABLE_UNREAD;
	case DMR_BLK_NOT_OURS:
		return DMR_FINDING_TABLE_NOT_OURS;
	case DMR_BLK_MISPLACED:
		return DMR_FINDING_TABLE_MISPLACED;
	case DMR_BLK_VERSION:
		return DMR_FINDING_TABLE_VERSION;
	case DMR_BLK_CRC:
		return DMR_FINDING_TABLE_CRC;
	case DMR_BLK_FOREIGN:
		return DMR_FINDING_TABLE_FOREIGN;
	default:
		return DMR_FINDING_TABLE_MEANING;
	}
}

/* What copy @i has, against the image to be believed. */
static u32 table_finding(const struct dmr_table_seen *seen, u32 i, u32 best, u32 same)
{
	if (seen[i].st != DMR_BLK_OK)
		return table_status_finding(seen[i].st);
	if (same >> i & 1)
		return 0;
	return dmr_codec_gen_cmp(&seen[i].gen, &seen[best].gen) < 0 ?
	       DMR_FINDING_TABLE_BEHIND : DMR_FINDING_TABLE_TIE;
}

static void report_lost_sectors(u32 index, const u64 *word, dmr_finding_fn fn, void *ctx)
{
	unsigned int i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		struct dmr_finding f;

		if (!dmr_entry_maps(word[i]) ||
		    !dmr_states_has(dmr_entry_states(word[i]), DMR_STATE_LOST))
			continue;
		f = finding(DMR_FINDING_SECTORS_LOST);
		f.table_blk = index;
		f.slot = (u64)index * DMR_ENTRIES_PER_BLK + i;
		f.mblk = dmr_entry_mblk(word[i]).v;
		fn(ctx, &f);
	}
}

int dmr_check_block(const struct dmr_super *sb, u32 index, const struct dmr_table_seen *seen,
		    u32 candidates, u32 *best, dmr_finding_fn fn, void *ctx)
{
	struct dmr_finding f;
	u32 same = 0;
	u32 i;
	int rc;

	*best = 0;
	rc = dmr_copies_pick(seen, sb->copies, candidates, best, &same);
	for (i = 0; i < sb->copies; i++) {
		u32 id;

		/* an open would write over the others; over this it must not */
		if (!(candidates >> i & 1) && seen[i].st != DMR_BLK_VERSION)
			continue;
		id = table_finding(seen, i, *best, same);
		if (!id)
			continue;
		f = finding((enum dmr_finding_id)id);
		f.copy = i;
		f.table_blk = index;
		f.slot = dmr_layout_table_slot(sb, i, index).v;
		fn(ctx, &f);
	}
	if (rc == -ENODATA) {
		f = finding(DMR_FINDING_TABLE_LOST);
		f.table_blk = index;
		fn(ctx, &f);
	}
	if (!rc)
		report_lost_sectors(index, seen[*best].word, fn, ctx);
	return rc;
}

/* ---- entries ---- */

int dmr_check_winner(u64 a, u64 b)
{
	const u32 sa = dmr_entry_serial(a);
	const u32 sb = dmr_entry_serial(b);

	if (((sa + 1) & 3) == sb)
		return 1;
	if (((sb + 1) & 3) == sa)
		return 0;
	return -EUCLEAN;
}

/* @n entries for one block, @n at least 2; the finding names the slot that does not count. */
static void report_group(const struct dmr_check_map *map, u64 n, dmr_finding_fn fn, void *ctx)
{
	const int winner = n == 2 ? dmr_check_winner(map[0].word, map[1].word) : -EUCLEAN;
	struct dmr_finding f = finding(winner < 0 ? DMR_FINDING_ENTRY_DUPLICATE :
						    DMR_FINDING_ENTRY_REPLACED);

	f.mblk = map[0].mblk;
	f.slot = map[winner == 0].slot;
	f.table_blk = (u32)(f.slot / DMR_ENTRIES_PER_BLK);
	fn(ctx, &f);
}

void dmr_check_duplicates(const struct dmr_check_map *map, u64 n, dmr_finding_fn fn, void *ctx)
{
	u64 start = 0;
	u64 i;

	for (i = 1; i <= n; i++) {
		if (i < n && map[i].mblk == map[start].mblk)
			continue;
		if (i - start > 1)
			report_group(map + start, i - start, fn, ctx);
		start = i;
	}
}
