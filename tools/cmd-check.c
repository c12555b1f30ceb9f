// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command check: everything that is wrong with a spare, without writing to it.
 * Its exit codes are those of fsck, not those of the other commands.
 */

#include "cmd.h"
#include "dev.h"
#include "out.h"
#include "report.h"
#include "say.h"
#include "sig.h"
#include "../src/core/statusline.h"

/** struct check_view - what check says of the set as a whole */
struct check_view {
	const char *path;
	u64 spare_sect;
	char uuid[37];
	u64 main_sect;
	u32 main_lbs;
	char wwid[SAY_PRINTABLE_LEN(sizeof(((struct dmr_super *)0)->main_wwid))];
	char serial[SAY_PRINTABLE_LEN(sizeof(((struct dmr_super *)0)->main_serial))];
	char partuuid[SAY_PRINTABLE_LEN(sizeof(((struct dmr_super *)0)->main_partuuid))];
	const char *strategy;
	const char *activity;
	u64 epoch;
	u64 created_s;
	u64 hwm_slots;
	struct dmr_table_sums sums;
	u64 unknown;
	u64 fatal;
	u64 fixable;
	u64 notes;
	const char *result;
};

#define CHECK_FIELD(member, type, key, label) \
	OUT_FIELD(struct check_view, member, type, key, label)

static const struct out_field check_field[] = {
	CHECK_FIELD(path, OUT_STR, "spare.path", "Spare"),
	CHECK_FIELD(spare_sect, OUT_SECT, "spare.", "Spare size"),
	CHECK_FIELD(uuid, OUT_CHARS, "uuid", "Set"),
	CHECK_FIELD(main_sect, OUT_SECT, "main.", "Main size"),
	CHECK_FIELD(main_lbs, OUT_U32, "main.logical_block_bytes", NULL),
	CHECK_FIELD(wwid, OUT_CHARS, "main.wwid", "Main WWID"),
	CHECK_FIELD(serial, OUT_CHARS, "main.serial", "Main serial"),
	CHECK_FIELD(partuuid, OUT_CHARS, "main.partuuid", "Main PARTUUID"),
	CHECK_FIELD(strategy, OUT_STR, "strategy", "Placement"),
	CHECK_FIELD(activity, OUT_STR, "activity", "Closed"),
	CHECK_FIELD(epoch, OUT_U64, "epoch", "Activations"),
	CHECK_FIELD(created_s, OUT_U64, "created", NULL),
	CHECK_FIELD(hwm_slots, OUT_U64, "high_water_slots", NULL),
	CHECK_FIELD(sums.total, OUT_U64, "slots.total", "Slots"),
	CHECK_FIELD(sums.used, OUT_U64, "slots.used", "  used"),
	CHECK_FIELD(sums.pending, OUT_U64, "slots.pending", "  pending"),
	CHECK_FIELD(sums.free, OUT_U64, "slots.free", "  free"),
	CHECK_FIELD(sums.bad, OUT_U64, "slots.bad", "  bad"),
	CHECK_FIELD(sums.meta, OUT_U64, "slots.metadata", "  metadata"),
	CHECK_FIELD(unknown, OUT_U64, "slots.unknown", "  unknown"),
	CHECK_FIELD(sums.pending, OUT_U64, "pending_blocks", NULL),
	CHECK_FIELD(sums.pending_sect, OUT_U64, "pending_sectors", "Pending sectors"),
	CHECK_FIELD(sums.lost_sect, OUT_U64, "lost_sectors", "Lost sectors"),
	CHECK_FIELD(fatal, OUT_U64, "errors.fatal", NULL),
	CHECK_FIELD(fixable, OUT_U64, "errors.fixable", NULL),
	CHECK_FIELD(notes, OUT_U64, "notes", NULL),
	CHECK_FIELD(result, OUT_STR, "result", NULL),
};

/** struct copy_row - one copy of the metadata */
struct copy_row {
	u64 copy;
	u64 slot;
	u64 byte;
	const char *state;
	char generation[48];
};

static const struct out_field copy_field[] = {
	OUT_FIELD(struct copy_row, copy, OUT_U64, "copy", "COPY"),
	OUT_FIELD(struct copy_row, slot, OUT_U64, "slot", "SLOT"),
	OUT_FIELD(struct copy_row, byte, OUT_U64, "byte", "BYTE"),
	OUT_FIELD(struct copy_row, state, OUT_STR, "state", "STATE"),
	OUT_FIELD(struct copy_row, generation, OUT_CHARS, "generation", "GENERATION"),
};

static void make_copy(const struct walk *w, u32 i, struct copy_row *row)
{
	*row = (struct copy_row){
		.copy = i, .slot = w->at[i].v, .byte = w->at[i].v * DMR_BLK_BYTES,
		.state = report_copy_state(w, i),
	};
	if (w->seen[i].st == DMR_BLK_OK)
		snprintf(row->generation, sizeof(row->generation), "%ju.%ju",
			 w->seen[i].sb.gen.epoch, w->seen[i].sb.gen.counter);
}

