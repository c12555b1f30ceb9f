// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: the document, written. Its entries, and what was lost, are written one by
 * one: there may be millions.
 */
#include <time.h>

#include "dump-rows.h"
#include "dump.h"
#include "report.h"
#include "../src/core/statusline.h"

static void head_of(const struct walk *w, struct dump_head *h)
{
	const struct dmr_super *sb = w->sb;

	*h = (struct dump_head){
		.created_s = sb->created_s, .dumped_s = (u64)time(NULL), .whole = !w->losts,
		.epoch = sb->gen.epoch, .counter = sb->gen.counter, .compat = sb->compat,
		.ro_compat = sb->ro_compat, .main_sect = sb->main_sect,
		.main_lbs = sb->main_lbs_bytes, .spare_sect = sb->spare_sect,
		.spare_lbs = sb->spare_lbs_bytes, .hwm_blk = sb->hwm_blk,
	};
	dmr_status_uuid_format(sb->uuid, h->uuid);
	snprintf(h->activity, sizeof(h->activity), "%s",
		 sb->activity == DMR_ACTIVITY_CLEAN ? "clean" : "in use");
	say_printable(sb->main_wwid, h->wwid);
	say_printable(sb->main_serial, h->serial);
	say_printable(sb->main_partuuid, h->partuuid);
	snprintf(h->strategy, sizeof(h->strategy), "%s", dmr_layout_strategy_name(sb->strategy));
}

static struct json_object *witness_json(const struct dmr_super *sb)
{
	struct json_object *list = json_object_new_array(), *o;
	u32 i;

	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		if (!sb->witness[i].len_sect)
			continue;
		o = json_object_new_object();
		out_json(o, dump_witness_row, DUMP_WITNESS_ROWS, &sb->witness[i]);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *copies_json(const struct dmr_super *sb)
{
	struct json_object *list = json_object_new_array();
	u32 i;

	for (i = 0; i < sb->copies; i++)
		json_object_array_add(list, out_json_u64(sb->copy_slot[i].v));
	return list;
}

static void print_entry(const struct walk *w, struct out_table *t, u64 slot)
{
	struct dump_entry row = { .slot = slot, .mblk = OUT_NONE, .serial = OUT_NONE };
	u64 word = walk_word(w, dmr_slot(slot));

	if (!word || dmr_entry_kind(word) == DMR_KIND_META)
		return;
	snprintf(row.kind, sizeof(row.kind), "%s", entry_kind_name(word));
	if (dmr_entry_maps(word)) {
		row.mblk = dmr_entry_mblk(word).v;
		row.serial = dmr_entry_serial(word);
		entry_states(w->sb, word, row.states);
	}
	out_table_row(t, &row);
}

void dump_print(const struct walk *w)
{
	struct json_object *doc = out_doc(DUMP_SCHEMA);
	struct out_table *t;
	struct dump_head h;
	u64 s, end;
	u32 blk;

	head_of(w, &h);
	out_json(doc, dump_head_row, DUMP_HEAD_ROWS, &h);
	json_object_object_add(doc, "copy_slots", copies_json(w->sb));
	json_object_object_add(doc, "witness", witness_json(w->sb));
	t = report_lost_begin(w, doc);
	out_table_next(t, dump_entry_row, DUMP_ENTRY_ROWS, "entries");
	for (blk = 0; blk < w->sb->hwm_blk; blk++) {
		if (!w->page[blk])
			continue;
		end = (u64)(blk + 1) * DMR_ENTRIES_PER_BLK;
		for (s = end - DMR_ENTRIES_PER_BLK; s < end && s < w->sb->slots; s++)
			print_entry(w, t, s);
	}
	out_table_end(t);
}
