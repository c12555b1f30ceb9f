// SPDX-License-Identifier: GPL-2.0-only
/* Statusline: print and parse are each other's inverse; garbage is refused. */
#include "test.h"
#include "statusline.h"

#define LINE_MAX_BYTES	4096

static void random_status(u64 *rnd, struct dmr_status *s)
{
	u64 *counter = &s->n.read_errors;
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->mode = (enum dmr_mode)test_rnd_below(rnd, 6);
	s->why = (enum dmr_why)test_rnd_below(rnd, 10);
	s->policy = (enum dmr_policy)test_rnd_below(rnd, 3);
	s->room = (enum dmr_level)test_rnd_below(rnd, 4);
	s->memory = (enum dmr_memory)test_rnd_below(rnd, 2);
	s->forced = test_rnd_below(rnd, 2);
	for (i = 0; i < DMR_UUID_BYTES; i++)
		s->uuid[i] = (u8)test_rnd(rnd);
	s->main_sect = test_rnd(rnd) >> test_rnd_below(rnd, 64);
	s->spare_sect = test_rnd(rnd);
	s->main_lbs_bytes = (u32)test_rnd(rnd);
	s->slots_total = test_rnd(rnd) >> test_rnd_below(rnd, 64);
	s->slots_used = test_rnd(rnd);
	s->slots_pending = test_rnd(rnd);
	s->slots_free = test_rnd_below(rnd, 2) ? 0 : ~0ull;
	s->slots_bad = test_rnd(rnd);
	s->slots_meta = test_rnd(rnd);
	s->pending_sect = test_rnd(rnd);
	s->lost_sect = test_rnd_below(rnd, 10);
	s->hwm_slots = test_rnd(rnd);
	s->allowance_left = (u32)test_rnd(rnd);
	s->allowance = test_rnd_below(rnd, 2) ? ~0u : 0;
	s->held = (u32)test_rnd(rnd);
	s->doubt_blk = (u32)test_rnd(rnd);
	s->epoch = test_rnd(rnd);
	s->job = (u32)test_rnd(rnd);
	s->job_verb = (enum dmr_job_verb)test_rnd_below(rnd, 4);
	s->job_state = (enum dmr_job_state)test_rnd_below(rnd, 6);
	s->job_done = test_rnd(rnd);
	s->job_total = test_rnd(rnd);
	s->job_failed = test_rnd(rnd);
	s->copies = (u32)test_rnd_below(rnd, DMR_COPIES_MAX + 1);
	for (i = 0; i < s->copies; i++) {
		s->copy_slot[i] = dmr_slot(test_rnd(rnd) >> test_rnd_below(rnd, 64));
		s->copy_state[i] = (enum dmr_copy_state)test_rnd_below(rnd, 4);
	}
	for (i = 0; i < sizeof(s->n) / sizeof(u64); i++)
		counter[i] = test_rnd(rnd) >> test_rnd_below(rnd, 64);
}

static void example(struct dmr_status *s)
{
	u64 rnd = 4711;

	random_status(&rnd, s);
}

/* The line of an example with one piece of it replaced. */
static void replaced(char *line, const char *from, const char *to)
{
	struct dmr_status s;
	char whole[LINE_MAX_BYTES];
	char *at;

	memset(&s, 0, sizeof(s));
	s.copies = 2;
	s.copy_slot[1] = dmr_slot(6);
	s.copy_state[1] = DMR_COPY_FAILED;
	dmr_status_format(&s, whole, sizeof(whole));
	at = strstr(whole, from);
	if (!at)
		fail_msg("\"%s\" is not in \"%s\"", from, whole);
	snprintf(line, LINE_MAX_BYTES, "%.*s%s%s", (int)(at - whole), whole, to,
		 at + strlen(from));
}

