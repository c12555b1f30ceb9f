// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is on the disks below the faulty ones: kept, and put back before each
 * case. Of main the window, of the spare all of the metadata, the first slots, and
 * the last ones, where copies go that cannot stay where they are.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pattern.h"
#include "faults.h"

#define BLOCK_BYTES	(BLOCK * SECTOR)
#define HEADER_BYTES	64u	/* says whose block it is, and where: not the same in any two */

u64 image_copy[COPIES_MAX];
u32 image_copies;

static int main_fd, spare_fd;
static u32 copy_len;
static u64 slots;
static char *kept_main[NR_IMAGES], *kept_spare[NR_IMAGES];
static u64 copy_now[COPIES_MAX];	/* where they are, by the open device */

static void *blocks(u64 n)
{
	void *p;

	if (posix_memalign(&p, 4096, n * BLOCK_BYTES))
		errx(1, "out of memory");
	return p;
}

static int open_disk(const char *path)
{
	const int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

void image_init(const char *main_disk, const char *spare_disk)
{
	main_fd = open_disk(main_disk);
	spare_fd = open_disk(spare_disk);
}

u32 image_where(void)
{
	char text[256], *at = text;
	u32 n;

	snprintf(text, sizeof(text), "%s", device_word("copies"));
	for (n = 0; at && *at && n < COPIES_MAX; n++) {
		copy_now[n] = strtoull(at, NULL, 10);
		at = strchr(at, ',');
		at += !!at;
	}
	return n;
}

void image_places(void)
{
	image_copies = image_where();
	if (!image_copies)
		errx(1, "the device has no copies");
	memcpy(image_copy, copy_now, sizeof(image_copy));
	copy_len = device_number("slots_meta") / image_copies;
	slots = device_number("slots_total");
}

static void io(int fd, void *buf, u64 block, u32 n, bool write)
{
	const ssize_t len = (ssize_t)n * BLOCK_BYTES;
	const off_t at = (off_t)block * BLOCK_BYTES;

	if ((write ? pwrite(fd, buf, len, at) : pread(fd, buf, len, at)) != len)
		err(1, "%s at block %ju", write ? "write" : "read", (uintmax_t)block);
}

static char *copy_at(char *spare, u32 c)
{
	return spare + (2 * SLOTS_KEPT + (u64)c * copy_len) * BLOCK_BYTES;
}

/* From here on the last slots are kept. */
static u64 tail(void)
{
	return slots > 2 * SLOTS_KEPT ? slots - SLOTS_KEPT : slots;
}

u64 image_alternate(u32 k)
{
	const u64 at = slots - (k + 1) * (u64)copy_len;
	u32 c;

	if (slots / copy_len < k + 1)
		return 0;
	for (c = 0; c < image_copies; c++)
		if (at + copy_len > image_copy[c] && at < image_copy[c] + copy_len)
			return 0;
	return at;
}

static void all(char *in_main, char *in_spare, bool write)
{
	const u64 last = tail();
	u32 c;

	io(main_fd, in_main, 0, WINDOW / BLOCK, write);
	io(spare_fd, in_spare, 0, last < slots ? SLOTS_KEPT : slots, write);
	if (last < slots)
		io(spare_fd, in_spare + SLOTS_KEPT * BLOCK_BYTES, last, SLOTS_KEPT, write);
	for (c = 0; c < image_copies; c++)
		io(spare_fd, copy_at(in_spare, c), image_copy[c], copy_len, write);
}

void image_keep(int image)
{
	if (!kept_main[image]) {
		kept_main[image] = blocks(WINDOW / BLOCK);
		kept_spare[image] = blocks(2 * SLOTS_KEPT + (u64)image_copies * copy_len);
	}
	all(kept_main[image], kept_spare[image], false);
	model_keep(image);
}

void image_restore(int image)
{
	all(kept_main[image], kept_spare[image], true);
	model_take(image);
}

void image_behind(void)
{
	image_restore(IMAGE_CLEAN);
	image_keep(IMAGE_BEHIND);
	/* copy 0 is kept twice: it lies in the first slots */
	memset(kept_spare[IMAGE_BEHIND], 0xa5, BLOCK_BYTES);
	memset(copy_at(kept_spare[IMAGE_BEHIND], 0), 0xa5, BLOCK_BYTES);
}

bool image_untouched(int image)
{
	static char *in_main, *in_spare;
	u32 c;

	if (!in_main) {
		in_main = blocks(WINDOW / BLOCK);
		in_spare = blocks(2 * SLOTS_KEPT + (u64)image_copies * copy_len);
	}
	all(in_main, in_spare, false);
	for (c = 0; c < image_copies; c++)
		if (memcmp(copy_at(in_spare, c), copy_at(kept_spare[image], c),
			   (size_t)copy_len * BLOCK_BYTES))
			return false;
	return !memcmp(in_main, kept_main[image], WINDOW * SECTOR);
}

u64 image_slot_of(u64 block)
{
	static struct pattern *p;
	u64 slot;
	u32 i;

	if (!p)
		p = blocks(1);
	for (slot = 0; slot < SLOTS_KEPT; slot++) {
		io(spare_fd, p, slot, 1, false);
		for (i = 0; i < BLOCK; i++)
			if (pattern_seq(&p[i], block * BLOCK + i) > 0)
				return slot;
	}
	return 0;
}

const char *image_differs(void)
{
	static char *first, *other;
	static char text[64];
	u32 c, i;

	if (!first) {
		first = blocks(copy_len);
		other = blocks(copy_len);
	}
	/* table blocks; superblock and auxiliary block have the number of their copy */
	for (c = 0; c < image_copies; c++) {
		io(spare_fd, c ? other : first, copy_now[c], copy_len, false);
		for (i = 1; c && i < copy_len - 1; i++) {
			const u64 at = (u64)i * BLOCK_BYTES + HEADER_BYTES;

			if (!memcmp(first + at, other + at, BLOCK_BYTES - HEADER_BYTES))
				continue;
			snprintf(text, sizeof(text), "closed, table block %u of copy %u differs",
				 i - 1, c);
			return text;
		}
	}
	return NULL;
}
