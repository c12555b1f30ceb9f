// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: a document that was read, judged. What it says goes through the core's own
 * judgement, by way of a superblock that is encoded and decoded: no rule of the
 * format is written down a second time.
 */
#include <ctype.h>

#include "dump-doc.h"
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

static const char *take_lists(struct dump *d, struct json_object *head)
{
	struct json_object *copies = in_get(head, "copy_slots"), *list = in_get(head, "witness");
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

static const char *judge_lost(struct dump *d, struct json_object *head)
{
	if (!json_object_is_type(in_get(head, "lost"), json_type_array))
		return "lost";
	if (d->whole != !d->losts)
		return "whole, and lost: one contradicts the other";
	dump_sort_lost(d);
	if (d->losts && d->lost[d->losts - 1] >= d->sb.hwm_blk)
		return "lost: a table block above the high-water mark";
	return NULL;
}

/* @e: raw */
static const char *judge_entry(const struct dump *d, const struct dmr_check_map *e)
{
	const u64 end = (u64)d->sb.hwm_blk * DMR_ENTRIES_PER_BLK;
	const char *why;

	if (e->slot >= end || e->slot >= d->sb.slots)
		return "it is above the high-water mark";
	why = dmr_codec_entry_valid(&d->sb, dmr_slot(e->slot), e->word);
	if (!why && dmr_entry_maps(e->word) &&
	    e->mblk != dmr_codec_block_states(&d->sb, dmr_entry_mblk(e->word)))
		why = "its states are not one for each logical sector";
	return why;
}

static int by_slot(const void *a, const void *b)
{
	const struct dmr_check_map *x = a, *y = b;

	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

/* Most documents are in order already */
static void sort_by_slot(struct dump *d)
{
	u64 i;

	for (i = 1; i < d->n && d->entry[i - 1].slot <= d->entry[i].slot; i++)
		;
	if (i < d->n)
		qsort(d->entry, d->n, sizeof(*d->entry), by_slot);
}

/* @slot: of the entry that is not as it must be, if it is one */
static const char *judge_entries(struct dump *d, const struct dump_doc *doc, u64 *slot)
{
	struct dmr_check_map *e;
	const char *why;
	u64 i;

	*slot = OUT_NONE;
	if (!json_object_is_type(in_get(doc->head, "entries"), json_type_array))
		return "entries";
	for (i = 0; i < d->n; i++) {
		e = &d->entry[i];
		why = judge_entry(d, e);
		if (why) {
			*slot = e->slot;
			return why;
		}
		/* what maps no block sorts behind all that do */
		e->mblk = dmr_entry_maps(e->word) ? dmr_entry_mblk(e->word).v : OUT_NONE;
		d->used += dmr_entry_kind(e->word) == DMR_KIND_USED;
	}
	if (doc->why) {
		*slot = doc->slot;
		return doc->why;
	}
	sort_by_slot(d);
	for (i = 1; i < d->n; i++) {
		*slot = d->entry[i].slot;
		if (d->entry[i - 1].slot == *slot)
			return "it is there twice";
	}
	return NULL;
}

static void on_finding(void *ctx, const struct dmr_finding *f)
{
	u64 *mblk = ctx;

	if (dmr_check_info(f->id)->sev == DMR_SEV_FATAL)
		*mblk = f->mblk;
}

/*
 * Return: a block with entries of which nothing says which counts, or OUT_NONE. The
 * array is sorted and sorted back: a second one would be half of all memory.
 */
static u64 find_duplicate(struct dump *d)
{
	u64 mblk = OUT_NONE, n = d->n;

	walk_sort_map(d->entry, d->n);
	while (n && !dmr_entry_maps(d->entry[n - 1].word))
		n--;
	dmr_check_duplicates(d->entry, n, on_finding, &mblk);
	sort_by_slot(d);
	return mblk;
}

static const char *judge_head(struct dump *d, const struct dump_doc *doc)
{
	struct dump_head h;
	const char *why;
	u32 i;

	why = in_json(doc->head, dump_head_row, DUMP_HEAD_ROWS, &h);
	if (!why)
		why = take_head(d, &h);
	if (!why)
		why = take_lists(d, doc->head);
	if (!why)
		why = judge_super(&d->sb);
	/* above all that the dumped set has written, so that no remnant outranks it */
	d->sb.gen.epoch++;
	if (!why)
		why = judge_super(&d->sb);
	/* a new device: each copy begins in its anchor again */
	for (i = 0; i < d->sb.copies; i++)
		d->sb.copy_slot[i] = dmr_layout_anchor(&d->sb, i);
	return why;
}

static int judge_all(struct dump *d, const struct dump_doc *doc, const char *path)
{
	const char *why = judge_head(d, doc);
	u64 slot = OUT_NONE, mblk;

	if (!why)
		why = judge_lost(d, doc->head);
	if (!why)
		why = judge_entries(d, doc, &slot);
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

int dump_judge(struct dump *d, const struct dump_doc *doc, const char *path)
{
	struct json_object *schema = in_get(doc->head, "schema");

	if (!json_object_is_type(schema, json_type_string) ||
	    strcmp(json_object_get_string(schema), DUMP_SCHEMA))
		say_err("%s is not a dump: dmremap dump writes them", path);
	else if (json_object_get_int(in_get(doc->head, "schema_version")) != OUT_SCHEMA_VERSION)
		say_err("dump %s is of a newer dmremap: use that one", path);
	else
		return judge_all(d, doc, path);
	return EXIT_DEVICE;
}