/* The line of the struct in the_words(), word by word. */
static const char *const expected_words[] = {
	"v1", "mode=map-ro", "why=copies", "policy=remap", "room=low",
	"memory=emergency", "forced=1", "uuid=ab000000-0000-0000-0000-00000000000f", "main_sect=18446744073709551615",
	"spare_sect=0", "main_lbs_bytes=0", "slots_total=0", "slots_used=0", "slots_pending=0",
	"slots_free=0", "slots_bad=0", "slots_meta=0", "pending_sect=0", "lost_sect=0",
	"hwm_slots=0", "allowance_left=0", "allowance=0", "held=0", "doubt_blk=0", "epoch=0",
	"job=0", "job_verb=none", "job_state=never", "job_done=0", "job_total=0", "job_failed=0",
	"copies=0:insync,6:failed", "read_errors=0", "write_errors=0", "path_errors=0", "passed=0",
	"remaps=0", "partial=0", "noted=0", "healed_write=0", "healed_read=0", "cleared=0",
	"verdicts_allowance=0", "no_verdict=0", "timed_out=0", "slot_reads=0", "slot_writes=0",
	"slot_errors=0", "slots_retired=0", "slots_moved=0", "commits=0", "commits_doubt=0",
	"flush_failures=0", "copies_expelled=0", "copies_rewritten=0", "copies_moved=0", "hints_reclaimed=0",
	"no_slot=0", "moved_out=0", "moved_back=0", "blocks_repaired=0", "refused=3",
	"slow=4", "emergencies=5",
};

static void the_words(void **state)
{
	char line[LINE_MAX_BYTES], want[LINE_MAX_BYTES];
	struct dmr_status s;
	size_t len = 0;
	unsigned int i;

	(void)state;
	memset(&s, 0, sizeof(s));
	s.mode = DMR_MODE_MAP_RO;
	s.why = DMR_WHY_COPIES;
	s.room = DMR_LEVEL_LOW;
	s.memory = DMR_MEMORY_EMERGENCY;
	s.forced = true;
	s.uuid[0] = 0xab;
	s.uuid[15] = 0x0f;
	s.main_sect = ~0ull;
	s.copies = 2;
	s.copy_slot[1] = dmr_slot(6);
	s.copy_state[1] = DMR_COPY_FAILED;
	s.n.refused = 3;
	s.n.slow = 4;
	s.n.emergencies = 5;
	for (i = 0; i < ARRAY_SIZE(expected_words); i++)
		len += (size_t)scnprintf(want + len, sizeof(want) - len, "%s%s", i ? " " : "",
					 expected_words[i]);
	assert_int_equal(dmr_status_format(&s, line, sizeof(line)), len);
	assert_string_equal(line, want);
}

static void round_trip(void **state)
{
	char line[LINE_MAX_BYTES], again[LINE_MAX_BYTES];
	struct dmr_status in, out;
	u64 rnd = 23;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		random_status(&rnd, &in);
		dmr_status_format(&in, line, sizeof(line));
		if (dmr_status_parse(line, &out))
			fail_msg("%s", line);
		assert_memory_equal(&in, &out, sizeof(in));
		dmr_status_format(&out, again, sizeof(again));
		assert_string_equal(line, again);
	}
}

static void fits_a_page(void **state)
{
	struct dmr_status s;
	char line[LINE_MAX_BYTES];
	unsigned int i;

	(void)state;
	memset(&s, 0xff, sizeof(s));
	s.mode = DMR_MODE_INACTIVE;
	s.why = DMR_WHY_ALLOWANCE;
	s.policy = DMR_POLICY_RECORD;
	s.forced = true;
	s.memory = DMR_MEMORY_EMERGENCY;
	s.copies = DMR_COPIES_MAX;
	for (i = 0; i < DMR_COPIES_MAX; i++)
		s.copy_state[i] = DMR_COPY_UNREAD;
	assert_true(dmr_status_format(&s, line, sizeof(line)) < 2560);
}

static void not_a_v1_line(void **state)
{
	static const char *const t[] = { "", " ", "v", "v2 mode=rw", "v10", "v1x", "V1", "rw v1" };
	struct dmr_status s;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(dmr_status_parse(t[i], &s), -EPROTO);
	assert_int_equal(dmr_status_parse("v1", &s), -EINVAL);	/* everything is missing */
}

