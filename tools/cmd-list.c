// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command list: which blocks moved where. The status of a device has sums
 * only, so the entries are read from the spare, of an open set as well: at any
 * moment at least one copy of every table block is whole, and a reading that
 * met a commit half way is done again.
 */
#include <unistd.h>

#include "cmd.h"
#include "dev.h"
#include "entry.h"
#include "live.h"
#include "out.h"
#include "report.h"
#include "say.h"
#include "../src/core/statusline.h"
#include "walk.h"

#define READ_TRIES	5
#define READ_PAUSE_US	100000

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

static int list_spare(const struct cmd_opts *o, struct dev *d, const char *name)
{
	unsigned int tries = dev_live(d) ? READ_TRIES : 1;
	struct walk w;
	int code = 0;

	for (;;) {
		walk_begin(&w, dev_read_slots, d, d->sect, NULL, NULL);
		if (!w.judge)
			walk_table(&w);
		if ((!w.judge && !w.losts) || !--tries)
			break;
		walk_end(&w);
		usleep(READ_PAUSE_US);
		dev_uncache(d);
	}
	if (w.judge) {
		say_err("spare %s %s: dmremap check says more", d->path, walk_judge_text(w.judge));
		code = EXIT_DEVICE;
	} else {
		print_list(o, &w, d, name);
	}
	if (w.losts) {
		say_err("spare %s: the list is not whole, %u table blocks are lost: dmremap check says which slots",
			d->path, w.losts);
		code = EXIT_DEVICE;
	}
	walk_end(&w);
	return code;
}

/* An open set by its name, else a spare by its path */
static int find_spare(const char *arg, struct live *l, const char **name, const char **path)
{
	struct dm_dev dm;
	int code;

	*name = live_name(arg);
	*path = arg;
	if ((strchr(*name, '/') || dm_find(*name, &dm)) &&
	    (strchr(arg, '/') || !access(arg, F_OK))) {
		*name = NULL;
		return 0;
	}
	code = live_get(*name, l);
	*path = l->spare_path;
	return code;
}

int cmd_list(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name, *path;
	struct live l;
	struct dev d;
	int code = find_spare(argv[0], &l, &name, &path);

	(void)argc;
	if (!code)
		code = dev_open(&d, path, "spare", DEV_PEEK);
	if (code)
		return code;
	code = list_spare(o, &d, name);
	dev_close(&d);
	return code;
}
