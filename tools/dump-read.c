// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: the document, read. What it says goes through the core's own judgement,
 * by way of a superblock that is encoded and decoded: no rule of the format is
 * written down a second time.
 */
#include <ctype.h>

#include "dump-rows.h"
#include "dump.h"
#include "in.h"
#include "../src/core/statusline.h"

/* What say_printable() has made of a string. False: it has not, or it is too long. */
static bool plain(const char *s, char *buf, size_t size)
{
	unsigned int byte;

	for (; *s; s++, buf++, size--) {
		if (size < 2)
			return false;
		*buf = *s;
		if (*s != '\\')
			continue;
		if (strlen(s) < 4 || s[1] != 'x' || !isxdigit(s[2]) || !isxdigit(s[3]) ||
		    sscanf(s + 2, "%2x", &byte) != 1 || !byte)
			return false;
		*buf = (char)byte;
		s += 3;
	}
	*buf = '\0';
	return true;
}

static bool parse_uuid(const char *s, u8 uuid[DMR_UUID_BYTES])
{
	const char *begin = s;
	char again[37];
	u32 i;

	for (i = 0; i < DMR_UUID_BYTES; i++) {
		s += *s == '-';
		if (!isxdigit(s[0]) || !isxdigit(s[1]) || sscanf(s, "%2hhx", &uuid[i]) != 1)
			return false;
		s += 2;
	}
	dmr_status_uuid_format(uuid, again);
	return !strcasecmp(again, begin);
}

static const char *take_head(struct dump *d, const struct dump_head *h)
{
	struct dmr_super *sb = &d->sb;
	struct dmr_layout lay;

	if (dmr_layout_compute(h->spare_sect, &lay))
		return "spare.sectors: no spare has that size";
	if (!parse_uuid(h->uuid, sb->uuid))
		return "uuid: that is none";
	if (strcmp(h->activity, "clean") && strcmp(h->activity, "in use"))
		return "activity: neither clean nor in use";
	if (h->compat || h->ro_compat)
		return "features: of a newer dm-remap, use that one";
	if (h->created_s == OUT_NONE || h->dumped_s == OUT_NONE)
		return "created, dumped: not there";
	if (!plain(h->wwid, sb->main_wwid, sizeof(sb->main_wwid)) ||
	    !plain(h->serial, sb->main_serial, sizeof(sb->main_serial)) ||
	    !plain(h->partuuid, sb->main_partuuid, sizeof(sb->main_partuuid)))
		return "main: an identity that is too long or not escaped as it must be";
	d->whole = h->whole;
	d->dumped_s = h->dumped_s;
	sb->gen = (struct dmr_gen){ .epoch = h->epoch, .counter = h->counter };
	sb->main_sect = h->main_sect;
	sb->main_lbs_bytes = h->main_lbs;
	sb->spare_sect = h->spare_sect;
	sb->spare_lbs_bytes = h->spare_lbs;
	sb->slots = lay.slots;
	sb->table_blk = lay.table_blk;
	sb->hwm_blk = h->hwm_blk;
	sb->copies = lay.copies;
	sb->insync = (1u << lay.copies) - 1;
	sb->strategy = lay.strategy;
	sb->activity = strcmp(h->activity, "clean") ? DMR_ACTIVITY_IN_USE : DMR_ACTIVITY_CLEAN;
	sb->created_s = h->created_s;
	memcpy(sb->copy_slot, lay.copy_slot, sizeof(sb->copy_slot));
	return NULL;
}

static const char *take_lists(struct dump *d, struct json_object *doc)
{
	struct json_object *copies = in_get(doc, "copy_slots"), *list = in_get(doc, "witness");
	const char *key;
	size_t i;

	if (!json_object_is_type(copies, json_type_array) ||
	    json_object_array_length(copies) != d->sb.copies)
		return "copy_slots";
	for (i = 0; i < d->sb.copies; i++) {
		struct json_object *at = json_object_array_get_idx(copies, i);

		d->sb.copy_slot[i] = dmr_slot(json_object_get_uint64(at));
	}
	if (!json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) > DMR_WITNESS_MAX)
		return "witness";
	for (i = 0; i < json_object_array_length(list); i++) {
		key = in_json(json_object_array_get_idx(list, i), dump_witness_row,
			      DUMP_WITNESS_ROWS, &d->sb.witness[i]);
		if (key)
			return key;
	}
	return NULL;
}