static void make_view(const struct dev *d, const struct walk *w, struct check_view *v)
{
	const struct dmr_super *sb = w->sb;

	memset(v, 0, sizeof(*v));
	v->path = d->path;
	v->spare_sect = d->sect;
	v->fatal = w->count[DMR_SEV_FATAL];
	v->fixable = w->count[DMR_SEV_FIXABLE];
	v->notes = w->count[DMR_SEV_NOTE];
	v->result = v->fatal ? "fatal" : v->fixable ? "fixable" : "clean";
	if (!sb)
		return;
	dmr_status_uuid_format(sb->uuid, v->uuid);
	v->main_sect = sb->main_sect;
	v->main_lbs = sb->main_lbs_bytes;
	say_printable(sb->main_wwid, v->wwid);
	say_printable(sb->main_serial, v->serial);
	say_printable(sb->main_partuuid, v->partuuid);
	v->strategy = dmr_layout_strategy_name(sb->strategy);
	v->activity = sb->activity == DMR_ACTIVITY_CLEAN ? "clean" : "in use";
	v->epoch = sb->gen.epoch;
	v->created_s = sb->created_s;
	v->hwm_slots = (u64)sb->hwm_blk * DMR_ENTRIES_PER_BLK;
	if (v->hwm_slots > sb->slots)
		v->hwm_slots = sb->slots;
	v->sums = w->table.sums;
	v->unknown = w->unknown_slots;
	v->sums.free -= v->unknown;	/* counted as if empty: their entries were never loaded */
}

static void print_json(const struct check_view *v, const struct walk *w, const struct report *r)
{
	struct json_object *doc = out_doc("dmremap-check"), *list = json_object_new_array(), *o;
	struct copy_row row;
	u32 i;

	out_json(doc, check_field, ARRAY_SIZE(check_field), v);
	for (i = 0; i < w->copies; i++) {
		make_copy(w, i, &row);
		o = json_object_new_object();
		out_json(o, copy_field, ARRAY_SIZE(copy_field), &row);
		json_object_array_add(list, o);
	}
	json_object_object_add(doc, "copies", list);
	json_object_object_add(doc, "findings", report_json(r, w));
	out_table_end(report_lost_begin(w, doc));
}

static void print_text(const struct check_view *v, const struct walk *w, const struct report *r)
{
	struct out_table *t;
	struct copy_row row;
	u32 i;

	report_print(r, w);
	report_lost(w);
	if (r->n)
		putchar('\n');
	if (w->sb)
		out_text(check_field, ARRAY_SIZE(check_field), v);
	putchar('\n');
	t = out_table_begin(copy_field, ARRAY_SIZE(copy_field), w->copies, NULL, NULL);
	for (i = 0; i < w->copies; i++) {
		make_copy(w, i, &row);
		out_table_row(t, &row);
	}
	out_table_end(t);
	putchar('\n');
	printf("%s: %s, %ju fatal, %ju fixable, %ju notes\n", v->path,
	       v->fatal || v->fixable ? "errors" : "clean", v->fatal, v->fixable, v->notes);
}

static void tell_older(void *ctx, const char *what, u64 byte)
{
	const struct dev *spare = ctx;

	say_err("found on spare %s: %s, at byte %ju", spare->path, what, byte);
}

static int not_a_spare(struct dev *d, const struct walk *w)
{
	sig_find_older(d, tell_older, d);
	say_err("spare %s %s: there is nothing to check", d->path, walk_judge_text(w->judge));
	return EXIT_CHECK_FAILED;
}

static int check_dev(const struct cmd_opts *o, struct dev *d)
{
	struct report r = { 0 };
	struct check_view v;
	struct walk w;
	int code;

	walk_begin(&w, dev_read_slots, d, d->sect, report_finding, &r);
	if (w.sb)
		walk_table(&w);
	if (w.judge == -ENODATA || !w.copies) {
		code = not_a_spare(d, &w);
	} else {
		make_view(d, &w, &v);
		if (o->json)
			print_json(&v, &w, &r);
		else
			print_text(&v, &w, &r);
		code = v.fatal || v.fixable ? EXIT_CHECK_ERRORS : EXIT_CHECK_CLEAN;
	}
	report_free(&r);
	walk_end(&w);
	return code;
}

int cmd_check(const struct cmd_opts *o, int argc, char **argv)
{
	struct dev d;
	int code;

	(void)argc;
	if (dev_open(&d, argv[0], "spare", DEV_HOLD))
		return EXIT_CHECK_FAILED;
	code = check_dev(o, &d);
	dev_close(&d);
	return code;
}
