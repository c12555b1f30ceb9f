// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults: what goes wrong on main and on the spare, between two steps of the
 * workload. Blocks of main that refuse writes do so for good.
 */
#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "replay.h"

/*
 * Blocks at the beginning of main that nothing happens to: the kernel takes a
 * checksum of them at a close, as long as none of them has an entry.
 */
#define SPARED 16u

static bool *refused;		/* blocks of main */
static int spare_fd;		/* below the test target */
static uint32_t sick_copy;	/* of the metadata; meta_copies(): none */
static uint8_t *block;

void tell(enum dev dev, const char *fmt, ...)
{
	const int file = open("/sys/kernel/debug/dm-remap-test/message", O_WRONLY | O_CLOEXEC);
	char text[160];
	va_list args;
	int n;

	n = snprintf(text, sizeof(text), "%s ", bench.name[dev]);
	va_start(args, fmt);
	n += vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, args);
	va_end(args);
	if (file < 0 || write(file, text, (size_t)n) != n)
		err(1, "%s", text);
	close(file);
}

static void log_mark(enum mark what, uint64_t first, uint64_t nr)
{
	tell(DEV_MAIN, "mark %ju", (uintmax_t)mark_make(what, first, nr));
}

static uint64_t main_blocks(void)
{
	return bench.size[DEV_MAIN] / BLOCK_BYTES;
}

static void refuse(uint64_t b)
{
	refused[b] = true;
	log_mark(MARK_REFUSED, b * BLOCK, BLOCK);
}

/* Now and then a row of them at once, as one scratch makes it. */
static void break_main(void)
{
	static const char *const status[] = { "ioerr", "medium", "target" };
	uint64_t b = SPARED + draw(main_blocks() - SPARED - 64), i, n = 1 + draw(3);

	if (!draw(6)) {
		b -= b % 4;
		n = 4 + draw(12);
		for (i = 0; i < n; i++)
			if (refused[b + i * 4])
				return;
		tell(DEV_MAIN, "scatter %ju %u %ju %u write %s", (uintmax_t)b * BLOCK, 4 * BLOCK,
		     (uintmax_t)n, BLOCK, status[draw(3)]);
		for (i = 0; i < n; i++)
			refuse(b + i * 4);
		return;
	}
	for (i = 0; i < n; i++, b++) {
		if (refused[b] || block_stays_good(b))
			continue;
		tell(DEV_MAIN, "bad %ju %u %s %s", (uintmax_t)b * BLOCK, BLOCK,
		     draw(3) ? "write" : "both", status[draw(3)]);
		refuse(b);
	}
}

/* Fails once and is well: nothing is remapped. */
static void stumble(void)
{
	const uint64_t b = draw(main_blocks());

	if (!refused[b])
		tell(DEV_MAIN, "bad %ju %u write ioerr 1", (uintmax_t)b * BLOCK, BLOCK);
}

/* Cannot be read until written; the read of it is noted as pending. */
static struct wish unreadable(void)
{
	const uint64_t first = SPARED * BLOCK + draw((main_blocks() - SPARED - 1) * BLOCK);
	const uint32_t nr = 1 + (uint32_t)draw(3);

	if (refused[first / BLOCK] || refused[(first + nr - 1) / BLOCK])
		return (struct wish){};
	tell(DEV_MAIN, "pending %ju %u medium", (uintmax_t)first, nr);
	return (struct wish){ .first = first, .nr = nr, .read = true };
}

/* A slot with data of a user; 0: none was found. Sets @first to the sector of main it is for. */
static uint64_t some_slot(uint64_t *first)
{
	const uint64_t slots = bench.size[DEV_SPARE] / BLOCK_BYTES;
	uint64_t slot = draw(slots), tries;
	unsigned int i;

	for (tries = 0; tries < slots; tries++, slot = (slot + 1) % slots) {
		if (meta_has(slot))
			continue;
		disk_io(spare_fd, block, BLOCK_BYTES, slot * BLOCK_BYTES, false);
		for (i = 0; i < BLOCK; i++) {
			const struct pattern *p = (const struct pattern *)block + i;

			if (p->magic != MAGIC)
				continue;
			*first = p->sector - p->sector % BLOCK;
			return slot;
		}
	}
	return 0;
}

