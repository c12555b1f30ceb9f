// SPDX-License-Identifier: GPL-2.0-only
/*
 * fieldsweep - the module's half of the field sweep, in a guest.
 *
 *	fieldsweep list				name, sectors of spare and main, logical block size
 *	fieldsweep NAME MAIN SPARE SEED N|all	N cases of that golden image, or every one
 *
 * MAIN and SPARE are block devices of the sizes that `list` says. Each sector
 * of main and of the spare's data slots says where it is. For each case the
 * spare's metadata is written, changed, and the set is opened; load.c says what
 * has to come of it:
 *   - refused, and then no byte of the metadata is written; or
 *   - opened, and then every sector comes from where the map says, or is an
 *     error; and after the close all copies are in sync and have that map, or,
 *     if the set may only be read, no byte is written either.
 *
 * Exit: 0 as it must be, 1 setup, 3 not.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../vm/helpers/pattern.h"
#include "device.h"
#include "expect.h"

#define SHOW		12
#define SEQ_SLOT	2	/* golden_main() has 1 */

/**
 * struct bench - the devices, and what is on the spare
 * @image: as the case has it
 * @after: as it is read back
 * @pick: of 2^32 numbers, so many choose a case
 */
static struct bench {
	struct golden g;
	char params[256];
	int main_fd;
	int spare_fd;
	u8 *image;
	u8 *after;
	u64 pick;
	u64 dice;
	u64 tried;
	u64 refused;
	u64 wrong;
	struct load l;
	struct load again;
} b;

static void *blocks(size_t size)
{
	void *p;

	if (posix_memalign(&p, 4096, size))
		errx(1, "out of memory");
	return p;
}

static void io(int fd, void *buf, size_t size, u64 at, bool write)
{
	const off_t off = (off_t)at;
	const ssize_t n = write ? pwrite(fd, buf, size, off) : pread(fd, buf, size, off);

	if (n != (ssize_t)size)
		err(1, "%s at %ju", write ? "write" : "read", (uintmax_t)at);
}

/* All copies of the metadata, from or to @image. */
static void metadata(u8 *image, bool write)
{
	const size_t len = dmr_layout_copy_len(&b.g.sb) * DMR_BLK_BYTES;
	u32 i;

	for (i = 0; i < b.g.sb.copies; i++) {
		const u64 at = b.g.sb.copy_slot[i].v * DMR_BLK_BYTES;

		io(b.spare_fd, image + at, len, at, write);
	}
}

/* ---- what comes back ---- */

static const char *sector_wrong(u64 sect, bool readable, const struct pattern *p)
{
	const u32 lbs_sect = b.g.lbs_bytes / DMR_SECT_BYTES;
	const u32 in_block = (u32)(sect % DMR_BLK_SECTS);
	u64 slot = 0;
	const u64 word = load_find(&b.l, sect / DMR_BLK_SECTS, &slot);

	switch (dmr_states_get(dmr_entry_states(word), in_block / lbs_sect)) {
	case DMR_STATE_SLOT:
		return readable && pattern_seq(p, slot * DMR_BLK_SECTS + in_block) == SEQ_SLOT ?
		       NULL : "not what is in its slot";
	case DMR_STATE_LOST:
		return readable ? "a lost sector was read" : NULL;
	case DMR_STATE_PENDING:
		return !readable || pattern_seq(p, sect) == 1 ? NULL : "not what is on main";
	default:
		return readable && pattern_seq(p, sect) == 1 ? NULL : "not what is on main";
	}
}

static const char *block_wrong(int fd, u64 first, u32 n)
{
	static struct pattern *buf;
	const u32 lbs_sect = b.g.lbs_bytes / DMR_SECT_BYTES;
	const char *wrong = NULL;
	u32 i, k;

	if (!buf)
		buf = blocks(DMR_BLK_BYTES);
	if (pread(fd, buf, n * SECTOR, (off_t)first * SECTOR) == (ssize_t)(n * SECTOR)) {
		for (i = 0; i < n && !wrong; i++)
			wrong = sector_wrong(first + i, true, &buf[i]);
		return wrong;
	}
	for (i = 0; i < n && !wrong; i += lbs_sect) {
		const bool readable = pread(fd, buf, lbs_sect * SECTOR,
					    (off_t)(first + i) * SECTOR) > 0;

		for (k = 0; k < lbs_sect && !wrong; k++)
			wrong = sector_wrong(first + i + k, readable, &buf[k]);
	}
	return wrong;
}

