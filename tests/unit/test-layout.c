// SPDX-License-Identifier: GPL-2.0-only
/* Layout: places of the copies for every size that may come along. */
#include "test.h"

#define SECT_PER_SLOT	8ull

static void check_extents(const struct dmr_layout *l, const char *what, u64 slots)
{
	u32 i, j;

	for (i = 0; i < l->copies; i++) {
		if (l->copy_slot[i].v + l->copy_len > slots)
			fail_msg("%s of %llu slots: copy %u past the end", what,
				 (unsigned long long)slots, i);
		for (j = 0; j < i; j++)
			if (l->copy_slot[j].v + l->copy_len > l->copy_slot[i].v)
				fail_msg("%s of %llu slots: copies %u and %u overlap", what,
					 (unsigned long long)slots, j, i);
	}
	for (i = l->copies; i < DMR_COPIES_MAX; i++)
		assert_true(l->copy_slot[i].v == 0);
}

/* doc/format.md, section 2, restated: where a reader looks who knows nothing but the size. */
static u64 documented_place(u64 slots, u32 table_blk, u32 copy)
{
	static const u32 geometric[] = { 0, 16, 8, 4, 2 };

	if (!copy)
		return 0;
	if (slots < 128)
		return slots - (table_blk + 2);
	return slots < 1024 ? slots * copy / 4 : slots / geometric[copy];
}

static void check_found_again(const struct dmr_layout *l, u64 slots)
{
	struct dmr_layout again;
	u32 i, odd;

	for (i = 0; i < l->copies; i++)
		if (l->copy_slot[i].v != documented_place(slots, l->table_blk, i))
			fail_msg("copy %u of %llu slots is elsewhere", i,
				 (unsigned long long)slots);
	/* the same from every number of sectors that makes so many slots */
	for (odd = 1; odd < SECT_PER_SLOT; odd++) {
		assert_int_equal(dmr_layout_compute(slots * SECT_PER_SLOT + odd, &again), 0);
		assert_memory_equal(l, &again, sizeof(again));
	}
}

static void check_layout(u64 slots)
{
	struct dmr_layout l;
	const int rc = dmr_layout_compute(slots * SECT_PER_SLOT, &l);
	u64 meta;

	if (slots < 9) {
		assert_int_equal(rc, -ENOSPC);
		return;
	}
	assert_int_equal(rc, 0);
	assert_true(l.slots == slots);
	assert_true((u64)l.table_blk * 504 >= slots);
	assert_true((u64)(l.table_blk - 1) * 504 < slots);
	assert_int_equal(l.copy_len, l.table_blk + 2);
	if (slots < 128) {
		assert_int_equal(l.strategy, DMR_STRATEGY_MINIMAL);
		assert_int_equal(l.copies, 2);
	} else if (slots < 1024) {
		assert_int_equal(l.strategy, DMR_STRATEGY_LINEAR);
		assert_int_equal(l.copies, 4);
	} else {
		assert_int_equal(l.strategy, DMR_STRATEGY_GEOMETRIC);
		assert_int_equal(l.copies, 5);
	}
	check_extents(&l, dmr_layout_strategy_name(l.strategy), slots);
	meta = (u64)l.copies * l.copy_len;
	assert_true(slots - meta >= 3);
	if (slots >= 128)
		assert_true(meta * 2 <= slots);
	check_found_again(&l, slots);
}

static void every_size_to_64_mib(void **state)
{
	u64 slots;

	(void)state;
	for (slots = 0; slots <= 64ull << 20 >> 12; slots++)
		check_layout(slots);
}

static void random_sizes_to_64_tib(void **state)
{
	u64 rnd = 42;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		check_layout(test_rnd_below(&rnd, (64ull << 40 >> 12) + 1));
	/* most of those are of several TiB: as many of each order of magnitude, too */
	for (i = 0; i < 5000; i++)
		check_layout(test_rnd_below(&rnd, (64ull << 40 >> 12) + 1) >>
			     test_rnd_below(&rnd, 26));
	check_layout(64ull << 40 >> 12);
}

