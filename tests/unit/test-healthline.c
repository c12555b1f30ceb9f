// SPDX-License-Identifier: GPL-2.0-only
/* Healthline and poolline: print and parse are each other's inverse; garbage is refused. */
#include "test.h"
#include "healthline.h"
#include "poolline.h"

#define LINE_MAX_BYTES	1024

static void the_words(void **state)
{
	struct dmr_health_head head = { .region_sect = 2048, .records = 2, .max = 1024,
		.evicted = 3, .read_errors = 4, .write_errors = 5, .retries = 6, .slow = 7,
		.slow_ms = 1000 };
	struct dmr_health_line l = { .region = 9, .score = 285, .risk = DMR_RISK_CRITICAL,
		.trend = DMR_TREND_WORSENING, .read_errors = 1, .write_errors = 2, .retries = 3,
		.slow = 4, .lat_avg_us = 5, .lat_dev_us = 6, .first_s = 7, .last_s = 8 };
	struct dmr_pool_head pools = { .memory = DMR_MEMORY_EMERGENCY, .entries = 2 };
	struct dmr_pool_stat pool = { .min = 64, .entries = 1 };
	char line[LINE_MAX_BYTES];

	(void)state;
	dmr_health_head_format(&head, line, sizeof(line));
	assert_string_equal(line, "health v1 region_sect=2048 records=2 max=1024 evicted=3 "
			    "read_errors=4 write_errors=5 retries=6 slow=7 slow_ms=1000");
	dmr_health_line_format(&l, line, sizeof(line));
	assert_string_equal(line, "9 285 critical worsening 1 2 3 4 5 6 7 8");
	dmr_pool_head_format(&pools, line, sizeof(line));
	assert_string_equal(line, "pools v1 memory=emergency entries=2");
	dmr_pool_line_format(DMR_POOL_HEALTH, &pool, line, sizeof(line));
	assert_string_equal(line, "health min=64 max=0 size=0 idle=0 reserve=0 allocs=0 frees=0 "
			    "hits=0 misses=0 emergency=0 grows=0 shrinks=0 in_use=0 high_water=0 "
			    "failures=0 refused=0 entries=1");
}

static void what_a_record_says(void **state)
{
	struct dmr_health h = { 0 };
	struct dmr_health_line l;

	(void)state;
	dmr_health_note(&h, DMR_HEALTH_WRITE_ERROR, 30, 1700000000);
	dmr_health_line_of(77, &h, 1700000000, &l);
	assert_int_equal(l.region, 77);
	assert_int_equal(l.score, 800);
	assert_int_equal(l.risk, DMR_RISK_MEDIUM);
	assert_int_equal(l.write_errors, 1);
	assert_int_equal(l.lat_avg_us, 30000);
	assert_int_equal(l.lat_dev_us, 15000);
	assert_true(l.first_s == 1700000000 && l.last_s == 1700000000);
}

static void random_words(u64 *rnd, void *at, size_t bytes)
{
	u64 *word = at;
	size_t i;

	for (i = 0; i < bytes / sizeof(*word); i++)
		word[i] = test_rnd(rnd) >> test_rnd_below(rnd, 64);
}

static void round_trip(void **state)
{
	struct dmr_health_head head, head_back;
	struct dmr_health_line l, l_back;
	struct dmr_pool_head pools, pools_back;
	struct dmr_pool_stat pool, pool_back;
	enum dmr_pool_kind kind, kind_back;
	char line[LINE_MAX_BYTES];
	u64 rnd = 29;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		random_words(&rnd, &head, sizeof(head));
		dmr_health_head_format(&head, line, sizeof(line));
		assert_int_equal(dmr_health_head_parse(line, &head_back), 0);
		assert_memory_equal(&head, &head_back, sizeof(head));

		memset(&l, 0, sizeof(l));
		random_words(&rnd, &l, sizeof(l));
		l.risk = (enum dmr_risk)test_rnd_below(&rnd, 4);
		l.trend = (enum dmr_trend)test_rnd_below(&rnd, 3);
		dmr_health_line_format(&l, line, sizeof(line));
		assert_int_equal(dmr_health_line_parse(line, &l_back), 0);
		l_back.region = l.region;
		assert_int_equal(l.score, l_back.score);
		assert_int_equal(l.risk, l_back.risk);
		assert_int_equal(l.trend, l_back.trend);
		assert_true(l.lat_dev_us == l_back.lat_dev_us && l.last_s == l_back.last_s);

		memset(&pools, 0, sizeof(pools));
		pools.memory = (enum dmr_memory)test_rnd_below(&rnd, 2);
		pools.entries = test_rnd(&rnd);
		dmr_pool_head_format(&pools, line, sizeof(line));
		assert_int_equal(dmr_pool_head_parse(line, &pools_back), 0);
		assert_memory_equal(&pools, &pools_back, sizeof(pools));

		random_words(&rnd, &pool, sizeof(pool));
		kind = (enum dmr_pool_kind)test_rnd_below(&rnd, DMR_POOLS);
		dmr_pool_line_format(kind, &pool, line, sizeof(line));
		assert_int_equal(dmr_pool_line_parse(line, &kind_back, &pool_back), 0);
		assert_int_equal(kind, kind_back);
		assert_memory_equal(&pool, &pool_back, sizeof(pool));
	}
}

