// SPDX-License-Identifier: GPL-2.0-only
/* Codec of table blocks and of the entry word. */
#include "test-block.h"

static void generations(void **state)
{
	struct dmr_gen a = { 5, 7, 1 }, b = { 5, 7, 2 };

	(void)state;
	assert_int_equal(dmr_codec_gen_cmp(&a, &b), 0);
	b.counter = 8;
	assert_true(dmr_codec_gen_cmp(&a, &b) < 0);
	assert_true(dmr_codec_gen_cmp(&b, &a) > 0);
	a.epoch = 6;
	assert_true(dmr_codec_gen_cmp(&a, &b) > 0);
	a.epoch = ~0ull;
	b.epoch = 0;
	assert_true(dmr_codec_gen_cmp(&a, &b) > 0);
}

/* ---- table blocks ---- */

static u64 word[DMR_ENTRIES_PER_BLK];

static void fresh_table(u32 index)
{
	test_super(&sb, 1000003, 16384);
	dmr_layout_empty_block(&sb, index, word);
	dmr_codec_table_encode(blk, sb.uuid, &sb.gen, index, word,
			       dmr_layout_table_slot(&sb, 1, index));
}

static void table_must_be(u32 index, enum dmr_blk_status want, const char *reason)
{
	const struct dmr_slot at = dmr_layout_table_slot(&sb, 1, index);
	u64 out[DMR_ENTRIES_PER_BLK], before[DMR_ENTRIES_PER_BLK];
	struct dmr_gen gen = { 1, 2, 3 };
	const char *why = NULL;
	enum dmr_blk_status st;

	memset(out, 0x5a, sizeof(out));
	memcpy(before, out, sizeof(out));
	st = dmr_codec_table_decode(blk, at, &sb, index, out, &gen, &why);
	if (st != want || (reason && (!why || !strstr(why, reason))))
		fail_msg("%s (%s), wanted %s (%s)", dmr_codec_status_name(st), why ? why : "-",
			 dmr_codec_status_name(want), reason ? reason : "-");
	if (st == DMR_BLK_OK)
		return;
	assert_memory_equal(out, before, sizeof(out));
	assert_true(gen.epoch == 1 && gen.counter == 2 && gen.nonce == 3);
}

static void table_statuses(void **state)
{
	(void)state;
	fresh_table(2);
	table_must_be(2, DMR_BLK_OK, NULL);
	put32(60, 1);
	seal();
	table_must_be(2, DMR_BLK_MISPLACED, "index");
	fresh_table(2);
	put64(32, 3);
	seal();
	table_must_be(2, DMR_BLK_MISPLACED, "slot");
	fresh_table(2);
	blk[99] ^= 1;
	table_must_be(2, DMR_BLK_CRC, NULL);
	fresh_table(2);
	head()->version = cpu_to_le16(3);
	table_must_be(2, DMR_BLK_VERSION, NULL);
	fresh_table(2);
	head()->type = cpu_to_le16(DMR_TYPE_AUX);
	seal();
	table_must_be(2, DMR_BLK_MEANING, "type");
	fresh_table(2);
	head()->type = cpu_to_le16(DMR_TYPE_SUPER);
	seal();
	table_must_be(2, DMR_BLK_MEANING, "type");
	fresh_table(2);
	head()->uuid[3] ^= 1;
	table_must_be(2, DMR_BLK_CRC, NULL);
	seal();
	table_must_be(2, DMR_BLK_FOREIGN, "another set");
	memset(blk, 0, sizeof(blk));
	table_must_be(2, DMR_BLK_NOT_OURS, NULL);
}

