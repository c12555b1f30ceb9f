// SPDX-License-Identifier: GPL-2.0-only
/* Health: weights, scores and trends; that order outlives time, and clocks that jump. */
#include "test.h"
#include "healthline.h"

#define NOW	1700000000ull
#define DAY	86400ull
#define WEEK	(7 * DAY)

static struct dmr_health noted(enum dmr_health_event e, unsigned int n, u64 at, u64 every)
{
	struct dmr_health h;
	unsigned int i;

	memset(&h, 0, sizeof(h));
	for (i = 0; i < n; i++)
		dmr_health_note(&h, e, 10, at + i * every);
	return h;
}

static void nothing_happened(void **state)
{
	const struct dmr_health h = { 0 };

	(void)state;
	assert_false(dmr_health_any(&h));
	assert_int_equal(dmr_health_score(&h, NOW), 1000);
	assert_int_equal(dmr_health_trend(&h, NOW), DMR_TREND_STEADY);
	assert_int_equal(dmr_health_risk(&h, NOW), DMR_RISK_LOW);
	assert_int_equal(dmr_health_cmp(&h, &h), 0);
}

static void scores_of_events(void **state)
{
	static const struct {
		enum dmr_health_event e;
		unsigned int n;
		u32 score;
		enum dmr_risk risk;
	} t[] = {
		{ DMR_HEALTH_SLOW, 1, 996, DMR_RISK_LOW },
		{ DMR_HEALTH_RETRY, 1, 984, DMR_RISK_LOW },
		{ DMR_HEALTH_READ_ERROR, 1, 941, DMR_RISK_LOW },
		{ DMR_HEALTH_READ_ERROR, 2, 888, DMR_RISK_MEDIUM },
		{ DMR_HEALTH_WRITE_ERROR, 1, 800, DMR_RISK_MEDIUM },
		{ DMR_HEALTH_WRITE_ERROR, 2, 666, DMR_RISK_MEDIUM },
		{ DMR_HEALTH_WRITE_ERROR, 3, 571, DMR_RISK_HIGH },
		{ DMR_HEALTH_WRITE_ERROR, 10, 285, DMR_RISK_CRITICAL },
		{ DMR_HEALTH_WRITE_ERROR, 100000, 0, DMR_RISK_CRITICAL },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		const struct dmr_health h = noted(t[i].e, t[i].n, NOW, 0);

		assert_int_equal(dmr_health_score(&h, NOW), t[i].score);
		assert_int_equal(dmr_health_risk(&h, NOW), t[i].risk);
		assert_true(dmr_health_sane(&h));
	}
}

static void half_in_a_week(void **state)
{
	struct dmr_health h = noted(DMR_HEALTH_WRITE_ERROR, 2, NOW, 0);

	(void)state;
	assert_in_range(dmr_health_score(&h, NOW + WEEK), 799, 801);
	assert_in_range(dmr_health_score(&h, NOW + 2 * WEEK), 887, 890);
	assert_int_equal(dmr_health_score(&h, NOW + 12 * WEEK), 1000);
	dmr_health_note(&h, DMR_HEALTH_WRITE_ERROR, 10, NOW + WEEK);
	assert_in_range(dmr_health_score(&h, NOW + WEEK), 665, 667);
}

static void slow_alone_is_no_high_risk(void **state)
{
	struct dmr_health h;
	unsigned int i;

	(void)state;
	memset(&h, 0, sizeof(h));
	for (i = 0; i < 100000; i++) {
		dmr_health_note(&h, DMR_HEALTH_SLOW, 5000, NOW + i / 100);
		assert_true(dmr_health_risk(&h, NOW + i / 100) <= DMR_RISK_MEDIUM);
		assert_true(dmr_health_risk(&h, 0) <= DMR_RISK_MEDIUM);
	}
	assert_int_equal(dmr_health_score(&h, NOW + 1000), 666);
	assert_int_equal(dmr_health_trend(&h, NOW + 1000), DMR_TREND_STEADY);
	assert_true(!h.first_s && !h.last_s);
	/* nor does it hide what comes */
	dmr_health_note(&h, DMR_HEALTH_WRITE_ERROR, 10, NOW + 1000);
	assert_int_equal(dmr_health_score(&h, NOW + 1000), 571);
	assert_int_equal(h.last_s, NOW + 1000);
}

