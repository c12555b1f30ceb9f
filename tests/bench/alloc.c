// SPDX-License-Identifier: GPL-2.0-only
/*
 * alloc - what choosing and marking a slot costs, in nanoseconds of
 * CLOCK_MONOTONIC, which are instructions under QEMU's -icount shift=0.
 *
 * The code under test is the core's own, the table its own, too, but for this:
 * blocks without a free slot share one page, for the real table of 1 TiB takes
 * 2 GiB. For each layout a line
 *
 *	alloc LAYOUT SLOTS-TAKEN MEAN WORST PUBLISH
 *
 * in hundredths: to choose and mark a slot (dmr_alloc_take), on the average and in
 * the dearest window of 100; and to publish its entry (dmr_table_set).
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "alloc.h"

#define PER_WINDOW	100
#define SEED		0x9e3779b97f4a7c15ull

static struct dmr_super sb;
static struct dmr_table table;
static struct dmr_table_page full = { .taken = { [0 ... 7] = ~0ull } };

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}

static u32 random_below(u32 n)
{
	static u64 state = SEED;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)((state >> 20) % n);
}

static void *memory(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		err(1, "memory");
	return p;
}

/* A table of a spare of @gib GiB, all of it below the mark, no block loaded. */
static void table_make(u64 gib)
{
	struct dmr_layout l;
	u32 i;

	if (dmr_layout_compute(gib << 21, &l))
		errx(1, "a spare of %llu GiB", (unsigned long long)gib);
	sb = (struct dmr_super){ .slots = l.slots, .table_blk = l.table_blk,
				 .hwm_blk = l.table_blk, .copies = l.copies };
	memcpy(sb.copy_slot, l.copy_slot, sizeof(sb.copy_slot));
	dmr_table_init(&table, &sb, memory(sb.table_blk, sizeof(table.page[0])));
	dmr_table_use_room(&table, sb.table_blk, memory(dmr_room_words(sb.table_blk), 8));
	for (i = 0; i < sb.table_blk; i++)
		table.page[i] = &full;
}

static void table_free(void)
{
	u32 i;

	for (i = 0; i < sb.table_blk; i++)
		if (table.page[i] != &full)
			free(table.page[i]);
	free(table.room.link);
	free(table.page);
}

/* Block @blk with each slot free that @is_free says. */
static void load_block(u32 blk, bool (*is_free)(u32 arg, u32 i), u32 arg)
{
	struct dmr_table_page *p = memory(1, sizeof(*p));
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		const struct dmr_slot s = dmr_slot((u64)blk * DMR_ENTRIES_PER_BLK + i);

		if (s.v >= sb.slots)
			break;
		if (dmr_layout_is_meta(&sb, s))
			p->word[i] = dmr_layout_computed_word(&sb, s);
		else if (!is_free(arg, i))
			p->word[i] = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	}
	table.page[blk] = p;
	dmr_table_load_block(&table, blk);
}

static bool by_chance(u32 in_ten_thousand, u32 i)
{
	(void)i;
	return random_below(10000) < in_ten_thousand;
}

static bool only_one(u32 which, u32 i)
{
	return i == which;
}

static struct dmr_slot taken[PER_WINDOW];

/* What the measuring costs by itself. */
static u64 nothing(u64 cursor)
{
	const u64 began = now();
	u32 i;

	for (i = 0; i < PER_WINDOW; i++) {
		if (cursor != ~0ull)
			table.cursor = cursor;
		taken[i] = DMR_SLOT_NONE;
		__asm__ volatile("" ::: "memory");
	}
	return now() - began;
}

static u64 choose(u64 cursor)
{
	const u64 began = now();
	u32 i;

	for (i = 0; i < PER_WINDOW; i++) {
		if (cursor != ~0ull)
			table.cursor = cursor;
		taken[i] = dmr_alloc_take(&table);
	}
	return now() - began;
}

static u64 publish(void)
{
	const u64 word = dmr_entry_make(DMR_KIND_USED, dmr_mblk(1), 2, 0);
	const u64 began = now();
	u32 i;

	for (i = 0; i < PER_WINDOW; i++)
		dmr_table_set(&table, taken[i], word);
	return now() - began;
}

/* All slots there are; with @cursor, each searched for from there. */
static void measure(const char *layout, u64 cursor)
{
	const u64 all = table.left / PER_WINDOW;
	u64 w, cost, sum = 0, worst = 0, published = 0, base = ~0ull;

	if (!all)
		errx(1, "%s: too few slots", layout);
	for (w = 0; w < 10; w++) {
		cost = nothing(cursor);
		base = cost < base ? cost : base;
	}
	for (w = 0; w < all; w++) {
		cost = choose(cursor) - base;
		if (dmr_slot_is_none(taken[PER_WINDOW - 1]))
			errx(1, "%s: a slot less than there were", layout);
		published += publish() - base;
		sum += cost;
		worst = cost > worst ? cost : worst;
	}
	printf("alloc %s %llu %llu %llu %llu\n", layout, (unsigned long long)(all * PER_WINDOW),
	       (unsigned long long)(sum / all), (unsigned long long)worst,
	       (unsigned long long)(published / all));
	fflush(stdout);
	table_free();
}

static void measure_full(const char *layout, u32 free_in_ten_thousand)
{
	u32 i;

	table_make(8);
	for (i = 0; i < sb.table_blk; i++)
		load_block(i, by_chance, free_in_ten_thousand);
	measure(layout, ~0ull);
}

/* One free slot in each of the last blocks of 1 TiB, in the last place, the cursor at the start. */
static void measure_far_end(void)
{
	u32 i;

	table_make(1024);
	for (i = 0; i < 2 * PER_WINDOW; i++)
		load_block(sb.table_blk - 2 - i, only_one, DMR_ENTRIES_PER_BLK - 1);
	measure("far-end-of-1-TiB", 0);
}

int main(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	measure_full("0-percent-full", 10000);
	measure_full("50-percent-full", 5000);
	measure_full("99-percent-full", 100);
	measure_full("99.99-percent-full", 1);
	measure_far_end();
	return 0;
}
