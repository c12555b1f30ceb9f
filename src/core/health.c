// SPDX-License-Identifier: GPL-2.0-only
/*
 * Health: records of regions.
 *
 * Decisions: weights are 1024 for a write error, 256 for a read error, 64 for a
 * retry and 16 for slow I/O. Logarithms have 16 bits of fraction and are linear
 * between powers of two: cheap, monotone, and going there and back from a
 * logarithm gives the same logarithm, so nothing drifts.
 *
 * Latency follows RFC 6298 (section 2): an average with a gain of 1/8, a mean
 * deviation with 1/4, each from the average as it was.
 *
 * Invariant: whatever clock or disk say, no weight is larger than that of all
 * counted events at once. So the worst a lie can do is to forget or to keep.
 */
#include "health.h"

#define FRACTION	16
#define WEIGHT_MAX	BIT_ULL(26)
#define SLOW_MAX	2048u	/* slow I/O alone weighs no more: a score of 666 */
#define HALF_SCORE	4096u	/* the weight that halves the score: four write errors */

#define MEDIUM_BELOW	900u
#define HIGH_BELOW	600u
#define CRITICAL_BELOW	300u

#define TREND_ERRORS	3
#define TICKS		16u		/* gaps: in a second */
#define GAP_MIN		(60 * TICKS)	/* errors closer than that are one incident */
#define QUIET_MIN	(86400ull * TICKS)

static const u32 weight_of[] = {
	[DMR_HEALTH_READ_ERROR] = 256,
	[DMR_HEALTH_WRITE_ERROR] = 1024,
	[DMR_HEALTH_RETRY] = 64,
	[DMR_HEALTH_SLOW] = 16,
};

static u64 at_most(u64 v, u64 max)
{
	return v < max ? v : max;
}

static void count_up(u32 *n)
{
	*n += *n != ~0u;
}

/* ---- weight, in the log domain ---- */

/* log2 of @w / 2^FRACTION, for @w from 2^FRACTION on. */
static u32 log_of(u64 w)
{
	u32 whole = 0;

	while (w >> (FRACTION + 1)) {
		w >>= 1;
		whole++;
	}
	return (whole << FRACTION) + (u32)(w - BIT(FRACTION));
}

/* The inverse; @l is a log_of() of at most WEIGHT_MAX. */
static u64 exp_of(u32 l)
{
	return (BIT_ULL(FRACTION) + (l & (BIT(FRACTION) - 1))) << (l >> FRACTION);
}

/* Time in half-lives of 7 days, in 1/2^FRACTION; a multiplication, as u64 / n is no C in kernels */
static u32 half_lives(u64 s)
{
	const u64 per_second = 465401747;	/* 2^(FRACTION + 32) / 604800 */

	return (u32)((at_most(s, DMR_HEALTH_TIME_MAX) * per_second) >> 32);
}

/* Weight of all that was counted, as if it had happened just now. */
static u64 weight_bound(const struct dmr_health *h)
{
	const u64 errors = (u64)h->write_errors * weight_of[DMR_HEALTH_WRITE_ERROR] +
			   (u64)h->read_errors * weight_of[DMR_HEALTH_READ_ERROR] +
			   (u64)h->retries * weight_of[DMR_HEALTH_RETRY];
	const u64 slow = (u64)h->slow * weight_of[DMR_HEALTH_SLOW];

	return at_most(errors + at_most(slow, SLOW_MAX), WEIGHT_MAX);
}

/* Weight at @now_s, times 2^FRACTION; 0: below one. */
static u64 weight_at(const struct dmr_health *h, u64 now_s)
{
	const u64 bound = weight_bound(h);
	const u32 t = half_lives(now_s);

	if (h->key < t || !bound)
		return 0;
	return exp_of((u32)at_most(h->key - t, log_of(bound << FRACTION)));
}

static u64 latest(const struct dmr_health *h, u64 now_s)
{
	return now_s > h->last_s ? at_most(now_s, DMR_HEALTH_TIME_MAX) : h->last_s;
}

/* Before the event is counted. */
static void note_weight(struct dmr_health *h, enum dmr_health_event e, u64 t)
{
	const u64 was = weight_at(h, t);
	u64 w = was + ((u64)weight_of[e] << FRACTION);
	u32 key;

	if (e == DMR_HEALTH_SLOW)
		w = at_most(w, was > (u64)SLOW_MAX << FRACTION ? was : (u64)SLOW_MAX << FRACTION);
	key = log_of(at_most(w, WEIGHT_MAX << FRACTION)) + half_lives(t);
	if (key > h->key)
		h->key = key;
}