/* The core's rules for a superblock. */
static const char *judge_super(const struct dmr_super *sb)
{
	void *blk = say_alloc_blocks(1);
	struct dmr_super seen;
	const char *why = NULL;

	dmr_codec_super_encode(blk, sb, 0, sb->copy_slot[0]);
	if (dmr_codec_super_decode(blk, sb->copy_slot[0], &seen, &why) == DMR_BLK_OK)
		why = NULL;
	else if (!why)
		why = "impossible";
	free(blk);
	return why;
}

static const char *take_entry(struct dump *d, const struct dump_entry *row)
{
	const u64 end = (u64)d->sb.hwm_blk * DMR_ENTRIES_PER_BLK;
	const char *why;
	u64 word;

	if (row->slot == OUT_NONE)
		return "an entry says no slot";
	if (row->slot >= end || row->slot >= d->sb.slots)
		return "it is above the high-water mark";
	why = entry_parse(row->kind, row->mblk, row->states, row->serial, &word);
	if (!why)
		why = dmr_codec_entry_valid(&d->sb, dmr_slot(row->slot), word);
	if (why)
		return why;
	if (dmr_entry_maps(word) &&
	    strlen(row->states) != dmr_codec_block_states(&d->sb, dmr_mblk(row->mblk)))
		return "its states are not one for each logical sector";
	d->entry[d->n++] = (struct dmr_check_map){
		.slot = row->slot, .word = word, .mblk = dmr_entry_mblk(word).v,
	};
	d->used += dmr_entry_kind(word) == DMR_KIND_USED;
	return NULL;
}