static void unknown_keys_are_skipped(void **state)
{
	char line[LINE_MAX_BYTES];
	struct dmr_status s;

	(void)state;
	replaced(line, " held=0", "  held=0 new_in_9=what,ever:it-is empty= mode2=x ");
	assert_int_equal(dmr_status_parse(line, &s), 0);
	assert_int_equal(s.copies, 2);
	assert_int_equal(s.copy_state[1], DMR_COPY_FAILED);
}

/* A piece of a good line, and what makes the line a bad one in its place. */
static const struct {
	const char *from, *to;
} garbage[] = {
	{ " held=0", "" },
	{ " refused=0", "" },
	{ " mode=inactive", "" },
	{ " held=0", " held=0 held=0" },
	{ " held=0", " held" },
	{ " held=0", " held=0 word" },
	{ " held=0", " held=0 =5" },
	{ " held=0", " held=" },
	{ " held=0", " held=-1" },
	{ " held=0", " held=+1" },
	{ " held=0", " held=00" },
	{ " held=0", " held=01" },
	{ " held=0", " held=0x1" },
	{ " held=0", " held=1a" },
	{ " held=0", " held=4294967296" },
	{ " held=0", " held=0\n" },
	{ " held=0", " held=0\t" },
	{ " epoch=0", " epoch=18446744073709551616" },
	{ " epoch=0", " epoch=99999999999999999999999999" },
	{ " forced=0", " forced=2" },
	{ " forced=0", " forced=no" },
	{ "mode=inactive", "mode=inactiv" },
	{ "mode=inactive", "mode=inactivee" },
	{ "mode=inactive", "mode=RW" },
	{ "mode=inactive", "mode=unknown" },
	{ "mode=inactive", "mode=" },
	{ "mode=inactive", "mode" },
	{ "why=none", "why=because" },
	{ "memory=ok", "memory=low" },
	{ "policy=remap", "policy=on" },
	{ "uuid=0", "uuid=g" },
	{ "uuid=0", "uuid=A" },
	{ "uuid=0", "uuid=" },
	{ "uuid=0", "uuid=00" },
	{ "uuid=00000000-", "uuid=000000000" },
	{ "uuid=00000000-0", "uuid=0000000-00" },
	{ "copies=0:insync,6:failed", "copies=" },
	{ "copies=0:insync,6:failed", "copies=0" },
	{ "copies=0:insync,6:failed", "copies=0:" },
	{ "copies=0:insync,6:failed", "copies=:insync" },
	{ "copies=0:insync,6:failed", "copies=0:insync," },
	{ "copies=0:insync,6:failed", "copies=,0:insync" },
	{ "copies=0:insync,6:failed", "copies=0:insync,,6:failed" },
	{ "copies=0:insync,6:failed", "copies=0:unknown" },
	{ "copies=0:insync,6:failed", "copies=0:insync:x" },
	{ "copies=0:insync,6:failed", "copies=00:insync" },
	{ "copies=0:insync,6:failed", "copies=-,0:insync" },
	{ "copies=0:insync,6:failed", "copies=--" },
	{ "6:failed", "1:failed,2:failed,3:failed,4:failed,5:failed,6:failed,7:failed,8:failed" },
};

static void garbage_is_refused(void **state)
{
	char line[LINE_MAX_BYTES];
	struct dmr_status s;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		replaced(line, garbage[i].from, garbage[i].to);
		if (dmr_status_parse(line, &s) != -EINVAL)
			fail_msg("\"%s\" in place of \"%s\" was accepted", garbage[i].to,
				 garbage[i].from);
	}
	replaced(line, "copies=0:insync,6:failed", "copies=-");
	assert_int_equal(dmr_status_parse(line, &s), 0);
	assert_int_equal(s.copies, 0);
}

/* Cut anywhere, it is refused, and nothing behind the cut is looked at. */
static void cut_lines(void **state)
{
	char line[LINE_MAX_BYTES];
	struct dmr_status s;
	size_t len, cut;

	(void)state;
	example(&s);
	s.n.emergencies = 7;	/* of one digit: a shorter number would be as good a number */
	len = (size_t)dmr_status_format(&s, line, sizeof(line));
	for (cut = 0; cut < len; cut++) {
		char *part = malloc(cut + 1);

		memcpy(part, line, cut);
		part[cut] = '\0';
		assert_int_not_equal(dmr_status_parse(part, &s), 0);
		free(part);
	}
}

