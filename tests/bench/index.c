// SPDX-License-Identifier: GPL-2.0-only
/*
 * index - what a look at the module's index costs, in nanoseconds of CLOCK_MONOTONIC,
 * which are instructions under QEMU's -icount shift=0.
 *
 *	index ENTRIES RUN warm|cold
 *
 * The code under test is src/kernel/index.c itself, compiled against the headers that the
 * fuzzers have for it. ENTRIES blocks of 16 TiB are entered, in runs of RUN blocks: scattered
 * when it is 1. Then lines
 *
 *	index miss|hit|both|range MEDIAN LEAST	in hundredths, of windows of 100
 *	index cold HUNDREDTHS CHASE		of a hit; of one step from pointer to pointer
 *	index bytes N				table, cells, filter, pointers
 *
 * miss: a block without an entry, asked as map() asks: the filter first. hit: one with an
 * entry, after the filter; both: and the filter. range: 256 blocks, none with one. warm: the
 * same 100 blocks twice; cold: what a look reads has been flushed from all caches, and each look
 * waits for the one before.
 */
#include <err.h>
#include <string.h>
#include <time.h>

#include "index.h"
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#define PER_WINDOW	100u
#define WINDOWS		301u
#define LINE		64u
#define NODES		1048576u	/* to chase through, a line each */

enum ask { ASK_MISS, ASK_HIT, ASK_RANGE };

static u32 entries, run;
static struct remap_index *idx;
static u64 list[PER_WINDOW];
static u64 found;

void *fake_alloc(size_t n, size_t size)
{
	return calloc(n, size);
}

void fake_free(const void *p)
{
	free((void *)p);
}

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}

/* All numbers of @bits bits, each once, in an order without a pattern. */
static u32 scattered(u32 i, u32 bits)
{
	const u32 mask = (u32)((1ull << bits) - 1);
	u32 x = i & mask, k;

	for (k = 0; k < 3; k++) {
		x = (x * 0x2c1b3c6du + 0x297a2d39u) & mask;
		x ^= x >> (bits / 2);
	}
	return x;
}

/* Block of entry @i, and, from @entries on, blocks that have none. */
static u64 block_of(u32 i)
{
	u32 span = 0;

	while ((1u << span) < run)
		span++;
	return ((u64)scattered(i / run, 32 - span) << span) + i % run;
}

static void build(void)
{
	const u32 blks = entries / DMR_ENTRIES_PER_BLK + 1;
	u32 i;

	/* as a device that has just grown: grow.h */
	idx = remap_index_alloc(blks + blks / 5, blks + blks / 5);
	if (!idx)
		errx(1, "no memory");
	for (i = 0; i < blks; i++) {
		idx->page[i] = aligned_alloc(4096, 4096);
		if (!idx->page[i])
			errx(1, "no memory");
		memset(idx->page[i], 0, 4096);
	}
	for (i = 0; i < entries; i++) {
		const struct dmr_mblk b = dmr_mblk(block_of(i));

		idx->page[i / DMR_ENTRIES_PER_BLK]->word[i % DMR_ENTRIES_PER_BLK] =
			dmr_entry_make(DMR_KIND_USED, b, 0, 0);
		if (remap_index_insert(idx, b, dmr_slot(i)))
			errx(1, "no cell for entry %u", i);
	}
}

static noinline u64 nothing(u64 b)
{
	return b;
}

/* as remap_index_lookup(), but for what it does */
static noinline bool no_lookup(const struct remap_index *i, struct dmr_mblk b,
			       struct remap_hit *hit)
{
	__asm__ volatile("" : : "r"(i), "r"(b.v), "r"(hit) : "memory");
	return true;
}

static noinline u64 lookup(u64 b)
{
	struct remap_hit hit;

	return remap_index_lookup(idx, dmr_mblk(b), &hit) ? hit.slot.v + 1 : 0;
}

/* As map() does: the filter, and what it does not rule out is looked up. */
static noinline u64 look(u64 b)
{
	if (remap_index_quiet(idx, b * DMR_BLK_SECTS, DMR_BLK_SECTS))
		return 0;
	return lookup(b);
}

static noinline u64 range(u64 b)
{
	struct remap_hit hit;

	return remap_index_first(idx, b, b + 255, &hit) <= b + 255;
}

/* An entry; a block between entries; 256 of those from a multiple of 256 on. */
static u64 choose(enum ask ask, u32 *next)
{
	struct remap_hit hit;

	for (;;) {
		u32 i = (*next)++;
		u64 b;

		if (ask == ASK_HIT)
			return block_of((u32)(i * 7919ull % entries));
		b = block_of(entries + i * run);
		if (ask == ASK_RANGE)
			b &= ~255ull;
		if (remap_index_first(idx, b, ask == ASK_RANGE ? b + 255 : b, &hit) !=
		    (ask == ASK_RANGE ? b + 256 : b + 1))
			continue;
		return b;
	}
}

static u64 window_of(bool (*fn)(const struct remap_index *i, struct dmr_mblk b,
				struct remap_hit *hit))
{
	const u64 began = now();
	struct remap_hit hit;
	u32 i, n = 0;

	for (i = 0; i < PER_WINDOW; i++)
		n += fn(idx, dmr_mblk(list[i]), &hit);
	if (n != PER_WINDOW)
		errx(1, "%u of %u were found", n, PER_WINDOW);
	return now() - began;
}

static u64 window(u64 (*fn)(u64 b))
{
	const u64 began = now();
	u64 sum = 0;
	u32 i;

	for (i = 0; i < PER_WINDOW; i++)
		sum += fn(list[i]);
	found += sum;
	return now() - began;
}