/* While a copy moves its old and its new place are what the list of copies says. */
static void entries_follow_the_list(void **state)
{
	const u64 meta = dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0);
	u64 out[DMR_ENTRIES_PER_BLK];
	struct dmr_slot at;
	struct dmr_gen gen;
	u32 i;

	(void)state;
	fresh_table(1);
	at = dmr_layout_table_slot(&sb, 1, 1);
	/* slots 700 to 706: where copy 3 is going to be; the table says nothing of it yet */
	sb.copy_slot[3] = dmr_slot(700);
	table_must_be(1, DMR_BLK_OK, NULL);
	dmr_codec_table_decode(blk, at, &sb, 1, out, &gen, NULL);
	assert_int_equal(dmr_codec_table_unsettled(blk, out), 7);
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
		assert_true(out[i] == dmr_layout_computed_word(&sb, dmr_slot(504 + i)));
	/* its anchor, 512 to 518, stays what it was */
	assert_true(out[8] == meta && out[14] == meta && out[196] == meta && !out[203]);
	put64(64 + 8 * 8, 0);
	seal();
	table_must_be(1, DMR_BLK_MEANING, "not marked");
	/* it went on to slot 800: seven entries are left behind, seven are not there yet */
	dmr_codec_table_encode(blk, sb.uuid, &sb.gen, 1, out, dmr_layout_table_slot(&sb, 1, 1));
	sb.copy_slot[3] = dmr_slot(800);
	table_must_be(1, DMR_BLK_OK, NULL);
	dmr_codec_table_decode(blk, at, &sb, 1, out, &gen, NULL);
	assert_int_equal(dmr_codec_table_unsettled(blk, out), 14);
	/* a block cannot live where a copy does */
	put64(64 + 8 * (800 - 504), dmr_entry_make(DMR_KIND_USED, dmr_mblk(9), 0x0002, 0));
	seal();
	table_must_be(1, DMR_BLK_MEANING, "not marked");
}

/* What stands in slot 504 + i of a set with 1000003 sectors: 125001 blocks, the last has 3. */
static void table_meaning(void **state)
{
	const u64 used = dmr_entry_make(DMR_KIND_USED, dmr_mblk(9), 0x0002, 0);
	const u64 meta = dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0);
	const struct {
		u32 i;
		u64 w;
		const char *reason;	/* NULL: fine */
	} t[] = {
		{ 0, used, NULL },
		{ 0, used | 3ull << 59, NULL },
		{ 0, used | 1ull << 61, "flags" },
		{ 0, used | 1ull << 63, "flags" },
		{ 0, 1, "free" },
		{ 0, 1ull << 40, "free" },
		{ 0, 1ull << 59, "free" },
		{ 0, meta, NULL },			/* what a copy left */
		{ 8, 0, "not marked" },			/* slot 512: copy 3 */
		{ 8, used, "not marked" },
		{ 8, meta | 1, "not marked" },
		{ 14, 0, "not marked" },
		{ 15, meta, NULL },
		{ 0, meta | 1, "outside" },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(9), 0, 0), "without a sector" },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(9), 0x5555, 0), "without a sector" },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(9), 0xc000, 0), NULL },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(9), 0x5556, 0), NULL },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(125000), 0x002a, 0), NULL },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(125000), 0x0080, 0), "does not have" },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(125001), 0x0002, 0), "past the end" },
		{ 0, dmr_entry_make(DMR_KIND_USED, dmr_mblk(~0ull), 0x0002, 0), "past the end" },
		{ 0, dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(9), 0x0001, 2), NULL },
		{ 0, dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(9), 0x4001, 0), NULL },
		{ 0, dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(9), 0, 0), "without a pending" },
		{ 0, dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(9), 0x0009, 0), "in the slot" },
		{ 0, dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(9), 0x000d, 0), "in the slot" },
		{ 0, dmr_entry_make(DMR_KIND_PENDING, dmr_mblk(125001), 1, 0), "past the end" },
		{ 0, dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0), NULL },
		{ 0, dmr_entry_make(DMR_KIND_BAD, dmr_mblk(1), 0, 0), "more than bad" },
		{ 0, dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 1, 0), "more than bad" },
		{ 0, dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 1), "more than bad" },
		{ 0, 5ull << 56, "unknown kind" },
		{ 0, 7ull << 56, "unknown kind" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		fresh_table(1);
		put64(64 + 8 * t[i].i, t[i].w);
		seal();
		table_must_be(1, t[i].reason ? DMR_BLK_MEANING : DMR_BLK_OK, t[i].reason);
	}
	/* slots past the end of the spare: 2048 slots, the last block describes 2016 to 2519 */
	fresh_table(4);
	put64(64 + 8 * 31, used);
	seal();
	table_must_be(4, DMR_BLK_OK, NULL);
	put64(64 + 8 * 32, used);
	seal();
	table_must_be(4, DMR_BLK_MEANING, "past the end of the spare");
}