static void smallest_leaves_three_slots(void **state)
{
	struct dmr_layout l;

	(void)state;
	assert_int_equal(dmr_layout_compute(9 * SECT_PER_SLOT, &l), 0);
	assert_int_equal(l.copies * l.copy_len, 6);
	assert_true(l.copy_slot[0].v == 0);
	assert_true(l.copy_slot[1].v == 6);
	assert_int_equal(dmr_layout_compute(9 * SECT_PER_SLOT - 1, &l), -ENOSPC);
	assert_int_equal(dmr_layout_compute(0, &l), -ENOSPC);
}

static void sectors_short_of_a_slot_are_not_used(void **state)
{
	struct dmr_layout a, b;

	(void)state;
	assert_int_equal(dmr_layout_compute(4096 * SECT_PER_SLOT, &a), 0);
	assert_int_equal(dmr_layout_compute(4096 * SECT_PER_SLOT + 7, &b), 0);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void too_large_is_refused(void **state)
{
	const u64 most = (u64)(~0u - 2) * 504;
	struct dmr_layout l;

	(void)state;
	check_layout(most);
	assert_int_equal(dmr_layout_compute((most + 1) * SECT_PER_SLOT, &l), -EFBIG);
	assert_int_equal(dmr_layout_compute(~0ull, &l), -EFBIG);
}

/* The documented places, as numbers: they may never change. */
static void places_are_for_ever(void **state)
{
	static const u64 linear[] = { 0, 32, 64, 96 };
	static const u64 geometric[] = { 0, 16384, 32768, 65536, 131072 };
	struct dmr_layout l;
	unsigned int i;

	(void)state;
	assert_int_equal(dmr_layout_compute(128 * SECT_PER_SLOT, &l), 0);
	for (i = 0; i < 4; i++)
		assert_true(l.copy_slot[i].v == linear[i]);
	assert_int_equal(dmr_layout_compute(262144 * SECT_PER_SLOT, &l), 0);	/* 1 GiB */
	for (i = 0; i < 5; i++)
		assert_true(l.copy_slot[i].v == geometric[i]);
	assert_int_equal(l.table_blk, 521);
	/* rounding: down */
	assert_int_equal(dmr_layout_compute(1039 * SECT_PER_SLOT, &l), 0);
	assert_true(l.copy_slot[1].v == 64 && l.copy_slot[2].v == 129);
	assert_true(l.copy_slot[3].v == 259 && l.copy_slot[4].v == 519);
	assert_int_equal(dmr_layout_compute(131 * SECT_PER_SLOT, &l), 0);
	assert_true(l.copy_slot[1].v == 32 && l.copy_slot[2].v == 65 && l.copy_slot[3].v == 98);
}

static void places_inside_a_copy(void **state)
{
	struct dmr_super sb;

	(void)state;
	test_super(&sb, 1 << 20, 262144 * SECT_PER_SLOT);
	assert_true(dmr_layout_super_slot(&sb, 2).v == 32768);
	assert_true(dmr_layout_table_slot(&sb, 2, 0).v == 32769);
	assert_true(dmr_layout_table_slot(&sb, 2, 520).v == 32768 + 521);
	assert_true(dmr_layout_aux_slot(&sb, 2).v == 32768 + 522);
	assert_int_equal(dmr_layout_copy_len(&sb), 523);
}

static bool inside_any(const struct dmr_super *sb, u64 slot)
{
	u32 i;

	for (i = 0; i < sb->copies; i++)
		if (slot >= sb->copy_slot[i].v &&
		    slot <= dmr_layout_aux_slot(sb, i).v)
			return true;
	return false;
}

static void metadata_exactly_in_the_copies(void **state)
{
	static const u64 sizes[] = { 9, 100, 127, 128, 1000, 1023, 1024, 5000, 100000 };
	struct dmr_super sb;
	unsigned int i;
	u64 s;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		test_super(&sb, 1 << 20, sizes[i] * SECT_PER_SLOT);
		for (s = 0; s < sizes[i] + 10; s++) {
			assert_int_equal(dmr_layout_is_meta(&sb, dmr_slot(s)), inside_any(&sb, s));
			assert_true(dmr_layout_computed_word(&sb, dmr_slot(s)) ==
				    (inside_any(&sb, s) ? 1ull << 56 : 0));
		}
		assert_false(dmr_layout_is_meta(&sb, DMR_SLOT_NONE));
	}
}

