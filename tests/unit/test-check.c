// SPDX-License-Identifier: GPL-2.0-only
/* Check: each kind of damage gets its own finding, and the verdict of an open. */
#include "test.h"
#include "check.h"

static struct {
	char text[512];
	size_t len;
} said;

/* "SUPER_CRC/1 COPY_EXPELLED/1": name and copy of each finding, in order */
static void note(void *ctx, const struct dmr_finding *f)
{
	assert_ptr_equal(ctx, &said);
	assert_non_null(dmr_check_info(f->id));
	said.len += (size_t)scnprintf(said.text + said.len, sizeof(said.text) - said.len,
				      "%s%s", said.len ? " " : "", dmr_check_info(f->id)->name);
	if (f->copy != ~0u)
		said.len += (size_t)scnprintf(said.text + said.len, sizeof(said.text) - said.len,
					      "/%u", f->copy);
	if (f->mblk != ~0ull)
		said.len += (size_t)scnprintf(said.text + said.len, sizeof(said.text) - said.len,
					      "@%llu:%llu", (unsigned long long)f->mblk,
					      (unsigned long long)f->slot);
}

static void hush(void)
{
	said.len = 0;
	said.text[0] = '\0';
}

static void numbers_are_for_good(void **state)
{
	(void)state;
	assert_int_equal(DMR_FINDING_SUPER_UNREAD, 101);
	assert_int_equal(DMR_FINDING_SUPER_TIE, 109);
	assert_int_equal(DMR_FINDING_NO_COPY, 203);
	assert_int_equal(DMR_FINDING_TABLE_LOST, 310);
	assert_int_equal(DMR_FINDING_ENTRY_DUPLICATE, 402);
	assert_int_equal(DMR_FINDING_SPARE_LARGER, 503);
	assert_string_equal(dmr_check_info(DMR_FINDING_TABLE_LOST)->name, "TABLE_LOST");
	assert_int_equal(dmr_check_info(DMR_FINDING_TABLE_LOST)->sev, DMR_SEV_FATAL);
	assert_null(dmr_check_info((enum dmr_finding_id)999));
	assert_null(dmr_check_info((enum dmr_finding_id)0));
}

static void numbers_are_unique(void **state)
{
	static const int all[] = {
#define DMR_FINDING(num, name, sev, text) num,
#include "findings.def"
#undef DMR_FINDING
	};
	unsigned int i;

	(void)state;
	for (i = 1; i < ARRAY_SIZE(all); i++)
		assert_true(all[i] > all[i - 1]);
}

/* ---- superblocks ---- */

static struct dmr_super_seen seen[5];

static void all_fine(void)
{
	unsigned int i;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < 5; i++) {
		test_super(&seen[i].sb, 1000003, 16384);
		seen[i].sb.copy = i;
		seen[i].st = DMR_BLK_OK;
	}
	hush();
}

static void supers_must_say(int rc, const char *want)
{
	struct dmr_verdict_copies v, v2;

	assert_int_equal(dmr_check_supers(seen, 5, &v, note, &said), rc);
	assert_string_equal(said.text, want);
	assert_int_equal(dmr_copies_judge(seen, 5, &v2), rc);
	assert_memory_equal(&v, &v2, sizeof(v));
}

static void supers_fine(void **state)
{
	(void)state;
	all_fine();
	supers_must_say(0, "");
}

