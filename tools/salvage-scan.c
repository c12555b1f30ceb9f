// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage, the scan: the size of the device is not that of the spare any more,
 * and no superblock is where it must be. One that is anywhere else says all; if
 * there is none, a table block states its slot and its number, so where its copy
 * began, and where copies begin tells the size. Blocks are believed only where
 * they say they are: a file that holds an image of a spare is not one.
 */
#include "salvage.h"
#include "say.h"

#define RUN_BLK		64u
#define STARTS_MAX	64u
#define SAMPLE_MAX	256u	/* blocks that are decoded for each size that may be right */
#define SIZES_MAX	34u	/* that one beginning of a copy allows */

/** struct sample - a table block that was found */
struct sample {
	struct dmr_slot at;
	u32 blk;
};

/** struct scan - beginnings of copies with the number of blocks that speak for each */
struct scan {
	struct salvage *s;
	struct dmr_super sb;
	u64 start[STARTS_MAX];
	u64 votes[STARTS_MAX];
	u32 starts;
	struct sample sample[SAMPLE_MAX];
	u32 samples;
	u64 found;
	void *raw;
	struct salvage_origin *o;
};

static void add_start(struct scan *c, u64 start, u32 votes)
{
	u32 i = 0;

	while (i < c->starts && c->start[i] != start)
		i++;
	if (i == STARTS_MAX)
		return;
	if (i == c->starts)
		c->start[c->starts++] = start;
	c->votes[i] += votes;
}

/* Metadata in a row begins where a copy does: copies of which no block is left are seen so */
static void add_rows(struct scan *c, const struct dmr_disk_table *d, u32 blk)
{
	const u64 meta = dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0);
	u32 i;

	for (i = 1; i < DMR_ENTRIES_PER_BLK; i++) {
		if (le64_to_cpu(d->entry[i]) == meta && le64_to_cpu(d->entry[i - 1]) != meta)
			add_start(c, (u64)blk * DMR_ENTRIES_PER_BLK + i, 1);
	}
}

static void look_at_super(struct scan *c, const void *raw, struct dmr_slot at)
{
	struct salvage_origin *o = c->o;
	struct dmr_super sb;

	if (dmr_codec_super_decode(raw, at, &sb, NULL) != DMR_BLK_OK ||
	    (o->found && dmr_codec_gen_cmp(&sb.gen, &o->sb.gen) <= 0))
		return;
	o->found = true;
	o->sb = sb;
}

static void look_at_table(struct scan *c, const struct dmr_disk_table *d, struct dmr_slot at)
{
	u32 blk = le32_to_cpu(d->h.index);

	if ((u64)blk + 1 > at.v)
		return;
	add_start(c, at.v - 1 - blk, 1);
	c->found++;
	if (c->samples == SAMPLE_MAX)
		return;
	c->sample[c->samples++] = (struct sample){ .at = at, .blk = blk };
	add_rows(c, d, blk);
}

/* Return: false for an unknown version */
static bool look(struct scan *c, const void *raw, struct dmr_slot at)
{
	const struct dmr_disk_table *d = raw;

	if (memcmp(d->h.magic, DMR_DISK_MAGIC, sizeof(d->h.magic)) != 0 ||
	    le64_to_cpu(d->h.slot) != at.v)
		return true;
	if (le16_to_cpu(d->h.version) != DMR_DISK_VERSION)
		return false;
	if (le32_to_cpu(d->h.crc) != dmr_codec_crc(raw, d->h.uuid, at))
		return true;
	switch (le16_to_cpu(d->h.type)) {
	case DMR_TYPE_SUPER:
		look_at_super(c, raw, at);
		return true;
	case DMR_TYPE_TABLE:
		look_at_table(c, d, at);
		return true;
	case DMR_TYPE_AUX:
	case DMR_TYPE_TOMBSTONE:
		return true;
	default:
		return false;
	}
}

