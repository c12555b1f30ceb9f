// SPDX-License-Identifier: GPL-2.0-only
/*
 * Search: superblocks and tombstones on a spare of 2048 slots, and which of
 * them a reader ends with. Anchors are at 0, 128, 256, 512 and 1024, a copy is 7
 * slots long, alternates are at 2041, 2034, ...
 */
#include "test.h"
#include "search.h"

#define SLOTS	2048u

/* What lies where: few places, so a list of them. */
static struct {
	u64 slot;
	bool unread;
	u8 raw[DMR_BLK_BYTES];
} disk[64];
static unsigned int blocks;
static unsigned int reads;

static struct dmr_super sb;
static struct dmr_search s;

static void begin(void)
{
	blocks = 0;
	test_super(&sb, 1 << 20, SLOTS * 8);
}

static u8 *place(u64 slot)
{
	unsigned int i;

	for (i = 0; i < blocks; i++)
		if (disk[i].slot == slot)
			break;
	if (i == blocks) {
		assert_true(blocks < ARRAY_SIZE(disk));
		blocks++;
	}
	disk[i].slot = slot;
	disk[i].unread = false;
	return disk[i].raw;
}

static void put_super(u32 copy)
{
	dmr_codec_super_encode(place(sb.copy_slot[copy].v), &sb, copy, sb.copy_slot[copy]);
}

static void put_supers(void)
{
	u32 i;

	for (i = 0; i < sb.copies; i++)
		put_super(i);
}

static void put_tomb(u32 copy)
{
	const struct dmr_slot at = dmr_layout_anchor(&sb, copy);

	dmr_codec_tomb_encode(place(at.v), &sb, copy, at);
}

static void destroy(u64 slot)
{
	memset(place(slot), 0xee, DMR_BLK_BYTES);
}

static void unread(u64 slot)
{
	unsigned int i;

	place(slot);
	for (i = 0; i < blocks; i++)
		if (disk[i].slot == slot)
			disk[i].unread = true;
}

static const void *look(u64 slot)
{
	static const u8 nothing[DMR_BLK_BYTES];
	unsigned int i;

	for (i = 0; i < blocks; i++)
		if (disk[i].slot == slot)
			return disk[i].unread ? NULL : disk[i].raw;
	return nothing;
}

static void search_of(u64 slots)
{
	struct dmr_slot at;

	reads = 0;
	assert_int_equal(dmr_search_begin(&s, slots * 8), 0);
	for (at = dmr_search_next(&s); !dmr_slot_is_none(at); at = dmr_search_next(&s)) {
		assert_true(at.v < slots);
		assert_true(++reads <= 8 * DMR_COPIES_MAX + DMR_ALTERNATES);
		dmr_search_took(&s, look(at.v));
	}
	assert_true(dmr_slot_is_none(dmr_search_next(&s)));
}

/* The copies in @ok are whole, in the places of @sb; the others are not. */
static void found(u32 ok)
{
	u32 i;

	search_of(SLOTS);
	assert_int_equal(s.n, sb.copies);
	for (i = 0; i < s.n; i++) {
		assert_true(s.at[i].v == sb.copy_slot[i].v);
		assert_int_equal(s.seen[i].st == DMR_BLK_OK, ok >> i & 1);
		if (s.seen[i].st == DMR_BLK_OK)
			assert_int_equal(dmr_codec_gen_cmp(&s.seen[i].sb.gen, &sb.gen), 0);
	}
}

/* Copy 1 to alternate @k, as rebuild.c does; its anchor cannot be written if @dead. */
static void move(u32 k, bool dead)
{
	sb.copy_slot[1] = dmr_layout_alternate(SLOTS, k);
	sb.gen.counter += 2;
	if (!dead)
		put_tomb(1);
	put_supers();
}

static void in_their_anchors(void **state)
{
	u32 i;

	(void)state;
	begin();
	put_supers();
	found(0x1f);
	assert_int_equal(reads, 5);
	for (i = 0; i < 5; i++) {
		begin();
		put_supers();
		destroy(sb.copy_slot[i].v);
		found(0x1f & ~(1u << i));
		unread(sb.copy_slot[i].v);
		found(0x1f & ~(1u << i));
	}
	begin();
	found(0);
	assert_int_equal(dmr_search_begin(&s, 64), -ENOSPC);
}

/* Whatever else is lost: a copy that moved is found, with a tombstone or without. */
static void moved_and_alone(void **state)
{
	u32 mask, dead, i;

	(void)state;
	for (dead = 0; dead < 2; dead++) {
		for (mask = 0; mask < 32; mask++) {
			begin();
			put_supers();
			move(3, dead);
			for (i = 0; i < 5; i++)
				if (!(mask >> i & 1))
					destroy(sb.copy_slot[i].v);
			if (mask) {
				found(mask);
				continue;
			}
			/* nothing but the anchor that copy 1 left: it may be seen, not believed */
			search_of(SLOTS);
			for (i = 0; i < s.n; i++)
				assert_true(s.seen[i].st != DMR_BLK_OK || dead);
		}
	}
}

