// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seeds: inputs that come through to the inside of each target.
 *
 *	seeds CORPUS GOLDEN
 *
 * writes CORPUS/<target>/seed-<name>.*; GOLDEN is tests/unit/golden.
 */
#include <ctype.h>
#include <err.h>
#include <stdlib.h>

#include "layout.h"
#include "statusline.h"

static const char *corpus, *golden;

/* Zeros at the end of a block go without saying. */
static void save(const char *target, const char *name, const u8 *head, size_t head_len,
		 const u8 *blk, size_t len)
{
	char path[512];
	FILE *f;

	while (blk && len && !blk[len - 1])
		len--;
	snprintf(path, sizeof(path), "%s/%s/seed-%s.img", corpus, target, name);
	f = fopen(path, "w");
	if (!f || fwrite(head, 1, head_len, f) != head_len ||
	    (len && fwrite(blk, 1, len, f) != len) || fclose(f))
		err(1, "%s", path);
}

static void save_text(const char *target, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/seed-%s.txt", corpus, target, name);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		err(1, "%s", path);
}

/* "offset: bytes # comment"; everything else is zero */
static void read_golden(const char *name, u8 *blk)
{
	char path[512], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.hex", golden, name);
	f = fopen(path, "r");
	if (!f)
		err(1, "%s", path);
	memset(blk, 0, DMR_BLK_BYTES);
	while (fgets(line, sizeof(line), f)) {
		unsigned long at;
		char *p;

		if (!isxdigit((unsigned char)line[0]))
			continue;
		at = strtoul(line, &p, 16);
		for (p++; isxdigit((unsigned char)p[1]); p += 3)
			blk[at++] = (u8)strtoul((char[]){ p[1], p[2], 0 }, NULL, 16);
	}
	fclose(f);
}

static void make_super(struct dmr_super *sb, u64 slots)
{
	struct dmr_layout l;

	memset(sb, 0, sizeof(*sb));
	if (dmr_layout_compute(slots * DMR_BLK_SECTS, &l))
		errx(1, "no layout");
	sb->gen = (struct dmr_gen){ 3, 17, 0xfeedbeef };
	sb->main_sect = 40003;
	sb->spare_sect = slots * DMR_BLK_SECTS;
	sb->main_lbs_bytes = 512;
	sb->spare_lbs_bytes = 512;
	sb->slots = l.slots;
	sb->table_blk = l.table_blk;
	sb->copies = l.copies;
	sb->insync = (1u << l.copies) - 1;
	sb->strategy = l.strategy;
	sb->activity = DMR_ACTIVITY_CLEAN;
	memcpy(sb->copy_slot, l.copy_slot, sizeof(sb->copy_slot));
	sb->hwm_blk = dmr_layout_raised(sb, 0);
	sb->witness[2] = (struct dmr_witness){ 39939, 64, 0x11223344, true };
	strcpy(sb->main_wwid, "naa.5000c500a1b2c3d4");
	memset(sb->main_partuuid, 'x', 40);
}

static void super_seeds(void)
{
	static const u64 slots[] = { 9, 128, 1024, 262144 };
	const u8 fix = 0, fix_no_type = 0x04;
	u8 blk[DMR_BLK_BYTES];
	struct dmr_super sb;
	char name[32];
	unsigned int i;

	read_golden("super", blk);
	save("super", "golden", &fix, 1, blk, sizeof(blk));
	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		make_super(&sb, slots[i]);
		dmr_codec_super_encode(blk, &sb, 1, sb.copy_slot[1]);
		snprintf(name, sizeof(name), "%u-slots", (unsigned int)slots[i]);
		save("super", name, &fix, 1, blk, sizeof(blk));
		sb.copy_slot[1] = dmr_layout_alternate(slots[i], i ? 0 : 1);
		if (dmr_slot_is_none(sb.copy_slot[1]))
			continue;
		dmr_codec_tomb_encode(blk, &sb, 1, dmr_layout_anchor(&sb, 1));
		snprintf(name, sizeof(name), "%u-slots-tombstone", (unsigned int)slots[i]);
		save("super", name, &fix_no_type, 1, blk, sizeof(blk));
		dmr_codec_super_encode(blk, &sb, 1, sb.copy_slot[1]);
		snprintf(name, sizeof(name), "%u-slots-moved", (unsigned int)slots[i]);
		save("super", name, &fix, 1, blk, sizeof(blk));
	}
}

/* Index into pick_spare_sect(), shape, main_sect - 1, index: see fuzz-table.c. */
static void table_seeds(void)
{
	static const u8 minimal[] = {
		0x80, 0, 0, 0x42, 0x9c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		/* entry 3: used, block 5, all in the slot; 4: bad; 5: pending, block 6 */
		3, 0, 5, 0, 0, 0, 0, 0xaa, 0xaa, 2,
		4, 0, 0, 0, 0, 0, 0, 0, 0, 4,
		5, 0, 6, 0, 0, 0, 0, 1, 0, 3,
	};
	static const u8 tail_4k[] = {
		0x80, 11, 3, 0x42, 0x9c, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		3, 0, 0x88, 0x13, 0, 0, 0, 2, 0, 2,
	};
	static const u8 scattered[] = {
		0x80, 11, 16, 0x42, 0x9c, 0, 0, 0, 0, 5, 3, 2, 1, 0, 0, 0, 0,
		0xf0, 1, 0, 0, 0, 0, 0, 3, 0, 0x1a,
	};
	static const u8 last_of_big[] = {
		0x80, 14, 12, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 2,
	};
	/* golden/table.hex is of an 8 MiB spare, block 1; main has 1953525168 sectors of 4096 */
	const u8 of_golden[17] = { 0, 12 + 17 * 7, 3, 0xaf, 0x6d, 0x70, 0x74, 1 };
	u8 blk[DMR_BLK_BYTES];

	read_golden("table", blk);
	save("table", "golden", of_golden, sizeof(of_golden), blk, sizeof(blk));
	save("table", "minimal", minimal, sizeof(minimal), NULL, 0);
	save("table", "tail-4k", tail_4k, sizeof(tail_4k), NULL, 0);
	save("table", "scattered", scattered, sizeof(scattered), NULL, 0);
	save("table", "last-of-big", last_of_big, sizeof(last_of_big), NULL, 0);
}