static void empty_blocks_are_valid(void **state)
{
	u64 word[DMR_ENTRIES_PER_BLK];
	struct dmr_super sb;
	u32 blk, i;

	(void)state;
	test_super(&sb, 1 << 20, 5000 * SECT_PER_SLOT);
	for (blk = 0; blk < sb.table_blk; blk++) {
		dmr_layout_empty_block(&sb, blk, word);
		for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
			const struct dmr_slot s = dmr_slot((u64)blk * 504 + i);

			assert_null(dmr_codec_entry_valid(&sb, s, word[i]));
			if (s.v >= sb.slots)
				assert_true(word[i] == 0);
		}
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(dmr_layout_strategy_name(1), "minimal");
	assert_string_equal(dmr_layout_strategy_name(2), "linear");
	assert_string_equal(dmr_layout_strategy_name(3), "geometric");
	assert_string_equal(dmr_layout_strategy_name(0), "unknown");
	assert_string_equal(dmr_layout_strategy_name(~0u), "unknown");
}

/* A block is implied exactly when one anchor covers all of its slots. */
static void check_implied(const struct dmr_super *sb, u32 blk, bool *implied)
{
	const u64 first = (u64)blk * 504;
	const u64 end = first + 504 < sb->slots ? first + 504 : sb->slots;
	struct dmr_layout l;
	u32 c;

	*implied = false;
	assert_int_equal(dmr_layout_compute(sb->spare_sect, &l), 0);
	for (c = 0; c < sb->copies; c++)
		*implied |= first >= l.copy_slot[c].v &&
			    end <= l.copy_slot[c].v + l.copy_len;
	assert_int_equal(dmr_layout_implied(sb, blk), *implied);
}

static void walk_implied(const struct dmr_super *sb)
{
	u32 blk, written = 0, next = 0;

	for (blk = 0; blk < sb->table_blk; blk++) {
		bool implied;

		check_implied(sb, blk, &implied);
		assert_int_equal(dmr_layout_written(sb, blk), written);
		if (implied)
			continue;
		assert_int_equal(dmr_layout_nth(sb, written), blk);
		for (; next <= blk; next++)
			assert_int_equal(dmr_layout_skip(sb, next), blk);
		written++;
	}
	assert_int_equal(dmr_layout_written(sb, blk), written);
	for (; next <= blk; next++)
		assert_int_equal(dmr_layout_skip(sb, next), blk);
}

static void implied_blocks_of_every_kind(void **state)
{
	static const u64 sizes[] = {
		9, 127, 128, 504, 505, 508, 1023, 1024, 262144, 500000, 524288, 1000000, 2097152,
		2097153, 4194304 + 77,
	};
	struct dmr_super sb;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		test_super(&sb, 1 << 20, sizes[i] * SECT_PER_SLOT);
		walk_implied(&sb);
	}
	/* a copy that moved changes nothing */
	test_super(&sb, 1 << 20, 1000000 * SECT_PER_SLOT);
	sb.copy_slot[4] = dmr_layout_alternate(1000000, 0);
	walk_implied(&sb);
}

