/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Check: what can be wrong with a spare, named and numbered for good.
 *
 * The caller reads; this file judges. Findings come out through a callback.
 */
#ifndef DMR_CHECK_H
#define DMR_CHECK_H

#include "copies.h"

/**
 * enum dmr_severity - how bad a finding is
 * @DMR_SEV_NOTE: worth knowing
 * @DMR_SEV_FIXABLE: an open repairs it
 * @DMR_SEV_FATAL: data or trust is lost
 */
enum dmr_severity {
	DMR_SEV_NOTE,
	DMR_SEV_FIXABLE,
	DMR_SEV_FATAL,
};

enum dmr_finding_id {
#define DMR_FINDING(num, name, sev, text) DMR_FINDING_##name = num,
#include "findings.def"
#undef DMR_FINDING
};

/** struct dmr_finding - one finding; fields that do not apply are ~0 */
struct dmr_finding {
	enum dmr_finding_id id;
	u32 copy;
	u32 table_blk;
	u64 slot;
	u64 mblk;
	const char *detail;	/* extra constant sentence or NULL */
};

/** struct dmr_finding_info - the constant part */
struct dmr_finding_info {
	enum dmr_finding_id id;
	const char *name;
	enum dmr_severity sev;
	const char *text;
};

typedef void (*dmr_finding_fn)(void *ctx, const struct dmr_finding *f);

/** dmr_check_info() - name, severity and text of a finding; NULL for a number not in use */
const struct dmr_finding_info *dmr_check_info(enum dmr_finding_id id);

/**
 * dmr_check_supers() - judge the superblocks and report what is wrong with each
 * @v: filled in as by dmr_copies_judge()
 *
 * Return: as dmr_copies_judge().
 */
int dmr_check_supers(const struct dmr_super_seen *seen, u32 n, struct dmr_verdict_copies *v,
		     dmr_finding_fn fn, void *ctx);

/**
 * dmr_check_block() - judge one table block over all copies
 * Return: 0 and the copy to use in @best, or as dmr_copies_pick().
 */
int dmr_check_block(const struct dmr_super *sb, u32 index, const struct dmr_table_seen *seen,
		    u32 candidates, u32 *best, dmr_finding_fn fn, void *ctx);

/** struct dmr_check_map - one used or pending entry, collected by the caller in any order */
struct dmr_check_map {
	u64 mblk;
	u64 slot;
	u64 word;
};

/**
 * dmr_check_duplicates() - find main blocks with two entries
 * @map: sorted by mblk, then slot
 *
 * Two entries with neighbouring serials are what a crash inside a slot
 * replacement leaves (FIXABLE: the next serial wins); anything else is FATAL.
 */
void dmr_check_duplicates(const struct dmr_check_map *map, u64 n, dmr_finding_fn fn, void *ctx);

/**
 * dmr_check_winner() - of two entries for one block: which one counts
 * Return: 0 for @a, 1 for @b, -EUCLEAN when neither serial is the other's next.
 */
int dmr_check_winner(u64 a, u64 b);

#endif