static void supers_each_status(void **state)
{
	static const struct {
		enum dmr_blk_status st;
		int rc;
		const char *want;
	} t[] = {
		{ DMR_BLK_UNREAD, 0, "SUPER_UNREAD/2" },
		{ DMR_BLK_NOT_OURS, 0, "SUPER_NOT_OURS/2" },
		{ DMR_BLK_MISPLACED, 0, "SUPER_MISPLACED/2" },
		{ DMR_BLK_VERSION, -EPROTONOSUPPORT, "SUPER_VERSION/2" },
		{ DMR_BLK_CRC, 0, "SUPER_CRC/2" },
		{ DMR_BLK_FOREIGN, -EMEDIUMTYPE, "SUPER_FOREIGN/2" },
		{ DMR_BLK_MEANING, 0, "SUPER_MEANING/2" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		all_fine();
		seen[2].st = t[i].st;
		supers_must_say(t[i].rc, t[i].want);
	}
}

static void supers_against_each_other(void **state)
{
	unsigned int i;

	(void)state;
	all_fine();
	seen[3].sb.gen.counter--;
	supers_must_say(0, "SUPER_BEHIND/3");
	all_fine();
	seen[3].sb.gen.counter++;
	supers_must_say(0, "SUPER_BEHIND/0 SUPER_BEHIND/1 SUPER_BEHIND/2 SUPER_BEHIND/4");
	all_fine();
	seen[1].sb.uuid[0] ^= 1;
	supers_must_say(-EMEDIUMTYPE, "SUPER_FOREIGN/1");
	all_fine();
	seen[0].sb.uuid[0] ^= 1;	/* first and newest, it is still the odd one out */
	seen[0].sb.gen.epoch += 9;
	supers_must_say(-EMEDIUMTYPE, "SUPER_FOREIGN/0");
	all_fine();
	seen[4].sb.hwm_blk ^= 1;
	supers_must_say(-EUCLEAN, "SUPER_TIE/4");
	all_fine();
	seen[4].sb.copy = 3;
	supers_must_say(0, "SUPER_MEANING/4");
	all_fine();
	for (i = 0; i < 4; i++) {
		seen[i].sb.insync = 0x0f;
		seen[i].sb.gen.counter++;
	}
	supers_must_say(0, "SUPER_BEHIND/4 COPY_EXPELLED/4");
	/* the one that speaks knows of three copies only */
	all_fine();
	for (i = 0; i < 5; i++) {
		seen[i].sb.copies = 3;
		seen[i].sb.insync = 0x07;
	}
	supers_must_say(-EUCLEAN, "SUPER_TIE");
	/* two histories below the newest, both named by it */
	all_fine();
	seen[0].sb.gen.counter++;
	seen[3].sb.hwm_blk ^= 1;
	supers_must_say(-EUCLEAN,
			"SUPER_BEHIND/1 SUPER_BEHIND/2 SUPER_BEHIND/3 SUPER_BEHIND/4 SUPER_TIE");
}

static void supers_few_or_none(void **state)
{
	unsigned int i;

	(void)state;
	all_fine();
	for (i = 1; i < 5; i++)
		seen[i].st = DMR_BLK_CRC;
	supers_must_say(0, "SUPER_CRC/1 SUPER_CRC/2 SUPER_CRC/3 SUPER_CRC/4 COPIES_FEW");
	hush();
	seen[0].st = DMR_BLK_NOT_OURS;
	supers_must_say(-EBADMSG,
			"SUPER_NOT_OURS/0 SUPER_CRC/1 SUPER_CRC/2 SUPER_CRC/3 SUPER_CRC/4 NO_COPY");
}

static void supers_not_clean(void **state)
{
	unsigned int i;

	(void)state;
	all_fine();
	for (i = 0; i < 5; i++)
		seen[i].sb.activity = DMR_ACTIVITY_IN_USE;
	supers_must_say(0, "NOT_CLEAN");
}

/* ---- table blocks ---- */

static u64 word[5][DMR_ENTRIES_PER_BLK];

static void blocks_must_say(struct dmr_table_seen *t, u32 candidates, int rc, u32 best,
			    const char *want)
{
	struct dmr_super sb;
	u32 got = 99;

	hush();
	test_super(&sb, 1000003, 16384);
	assert_int_equal(dmr_check_block(&sb, 1, t, candidates, &got, note, &said), rc);
	assert_string_equal(said.text, want);
	if (!rc)
		assert_int_equal(got, best);
}

static void blocks_fine(struct dmr_table_seen *t)
{
	unsigned int i;

	memset(word, 0, sizeof(word));
	for (i = 0; i < 5; i++) {
		t[i].st = DMR_BLK_OK;
		t[i].gen = (struct dmr_gen){ 3, 4, 5 };
		t[i].word = word[i];
	}
}

static void blocks_each_status(void **state)
{
	static const char *const want[] = {
		[DMR_BLK_OK] = "",
		[DMR_BLK_UNREAD] = "TABLE_UNREAD/1",
		[DMR_BLK_NOT_OURS] = "TABLE_NOT_OURS/1",
		[DMR_BLK_MISPLACED] = "TABLE_MISPLACED/1",
		[DMR_BLK_VERSION] = "TABLE_VERSION/1",
		[DMR_BLK_CRC] = "TABLE_CRC/1",
		[DMR_BLK_FOREIGN] = "TABLE_FOREIGN/1",
		[DMR_BLK_MEANING] = "TABLE_MEANING/1",
	};
	struct dmr_table_seen t[5];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		blocks_fine(t);
		t[1].st = (enum dmr_blk_status)i;
		if (i == DMR_BLK_VERSION) {
			/* not even in an expelled copy: an open would write over it */
			blocks_must_say(t, 0x1f, -EPROTONOSUPPORT, 0, want[i]);
			blocks_must_say(t, 0x1d, -EPROTONOSUPPORT, 0, want[i]);
			continue;
		}
		blocks_must_say(t, 0x1f, 0, 0, want[i]);
		/* an expelled copy is expected to be anything */
		blocks_must_say(t, 0x1d, 0, 0, "");
	}
}