/* Alternates fit, lie apart from each other and from the anchors, and there are some. */
static void alternates(void **state)
{
	u64 rnd = 5;
	u64 slots;
	u32 i, c;

	(void)state;
	for (slots = 9; slots < 1ull << 32; slots += 1 + (slots > 2000 ? test_rnd(&rnd) %
							  (slots / 8) : 0)) {
		struct dmr_super sb;
		u64 below = ~0ull;
		u32 n = 0;

		test_super(&sb, 1 << 20, slots * SECT_PER_SLOT);
		for (i = 0; i < DMR_ALTERNATES; i++) {
			const struct dmr_slot at = dmr_layout_alternate(slots, i);
			const u64 end = at.v + dmr_layout_copy_len(&sb);

			if (dmr_slot_is_none(at))
				continue;
			n++;
			assert_true(end <= slots && end <= below);
			below = at.v;
			for (c = 0; c < sb.copies; c++) {
				assert_true(dmr_layout_anchor(&sb, c).v == sb.copy_slot[c].v);
				assert_true(end <= sb.copy_slot[c].v ||
					    at.v >= sb.copy_slot[c].v + dmr_layout_copy_len(&sb));
			}
			sb.copy_slot[1] = at;
			assert_true(dmr_layout_moved(&sb, 1));
			assert_true(dmr_layout_is_meta(&sb, at));
			assert_true(dmr_layout_is_meta(&sb, dmr_layout_anchor(&sb, 1)));
			sb.copy_slot[1] = dmr_layout_anchor(&sb, 1);
			assert_false(dmr_layout_is_meta(&sb, at));
		}
		assert_true(n);
	}
	assert_true(dmr_slot_is_none(dmr_layout_alternate(8, 0)));
	assert_true(dmr_layout_alternate(9, 1).v == 3);
}

/* Whatever the size: the mark is raised by a chunk of blocks that can give slots. */
static void each_raise_brings_slots(void **state)
{
	u64 rnd = 4;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 2000; i++) {
		struct dmr_super sb;
		u32 mark = 0;

		test_super(&sb, 1 << 20,
			   (9 + (test_rnd(&rnd) >> (27 + test_rnd_below(&rnd, 32)))) *
			   SECT_PER_SLOT);
		assert_int_equal(sb.hwm_blk, dmr_layout_raised(&sb, 0));
		for (k = 0; k < 50 && mark < sb.table_blk; k++) {
			const u32 to = dmr_layout_raised(&sb, mark);
			const u32 more = dmr_layout_written(&sb, to) -
					 dmr_layout_written(&sb, mark);

			assert_true(to > mark && to <= sb.table_blk);
			assert_true(more == DMR_HWM_CHUNK_BLK || to == sb.table_blk);
			mark = to;
		}
	}
}

static void first_chunk_of_1_tib(void **state)
{
	struct dmr_super sb;

	(void)state;
	test_super(&sb, 1 << 20, 1ull << 31);
	assert_int_equal(sb.table_blk, 532611);
	/* copy 0 ends in block 1056 */
	assert_int_equal(sb.hwm_blk, 1056 + 8);
	assert_int_equal(dmr_layout_written(&sb, sb.hwm_blk), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_to_64_mib),
		cmocka_unit_test(random_sizes_to_64_tib),
		cmocka_unit_test(smallest_leaves_three_slots),
		cmocka_unit_test(sectors_short_of_a_slot_are_not_used),
		cmocka_unit_test(too_large_is_refused),
		cmocka_unit_test(places_are_for_ever),
		cmocka_unit_test(places_inside_a_copy),
		cmocka_unit_test(metadata_exactly_in_the_copies),
		cmocka_unit_test(empty_blocks_are_valid),
		cmocka_unit_test(names),
		cmocka_unit_test(implied_blocks_of_every_kind),
		cmocka_unit_test(alternates),
		cmocka_unit_test(each_raise_brings_slots),
		cmocka_unit_test(first_chunk_of_1_tib),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