static int by_slot(const void *a, const void *b)
{
	const struct dmr_check_map *x = a, *y = b;

	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

/* @slot: of the entry that is not as it must be, if it is one */
static const char *take_entries(struct dump *d, struct json_object *doc, u64 *slot)
{
	struct json_object *list = in_get(doc, "entries");
	struct dump_entry row;
	const char *why;
	size_t i, n;

	*slot = OUT_NONE;
	if (!json_object_is_type(list, json_type_array))
		return "entries";
	n = json_object_array_length(list);
	d->entry = say_alloc(n, sizeof(*d->entry));
	for (i = 0; i < n; i++) {
		why = in_json(json_object_array_get_idx(list, i), dump_entry_row, DUMP_ENTRY_ROWS,
			      &row);
		if (!why)
			why = take_entry(d, &row);
		if (why) {
			*slot = row.slot;
			return why;
		}
	}
	qsort(d->entry, n, sizeof(*d->entry), by_slot);
	for (i = 1; i < n; i++) {
		*slot = d->entry[i].slot;
		if (d->entry[i - 1].slot == *slot)
			return "it is there twice";
	}
	return NULL;
}

static const char *take_lost(struct dump *d, struct json_object *doc)
{
	struct json_object *list = in_get(doc, "lost");
	u64 blk;
	size_t i;

	if (!json_object_is_type(list, json_type_array))
		return "lost";
	d->losts = json_object_array_length(list);
	if (d->whole != !d->losts)
		return "whole, and lost: one contradicts the other";
	d->lost = say_alloc(d->losts, sizeof(*d->lost));
	for (i = 0; i < d->losts; i++) {
		blk = json_object_get_uint64(in_get(json_object_array_get_idx(list, i),
						    "table_block"));
		if (blk >= d->sb.hwm_blk)
			return "lost: a table block above the high-water mark";
		d->lost[i] = (u32)blk;
	}
	return NULL;
}

static void on_finding(void *ctx, const struct dmr_finding *f)
{
	u64 *mblk = ctx;

	if (dmr_check_info(f->id)->sev == DMR_SEV_FATAL)
		*mblk = f->mblk;
}

/* Return: a block with entries of which nothing says which counts, or OUT_NONE. */
static u64 find_duplicate(const struct dump *d)
{
	struct dmr_check_map *map = say_alloc(d->n, sizeof(*map));
	u64 i, n = 0, mblk = OUT_NONE;

	for (i = 0; i < d->n; i++)
		if (dmr_entry_maps(d->entry[i].word))
			map[n++] = d->entry[i];
	walk_sort_map(map, n);
	dmr_check_duplicates(map, n, on_finding, &mblk);
	free(map);
	return mblk;
}

static int take_all(struct dump *d, struct json_object *doc, const char *path)
{
	u64 slot = OUT_NONE, mblk;
	struct dump_head h;
	const char *why;
	u32 i;

	why = in_json(doc, dump_head_row, DUMP_HEAD_ROWS, &h);
	if (!why)
		why = take_head(d, &h);
	if (!why)
		why = take_lists(d, doc);
	if (!why)
		why = judge_super(&d->sb);
	/* above all that the dumped set has written, so that no remnant outranks it */
	d->sb.gen.epoch++;
	if (!why)
		why = judge_super(&d->sb);
	/* a new device: each copy begins in its anchor again */
	for (i = 0; i < d->sb.copies; i++)
		d->sb.copy_slot[i] = dmr_layout_anchor(&d->sb, i);
	if (!why)
		why = take_lost(d, doc);
	if (!why)
		why = take_entries(d, doc, &slot);
	mblk = why ? OUT_NONE : find_duplicate(d);
	if (!why && mblk == OUT_NONE)
		return 0;
	if (!why)
		say_err("dump %s: block %ju has several slots and nothing says which counts; nothing was written",
			path, mblk);
	else if (slot != OUT_NONE)
		say_err("dump %s: the entry of slot %ju: %s; nothing was written", path, slot, why);
	else
		say_err("dump %s: not as a dump must be: %s; nothing was written", path, why);
	return EXIT_DEVICE;
}

int dump_take(struct dump *d, struct json_object *doc, const char *path)
{
	struct json_object *schema = in_get(doc, "schema");

	memset(d, 0, sizeof(*d));
	if (!json_object_is_type(schema, json_type_string) ||
	    strcmp(json_object_get_string(schema), DUMP_SCHEMA))
		say_err("%s is not a dump: dmremap dump writes them", path);
	else if (json_object_get_int(in_get(doc, "schema_version")) != OUT_SCHEMA_VERSION)
		say_err("dump %s is of a newer dmremap: use that one", path);
	else
		return take_all(d, doc, path);
	return EXIT_DEVICE;
}

int dump_read(struct dump *d, const char *path)
{
	struct json_object *doc = in_file(path);
	int code;

	memset(d, 0, sizeof(*d));
	if (!doc)
		return EXIT_DEVICE;
	code = dump_take(d, doc, path);
	json_object_put(doc);
	return code;
}

/* The first entry from @slot on. */
static u64 lower_bound(const struct dump *d, u64 slot)
{
	u64 low = 0, high = d->n;

	while (low < high) {
		const u64 mid = low + (high - low) / 2;

		if (d->entry[mid].slot < slot)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void dump_words(const struct dump *d, u32 blk, u64 *word)
{
	const u64 first = (u64)blk * DMR_ENTRIES_PER_BLK;
	u64 i, k;

	dmr_layout_empty_block(&d->sb, blk, word);
	for (i = 0; i < d->losts && d->lost[i] != blk; i++)
		;
	/* nobody knows what lives in the slots of a lost block: never to be given to another */
	for (k = 0; i < d->losts && k < DMR_ENTRIES_PER_BLK; k++)
		if (!word[k] && first + k < d->sb.slots)
			word[k] = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	for (i = lower_bound(d, first); i < d->n; i++) {
		if (d->entry[i].slot >= first + DMR_ENTRIES_PER_BLK)
			break;
		word[d->entry[i].slot - first] = d->entry[i].word;
	}
}

void dump_table(void *ctx, const struct dmr_super *sb, u32 blk, u64 *word)
{
	(void)sb;
	dump_words(ctx, blk, word);
}

void dump_free(struct dump *d)
{
	free(d->entry);
	free(d->lost);
}