static void blocks_against_each_other(void **state)
{
	struct dmr_table_seen t[5];
	unsigned int i;

	(void)state;
	blocks_fine(t);
	t[2].gen.counter++;
	blocks_must_say(t, 0x1f, 0, 2,
			"TABLE_BEHIND/0 TABLE_BEHIND/1 TABLE_BEHIND/3 TABLE_BEHIND/4");
	blocks_fine(t);
	word[3][7] = 1;
	blocks_must_say(t, 0x1f, -EUCLEAN, 0, "TABLE_TIE/3");
	blocks_fine(t);
	for (i = 0; i < 5; i++)
		t[i].st = DMR_BLK_CRC;
	blocks_must_say(t, 0x03, -ENODATA, 0, "TABLE_CRC/0 TABLE_CRC/1 TABLE_LOST");
}

static void blocks_with_lost_sectors(void **state)
{
	struct dmr_table_seen t[5];
	unsigned int i;

	(void)state;
	blocks_fine(t);
	for (i = 0; i < 5; i++) {
		word[i][3] = dmr_entry_make(DMR_KIND_USED, dmr_mblk(77), 0x00c2, 0);
		word[i][4] = dmr_entry_make(DMR_KIND_USED, dmr_mblk(78), 0x5556, 0);
	}
	blocks_must_say(t, 0x1f, 0, 0, "SECTORS_LOST@77:507");
}

/* ---- entries ---- */

static u64 entry(u32 serial)
{
	return dmr_entry_make(DMR_KIND_USED, dmr_mblk(5), 2, serial);
}

static void winners(void **state)
{
	unsigned int a, b;

	(void)state;
	for (a = 0; a < 4; a++) {
		for (b = 0; b < 4; b++) {
			const int want = b == (a + 1) % 4 ? 1 : a == (b + 1) % 4 ? 0 : -EUCLEAN;

			assert_int_equal(dmr_check_winner(entry(a), entry(b)), want);
		}
	}
}

static void duplicates(void **state)
{
	const struct dmr_check_map map[] = {
		{ 1, 20, entry(0) },
		{ 2, 21, entry(0) }, { 2, 22, entry(1) },			/* 22 counts */
		{ 3, 23, entry(0) }, { 3, 24, entry(3) },			/* 23 counts */
		{ 4, 25, entry(2) },
		{ 5, 26, entry(1) }, { 5, 27, entry(1) },
		{ 6, 28, entry(0) }, { 6, 29, entry(1) }, { 6, 30, entry(2) },
		{ 7, 31, entry(0) }, { 7, 600, entry(2) },
		{ 8, 32, entry(0) },
		{ 9, 33, entry(2) }, { 9, 34, entry(3) },
	};

	(void)state;
	hush();
	dmr_check_duplicates(map, 6, note, &said);
	assert_string_equal(said.text, "ENTRY_REPLACED@2:21 ENTRY_REPLACED@3:24");
	hush();
	dmr_check_duplicates(map + 6, ARRAY_SIZE(map) - 6, note, &said);
	assert_string_equal(said.text,
			    "ENTRY_DUPLICATE@5:26 ENTRY_DUPLICATE@6:28 ENTRY_DUPLICATE@7:31 ENTRY_REPLACED@9:33");
	hush();
	dmr_check_duplicates(map, 0, note, &said);
	dmr_check_duplicates(map, 1, note, &said);
	dmr_check_duplicates(NULL, 0, note, &said);
	assert_string_equal(said.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_for_good),
		cmocka_unit_test(numbers_are_unique),
		cmocka_unit_test(supers_fine),
		cmocka_unit_test(supers_each_status),
		cmocka_unit_test(supers_against_each_other),
		cmocka_unit_test(supers_few_or_none),
		cmocka_unit_test(supers_not_clean),
		cmocka_unit_test(blocks_each_status),
		cmocka_unit_test(blocks_against_each_other),
		cmocka_unit_test(blocks_with_lost_sectors),
		cmocka_unit_test(winners),
		cmocka_unit_test(duplicates),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