/* RFC 6298, 2.2 and 2.3, in 1/16 ms. */
static void latency(void **state)
{
	struct dmr_health h = noted(DMR_HEALTH_RETRY, 1, NOW, 0);

	(void)state;
	assert_int_equal(h.lat_avg, 160);
	assert_int_equal(h.lat_dev, 80);
	dmr_health_note(&h, DMR_HEALTH_SLOW, 110, NOW);
	assert_int_equal(h.lat_dev, 80 + (1600 - 80) / 4);
	assert_int_equal(h.lat_avg, 160 + 1600 / 8);
	dmr_health_note(&h, DMR_HEALTH_SLOW, ~0u, NOW);
	dmr_health_note(&h, DMR_HEALTH_SLOW, 0, NOW);
	h = noted(DMR_HEALTH_SLOW, 0, NOW, 0);
	dmr_health_note(&h, DMR_HEALTH_SLOW, ~0u, NOW);
	assert_int_equal(h.lat_avg, ~0u);
	dmr_health_note(&h, DMR_HEALTH_SLOW, ~0u, NOW);
	assert_int_equal(h.lat_avg, ~0u);
}

static void trends(void **state)
{
	struct dmr_health h = noted(DMR_HEALTH_READ_ERROR, 8, NOW, DAY);
	u64 t = NOW + 7 * DAY;
	unsigned int i;

	(void)state;
	assert_int_equal(dmr_health_trend(&h, t), DMR_TREND_STEADY);
	assert_int_equal(dmr_health_trend(&h, t + 7 * DAY), DMR_TREND_STEADY);
	assert_int_equal(dmr_health_trend(&h, t + 9 * DAY), DMR_TREND_IMPROVING);
	for (i = 0; i < 3; i++)
		dmr_health_note(&h, DMR_HEALTH_READ_ERROR, 10, t += 3600);
	assert_int_equal(dmr_health_trend(&h, t), DMR_TREND_WORSENING);
	assert_int_equal(dmr_health_trend(&h, t + DAY), DMR_TREND_STEADY);
	assert_int_equal(dmr_health_risk(&h, t), DMR_RISK_HIGH);
	assert_int_equal(dmr_health_risk(&h, t + DAY), DMR_RISK_MEDIUM);

	/* one incident, then quiet; and two errors are none */
	h = noted(DMR_HEALTH_READ_ERROR, 50, NOW, 0);
	assert_int_equal(dmr_health_trend(&h, NOW), DMR_TREND_STEADY);
	assert_int_equal(dmr_health_trend(&h, NOW + 3600), DMR_TREND_STEADY);
	assert_int_equal(dmr_health_trend(&h, NOW + DAY), DMR_TREND_IMPROVING);
	h = noted(DMR_HEALTH_READ_ERROR, 2, NOW, 0);
	assert_int_equal(dmr_health_trend(&h, NOW + WEEK), DMR_TREND_STEADY);
}

static void counters_stop(void **state)
{
	struct dmr_health h = {
		.read_errors = ~0u, .write_errors = ~0u, .retries = ~0u, .slow = ~0u, .key = 1,
	};
	unsigned int i;

	(void)state;
	for (i = DMR_HEALTH_READ_ERROR; i <= DMR_HEALTH_SLOW; i++)
		dmr_health_note(&h, (enum dmr_health_event)i, 1, NOW);
	assert_int_equal(h.read_errors, ~0u);
	assert_int_equal(h.write_errors, ~0u);
	assert_int_equal(h.retries, ~0u);
	assert_int_equal(h.slow, ~0u);
}

/* A clock that was set back forgets nothing and accuses nobody. */
static void clock_goes_back(void **state)
{
	struct dmr_health h = noted(DMR_HEALTH_READ_ERROR, 1, NOW, 0);
	const u32 key = h.key;

	(void)state;
	assert_int_equal(dmr_health_score(&h, 5), 941);
	assert_int_equal(dmr_health_trend(&h, 5), DMR_TREND_STEADY);
	dmr_health_note(&h, DMR_HEALTH_READ_ERROR, 1, 5);
	assert_int_equal(h.last_s, NOW);
	assert_true(h.key > key);
	assert_int_equal(dmr_health_score(&h, 5), 888);
	assert_int_equal(dmr_health_score(&h, NOW), 888);

	/* a slow I/O leaves no time behind: its weight is bounded by its number */
	h = noted(DMR_HEALTH_SLOW, 1, NOW, 0);
	assert_int_equal(dmr_health_score(&h, 5), 996);
	dmr_health_note(&h, DMR_HEALTH_SLOW, 1, 5);
	assert_in_range(dmr_health_score(&h, 5), 992, 996);

	/* the end of time */
	h = noted(DMR_HEALTH_WRITE_ERROR, 1, ~0ull, 0);
	assert_int_equal(h.last_s, DMR_HEALTH_TIME_MAX);
	assert_int_equal(dmr_health_score(&h, ~0ull), 800);
	assert_true(dmr_health_sane(&h));
}

