// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command list: which blocks moved where. The status of a device has sums
 * only, so the entries are read from the spare, of an open set as well.
 */
#include "cmd.h"
#include "entry.h"
#include "out.h"
#include "spare.h"
#include "../src/core/statusline.h"

/** struct list_row - one slot that is not free */
struct list_row {
	const char *kind;
	u64 mblk;
	u64 main_sect;
	u64 slot;
	u64 spare_sect;
	char states[ENTRY_STATES_LEN];
};

#define LIST_FIELD(member, type, key, label) OUT_FIELD(struct list_row, member, type, key, label)

static const struct out_field list_field[] = {
	LIST_FIELD(mblk, OUT_U64, "main_block", "MAIN-BLOCK"),
	LIST_FIELD(main_sect, OUT_U64, "main_sector", "MAIN-SECTOR"),
	LIST_FIELD(slot, OUT_U64, "slot", "SLOT"),
	LIST_FIELD(spare_sect, OUT_U64, "spare_sector", "SPARE-SECTOR"),
	LIST_FIELD(kind, OUT_STR, "kind", "KIND"),
	LIST_FIELD(states, OUT_CHARS, "states", "STATES"),
};

/** struct list_head - what stands before the rows in JSON */
struct list_head {
	const char *name;
	const char *path;
	u64 spare_sect;
	char uuid[37];
	u64 main_sect;
	u32 lbs;
	bool whole;
};

static const struct out_field head_field[] = {
	OUT_FIELD(struct list_head, name, OUT_STR, "name", NULL),
	OUT_FIELD(struct list_head, uuid, OUT_CHARS, "uuid", NULL),
	OUT_FIELD(struct list_head, main_sect, OUT_SECT, "main.", NULL),
	OUT_FIELD(struct list_head, lbs, OUT_U32, "main.logical_block_bytes", NULL),
	OUT_FIELD(struct list_head, path, OUT_STR, "spare.path", NULL),
	OUT_FIELD(struct list_head, spare_sect, OUT_SECT, "spare.", NULL),
	OUT_FIELD(struct list_head, whole, OUT_BOOL, "whole", NULL),
};

static void make_row(const struct walk *w, const struct dmr_check_map *m, struct list_row *row)
{
	*row = (struct list_row){
		.kind = entry_kind_name(m->word),
		.mblk = m->mblk, .main_sect = dmr_mblk_sect(dmr_mblk(m->mblk)),
		.slot = m->slot, .spare_sect = dmr_slot_sect(dmr_slot(m->slot)),
	};
	entry_states(w->sb, m->word, row->states);
}

static void list_bad(const struct walk *w, struct out_table *t)
{
	struct list_row row = { .kind = "bad", .mblk = OUT_NONE, .main_sect = OUT_NONE };
	u64 s, end = (u64)w->sb->hwm_blk * DMR_ENTRIES_PER_BLK;

	for (s = 0; s < end && s < w->sb->slots && w->table.sums.bad; s++) {
		if (dmr_entry_kind(walk_word(w, dmr_slot(s))) != DMR_KIND_BAD)
			continue;
		row.slot = s;
		row.spare_sect = dmr_slot_sect(dmr_slot(s));
		out_table_row(t, &row);
	}
}

static void print_list(const struct cmd_opts *o, const struct walk *w, const struct dev *d,
		       const char *name)
{
	struct json_object *doc = NULL;
	struct list_head head = {
		.name = name, .path = d->path, .spare_sect = d->sect,
		.main_sect = w->sb->main_sect, .lbs = w->sb->main_lbs_bytes, .whole = !w->losts,
	};
	struct out_table *t;
	struct list_row row;
	u64 i;

	if (o->json) {
		dmr_status_uuid_format(w->sb->uuid, head.uuid);
		doc = out_doc("dmremap-list");
		out_json(doc, head_field, ARRAY_SIZE(head_field), &head);
	} else if (!w->maps && !w->table.sums.bad) {
		printf("No block has moved.\n");
		return;
	}
	t = out_table_begin(list_field, ARRAY_SIZE(list_field), w->maps, doc, "entries");
	for (i = 0; i < w->maps; i++) {
		if (walk_superseded(w, i))
			continue;
		make_row(w, &w->map[i], &row);
		out_table_row(t, &row);
	}
	list_bad(w, t);
	out_table_end(t);
}

int cmd_list(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name;
	struct walk w;
	struct live l;
	struct dev d;
	int code = spare_open(argv[0], &d, &l, &name);

	(void)argc;
	if (code)
		return code;
	code = spare_walk(&d, &w);
	if (!w.judge)
		print_list(o, &w, &d, name);
	walk_end(&w);
	dev_close(&d);
	return code;
}