static void table_round_trip(void **state)
{
	u64 out[DMR_ENTRIES_PER_BLK];
	struct dmr_gen gen;
	u64 rnd = 3;
	u32 i, n;

	(void)state;
	for (n = 0; n < 200; n++) {
		const u32 index = (u32)test_rnd_below(&rnd, 5);
		const struct dmr_slot at = dmr_layout_table_slot(&sb, 1, index);

		fresh_table(index);
		for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
			const struct dmr_slot s = dmr_slot((u64)index * 504 + i);
			const u64 w = dmr_entry_make((enum dmr_kind)test_rnd_below(&rnd, 5),
						     dmr_mblk(test_rnd_below(&rnd, 125000)),
						     (u32)test_rnd(&rnd) & 0xffff,
						     (u32)test_rnd(&rnd));

			if (!dmr_codec_entry_valid(&sb, s, w))
				word[i] = w;
		}
		dmr_codec_table_encode(blk, sb.uuid, &sb.gen, index, word, at);
		assert_int_equal(dmr_codec_table_decode(blk, at, &sb, index, out, &gen, NULL),
				 DMR_BLK_OK);
		assert_memory_equal(out, word, sizeof(word));
		assert_int_equal(dmr_codec_gen_cmp(&gen, &sb.gen), 0);
		assert_int_equal(gen.nonce, sb.gen.nonce);
	}
}

/* Of a block beside its @twin, which was taken: as if it were by itself. */
static void twin_must_be(const u8 *twin, u32 index, bool like, enum dmr_blk_status want)
{
	const struct dmr_slot at = dmr_layout_table_slot(&sb, 1, index);
	u64 out[DMR_ENTRIES_PER_BLK], alone[DMR_ENTRIES_PER_BLK];
	struct dmr_gen gen = { 1, 2, 3 }, gen_alone = { 1, 2, 3 };
	bool same = !like;

	memset(out, 0x5a, sizeof(out));
	memset(alone, 0x5a, sizeof(alone));
	assert_int_equal(dmr_codec_table_decode(blk, at, &sb, index, alone, &gen_alone, NULL),
			 want);
	assert_int_equal(dmr_codec_table_decode_twin(blk, at, &sb, index, twin, &same, out, &gen),
			 want);
	assert_memory_equal(&gen, &gen_alone, sizeof(gen));
	assert_true(same == like);
	if (!like)
		assert_memory_equal(out, alone, sizeof(out));
	else
		assert_true(out[0] == 0x5a5a5a5a5a5a5a5aull && out[503] == out[0]);
}

static void twins(void **state)
{
	u8 twin[DMR_BLK_BYTES], good[DMR_BLK_BYTES];
	u32 i;

	(void)state;
	fresh_table(2);
	memcpy(good, blk, sizeof(good));
	twin_must_be(NULL, 2, false, DMR_BLK_OK);
	dmr_codec_table_encode(twin, sb.uuid, &sb.gen, 2, word, dmr_layout_table_slot(&sb, 4, 2));
	twin_must_be(twin, 2, true, DMR_BLK_OK);
	/* another generation with the same entries, and one that cannot be */
	put64(48, 77);
	seal();
	twin_must_be(twin, 2, true, DMR_BLK_OK);
	memset(blk + 40, 0xff, 8);
	seal();
	twin_must_be(twin, 2, true, DMR_BLK_MEANING);
	/* each byte of the header */
	for (i = 0; i < 64; i++) {
		memcpy(blk, good, sizeof(good));
		blk[i] ^= 0x10;
		twin_must_be(twin, 2, true, i < 8 ? DMR_BLK_NOT_OURS :
			     i >= 32 && i < 40 ? DMR_BLK_MISPLACED :
			     i >= 8 && i < 10 ? DMR_BLK_VERSION :
			     i >= 60 ? DMR_BLK_MISPLACED : DMR_BLK_CRC);
	}
	/* each entry: of another content, alike in the twin or not */
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		memcpy(blk, good, sizeof(good));
		put64(64 + 8 * i, word[i] ^ 1ull << 60);
		twin_must_be(twin, 2, false, DMR_BLK_CRC);
		seal();
		twin_must_be(twin, 2, false, DMR_BLK_MEANING);
	}
}