/* It takes no write, and what is in it is moved; some of it cannot be read. */
static struct wish break_slot(bool lose)
{
	uint64_t first;
	const uint64_t slot = some_slot(&first);
	const uint32_t at = (uint32_t)draw(BLOCK - 1);

	if (!slot)
		return (struct wish){};
	if (lose) {
		tell(DEV_SPARE, "bad %ju 2 read medium", (uintmax_t)(slot * BLOCK + at));
		log_mark(MARK_LOSABLE, first + at, 2);
	}
	tell(DEV_SPARE, "bad %ju %u write medium", (uintmax_t)slot * BLOCK, BLOCK);
	return (struct wish){ .first = first + draw(BLOCK), .nr = 1 };
}

/* The next one that would be taken, perhaps. */
static void break_free_slot(void)
{
	static uint64_t next = 8;
	const uint64_t slots = bench.size[DEV_SPARE] / BLOCK_BYTES;

	for (next += 1 + draw(slots / 16); next < slots; next++) {
		if (meta_has(next))
			continue;
		disk_io(spare_fd, block, BLOCK_BYTES, next * BLOCK_BYTES, false);
		if (!memcmp(block, "\0\0\0\0\0\0\0\0", 8))
			break;
	}
	if (next < slots)
		tell(DEV_SPARE, "bad %ju %u write medium", (uintmax_t)next * BLOCK, BLOCK);
}

static void copy_fails(void)
{
	const uint32_t c = (uint32_t)draw(meta_copies());
	uint32_t slots;
	uint64_t first;

	if (sick_copy != meta_copies() || meta_copies() < 4)
		return;
	sick_copy = c;
	first = meta_copy(c, &slots);
	tell(DEV_SPARE, "bad %ju %u write %s", (uintmax_t)first * BLOCK, slots * BLOCK,
	     draw(2) ? "ioerr" : "medium");
}

static void copy_heals(void)
{
	uint32_t slots;
	uint64_t first;

	if (sick_copy == meta_copies())
		return;
	first = meta_copy(sick_copy, &slots);
	tell(DEV_SPARE, "good %ju %u", (uintmax_t)first * BLOCK, slots * BLOCK);
	sick_copy = meta_copies();
}

void faults_rest(void)
{
	copy_heals();
	faults_calm();
}

void faults_calm(void)
{
	tell(DEV_SPARE, "delay none");
	tell(DEV_SPARE, "fail none");
}

struct wish faults_step(void)
{
	uint32_t i;

	for (i = (uint32_t)draw(6); i; i--)
		break_main();
	tell(DEV_SPARE, "delay none");
	if (!draw(4))
		copy_heals();
	switch (draw(24)) {
	case 0:
		copy_fails();
		break;
	case 1:
		tell(DEV_SPARE, "fail flush ioerr 1");
		break;
	case 2:
	case 3:
		return break_slot(false);
	case 4:
		return break_slot(true);
	case 5:
	case 6:
		break_free_slot();
		break;
	case 7:
	case 8:
	case 9:
		return unreadable();
	case 10:
		stumble();
		break;
	case 11:
		tell(DEV_SPARE, "delay 2 all");
		break;
	}
	return (struct wish){};
}

void faults_setup(void)
{
	block = blocks_alloc(BLOCK_BYTES);
	refused = calloc(main_blocks(), sizeof(*refused));
	spare_fd = open(bench.below[DEV_SPARE], O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (!refused || spare_fd < 0)
		err(1, "%s", bench.below[DEV_SPARE]);
	disk_io(spare_fd, block, BLOCK_BYTES, 0, false);
	meta_setup(block);
	sick_copy = meta_copies();
}