static void moved_twice(void **state)
{
	u32 dead;

	(void)state;
	for (dead = 0; dead < 2; dead++) {
		begin();
		put_supers();
		move(0, false);
		move(1, dead);
		found(0x1f);
		/* what its first place still holds is older, and so may be the tombstone */
		destroy(0);
		destroy(256);
		destroy(512);
		destroy(1024);
		found(0x02);
	}
}

/* The power goes while a copy moves. */
static void cut_short(void **state)
{
	struct dmr_super old;

	(void)state;
	begin();
	put_supers();
	old = sb;
	/* after the tombstone: it stays where it was, as far as anyone can say */
	sb.copy_slot[1] = dmr_layout_alternate(SLOTS, 0);
	sb.gen.counter++;
	put_tomb(1);
	sb = old;
	found(0x1d);
	assert_int_equal(s.seen[1].st, DMR_BLK_TOMBSTONE);
	/* after the superblock there: it has moved; the others are found, older */
	sb.copy_slot[1] = dmr_layout_alternate(SLOTS, 0);
	sb.gen.counter += 2;
	put_super(1);
	search_of(SLOTS);
	assert_true(s.at[1].v == sb.copy_slot[1].v);
	assert_int_equal(s.seen[1].st, DMR_BLK_OK);
	assert_int_equal(s.seen[0].st, DMR_BLK_OK);
	assert_true(dmr_codec_gen_cmp(&s.seen[1].sb.gen, &s.seen[0].sb.gen) > 0);
	/* a later activation that did not see it outranks it */
	sb = old;
	sb.gen.epoch++;
	put_supers();
	found(0x1f);
}

static void another_size(void **state)
{
	(void)state;
	begin();
	put_supers();
	search_of(4096);
	assert_true(s.at[1].v == 128 && s.seen[1].st == DMR_BLK_OK);
	search_of(1500);
	assert_true(s.at[1].v == 128 && s.seen[1].st == DMR_BLK_OK);
	move(0, false);
	search_of(4096);
	assert_true(s.at[1].v == 2041 && s.seen[1].st == DMR_BLK_OK);
	/* a copy behind the end: nothing there, which is not the same as unreadable */
	search_of(1500);
	assert_true(s.at[1].v == 2041 && s.seen[1].st == DMR_BLK_NOT_OURS);
}

/* Tombstones that lead from one to the other, superblocks that contradict: it ends. */
static void hostile(void **state)
{
	u64 rnd = 11;
	unsigned int run;
	u32 i;

	(void)state;
	for (run = 0; run < 20000; run++) {
		begin();
		for (i = 0; i < 12; i++) {
			const u32 c = (u32)test_rnd_below(&rnd, 5);

			sb.copy_slot[c] = test_rnd_below(&rnd, 3) ?
				dmr_layout_alternate(SLOTS, (u32)test_rnd_below(&rnd, 6)) :
				dmr_layout_anchor(&sb, c);
			sb.gen.counter = test_rnd_below(&rnd, 8);
			sb.uuid[0] = (u8)test_rnd_below(&rnd, 2);
			if (test_rnd_below(&rnd, 2))
				put_super(c);
			else
				put_tomb((u32)test_rnd_below(&rnd, 5));
			if (!test_rnd_below(&rnd, 6))
				unread(sb.copy_slot[c].v);
		}
		search_of(SLOTS);
	}
}

/*
 * Resized to half of its device, which is to become smaller: places that follow
 * from the device's size are those of other copies. One superblock in such a
 * place, or a tombstone, is enough to find all.
 */
static void half_of_its_device(void **state)
{
	u32 i;

	(void)state;
	begin();
	test_super(&sb, 1 << 20, SLOTS / 2 * 8);
	put_supers();
	destroy(0);
	found(0x1e);
	for (i = 0; i < 3; i++)
		destroy(sb.copy_slot[i].v);
	found(0x18);
	/* an older one in its own place does not speak against it */
	sb.gen.counter--;
	put_super(0);
	sb.gen.counter++;
	search_of(SLOTS);
	assert_true(s.at[3].v == sb.copy_slot[3].v && s.seen[3].st == DMR_BLK_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_their_anchors),
		cmocka_unit_test(moved_and_alone),
		cmocka_unit_test(moved_twice),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(another_size),
		cmocka_unit_test(half_of_its_device),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
