// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies: which replica counts. Each scenario is a few words per copy:
 *
 *   "7.3/1f"   readable, epoch 7, counter 3, names 0x1f in sync
 *   "7.3/1f!"  the same generation, another nonce
 *   "7.3/1f~"  the same generation and nonce, but another high-water mark
 *   "7.3/1f@"  of another set
 *   "7.3/1f>"  calls itself the next copy
 *   "7.3/1f^"  has its copy somewhere else than the others know
 *   "7.3/1f+"  knows of one more copy than there are words
 *   "io" unreadable, "crc" damaged, "none" no magic, "new" unknown version
 */
#include "test.h"
#include "copies.h"

static struct dmr_super base;

static void read_words(const char *text, struct dmr_super_seen *seen, u32 *n)
{
	char buf[256], *save = NULL, *w;
	unsigned int more = 0;
	int copies = 8;

	memset(seen, 0, 8 * sizeof(*seen));
	snprintf(buf, sizeof(buf), "%s", text);
	*n = 0;
	for (w = strtok_r(buf, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		struct dmr_super_seen *s = &seen[*n];
		unsigned long long epoch, counter;
		unsigned int insync;
		char mark = 0;

		s->sb = base;
		s->sb.copy = (*n)++;
		if (!strcmp(w, "io")) {
			s->st = DMR_BLK_UNREAD;
		} else if (!strcmp(w, "crc")) {
			s->st = DMR_BLK_CRC;
		} else if (!strcmp(w, "none")) {
			s->st = DMR_BLK_NOT_OURS;
		} else if (!strcmp(w, "new")) {
			s->st = DMR_BLK_VERSION;
		} else {
			assert_true(sscanf(w, "%llu.%llu/%x%c", &epoch, &counter, &insync,
					   &mark) >= 3);
			s->st = DMR_BLK_OK;
			s->sb.gen.epoch = epoch;
			s->sb.gen.counter = counter;
			s->sb.insync = insync;
			s->sb.gen.nonce ^= mark == '!';
			s->sb.hwm_blk -= mark == '~';
			s->sb.uuid[0] ^= mark == '@';
			s->sb.copy += mark == '>';
			s->sb.copy_slot[s->sb.copy].v += mark == '^';
			more |= (unsigned int)(mark == '+') << s->sb.copy;
		}
	}
	while (copies-- > 0)
		seen[copies].sb.copies = *n + (more >> copies & 1);
}

struct scenario {
	const char *name;
	const char *copies;
	int rc;
	u32 best, candidates, rebuild, unread;
};

static const struct scenario scenarios[] = {
	/* plain */
	{ "all agree", "5.9/1f 5.9/1f 5.9/1f 5.9/1f 5.9/1f", 0, 0, 0x1f, 0, 0 },
	{ "not formatted", "none none none none none", -ENODATA, 0, 0, 0, 0 },
	{ "nothing readable", "io none none none", -EIO, 0, 0, 0, 0x01 },
	{ "all unreadable", "io io", -EIO, 0, 0, 0, 0x03 },
	{ "all damaged", "crc crc", -EBADMSG, 0, 0, 0, 0 },
	{ "one damaged, one foreign to us", "crc none", -EBADMSG, 0, 0, 0, 0 },
	{ "two sets", "5.9/3 5.9/3@", -EMEDIUMTYPE, 0, 0, 0, 0 },
	{ "newer version anywhere", "5.9/1f 5.9/1f new 5.9/1f 5.9/1f", -EPROTONOSUPPORT, 0, 0, 0,
	  0 },
	{ "newer version and nothing else", "new crc", -EPROTONOSUPPORT, 0, 0, 0, 0 },

	/* superblocks that do not speak of the same copies */
	{ "one has its copy elsewhere", "5.9/7 5.9/7 5.8/7^", 0, 0, 0x3, 0x4, 0 },
	{ "one of another number of copies", "5.9/7+ 5.8/7 5.8/7", -EUCLEAN, 0, 0, 0, 0 },

	/* R5: losing any N-1 of N in-sync copies loses nothing */
	{ "R5: only the first left", "5.9/1f crc none crc crc", 0, 0, 0x01, 0x1e, 0 },
	{ "R5: only the last left", "crc crc crc crc 5.9/1f", 0, 4, 0x10, 0x0f, 0 },
	{ "R5: a damaged peer hides nothing", "5.9/3 crc", 0, 0, 0x01, 0x02, 0 },
	{ "R5: one unreadable refuses nothing", "5.9/3 io", 0, 0, 0x01, 0, 0x02 },
	{ "R5: overwritten at the front", "none 5.9/1f 5.9/1f 5.9/1f 5.9/1f", 0, 1, 0x1e, 0x01,
	  0 },

	/* crash between superblock writes: the newer one speaks, the older are in sync */
	{ "crash after the first of a round", "6.1/1f 5.9/1f 5.9/1f 5.9/1f 5.9/1f", 0, 0, 0x1f, 0,
	  0 },
	{ "crash, the new one torn", "crc 5.9/1f 5.9/1f 5.9/1f 5.9/1f", 0, 1, 0x1e, 0x01, 0 },
	{ "crash after round 1", "5.9/1f 5.9/1f 6.1/1f 6.1/1f 5.9/1f", 0, 2, 0x1f, 0, 0 },

	/* A4: a copy that missed writes does not come back */
	{ "A4: left behind", "5.12/1d 5.9/1f 5.12/1d 5.12/1d 5.12/1d", 0, 0, 0x1d, 0x02, 0 },
	{ "A4: it says so itself", "5.12/1d 5.12/1d 5.12/1d 5.12/1d 5.12/1d", 0, 0, 0x1d, 0x02,
	  0 },
	{ "A4: only the one left behind is there, and knows", "crc 5.12/1d crc crc crc", -ESTALE,
	  1, 0, 0x1f, 0 },
	{ "A4: it knows, its peers cannot be read", "io 5.12/1 ", -ESTALE, 1, 0, 0x02, 0x01 },
	{ "A4: two left behind one after the other", "5.9/1f 5.10/1e 5.11/1c 5.11/1c 5.11/1c", 0,
	  2, 0x1c, 0x03, 0 },
	{ "A4: those two are all that can be read", "5.9/1f 5.10/1e io io io", -ESTALE, 1, 0,
	  0x01, 0x1c },
	{ "A4: an old pair may be all there is", "5.9/1f 5.9/1f io io io", 0, 0, 0x03, 0, 0x1c },
	{ "A4: a single one with two unreadable", "5.9/7 io io", -ESTALE, 0, 0, 0, 0x06 },
	{ "A4: a single one with one unreadable, one damaged", "5.9/7 io crc", 0, 0, 0x01, 0x04,
	  0x02 },
	{ "A4: the newer vouches for the older", "6.1/f 5.9/f io io", 0, 0, 0x02, 0x01, 0x0c },
	{ "A4: nobody vouches for the newest", "6.1/3 5.9/2 io io", 0, 0, 0x02, 0x01, 0x0c },
	{ "A4: a tombstone vouches", "5.12/1c 5.12/1c 5.12/1c io io", 0, 0, 0x04, 0x03, 0x18 },

	/* R9: the last two are never named down to one */
	{ "R9: both named, one failed meanwhile", "5.9/3 crc", 0, 0, 0x01, 0x02, 0 },
	{ "R9: both named, the failed one is back, older", "6.4/3 5.9/3", 0, 0, 0x03, 0, 0 },

	/* A3: two histories refuse, they are never chosen from */
	{ "A3: same generation, other nonce", "6.1/1f 6.1/1e! 5.9/1f 5.9/1f 5.9/1f", -EUCLEAN, 0,
	  0, 0, 0 },
	{ "A3: same generation, other content", "6.1/3 6.1/3~", -EUCLEAN, 0, 0, 0, 0 },
	{ "A3: same generation, other members", "6.1/7 6.1/6 6.1/7", -EUCLEAN, 0, 0, 0, 0 },
	{ "A3: two that speak, and expel each other", "6.1/5 6.1/6 6.1/5", -EUCLEAN, 0, 0, 0, 0 },
	{ "A3: two histories among those named", "6.1/7 5.9/7 5.9/7~", -EUCLEAN, 0, 0, 0, 0 },
	{ "A3: two histories long left behind", "6.1/3 6.1/3 5.9/f 5.9/f~", 0, 0, 0x03, 0x0c, 0 },
	{ "A28: each was open without the other", "7.1/3 7.1/3!", 0, 0, 0x03, 0, 0 },
	{ "A3: the higher epoch wins whatever the counter", "6.1/3 5.999/3", 0, 0, 0x03, 0, 0 },

	/* hostile or confused */
	{ "a superblock of another copy", "5.9/3 5.9/3>", 0, 0, 0x01, 0x02, 0 },
	{ "all call themselves another", "5.9/3>", -EBADMSG, 0, 0, 0, 0 },
	{ "names copies that are not there", "5.9/fc 5.9/fc", -ESTALE, 0, 0, 0x03, 0 },
	{ "no copies at all", "", -ENODATA, 0, 0, 0, 0 },
};

static void judge_scenarios(void **state)
{
	unsigned int i;

	(void)state;
	test_super(&base, 1000003, 16384);
	for (i = 0; i < ARRAY_SIZE(scenarios); i++) {
		const struct scenario *t = &scenarios[i];
		struct dmr_super_seen seen[8];
		struct dmr_verdict_copies v;
		u32 n;
		int rc;

		read_words(t->copies, seen, &n);
		rc = dmr_copies_judge(seen, n, &v);
		if (rc != t->rc || v.candidates != t->candidates || v.unread != t->unread ||
		    (!rc && (v.best != t->best || v.rebuild != t->rebuild)))
			fail_msg("%s: %d, best %u, candidates 0x%x, rebuild 0x%x, unread 0x%x",
				 t->name, rc, v.best, v.candidates, v.rebuild, v.unread);
	}
}

/* Turning a readable copy into a damaged one never makes another one less believed. */
static void damage_takes_nothing_from_others(void **state)
{
	struct dmr_super_seen seen[8];
	struct dmr_verdict_copies v;
	u32 lost, n;

	(void)state;
	test_super(&base, 1000003, 16384);
	for (lost = 0; lost < 0x1f; lost++) {
		u32 i;

		read_words("5.9/1f 5.9/1f 5.9/1f 5.9/1f 5.9/1f", seen, &n);
		for (i = 0; i < 5; i++)
			if (lost >> i & 1)
				seen[i].st = i & 1 ? DMR_BLK_CRC : DMR_BLK_MEANING;
		assert_int_equal(dmr_copies_judge(seen, n, &v), 0);
		assert_int_equal(v.candidates, 0x1f & ~lost);
		assert_int_equal(v.rebuild, lost);
	}
}

/* Any field that differs under one generation is a second history. */
static void every_field_makes_a_history(void **state)
{
	struct dmr_super a, b;
	unsigned int i;

	(void)state;
	test_super(&base, 1000003, 16384);
	a = base;
	b = base;
	b.copy = 1;
	assert_true(dmr_copies_same(&a, &b));
#define DIFFERS(field, value) do {			\
		b = base;				\
		b.field = (value);			\
		assert_false(dmr_copies_same(&a, &b));	\
		assert_false(dmr_copies_same(&b, &a));	\
	} while (0)
	b = a;
	b.gen.nonce ^= 1;
	assert_true(dmr_copies_same(&a, &b));	/* A28 */
	DIFFERS(compat, 1);
	DIFFERS(ro_compat, 1);
	DIFFERS(incompat, 1);
	DIFFERS(main_sect, 1);
	DIFFERS(spare_sect, 1);
	DIFFERS(main_lbs_bytes, 4096);
	DIFFERS(spare_lbs_bytes, 4096);
	DIFFERS(slots, 1);
	DIFFERS(table_blk, 1);
	DIFFERS(hwm_blk, 1);
	DIFFERS(copies, 2);
	DIFFERS(insync, 1);
	DIFFERS(strategy, 1);
	DIFFERS(activity, 2);
	DIFFERS(created_s, 1);
	DIFFERS(copy_slot[4].v, 1);
	DIFFERS(old_slot[7].v, 1);
	DIFFERS(main_wwid[0], 'x');
	DIFFERS(main_serial[0], 'x');
	DIFFERS(main_partuuid[0], 'x');
	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		DIFFERS(witness[i].start_sect, 1);
		DIFFERS(witness[i].len_sect, 1);
		DIFFERS(witness[i].valid, true);
		DIFFERS(witness[i].crc, 1);
	}
}