/* plan: shape, flags, hwm, lbs, resize, fail alloc, fail write, fail flush; see image.h */
static void image_seeds(void)
{
	static const u8 minimal[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	static const u8 geometric[] = { 5, 0, 3, 0, 0, 0, 0, 0 };
	static const u8 moved[] = {
		5, 0x20, 3, 0, 0, 0, 3, 0,
		/* two slots for block 7, the second with the next serial; a hint */
		1, 0xff, 0x90, 1, 7, 0, 0, 0, 2, 0, 0, 0,
		1, 0xff, 0x20, 3, 7, 0, 0, 0, 2, 0, 1, 0,
		2, 0xff, 0x30, 3, 9, 0, 0, 0, 4, 0, 0, 0,
	};
	static const u8 damaged[] = {
		3, 0x10, 1, 0, 0, 0, 0, 2,
		6, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		8, 0x04, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x43, 0x01, 6, 0, 9, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 closed[] = {
		4, 4, 2, 3, 3, 0, 0, 0,
		11, 0xff, 1, 0, 0x34, 0x12, 0x10, 0, 0, 0, 0, 0,
	};
	static const u8 full[] = {
		2, 1, 0, 0, 0, 40, 0, 0,
		4, 0x01, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0,
	};

	save("image", "minimal", minimal, sizeof(minimal), NULL, 0);
	save("image", "geometric", geometric, sizeof(geometric), NULL, 0);
	save("image", "moved", moved, sizeof(moved), NULL, 0);
	save("image", "damaged", damaged, sizeof(damaged), NULL, 0);
	save("image", "closed", closed, sizeof(closed), NULL, 0);
	save("image", "no-memory", full, sizeof(full), NULL, 0);
}

static void text_seeds(void)
{
	struct dmr_status s;
	char line[4096];

	save_text("args", "none", "");
	save_text("args", "zero", "0");
	save_text("args", "all", "5 policy:record allowance:0 hold:600 slow:0 force_readonly");
	save_text("args", "edges", "3 allowance:65536 hold:1 policy:off");
	save_text("args", "marks", "2 low:0 critical:99");
	save_text("args", "default", "1 policy:remap");
	save_text("message", "freeze", "freeze");
	save_text("message", "remap", "remap 1099511627775 1");
	save_text("message", "remap-list", "remap 0 1 5 2 7 1 1099511627775 1");
	save_text("message", "unmap", "unmap 0 16");
	save_text("message", "cancel", "cancel 7");
	save_text("message", "verify", "verify");
	save_text("message", "health", "health 65536");
	save_text("message", "pools", "pools");
	save_text("message", "thaw", "thaw");
	save_text("message", "thaw-most", "thaw 65536");
	save_text("message", "policy", "policy record");
	memset(&s, 0, sizeof(s));
	dmr_status_format(&s, line, sizeof(line));
	save_text("status", "inactive", line);
	s.mode = DMR_MODE_MAP_RO;
	s.why = DMR_WHY_COPIES;
	s.main_sect = ~0ull;
	s.held = ~0u;
	s.copies = 2;
	s.copy_slot[1] = dmr_slot(6);
	s.copy_state[1] = DMR_COPY_FAILED;
	s.uuid[15] = 0xaf;
	dmr_status_format(&s, line, sizeof(line));
	save_text("status", "map-ro", line);
}

static void health_seeds(void)
{
	/* main_sect - 1, of the set that golden/aux.hex is of */
	const u8 of_golden[7] = { 0, 0xaf, 0x6d, 0x70, 0x74 };
	u8 blk[DMR_BLK_BYTES];

	read_golden("aux", blk);
	save("health", "golden", of_golden, sizeof(of_golden), blk + 64, sizeof(blk) - 64);
	save_text("health", "head", "health v1 region_sect=2048 records=2 max=1024 evicted=3 "
		  "read_errors=4 write_errors=5 retries=6 slow=7 slow_ms=1000");
	save_text("health", "region", "9 285 critical worsening 1 2 3 4 5 6 7 8");
	save_text("health", "pools", "pools v1 memory=emergency entries=2");
	save_text("health", "pool", "work min=1 max=2 size=3 idle=4 reserve=5 allocs=6 frees=7 "
		  "hits=8 misses=9 emergency=0 grows=1 shrinks=2 in_use=3 high_water=4 failures=5 "
		  "refused=6 entries=7");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(1, "seeds CORPUS GOLDEN");
	corpus = argv[1];
	golden = argv[2];
	super_seeds();
	table_seeds();
	image_seeds();
	text_seeds();
	health_seeds();
	return 0;
}