static const char *data_wrong(void)
{
	const int fd = open(device_node(), O_RDONLY | O_DIRECT | O_CLOEXEC);
	const char *wrong = NULL;
	u64 sect;

	if (fd < 0)
		return "its device cannot be opened";
	for (sect = 0; sect < b.g.main_sect && !wrong; sect += DMR_BLK_SECTS) {
		const u64 left = b.g.main_sect - sect;

		wrong = block_wrong(fd, sect, left < DMR_BLK_SECTS ? (u32)left : DMR_BLK_SECTS);
	}
	close(fd);
	return wrong;
}

/* ---- what is left on the spare ---- */

/* An entry without what reading main may have settled. */
static u64 settled(u64 word)
{
	u32 states = dmr_entry_states(word);
	u32 i;

	if (dmr_entry_kind(word) != DMR_KIND_USED)
		return 0;
	for (i = 0; i < DMR_STATES_PER_BLK; i++)
		if (dmr_states_get(states, i) == DMR_STATE_PENDING)
			states = dmr_states_set(states, i, 1, DMR_STATE_MAIN);
	return dmr_entry_make(DMR_KIND_USED, dmr_entry_mblk(word), states, 0);
}

static bool same_maps(void)
{
	u64 i;

	for (i = 0; i < GOLDEN_BLOCKS; i++) {
		u64 was_in = 0, is_in = 0;
		const u64 was = settled(load_find(&b.l, i, &was_in));
		const u64 is = settled(load_find(&b.again, i, &is_in));

		if (was != is || (was && was_in != is_in))
			return false;
	}
	return true;
}

/* Every copy says that all are in sync, and has the same table. */
static bool all_in_sync(void)
{
	u32 i, blk;

	for (i = 0; i < b.g.sb.copies; i++) {
		const struct dmr_slot at = golden_slot(&b.g, BLOCK_SUPER, i, 0);
		struct dmr_super sb;

		if (dmr_codec_super_decode(b.after + at.v * DMR_BLK_BYTES, at, &sb, NULL) ||
		    sb.insync != (1u << sb.copies) - 1 || sb.activity != DMR_ACTIVITY_CLEAN)
			return false;
		for (blk = 0; blk < sb.hwm_blk; blk++) {
			const struct dmr_slot t = golden_slot(&b.g, BLOCK_TABLE, i, blk);
			struct dmr_gen gen;
			u64 word[DMR_ENTRIES_PER_BLK];

			if (dmr_codec_table_decode(b.after + t.v * DMR_BLK_BYTES, t, &sb, blk,
						   word, &gen, NULL) ||
			    memcmp(word, b.again.table[blk], sizeof(word)))
				return false;
		}
	}
	return true;
}

static bool untouched(void)
{
	const size_t len = dmr_layout_copy_len(&b.g.sb) * DMR_BLK_BYTES;
	u32 i;

	for (i = 0; i < b.g.sb.copies; i++) {
		const u64 at = b.g.sb.copy_slot[i].v * DMR_BLK_BYTES;

		if (memcmp(b.image + at, b.after + at, len))
			return false;
	}
	return true;
}

/* ---- the cases ---- */

static const char *opened_wrong(void)
{
	const char *wrong = data_wrong();
	const int r = device_remove();

	if (r)
		errx(1, "remove: %s", strerror(r));
	metadata(b.after, false);
	if (wrong)
		return wrong;
	if (b.l.sb.ro_compat)
		return untouched() ? NULL : "opened to be read only, but written";
	load_image(&b.again, &b.g, b.after);
	if (b.again.err)
		return "closed, it cannot be opened again";
	if (!all_in_sync())
		return "closed, not all copies are in sync";
	return same_maps() ? NULL : "closed, it has another map";
}