/* ---- table blocks ---- */

static u64 image[3][DMR_ENTRIES_PER_BLK];

/* "7.3a": readable, that generation, image a to c; "!" other nonce; "io", "crc", "new" */
static void read_table_words(const char *text, struct dmr_table_seen *seen, u32 *n)
{
	char buf[256], *save = NULL, *w;

	memset(seen, 0, 8 * sizeof(*seen));
	snprintf(buf, sizeof(buf), "%s", text);
	*n = 0;
	for (w = strtok_r(buf, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		struct dmr_table_seen *s = &seen[(*n)++];
		unsigned long long epoch, counter;
		char which, mark = 0;

		s->st = strcmp(w, "io") ? DMR_BLK_CRC : DMR_BLK_UNREAD;
		if (!strcmp(w, "new"))
			s->st = DMR_BLK_VERSION;
		if (sscanf(w, "%llu.%llu%c%c", &epoch, &counter, &which, &mark) < 3)
			continue;
		s->st = DMR_BLK_OK;
		s->gen = (struct dmr_gen){ epoch, counter, mark == '!' };
		s->word = image[which - 'a'];
	}
}

static void pick_scenarios(void **state)
{
	static const struct {
		const char *name, *copies;
		u32 candidates;
		int rc;
		u32 best, same;
	} t[] = {
		{ "all the same", "7.3a 7.3a 7.3a 7.3a 7.3a", 0x1f, 0, 0, 0x1f },
		{ "R4: crash in round 1", "7.4b 7.3a 7.3a 7.3a 7.3a", 0x1f, 0, 0, 0x01 },
		{ "R4: crash in round 1, torn", "crc 7.3a 7.3a 7.3a 7.3a", 0x1f, 0, 1, 0x1e },
		{ "R4: crash in round 2", "7.4b 7.4b 7.3a crc 7.4b", 0x1f, 0, 0, 0x13 },
		{ "R5: the last one", "crc crc crc crc 7.3a", 0x1f, 0, 4, 0x10 },
		{ "R6: none", "crc io crc crc crc", 0x1f, -ENODATA, 0, 0 },
		{ "R6: only one that was left behind", "crc crc 7.3a", 0x03, -ENODATA, 0, 0 },
		{ "A4: the newest is of an expelled copy", "7.3a 7.9b 7.3a", 0x05, 0, 0, 0x05 },
		{ "an expelled copy that has it all the same", "7.3a 7.3a", 0x01, 0, 0, 0x03 },
		{ "A3: other nonce", "7.3a 7.3a!", 0x03, -EUCLEAN, 0, 0x01 },
		{ "A3: other content", "7.3a 7.3b 7.3a", 0x07, -EUCLEAN, 0, 0x05 },
		{ "A3: only an expelled copy differs", "7.3a 7.3b", 0x01, 0, 0, 0x01 },
		{ "A3: below the newest it does not matter", "7.3a 7.3b 7.4c", 0x07, 0, 2, 0x04 },
		{ "no candidates", "7.3a 7.3a", 0, -ENODATA, 0, 0 },
		{ "a later version beside the others", "7.3a new 7.3a", 0x07, -EPROTONOSUPPORT, 0,
		  0x05 },
		{ "a later version is told before a tie", "7.3a new 7.3b", 0x07, -EPROTONOSUPPORT,
		  0, 0x01 },
		{ "a later version alone", "new crc", 0x03, -EPROTONOSUPPORT, 0, 0 },
	};
	unsigned int i;

	(void)state;
	image[1][3] = 5;
	image[2][503] = 5;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct dmr_table_seen seen[8];
		u32 n, best = 0, same = 0;
		int rc;

		read_table_words(t[i].copies, seen, &n);
		rc = dmr_copies_pick(seen, n, t[i].candidates, &best, &same);
		if (rc != t[i].rc || best != t[i].best || same != t[i].same)
			fail_msg("%s: %d, best %u, same 0x%x", t[i].name, rc, best, same);
	}
}

static void named(void **state)
{
	(void)state;
	assert_int_equal(dmr_copies_named(0x1f, 0x1f), 0x1f);
	assert_int_equal(dmr_copies_named(0x05, 0x1f), 0x05);
	assert_int_equal(dmr_copies_named(0x04, 0x05), 0x05);
	assert_int_equal(dmr_copies_named(0, 0x05), 0x05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judge_scenarios),
		cmocka_unit_test(damage_takes_nothing_from_others),
		cmocka_unit_test(every_field_makes_a_history),
		cmocka_unit_test(pick_scenarios),
		cmocka_unit_test(named),
	};

	return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