/* Extents longer than a table block, which begin before it or end behind it. */
static void extents_across_blocks(void **state)
{
	u64 out[DMR_ENTRIES_PER_BLK];
	struct dmr_gen gen;
	u32 index, i;

	(void)state;
	test_super(&sb, 1000003, 262144 * 8);		/* 1 GiB: an extent is 523 slots */
	for (index = 0; index < sb.table_blk; index++) {
		const struct dmr_slot at = dmr_layout_table_slot(&sb, 1, index);

		dmr_layout_empty_block(&sb, index, word);
		dmr_codec_table_encode(blk, sb.uuid, &sb.gen, index, word, at);
		assert_int_equal(dmr_codec_table_decode(blk, at, &sb, index, out, &gen, NULL),
				 DMR_BLK_OK);
		for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
			if (!word[i])
				continue;
			put64(64 + 8 * i, 0);
			seal();
			assert_int_equal(dmr_codec_table_decode(blk, at, &sb, index, out, &gen,
								NULL), DMR_BLK_MEANING);
			break;
		}
	}
}

static void restamp_makes_another_copy(void **state)
{
	u8 want[DMR_BLK_BYTES];

	(void)state;
	fresh_table(3);
	dmr_codec_table_encode(want, sb.uuid, &sb.gen, 3, word, dmr_layout_table_slot(&sb, 4, 3));
	dmr_codec_restamp(blk, dmr_layout_table_slot(&sb, 4, 3), -1);
	assert_memory_equal(blk, want, sizeof(want));

	dmr_codec_super_encode(blk, &sb, 0, sb.copy_slot[0]);
	dmr_codec_super_encode(want, &sb, 3, sb.copy_slot[3]);
	dmr_codec_restamp(blk, sb.copy_slot[3], 3);
	assert_memory_equal(blk, want, sizeof(want));
}

/* ---- states ---- */

static void states_of_a_block(void **state)
{
	(void)state;
	test_super(&sb, 1000003, 16384);
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(0)), 8);
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(124999)), 8);
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(125000)), 3);
	sb.main_lbs_bytes = 1024;
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(0)), 4);
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(125000)), 2);
	sb.main_lbs_bytes = 4096;
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(0)), 1);
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(125000)), 1);
	sb.main_sect = 8;
	sb.main_lbs_bytes = 512;
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(0)), 8);
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(1)), 8);
	/* no superblock says so, but nothing may divide by it */
	sb.main_lbs_bytes = 0;
	assert_int_equal(dmr_codec_block_states(&sb, dmr_mblk(0)), 8);
}

static void states_set_and_has(void **state)
{
	unsigned int first, n, st, k;
	u64 rnd = 11;

	(void)state;
	for (first = 0; first < 8; first++) {
		for (n = 1; n <= 8 - first; n++) {
			for (st = 0; st < 4; st++) {
				const u32 was = (u32)test_rnd(&rnd) & 0xffff;
				const u32 is = dmr_states_set(was, first, n, (enum dmr_state)st);

				assert_true(is <= 0xffff);
				for (k = 0; k < 8; k++)
					assert_int_equal(dmr_states_get(is, k),
							 k >= first && k < first + n ?
							 st : dmr_states_get(was, k));
			}
		}
	}
	for (k = 0; k < 0x10000; k++) {
		u32 seen = 0;

		for (n = 0; n < 8; n++)
			seen |= 1u << dmr_states_get(k, n);
		for (st = 0; st < 4; st++)
			if (dmr_states_has(k, (enum dmr_state)st) != (seen >> st & 1))
				fail_msg("states 0x%x, state %u", k, st);
	}
}

static void status_names(void **state)
{
	(void)state;
	assert_string_equal(dmr_codec_status_name(DMR_BLK_OK), "ok");
	assert_string_equal(dmr_codec_status_name(DMR_BLK_UNREAD), "unreadable");
	assert_string_equal(dmr_codec_status_name(DMR_BLK_NOT_OURS), "not dm-remap");
	assert_string_equal(dmr_codec_status_name((enum dmr_blk_status)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generations),
		cmocka_unit_test(table_statuses),
		cmocka_unit_test(table_meaning),
		cmocka_unit_test(entries_follow_the_list),
		cmocka_unit_test(table_round_trip),
		cmocka_unit_test(twins),
		cmocka_unit_test(extents_across_blocks),
		cmocka_unit_test(restamp_makes_another_copy),
		cmocka_unit_test(states_of_a_block),
		cmocka_unit_test(states_set_and_has),
		cmocka_unit_test(status_names),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