static const char *case_wrong(void)
{
	const int r = device_create(b.g.main_sect, b.params);

	if (!r && b.l.err) {
		device_remove();
		return "opened, and is to be refused";
	}
	if (!r)
		return opened_wrong();
	metadata(b.after, false);
	if (!b.l.err)
		return "refused, and is to be opened";
	return untouched() ? NULL : "refused, but written";
}

static void judge(void *ctx, const struct sweep_case *c)
{
	const char *wrong;
	char text[160];

	(void)ctx;
	if (mutate_rnd(&b.dice) >> 32 >= b.pick)
		return;
	cases_apply(c, b.image);
	load_image(&b.l, &b.g, b.image);
	metadata(b.image, true);
	wrong = expect_check(c, b.image, &b.l);
	if (!wrong)
		wrong = case_wrong();
	if (wrong && b.wrong++ < SHOW) {
		cases_text(c, text, sizeof(text));
		printf("%s: %s\n", text, wrong);
		fflush(stdout);
	}
	b.tried++;
	b.refused += !!b.l.err;
	cases_undo(c, b.image);
}

static void count(void *ctx, const struct sweep_case *c)
{
	(void)ctx;
	(void)c;
}

/* ---- the devices ---- */

static int open_sized(const char *path, u64 sectors)
{
	const int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	if (lseek(fd, 0, SEEK_END) != (off_t)(sectors * SECTOR))
		errx(1, "%s is not of %ju sectors", path, (uintmax_t)sectors);
	return fd;
}

/* Each sector says where it is; the metadata comes later. */
static void fill_devices(void)
{
	struct pattern *p = blocks(b.g.spare_sect * SECTOR);
	u64 i;

	for (i = 0; i < b.g.main_sect; i++)
		golden_main(i, &p[i]);
	io(b.main_fd, p, b.g.main_sect * SECTOR, 0, true);
	for (i = 0; i < b.g.spare_sect; i++)
		pattern_fill(&p[i], i, SEQ_SLOT);
	io(b.spare_fd, p, b.g.spare_sect * SECTOR, 0, true);
	free(p);
}

static u32 find_golden(const char *name)
{
	u32 i;

	for (i = 0; i < golden_count(); i++) {
		golden_make(&b.g, i);
		if (!name)
			printf("%s %ju %ju %u\n", b.g.name, (uintmax_t)b.g.spare_sect,
			       (uintmax_t)b.g.main_sect, b.g.lbs_bytes);
		else if (!strcmp(b.g.name, name))
			return i;
		golden_free(&b.g);
	}
	return i;
}

int main(int argc, char **argv)
{
	u64 seed, total, wanted;

	if (argc == 2 && !strcmp(argv[1], "list"))
		return find_golden(NULL) != golden_count();
	if (argc != 6 || find_golden(argv[1]) == golden_count())
		errx(1, "wanted: list, or NAME MAIN SPARE SEED N|all");
	b.main_fd = open_sized(argv[2], b.g.main_sect);
	b.spare_fd = open_sized(argv[3], b.g.spare_sect);
	snprintf(b.params, sizeof(b.params), "%s %s", argv[2], argv[3]);
	b.image = blocks(b.g.size);
	b.after = blocks(b.g.size);
	memcpy(b.image, b.g.bytes, b.g.size);
	fill_devices();

	seed = strtoull(argv[4], NULL, 0);
	total = cases_each(&b.g, seed, false, count, NULL);
	wanted = strcmp(argv[5], "all") ? strtoull(argv[5], NULL, 0) : total;
	b.pick = wanted < total ? (wanted << 32) / total : 1ull << 32;
	b.dice = seed * 0x9e3779b97f4a7c15ull + 1;
	cases_each(&b.g, seed, false, judge, NULL);
	printf("%s: %ju of %ju cases with seed %ju, %ju refused, %ju wrong\n", b.g.name,
	       (uintmax_t)b.tried, (uintmax_t)total, (uintmax_t)seed, (uintmax_t)b.refused,
	       (uintmax_t)b.wrong);
	return b.wrong || !b.tried ? 3 : 0;
}