static void random_record(u64 *rnd, struct dmr_health *h, u64 *t)
{
	const unsigned int n = 1 + (unsigned int)test_rnd_below(rnd, 30);
	const u64 step = 1 + test_rnd_below(rnd, 3 * DAY);
	unsigned int i;

	memset(h, 0, sizeof(*h));
	*t = NOW + test_rnd_below(rnd, 52 * WEEK);
	for (i = 0; i < n; i++) {
		const struct dmr_health was = *h;

		*t += test_rnd_below(rnd, step);
		dmr_health_note(h, (enum dmr_health_event)test_rnd_below(rnd, 4),
				(u32)test_rnd_below(rnd, 5000), *t);
		assert_true(dmr_health_cmp(h, &was) >= 0);
		assert_true(dmr_health_score(h, *t) <= dmr_health_score(&was, *t));
		assert_true(dmr_health_sane(h));
	}
}

static void order_outlives_time(void **state)
{
	u64 rnd = 4;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 5000; i++) {
		struct dmr_health a, b;
		u64 ta, tb, t;
		int order;

		random_record(&rnd, &a, &ta);
		random_record(&rnd, &b, &tb);
		order = dmr_health_cmp(&a, &b);
		assert_int_equal(dmr_health_cmp(&b, &a), -order);
		t = ta > tb ? ta : tb;
		for (k = 0; k < 20; k++, t += test_rnd_below(&rnd, 3 * WEEK)) {
			const u32 sa = dmr_health_score(&a, t), sb = dmr_health_score(&b, t);

			assert_true(order > 0 ? sa <= sb : order < 0 ? sa >= sb : sa == sb);
			assert_true(dmr_health_score(&a, t + 1) >= sa);
		}
	}
}

/* Whatever is in a record, it is answered for. */
static void any_record(void **state)
{
	u64 rnd = 5;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 50000; i++) {
		struct dmr_health h;
		u32 *word = (u32 *)&h;
		u64 now;

		memset(&h, 0, sizeof(h));
		for (k = 0; k < sizeof(h) / sizeof(*word); k++)
			word[k] = (u32)(test_rnd(&rnd) >> test_rnd_below(&rnd, 64));
		h.last_s >>= 29;
		now = test_rnd(&rnd) >> test_rnd_below(&rnd, 64);
		assert_true(dmr_health_score(&h, now) <= 1000);
		assert_true(dmr_health_risk(&h, now) <= DMR_RISK_CRITICAL);
		dmr_health_note(&h, (enum dmr_health_event)test_rnd_below(&rnd, 4),
				(u32)test_rnd(&rnd), now);
		assert_true(dmr_health_any(&h) && dmr_health_score(&h, now) <= 1000);
	}
}

static void regions(void **state)
{
	static const struct {
		u64 sect;
		u32 shift;
		u64 n;
	} t[] = {
		{ 0, 11, 0 }, { 1, 11, 1 }, { 2048, 11, 1 }, { 2049, 11, 2 },
		{ 1ull << 31, 11, 1u << 20 }, { (1ull << 31) + 1, 12, (1u << 19) + 1 },
		{ 1ull << 43, 23, 1u << 20 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		assert_int_equal(dmr_health_region_shift(t[i].sect), t[i].shift);
		assert_int_equal(dmr_health_regions(t[i].sect), t[i].n);
	}
}

static void insane(void **state)
{
	struct dmr_health h = { .slow = 1 };

	(void)state;
	assert_false(dmr_health_sane(&h));
	h.key = 1;
	assert_true(dmr_health_sane(&h));
	h.last_s = NOW;
	assert_false(dmr_health_sane(&h));
	h.retries = 1;
	assert_true(dmr_health_sane(&h));
	h.first_s = NOW + 1;
	assert_false(dmr_health_sane(&h));
	h.last_s = DMR_HEALTH_TIME_MAX + 1;
	assert_false(dmr_health_sane(&h));
	memset(&h, 0, sizeof(h));
	h.key = 1;
	assert_false(dmr_health_sane(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happened),
		cmocka_unit_test(scores_of_events),
		cmocka_unit_test(half_in_a_week),
		cmocka_unit_test(slow_alone_is_no_high_risk),
		cmocka_unit_test(latency),
		cmocka_unit_test(trends),
		cmocka_unit_test(counters_stop),
		cmocka_unit_test(clock_goes_back),
		cmocka_unit_test(order_outlives_time),
		cmocka_unit_test(any_record),
		cmocka_unit_test(regions),
		cmocka_unit_test(insane),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
