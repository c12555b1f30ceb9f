/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health: what is remembered of one region of main, and what follows from it.
 *
 * A region is 1 MiB, or as much more as makes a million of them on the disk. A
 * record counts what was noted, and holds one figure by which records compare:
 * the sum of the weights of all events, each halved in 7 days. It is kept as
 * its logarithm plus the time in half-lives, so that two records compare in
 * the same way at any time, and time passing changes none.
 *
 * Time is wall-clock seconds. A clock that goes backwards makes nothing
 * lighter than it was, and nothing heavier than if it had all happened now.
 *
 * Context: any; who changes a record keeps others from it.
 */
#ifndef DMR_HEALTH_H
#define DMR_HEALTH_H

#include "units.h"

#define DMR_HEALTH_REGIONS_MAX	BIT(20)
#define DMR_HEALTH_TIME_MAX	(BIT_ULL(35) - 1)	/* seconds: a thousand years */
#define DMR_HEALTH_SCORE_MAX	1000u

/** enum dmr_health_event - what may happen to an I/O of main */
enum dmr_health_event {
	DMR_HEALTH_READ_ERROR,
	DMR_HEALTH_WRITE_ERROR,
	DMR_HEALTH_RETRY,	/* it failed, and succeeded when tried again */
	DMR_HEALTH_SLOW,
};

/** enum dmr_trend - how errors follow each other */
enum dmr_trend {
	DMR_TREND_STEADY,
	DMR_TREND_WORSENING,	/* faster than they did */
	DMR_TREND_IMPROVING,	/* there should have been many by now */
};

/** enum dmr_risk - ordered by badness */
enum dmr_risk {
	DMR_RISK_LOW,
	DMR_RISK_MEDIUM,
	DMR_RISK_HIGH,
	DMR_RISK_CRITICAL,
};

/**
 * struct dmr_health - record of one region; all zero: nothing happened
 * @lat_avg: how long the I/O took that was noted, in 1/16 ms
 * @lat_dev: by how much that varies, in 1/16 ms
 * @gap_avg: between two errors, in 1/16 s; long memory
 * @gap_new: the same, of the last few errors
 * @key: log2 of the weight, plus time in half-lives, in 1/65536; 0: nothing happened
 * @first_s, @last_s: first and last error, which a slow I/O is not; 0: none
 *
 * Counters, averages and gaps stop at their largest value.
 */
struct dmr_health {
	u32 read_errors;
	u32 write_errors;
	u32 retries;
	u32 slow;
	u32 lat_avg;
	u32 lat_dev;
	u32 gap_avg;
	u32 gap_new;
	u32 key;
	u64 first_s;
	u64 last_s;
};

/** dmr_health_note() - event @e, of an I/O that took @ms, at @now_s */
void dmr_health_note(struct dmr_health *h, enum dmr_health_event e, u32 ms, u64 now_s);

/** dmr_health_errors() - read errors, write errors and retries */
static inline u64 dmr_health_errors(const struct dmr_health *h)
{
	return (u64)h->read_errors + h->write_errors + h->retries;
}

/** dmr_health_any() - did anything happen? */
static inline bool dmr_health_any(const struct dmr_health *h)
{
	return dmr_health_errors(h) || h->slow;
}

/** dmr_health_cmp() - >0 when @a is worse than @b, now and for good; <0, 0 */
static inline int dmr_health_cmp(const struct dmr_health *a, const struct dmr_health *b)
{
	return a->key > b->key ? 1 : -(a->key < b->key);
}

/**
 * dmr_health_score() - 0 (worst) to DMR_HEALTH_SCORE_MAX (nothing happened)
 *
 * Never rises with an event, never falls as time passes.
 */
u32 dmr_health_score(const struct dmr_health *h, u64 now_s);

/** dmr_health_trend() - needs three errors to say anything but steady */
enum dmr_trend dmr_health_trend(const struct dmr_health *h, u64 now_s);

/**
 * dmr_health_risk() - by the score; one worse when errors come faster and faster
 *
 * I/O that is slow, and nothing else, never makes it worse than DMR_RISK_MEDIUM.
 */
enum dmr_risk dmr_health_risk(const struct dmr_health *h, u64 now_s);

/** dmr_health_sane() - can dmr_health_note() have made it? For records from a disk */
bool dmr_health_sane(const struct dmr_health *h);

/** dmr_health_region_shift() - log2 of the sectors in a region of a main of @main_sect */
u32 dmr_health_region_shift(u64 main_sect);

/** dmr_health_regions() - regions of such a main, the last one maybe short; 0 for no main */
u64 dmr_health_regions(u64 main_sect);

#endif