static int compare(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static u64 window_nothing(void)
{
	return window(nothing);
}

static u64 window_look(void)
{
	return window(look);
}

static u64 window_range(void)
{
	return window(range);
}

static u64 window_call(void)
{
	return window_of(no_lookup);
}

static u64 window_lookup(void)
{
	return window_of(remap_index_lookup);
}

/*
 * Median and least of windows with other blocks each time, less the median of the same
 * around nothing; the second round of each counts.
 */
static void measure(const char *name, enum ask ask, u64 (*round)(void), u64 (*empty)(void))
{
	u64 cost[WINDOWS], none[WINDOWS];
	u32 i, w, next = 0;
	u64 base;

	for (w = 0; w < WINDOWS; w++) {
		for (i = 0; i < PER_WINDOW; i++)
			list[i] = choose(ask, &next);
		round();
		cost[w] = round();
		none[w] = empty();
	}
	qsort(cost, WINDOWS, sizeof(*cost), compare);
	qsort(none, WINDOWS, sizeof(*none), compare);
	base = none[WINDOWS / 2];
	/* a window is 100 looks, so its cost is hundredths of one's */
	printf("index %s %lld %lld\n", name, (long long)(cost[WINDOWS / 2] - base),
	       (long long)(cost[0] > base ? cost[0] - base : 0));
}

#if defined(__x86_64__)

/* Everything that a look at @b reads. */
static void flush_look(u64 b)
{
	struct remap_hit hit;
	u32 i, at = remap_index_place(remap_index_hash(b), idx->cells);

	_mm_clflush(remap_index_word_of(idx, b * DMR_BLK_SECTS >> REMAP_REGION_SHIFT));
	for (i = 0; i < 64; i += LINE / sizeof(u32))
		if (at + i < idx->cells)
			_mm_clflush(&idx->cell[at + i]);
	if (remap_index_lookup(idx, dmr_mblk(b), &hit)) {
		u32 blk = (u32)(hit.slot.v / DMR_ENTRIES_PER_BLK);

		_mm_clflush(&idx->page[blk]->word[hit.slot.v % DMR_ENTRIES_PER_BLK]);
		_mm_clflush(&idx->page[blk]);
	}
	for (i = 0; i < 64; i += LINE / sizeof(u32))
		if (at + i < idx->cells)
			_mm_clflush(&idx->cell[at + i]);
}

/* Hides from the compiler, not from the processor, that nothing is added. */
static u64 after(u64 value)
{
	u64 same = value;

	__asm__ volatile("" : "+r"(same));
	return value - same;
}

static u64 cold_looks(u32 *next)
{
	u64 began, wait = 0;
	u32 i;

	for (i = 0; i < PER_WINDOW; i++)
		list[i] = choose(ASK_HIT, next);
	for (i = 0; i < PER_WINDOW; i++)
		flush_look(list[i]);
	_mm_mfence();
	began = now();
	for (i = 0; i < PER_WINDOW; i++)
		wait = after(look(list[i] + wait));
	found += wait;
	return now() - began;
}

struct node {
	struct node *next;
	char rest[LINE - sizeof(struct node *)];
};

static u64 cold_chase(struct node *nodes, u32 *next)
{
	struct node *first = &nodes[scattered(*next, 20)], *n = first;
	u64 began;
	u32 i;

	for (i = 0; i < PER_WINDOW; i++) {
		n->next = &nodes[scattered(++*next, 20)];
		n = n->next;
	}
	for (i = 0, n = first; i < PER_WINDOW; i++) {
		struct node *following = n->next;

		_mm_clflush(n);
		n = following;
	}
	_mm_mfence();
	began = now();
	for (i = 0, n = first; i < PER_WINDOW; i++)
		n = n->next;
	found += n == first;
	return now() - began;
}

static void measure_cold(void)
{
	struct node *nodes = aligned_alloc(4096, NODES * sizeof(*nodes));
	u64 look_ns[WINDOWS], chase_ns[WINDOWS];
	u32 w, next = 0, chased = 0;

	if (!nodes)
		errx(1, "no memory");
	memset(nodes, 0, NODES * sizeof(*nodes));
	for (w = 0; w < WINDOWS; w++) {
		look_ns[w] = cold_looks(&next);
		chase_ns[w] = cold_chase(nodes, &chased);
	}
	qsort(look_ns, WINDOWS, sizeof(*look_ns), compare);
	qsort(chase_ns, WINDOWS, sizeof(*chase_ns), compare);
	printf("index cold %llu %llu\n", (unsigned long long)look_ns[WINDOWS / 2],
	       (unsigned long long)chase_ns[WINDOWS / 2]);
	free(nodes);
}

#else

static void measure_cold(void)
{
	errx(1, "cold figures are for x86-64: no way to flush a line");
}

#endif

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(1, "usage: index ENTRIES RUN warm|cold");
	entries = (u32)atol(argv[1]);
	run = (u32)atol(argv[2]);
	if (!entries || !run || run > 4096)
		errx(1, "1 entry and more, in runs of 1 to 4096");
	build();
	if (!strcmp(argv[3], "cold")) {
		measure_cold();
		return 0;
	}
	measure("miss", ASK_MISS, window_look, window_nothing);
	measure("hit", ASK_HIT, window_lookup, window_call);
	measure("both", ASK_HIT, window_look, window_nothing);
	measure("range", ASK_RANGE, window_range, window_nothing);
	printf("index bytes %llu\n", (unsigned long long)
	       ((entries / DMR_ENTRIES_PER_BLK + 1) * 4096ull + 4ull * idx->cells +
		8ull * idx->words + 8ull * idx->blks));
	return found == 1; /* so that nothing of it is left out */
}