static bool look_everywhere(struct scan *c)
{
	const u64 slots = c->s->d->sect / DMR_BLK_SECTS;
	u8 *raw = say_alloc_blocks(RUN_BLK);
	bool known = true, whole;
	u64 at;
	u32 i, n;

	for (at = 0; at < slots && known; at += n) {
		n = slots - at < RUN_BLK ? (u32)(slots - at) : RUN_BLK;
		whole = !dev_read_slots(c->s->d, raw, dmr_slot(at), n);
		for (i = 0; i < n && known; i++) {
			u8 *one = raw + (size_t)i * DMR_BLK_BYTES;

			if (whole || !dev_read_slots(c->s->d, one, dmr_slot(at + i), 1))
				known = look(c, one, dmr_slot(at + i));
		}
	}
	free(raw);
	return known;
}

/* ---- which size ---- */

/* Sizes, in slots, at which a copy can begin at @start: doc/format.md, section 2, backwards */
static u32 sizes_of(u64 start, u64 *size)
{
	static const u8 share[] = { 16, 8, 4, 2 };
	u32 i, k, n = 0;

	for (i = 0; i < ARRAY_SIZE(share); i++) {
		for (k = 0; k < share[i]; k++)
			size[n++] = start * share[i] + k;
	}
	for (k = 0; k < 3; k++)
		size[n++] = start * 4 / 3 + k;
	size[n++] = start + 3;
	return n;
}

static bool set_size(struct scan *c, u64 slots)
{
	struct dmr_super *sb = &c->sb;
	struct dmr_layout lay;

	if (slots > UINT64_MAX / DMR_BLK_SECTS || dmr_layout_compute(slots * DMR_BLK_SECTS, &lay))
		return false;
	sb->spare_sect = slots * DMR_BLK_SECTS;
	sb->slots = lay.slots;
	sb->table_blk = lay.table_blk;
	sb->copies = lay.copies;
	memcpy(sb->copy_slot, lay.copy_slot, sizeof(sb->copy_slot));
	return true;
}

/* Beginnings of copies that this size explains */
static u64 explained(const struct scan *c)
{
	u64 n = 0;
	u32 i, k;

	for (i = 0; i < c->starts; i++) {
		for (k = 0; k < c->sb.copies; k++)
			n += c->sb.copy_slot[k].v == c->start[i] ? c->votes[i] : 0;
	}
	return n;
}

/* Blocks that make sense with this size */
static u64 sensible(struct scan *c)
{
	u64 word[DMR_ENTRIES_PER_BLK], n = 0;
	const struct dmr_disk_header *h = c->raw;
	struct dmr_gen gen;
	u32 i;

	for (i = 0; i < c->samples; i++) {
		if (c->sample[i].blk >= c->sb.table_blk ||
		    dev_read_slots(c->s->d, c->raw, c->sample[i].at, 1))
			continue;
		memcpy(c->sb.uuid, h->uuid, DMR_UUID_BYTES);
		n += dmr_codec_table_decode(c->raw, c->sample[i].at, &c->sb, c->sample[i].blk,
					    word, &gen, NULL) == DMR_BLK_OK;
	}
	return n;
}

/** struct best - the size that fits best so far */
struct best {
	u64 slots;
	u64 explained;
	u64 sensible;
};

static void try_size(struct scan *c, u64 slots, struct best *b)
{
	struct best t = { .slots = slots };

	if (!set_size(c, slots))
		return;
	t.explained = explained(c);
	if (!t.explained || t.explained < b->explained)
		return;
	t.sensible = sensible(c);
	if (t.explained > b->explained || t.sensible > b->sensible)
		*b = t;
}

int salvage_scan(struct salvage *s, const struct dmr_super *sb, struct salvage_origin *o)
{
	struct scan *c = say_alloc(1, sizeof(*c));
	u64 size[SIZES_MAX];
	struct best b = { 0 };
	u32 i, k, n;
	int code = 0;

	memset(o, 0, sizeof(*o));
	c->s = s;
	c->o = o;
	c->sb = *sb;
	c->raw = say_alloc_blocks(1);
	if (!look_everywhere(c))
		code = salvage_newer(s);
	if (!code && c->found)
		try_size(c, sb->slots, &b);	/* of equals, the size that it has */
	for (i = 0; i < c->starts && c->found && !o->found && !code; i++) {
		n = c->start[i] ? sizes_of(c->start[i], size) : 0;
		for (k = 0; k < n; k++)
			try_size(c, size[k], &b);
	}
	o->slots = o->found ? o->sb.slots : b.slots;
	free(c->raw);
	free(c);
	return code;
}