/* Changed at random: no crash, and what is taken prints as it was read. */
static void mutated_lines(void **state)
{
	static const char spice[] = " =,:-0123456789abcdefv\n\t\xff";
	char line[LINE_MAX_BYTES], *copy;
	struct dmr_status s;
	u64 rnd = 29;
	size_t len = 0;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 100000; i++) {
		if (i % 100 == 0) {
			random_status(&rnd, &s);
			len = (size_t)dmr_status_format(&s, line, sizeof(line));
		}
		copy = malloc(len + 1);
		memcpy(copy, line, len + 1);
		for (k = (unsigned int)test_rnd_below(&rnd, 4) + 1; k; k--)
			copy[test_rnd_below(&rnd, len)] = test_rnd_below(&rnd, 20) ?
				spice[test_rnd_below(&rnd, sizeof(spice) - 1)] : '\0';
		if (!dmr_status_parse(copy, &s)) {
			assert_true(s.copies <= DMR_COPIES_MAX);
			assert_in_range(s.mode, 0, DMR_MODE_FAIL);
			assert_in_range(s.why, 0, DMR_WHY_READONLY);
			assert_in_range(s.policy, 0, DMR_POLICY_OFF);
		}
		free(copy);
	}
}

static void short_buffers(void **state)
{
	struct dmr_status s;
	size_t size;

	(void)state;
	example(&s);
	for (size = 0; size < 1600; size++) {
		char *buf = malloc(size);
		const int len = dmr_status_format(&s, buf, size);

		assert_true(size ? (size_t)len < size && buf[len] == '\0' : !len);
		free(buf);
	}
}

static void names(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i <= DMR_MODE_FAIL; i++)
		assert_string_not_equal(dmr_status_mode_name((enum dmr_mode)i), "unknown");
	for (i = 0; i <= DMR_WHY_READONLY; i++)
		assert_string_not_equal(dmr_status_why_name((enum dmr_why)i), "unknown");
	for (i = 0; i <= DMR_COPY_UNREAD; i++)
		assert_string_not_equal(dmr_status_copy_name((enum dmr_copy_state)i), "unknown");
	for (i = 0; i <= DMR_JOB_VERIFY; i++)
		assert_string_not_equal(dmr_status_verb_name((enum dmr_job_verb)i), "unknown");
	for (i = 0; i <= DMR_JOB_CANCELLED; i++)
		assert_string_not_equal(dmr_status_job_name((enum dmr_job_state)i), "unknown");
	for (i = 0; i <= DMR_LEVEL_FULL; i++)
		assert_string_not_equal(dmr_status_room_name((enum dmr_level)i), "unknown");
	assert_string_equal(dmr_status_mode_name((enum dmr_mode)99), "unknown");
	assert_string_equal(dmr_status_why_name((enum dmr_why)99), "unknown");
	assert_string_equal(dmr_status_copy_name((enum dmr_copy_state)99), "unknown");
}

/* The policy's words are those of the table line. */
static void policy_words(void **state)
{
	char line[LINE_MAX_BYTES], want[32];
	struct dmr_status s;
	unsigned int i;

	(void)state;
	memset(&s, 0, sizeof(s));
	for (i = 0; i <= DMR_POLICY_OFF; i++) {
		s.policy = (enum dmr_policy)i;
		dmr_status_format(&s, line, sizeof(line));
		snprintf(want, sizeof(want), " policy=%s ", dmr_args_policy_name(s.policy));
		assert_non_null(strstr(line, want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(fits_a_page),
		cmocka_unit_test(not_a_v1_line),
		cmocka_unit_test(unknown_keys_are_skipped),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(cut_lines),
		cmocka_unit_test(mutated_lines),
		cmocka_unit_test(short_buffers),
		cmocka_unit_test(names),
		cmocka_unit_test(policy_words),
	};

	return cmocka_run_group_tests_name("statusline", tests, NULL, NULL);
}