static int head_of(const char *line)
{
	struct dmr_health_head h;

	return dmr_health_head_parse(line, &h);
}

static int line_of(const char *line)
{
	struct dmr_health_line l;

	return dmr_health_line_parse(line, &l);
}

static int pools_of(const char *line)
{
	struct dmr_pool_head h;

	return dmr_pool_head_parse(line, &h);
}

static int pool_of(const char *line)
{
	struct dmr_pool_stat s;
	enum dmr_pool_kind k;

	return dmr_pool_line_parse(line, &k, &s);
}

#define HEAD	"region_sect=1 records=2 max=3 evicted=4 read_errors=5 write_errors=6 retries=7 "
#define POOL	"min=1 max=2 size=3 idle=4 reserve=5 allocs=6 frees=7 hits=8 misses=9 emergency=0 " \
		"grows=1 shrinks=2 in_use=3 high_water=4 failures=5 refused=6 "

static void garbage_is_refused(void **state)
{
	static const struct {
		int (*parse)(const char *line);
		const char *line;
		int rc;
	} t[] = {
		{ head_of, "health v1 " HEAD "slow=8 slow_ms=9", 0 },
		{ head_of, "health v1 new=x,y " HEAD "slow=8 slow_ms=9 more=1", 0 },
		{ head_of, "health v2 " HEAD "slow=8 slow_ms=9", -EPROTO },
		{ head_of, "v1 " HEAD "slow=8 slow_ms=9", -EPROTO },
		{ head_of, "", -EPROTO },
		{ head_of, "health v1", -EINVAL },
		{ head_of, "health v1 " HEAD "slow=8", -EINVAL },
		{ head_of, "health v1 " HEAD "slow=8 slow=8 slow_ms=9", -EINVAL },
		{ head_of, "health v1 " HEAD "slow=08 slow_ms=9", -EINVAL },
		{ head_of, "health v1 " HEAD "slow=8 slow_ms=9 word", -EINVAL },
		{ line_of, "1 1000 low steady 0 0 0 1 2 3 4 5", 0 },
		{ line_of, "1 1000 low steady 0 0 0 1 2 3 4 5 later words", 0 },
		{ line_of, "1 1000 low steady 0 0 0 1 2 3 4", -EINVAL },
		{ line_of, "1 1000 tiny steady 0 0 0 1 2 3 4 5", -EINVAL },
		{ line_of, "1 1000 low up 0 0 0 1 2 3 4 5", -EINVAL },
		{ line_of, "1 1000 low steady 4294967296 0 0 1 2 3 4 5", -EINVAL },
		{ line_of, "x 1000 low steady 0 0 0 1 2 3 4 5", -EINVAL },
		{ line_of, "", -EINVAL },
		{ pools_of, "pools v1 memory=ok entries=0", 0 },
		{ pools_of, "pools v1 entries=0 new=1 memory=ok", 0 },
		{ pools_of, "pools v1 memory=bad entries=0", -EINVAL },
		{ pools_of, "pools v1 memory=ok", -EINVAL },
		{ pools_of, "pools v2 memory=ok entries=0", -EPROTO },
		{ pools_of, "pools", -EPROTO },
		{ pool_of, "work " POOL "entries=7", 0 },
		{ pool_of, "work " POOL "entries=7 new=1", 0 },
		{ pool_of, "brick " POOL "entries=7", -EPROTO },
		{ pool_of, "work " POOL, -EINVAL },
		{ pool_of, "work " POOL "entries=-1", -EINVAL },
		{ pool_of, "", -EPROTO },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++)
		if (t[i].parse(t[i].line) != t[i].rc)
			fail_msg("\"%s\"", t[i].line);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(dmr_health_risk_name(DMR_RISK_HIGH), "high");
	assert_string_equal(dmr_health_risk_name((enum dmr_risk)4), "unknown");
	assert_string_equal(dmr_health_trend_name(DMR_TREND_IMPROVING), "improving");
	assert_string_equal(dmr_pool_name(DMR_POOL_BUFFER), "buffer");
	assert_string_equal(dmr_pool_name(DMR_POOLS), "unknown");
	assert_string_equal(dmr_pool_memory_name(DMR_MEMORY_OK), "ok");
}

/* What is longest fits, and a small buffer cuts it. */
static void lengths(void **state)
{
	struct dmr_health_line l;
	struct dmr_pool_stat s;
	char line[LINE_MAX_BYTES];
	size_t size;

	(void)state;
	memset(&l, 0xff, sizeof(l));
	l.risk = DMR_RISK_CRITICAL;
	l.trend = DMR_TREND_IMPROVING;
	assert_true(dmr_health_line_format(&l, line, sizeof(line)) < 200);
	memset(&s, 0xff, sizeof(s));
	assert_true(dmr_pool_line_format(DMR_POOL_CONTEXT, &s, line, sizeof(line)) < 600);
	for (size = 0; size < 200; size++) {
		char *buf = malloc(size);	/* so that the sanitizer sees one byte too many */
		const int len = dmr_health_line_format(&l, buf, size);

		assert_true(size ? (size_t)len < size && buf[len] == '\0' : !len);
		free(buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words),
		cmocka_unit_test(what_a_record_says),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(names),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests_name("healthline", tests, NULL, NULL);
}
