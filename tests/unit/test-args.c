// SPDX-License-Identifier: GPL-2.0-only
/* Args: table line and messages, what is taken and what is not. */
#include "test.h"
#include "args.h"

static unsigned int split(const char *text, char *buf, size_t size, char **argv)
{
	unsigned int n = 0;
	char *save = NULL, *w;

	snprintf(buf, size, "%s", text);
	for (w = strtok_r(buf, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	return n;
}

static int parse(const char *text, struct dmr_args *a, const char **err)
{
	char buf[512], *argv[64];
	const unsigned int argc = split(text, buf, sizeof(buf), argv);

	*err = NULL;
	return dmr_args_parse(argc, argv, a, err);
}

static void defaults(void **state)
{
	struct dmr_args a;
	const char *err;

	(void)state;
	memset(&a, 0x5a, sizeof(a));
	assert_int_equal(parse("", &a, &err), 0);
	assert_int_equal(a.policy, DMR_POLICY_REMAP);
	assert_int_equal(a.allowance, 16);
	assert_int_equal(a.hold_s, 60);
	assert_int_equal(a.low_pct, 20);
	assert_int_equal(a.critical_pct, 5);
	assert_int_equal(a.slow_ms, 1000);
	assert_false(a.force_readonly);
	assert_int_equal(parse("0", &a, &err), 0);
}

static void all_features(void **state)
{
	const char *const all =
		"7 hold:600 force_readonly policy:off slow:600000 allowance:65536 low:0 critical:9";
	struct dmr_args a;
	const char *err;

	(void)state;
	assert_int_equal(parse(all, &a, &err), 0);
	assert_int_equal(a.policy, DMR_POLICY_OFF);
	assert_int_equal(a.allowance, 65536);
	assert_int_equal(a.hold_s, 600);
	assert_int_equal(a.low_pct, 0);
	assert_int_equal(a.critical_pct, 9);
	assert_int_equal(a.slow_ms, 600000);
	assert_true(a.force_readonly);
	assert_int_equal(parse("2 allowance:0 hold:1", &a, &err), 0);
	assert_int_equal(a.allowance, 0);
	assert_int_equal(a.hold_s, 1);
	assert_int_equal(a.policy, DMR_POLICY_REMAP);
}

static void refused(void **state)
{
	static const struct {
		const char *line, *advice;
	} t[] = {
		{ "1", "Number of feature" },
		{ "0 policy:off", "Number of feature" },
		{ "2 policy:off", "Number of feature" },
		{ "-1", "Number of feature" },
		{ "x", "Number of feature" },
		{ "+0", "Number of feature" },
		{ "policy:off", "Number of feature" },
		{ "99999999999999999999 policy:off", "Number of feature" },
		{ "4294967297 policy:off", "Number of feature" },
		{ "1 policy", "Unknown feature" },
		{ "1 polic:off", "Unknown feature" },
		{ "1 Policy:off", "Unknown feature" },
		{ "1 read_only", "Unknown feature" },
		{ "1 policy:", "policy must be" },
		{ "1 policy:on", "policy must be" },
		{ "1 policy:remapx", "policy must be" },
		{ "1 allowance:", "allowance must be" },
		{ "1 allowance:65537", "allowance must be" },
		{ "1 allowance:-1", "allowance must be" },
		{ "1 allowance:+1", "allowance must be" },
		{ "1 allowance:1\n", "allowance must be" },
		{ "1 allowance:0x10", "allowance must be" },
		{ "1 allowance:4294967296", "allowance must be" },
		{ "1 allowance:18446744073709551616", "allowance must be" },
		{ "1 hold:0", "hold must be" },
		{ "1 hold:601", "hold must be" },
		{ "1 low:100", "low must be" },
		{ "1 low:", "low must be" },
		{ "1 critical:100", "critical must be" },
		{ "1 critical:-1", "critical must be" },
		{ "2 low:5 low:6", "twice" },
		{ "1 slow:600001", "slow must be" },
		{ "1 slow:", "slow must be" },
		{ "1 slow:1s", "slow must be" },
		{ "2 slow:0 slow:0", "twice" },
		{ "1 hold:6 0", "Number of feature" },
		{ "1 force_readonly:1", "takes no value" },
		{ "1 force_readonlyx", "takes no value" },
		{ "2 policy:off policy:off", "twice" },
		{ "2 force_readonly force_readonly", "twice" },
		{ "2 hold:5 hold:6", "twice" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct dmr_args a, before;
		const char *err;

		memset(&a, 0x5a, sizeof(a));
		memcpy(&before, &a, sizeof(a));
		if (parse(t[i].line, &a, &err) != -EINVAL || !err || !strstr(err, t[i].advice))
			fail_msg("\"%s\": %s", t[i].line, err ? err : "(accepted)");
		assert_memory_equal(&a, &before, sizeof(a));
	}
}

static void printed_words(void **state)
{
	struct dmr_args a;
	char buf[128];
	int len;

	(void)state;
	dmr_args_init(&a);
	assert_int_equal(dmr_args_format(&a, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	a.policy = DMR_POLICY_RECORD;
	a.allowance = 0;
	a.hold_s = 5;
	a.low_pct = 0;
	a.critical_pct = 7;
	a.slow_ms = 0;
	a.force_readonly = true;
	len = dmr_args_format(&a, buf, sizeof(buf));
	assert_int_equal(len, strlen(buf));
	assert_string_equal(buf,
			    "7 policy:record allowance:0 hold:5 low:0 critical:7 slow:0 force_readonly");
}

static void round_trip(void **state)
{
	u64 rnd = 13;
	unsigned int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct dmr_args in, out;
		const char *err;
		char buf[128];

		dmr_args_init(&in);
		if (test_rnd_below(&rnd, 2))
			in.policy = (enum dmr_policy)test_rnd_below(&rnd, 3);
		if (test_rnd_below(&rnd, 2))
			in.allowance = (u32)test_rnd_below(&rnd, 65537);
		if (test_rnd_below(&rnd, 2))
			in.hold_s = 1 + (u32)test_rnd_below(&rnd, 600);
		if (test_rnd_below(&rnd, 2))
			in.low_pct = (u32)test_rnd_below(&rnd, 100);
		if (test_rnd_below(&rnd, 2))
			in.critical_pct = (u32)test_rnd_below(&rnd, 100);
		if (test_rnd_below(&rnd, 2))
			in.slow_ms = (u32)test_rnd_below(&rnd, 600001);
		in.force_readonly = test_rnd_below(&rnd, 2);
		dmr_args_format(&in, buf, sizeof(buf));
		if (parse(buf, &out, &err))
			fail_msg("\"%s\": %s", buf, err);
		assert_memory_equal(&in, &out, sizeof(in));
	}
}

static void short_buffers(void **state)
{
	struct dmr_args a = { DMR_POLICY_RECORD, 65536, 600, 99, 0, 9, true };
	size_t size;

	(void)state;
	for (size = 0; size < 100; size++) {
		char *buf = malloc(size);	/* so that the sanitizer sees one byte too many */
		const int len = dmr_args_format(&a, buf, size);

		assert_true(size ? (size_t)len < size && buf[len] == '\0' : !len);
		free(buf);
	}
}

static void policy_names(void **state)
{
	enum dmr_policy p;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(dmr_args_policy_parse(dmr_args_policy_name((enum dmr_policy)i),
						       &p), 0);
		assert_int_equal(p, i);
	}
	assert_string_equal(dmr_args_policy_name((enum dmr_policy)3), "unknown");
	assert_int_equal(dmr_args_policy_parse("unknown", &p), -EINVAL);
	assert_int_equal(dmr_args_policy_parse("", &p), -EINVAL);
}

static const struct {
	const char *text;
	int rc;
	struct dmr_msg m;
} message[] = {
	{ "freeze", 0, { .verb = DMR_MSG_FREEZE } },
	{ "thaw", 0, { .verb = DMR_MSG_THAW } },
	{ "thaw 1", 0, { .verb = DMR_MSG_THAW, .grant = 1 } },
	{ "thaw 65536", 0, { .verb = DMR_MSG_THAW, .grant = 65536 } },
	{ "policy off", 0, { .verb = DMR_MSG_POLICY, .policy = DMR_POLICY_OFF } },
	{ "policy remap", 0, { .verb = DMR_MSG_POLICY, .policy = DMR_POLICY_REMAP } },
	{ .text = "", .rc = -EINVAL },
	{ .text = "freeze now", .rc = -EINVAL },
	{ .text = "Freeze", .rc = -EINVAL },
	{ .text = "thaw 0", .rc = -EINVAL },
	{ .text = "thaw 65537", .rc = -EINVAL },
	{ .text = "thaw -1", .rc = -EINVAL },
	{ .text = "thaw 1 2", .rc = -EINVAL },
	{ .text = "thaw x", .rc = -EINVAL },
	{ .text = "policy", .rc = -EINVAL },
	{ .text = "policy on", .rc = -EINVAL },
	{ .text = "policy off now", .rc = -EINVAL },
	{ "remap 5", 0, { .verb = DMR_MSG_REMAP, .ranges = 1, .end = { 6 }, .count = 1 } },
	{ "unmap 0 1099511627776", 0,
	  { .verb = DMR_MSG_UNMAP, .ranges = 1, .end = { 1ull << 40 },
	    .count = 1ull << 40 } },
	{ "remap 1099511627775", 0,
	  { .verb = DMR_MSG_REMAP, .ranges = 1, .end = { 1ull << 40 }, .count = 1 } },
	{ "remap 5 2 7 1 9 10", 0,
	  { .verb = DMR_MSG_REMAP, .ranges = 3, .end = { 19 }, .count = 13 } },
	{ "unmap 0 1 1099511627775 1", 0,
	  { .verb = DMR_MSG_UNMAP, .ranges = 2, .end = { 1ull << 40 }, .count = 2 } },
	{ "cancel 4294967295", 0, { .verb = DMR_MSG_CANCEL, .job = ~0u } },
	{ "verify", 0, { .verb = DMR_MSG_VERIFY } },
	{ "jobs", 0, { .verb = DMR_MSG_JOBS } },
	{ "health", 0, { .verb = DMR_MSG_HEALTH, .count = 64 } },
	{ "health 1", 0, { .verb = DMR_MSG_HEALTH, .count = 1 } },
	{ "health 65536", 0, { .verb = DMR_MSG_HEALTH, .count = 65536 } },
	{ "pools", 0, { .verb = DMR_MSG_POOLS } },
	{ "stats", 0, { .verb = DMR_MSG_STATS } },
	{ "help", 0, { .verb = DMR_MSG_HELP } },
	{ .text = "remap", .rc = -EINVAL },
	{ .text = "remap 1 0", .rc = -EINVAL },
	{ .text = "remap 1 2 3", .rc = -EINVAL },
	{ .text = "remap 1 2 2 1", .rc = -EINVAL },
	{ .text = "remap 5 1 4 1", .rc = -EINVAL },
	{ .text = "remap 5 1 5 1", .rc = -EINVAL },
	{ .text = "unmap 1 1 3 0", .rc = -EINVAL },
	{ .text = "unmap 1 1 1099511627775 2", .rc = -EINVAL },
	{ .text = "remap 1 1 x 1", .rc = -EINVAL },
	{ .text = "remap -1", .rc = -EINVAL },
	{ .text = "remap 1099511627776", .rc = -EINVAL },
	{ .text = "unmap 1099511627775 2", .rc = -EINVAL },
	{ .text = "unmap 1 18446744073709551615", .rc = -EINVAL },
	{ .text = "cancel", .rc = -EINVAL },
	{ .text = "cancel 0", .rc = -EINVAL },
	{ .text = "cancel 4294967296", .rc = -EINVAL },
	{ .text = "jobs 1", .rc = -EINVAL },
	{ .text = "health 0", .rc = -EINVAL },
	{ .text = "health 65537", .rc = -EINVAL },
	{ .text = "health all", .rc = -EINVAL },
	{ .text = "health 1 2", .rc = -EINVAL },
	{ .text = "pools all", .rc = -EINVAL },
	{ .text = "verify all", .rc = -EINVAL },
	{ .text = "freezer", .rc = -EINVAL },
};

static void messages(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(message); i++) {
		char buf[64], *argv[8];
		const unsigned int argc = split(message[i].text, buf, sizeof(buf), argv);
		struct dmr_msg m, before;
		const char *err = NULL;

		memset(&m, 0x5a, sizeof(m));
		memcpy(&before, &m, sizeof(m));
		if (dmr_args_message(argc, argv, &m, &err) != message[i].rc)
			fail_msg("\"%s\": %s", message[i].text, err ? err : "-");
		if (message[i].rc) {
			assert_non_null(err);
			assert_memory_equal(&m, &before, sizeof(m));
		} else {
			assert_null(err);
			assert_int_equal(m.verb, message[i].m.verb);
			assert_int_equal(m.grant, message[i].m.grant);
			assert_int_equal(m.policy, message[i].m.policy);
			assert_int_equal(m.ranges, message[i].m.ranges);
			assert_true(m.end.v == message[i].m.end.v);
			assert_true(m.count == message[i].m.count);
			assert_int_equal(m.job, message[i].m.job);
		}
	}
}

/* The longest list, one that is longer, and what each of its ranges is. */
static void ranges(void **state)
{
	static char word[2 * DMR_RANGES_MAX + 2][8], *argv[2 * DMR_RANGES_MAX + 3];
	unsigned int argc = 1;
	const char *err = NULL;
	struct dmr_msg m;
	u32 i;

	(void)state;
	argv[0] = (char *)"remap";
	for (i = 0; i <= DMR_RANGES_MAX; i++) {
		snprintf(word[2 * i], sizeof(word[0]), "%u", 10 * i);
		snprintf(word[2 * i + 1], sizeof(word[0]), "%u", 1 + i % 10);
		argv[argc++] = word[2 * i];
		argv[argc++] = word[2 * i + 1];
	}
	assert_int_equal(dmr_args_message(argc, argv, &m, &err), -EINVAL);
	assert_non_null(strstr(err, "2048"));
	argc -= 2;
	assert_int_equal(dmr_args_message(argc, argv, &m, &err), 0);
	assert_int_equal(m.ranges, DMR_RANGES_MAX);
	for (i = 0; i < DMR_RANGES_MAX; i++) {
		const struct dmr_range r = dmr_args_range(argc, argv, i);

		assert_true(r.first.v == 10 * i && r.count == 1 + i % 10);
		m.count -= r.count;
	}
	assert_true(!m.count);
	argv[1] = (char *)"7";
	assert_true(dmr_args_range(2, argv, 0).first.v == 7 &&
		    dmr_args_range(2, argv, 0).count == 1);
}

/* Words with a byte changed, cut or doubled: no crash; what is taken is in range. */
static void mutated_words(void **state)
{
	static const char *const words[] = {
		"4", "policy:record", "allowance:65536", "hold:600", "force_readonly", "thaw",
		"freeze", "policy", "0", "1", "2", "18446744073709551615",
	};
	u64 rnd = 17;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 100000; i++) {
		const unsigned int argc = (unsigned int)test_rnd_below(&rnd, 6);
		struct dmr_args a;
		struct dmr_msg m;
		const char *err;
		char *argv[6];

		for (k = 0; k < argc; k++) {
			argv[k] = strdup(words[test_rnd_below(&rnd, ARRAY_SIZE(words))]);
			if (!test_rnd_below(&rnd, 3))
				argv[k][test_rnd_below(&rnd, strlen(argv[k]))] =
					(char)test_rnd(&rnd);
		}
		if (!dmr_args_parse(argc, argv, &a, &err)) {
			assert_true(a.allowance <= 65536);
			assert_in_range(a.hold_s, 1, 600);
			assert_in_range(a.policy, 0, 2);
		}
		if (!dmr_args_message(argc, argv, &m, &err))
			assert_true(m.grant <= 65536);
		for (k = 0; k < argc; k++)
			free(argv[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(all_features),
		cmocka_unit_test(refused),
		cmocka_unit_test(printed_words),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(short_buffers),
		cmocka_unit_test(policy_names),
		cmocka_unit_test(messages),
		cmocka_unit_test(ranges),
		cmocka_unit_test(mutated_words),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