/* ---- averages ---- */

/* @avg moves 1/@part of the way to @to. */
static u32 approach(u32 avg, u32 to, u32 part)
{
	return to >= avg ? avg + (to - avg) / part : avg - (avg - to) / part;
}

static void note_latency(struct dmr_health *h, u32 ms)
{
	const u32 lat = (u32)at_most((u64)ms * 16, ~0u);
	const u32 off = lat > h->lat_avg ? lat - h->lat_avg : h->lat_avg - lat;

	if (!dmr_health_any(h)) {
		h->lat_avg = lat;
		h->lat_dev = lat / 2;
		return;
	}
	h->lat_dev = approach(h->lat_dev, off, 4);
	h->lat_avg = approach(h->lat_avg, lat, 8);
}

static u64 quiet_ticks(const struct dmr_health *h, u64 now_s)
{
	return (latest(h, now_s) - h->last_s) * TICKS;
}

static void note_time(struct dmr_health *h, u64 t)
{
	const u32 gap = (u32)at_most(quiet_ticks(h, t), ~0u);
	const u64 errors = dmr_health_errors(h);

	if (!errors) {
		h->first_s = t;
	} else if (errors == 1) {
		h->gap_avg = gap;
		h->gap_new = gap;
	} else {
		h->gap_avg = approach(h->gap_avg, gap, 8);
		h->gap_new = approach(h->gap_new, gap, 2);
	}
	h->last_s = t;
}

void dmr_health_note(struct dmr_health *h, enum dmr_health_event e, u32 ms, u64 now_s)
{
	const u64 t = latest(h, now_s);

	note_latency(h, ms);
	note_weight(h, e, t);
	if (e != DMR_HEALTH_SLOW)
		note_time(h, t);
	switch (e) {
	case DMR_HEALTH_READ_ERROR:
		count_up(&h->read_errors);
		break;
	case DMR_HEALTH_WRITE_ERROR:
		count_up(&h->write_errors);
		break;
	case DMR_HEALTH_RETRY:
		count_up(&h->retries);
		break;
	case DMR_HEALTH_SLOW:
		count_up(&h->slow);
		break;
	}
}

/* ---- what follows ---- */

u32 dmr_health_score(const struct dmr_health *h, u64 now_s)
{
	const u32 w = (u32)(weight_at(h, latest(h, now_s)) >> FRACTION);

	return DMR_HEALTH_SCORE_MAX * HALF_SCORE / (HALF_SCORE + w);
}

enum dmr_trend dmr_health_trend(const struct dmr_health *h, u64 now_s)
{
	const u64 quiet = quiet_ticks(h, now_s);

	if (dmr_health_errors(h) < TREND_ERRORS)
		return DMR_TREND_STEADY;
	if (quiet >= QUIET_MIN && quiet > 8ull * h->gap_avg)
		return DMR_TREND_IMPROVING;
	if (h->gap_avg >= GAP_MIN && h->gap_new < h->gap_avg / 2 && quiet < h->gap_avg)
		return DMR_TREND_WORSENING;
	return DMR_TREND_STEADY;
}

enum dmr_risk dmr_health_risk(const struct dmr_health *h, u64 now_s)
{
	const u32 score = dmr_health_score(h, now_s);

	if (score >= MEDIUM_BELOW)
		return DMR_RISK_LOW;
	if (score < CRITICAL_BELOW)
		return DMR_RISK_CRITICAL;
	return (score < HIGH_BELOW ? DMR_RISK_HIGH : DMR_RISK_MEDIUM) +
	       (dmr_health_trend(h, now_s) == DMR_TREND_WORSENING);
}

bool dmr_health_sane(const struct dmr_health *h)
{
	const bool errors = dmr_health_errors(h);

	if (!dmr_health_any(h) || !h->key)
		return false;
	return h->last_s <= DMR_HEALTH_TIME_MAX && h->first_s <= h->last_s &&
	       (errors || (!h->last_s && !h->gap_avg && !h->gap_new));
}

/* ---- regions ---- */

#define REGION_MIN_SHIFT	11	/* sectors: 1 MiB */

u32 dmr_health_region_shift(u64 main_sect)
{
	u32 shift = REGION_MIN_SHIFT;

	while (main_sect && (main_sect - 1) >> shift >= DMR_HEALTH_REGIONS_MAX)
		shift++;
	return shift;
}

u64 dmr_health_regions(u64 main_sect)
{
	return main_sect ? ((main_sect - 1) >> dmr_health_region_shift(main_sect)) + 1 : 0;
}
