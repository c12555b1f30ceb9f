// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage, in words and in JSON: what is wrong, what was decided.
 */
#include "out.h"
#include "salvage.h"
#include "say.h"

static const char * const what_name[] = {
	[SALVAGE_SUPER_CHOSEN] = "superblock-chosen",
	[SALVAGE_SUPER_REBUILT] = "superblock-rebuilt",
	[SALVAGE_SIZE_FOUND] = "size-found",
	[SALVAGE_TABLE_OLD] = "table-old",
	[SALVAGE_TABLE_MERGED] = "table-merged",
	[SALVAGE_TABLE_LOST] = "table-lost",
	[SALVAGE_SLOT_RETIRED] = "slot-retired",
	[SALVAGE_SECTOR_LOST] = "sector-lost",
};

static const char * const what_text[] = {
	[SALVAGE_SUPER_CHOSEN] = "Superblock taken",
	[SALVAGE_SUPER_REBUILT] = "Superblock",
	[SALVAGE_SIZE_FOUND] = "Size found",
	[SALVAGE_TABLE_OLD] = "Older image taken",
	[SALVAGE_TABLE_MERGED] = "Images merged",
	[SALVAGE_TABLE_LOST] = "Lost, and its slots bad from now on",
	[SALVAGE_SLOT_RETIRED] = "Bad from now on",
	[SALVAGE_SECTOR_LOST] = "Lost",
};

static void print_note(const struct salvage_note *n)
{
	printf("%s", what_text[n->what]);
	if (n->table_blk != ~0u)
		printf(", table block %u", n->table_blk);
	if (n->copy != ~0u)
		printf(", copy %u of generation %ju.%ju", n->copy, n->gen.epoch, n->gen.counter);
	if (n->sect != ~0ull)
		printf(", sectors %ju-%ju of main", n->sect, n->sect + n->sects - 1);
	if (n->mblk != ~0ull)
		printf(", main block %ju", n->mblk);
	if (n->last_slot != ~0ull && n->last_slot != n->slot)
		printf(", slots %ju-%ju", n->slot, n->last_slot);
	else if (n->slot != ~0ull)
		printf(", slot %ju", n->slot);
	printf(": %s\n", n->why);
}

void salvage_print(const struct salvage *s)
{
	u64 i;

	report_print(&s->found, &s->w);
	for (i = 0; i < s->notes; i++)
		print_note(&s->note[i]);
}

/** struct note_row - a decision as JSON has it */
struct note_row {
	const char *what;
	u64 table_blk;
	u64 copy;
	char generation[48];
	u64 slot;
	u64 last_slot;
	u64 mblk;
	u64 sect;
	u64 sects;
	const char *why;
};

static const struct out_field note_field[] = {
	OUT_FIELD(struct note_row, what, OUT_STR, "decision", NULL),
	OUT_FIELD(struct note_row, table_blk, OUT_U64, "table_block", NULL),
	OUT_FIELD(struct note_row, copy, OUT_U64, "copy", NULL),
	OUT_FIELD(struct note_row, generation, OUT_CHARS, "generation", NULL),
	OUT_FIELD(struct note_row, slot, OUT_U64, "first_slot", NULL),
	OUT_FIELD(struct note_row, last_slot, OUT_U64, "last_slot", NULL),
	OUT_FIELD(struct note_row, mblk, OUT_U64, "main_block", NULL),
	OUT_FIELD(struct note_row, sect, OUT_U64, "main_sector", NULL),
	OUT_FIELD(struct note_row, sects, OUT_U64, "main_sectors", NULL),
	OUT_FIELD(struct note_row, why, OUT_STR, "text", NULL),
};

struct json_object *salvage_notes_json(const struct salvage *s)
{
	struct json_object *list = json_object_new_array(), *o;
	struct note_row row;
	u64 i;

	for (i = 0; i < s->notes; i++) {
		const struct salvage_note *n = &s->note[i];

		row = (struct note_row){
			.what = what_name[n->what], .slot = n->slot, .mblk = n->mblk,
			.last_slot = n->last_slot == ~0ull ? n->slot : n->last_slot,
			.sect = n->sect, .sects = n->sects, .why = n->why,
			.table_blk = n->table_blk == ~0u ? OUT_NONE : n->table_blk,
			.copy = n->copy == ~0u ? OUT_NONE : n->copy,
		};
		if (n->copy != ~0u)
			snprintf(row.generation, sizeof(row.generation), "%ju.%ju", n->gen.epoch,
				 n->gen.counter);
		o = json_object_new_object();
		out_json(o, note_field, ARRAY_SIZE(note_field), &row);
		json_object_array_add(list, o);
	}
	return list;
}
