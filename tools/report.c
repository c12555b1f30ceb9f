// SPDX-License-Identifier: GPL-2.0-only
/*
 * Report: what the walk found, for people and programs. A number and a name
 * are for good; the sentences may be reworded.
 */
#include <stdlib.h>

#include "out.h"
#include "report.h"
#include "say.h"
#include "../src/core/statusline.h"

#define GEN_LEN		48

static const char * const severity[] = {
	[DMR_SEV_NOTE] = "note",
	[DMR_SEV_FIXABLE] = "fixable",
	[DMR_SEV_FATAL] = "fatal",
};

void report_finding(void *ctx, const struct dmr_finding *f)
{
	struct report *r = ctx;

	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		r->f = say_realloc(r->f, r->room, sizeof(*r->f));
	}
	r->f[r->n++] = *f;
}

void report_free(struct report *r)
{
	free(r->f);
}

const char *report_copy_state(const struct walk *w, u32 copy)
{
	switch (w->seen[copy].st) {
	case DMR_BLK_OK:
		if (!w->judge && (w->v.candidates & BIT(copy)))
			return dmr_status_copy_name(DMR_COPY_INSYNC);
		return dmr_status_copy_name(DMR_COPY_EXPELLED);
	case DMR_BLK_UNREAD:
		return dmr_status_copy_name(DMR_COPY_UNREAD);
	default:
		return "damaged";
	}
}

/* Sectors of main in block @mblk: fewer at the end of a main that is no multiple of 4 KiB */
static u64 block_sects(const struct walk *w, u64 mblk)
{
	u64 first = dmr_mblk_sect(dmr_mblk(mblk));

	if (!w->sb || first >= w->sb->main_sect)
		return DMR_BLK_SECTS;
	return w->sb->main_sect - first < DMR_BLK_SECTS ? w->sb->main_sect - first : DMR_BLK_SECTS;
}

static const char *gen_text(const struct dmr_gen *gen, char *buf)
{
	snprintf(buf, GEN_LEN, "%ju.%ju", gen->epoch, gen->counter);
	return buf;
}

/* ---- findings ---- */

static void print_where(const struct dmr_finding *f, const struct walk *w)
{
	const char *comma = "";
	u64 first;

	if (f->copy != ~0u) {
		printf("copy %u", f->copy);
		comma = ", ";
	}
	if (f->table_blk != ~0u) {
		printf("%stable block %u", comma, f->table_blk);
		comma = ", ";
	}
	if (f->slot != ~0ull) {
		printf("%sslot %ju", comma, f->slot);
		comma = ", ";
	}
	if (f->mblk != ~0ull) {
		first = dmr_mblk_sect(dmr_mblk(f->mblk));
		printf("%smain block %ju (sectors %ju-%ju)", comma, f->mblk,
		       first, first + block_sects(w, f->mblk) - 1);
		comma = ", ";
	}
	printf("%s", *comma ? ": " : "");
}

void report_print(const struct report *r, const struct walk *w)
{
	const struct dmr_finding_info *info;
	u64 i;

	for (i = 0; i < r->n; i++) {
		info = dmr_check_info(r->f[i].id);
		printf("%-8s%u %s: ", severity[info->sev], (unsigned int)info->id, info->name);
		print_where(&r->f[i], w);
		printf("%s", info->text);
		if (r->f[i].detail)
			printf("; %s", r->f[i].detail);
		putchar('\n');
	}
}

/** struct finding_row - a finding as JSON has it */
struct finding_row {
	u32 number;
	const char *name;
	const char *severity;
	u64 copy;
	u64 table_blk;
	u64 slot;
	u64 mblk;
	u64 main_sect;
	u64 main_sects;
	const char *text;
	const char *detail;
};

static const struct out_field finding_field[] = {
	OUT_FIELD(struct finding_row, number, OUT_U32, "number", NULL),
	OUT_FIELD(struct finding_row, name, OUT_STR, "name", NULL),
	OUT_FIELD(struct finding_row, severity, OUT_STR, "severity", NULL),
	OUT_FIELD(struct finding_row, copy, OUT_U64, "copy", NULL),
	OUT_FIELD(struct finding_row, table_blk, OUT_U64, "table_block", NULL),
	OUT_FIELD(struct finding_row, slot, OUT_U64, "slot", NULL),
	OUT_FIELD(struct finding_row, mblk, OUT_U64, "main_block", NULL),
	OUT_FIELD(struct finding_row, main_sect, OUT_U64, "main_sector", NULL),
	OUT_FIELD(struct finding_row, main_sects, OUT_U64, "main_sectors", NULL),
	OUT_FIELD(struct finding_row, text, OUT_STR, "text", NULL),
	OUT_FIELD(struct finding_row, detail, OUT_STR, "detail", NULL),
};

struct json_object *report_json(const struct report *r, const struct walk *w)
{
	struct json_object *list = json_object_new_array(), *obj;
	const struct dmr_finding_info *info;
	struct finding_row row;
	u64 i;

	for (i = 0; i < r->n; i++) {
		const struct dmr_finding *f = &r->f[i];
		bool block = f->mblk != ~0ull;

		info = dmr_check_info(f->id);
		row = (struct finding_row){
			.number = info->id, .name = info->name, .severity = severity[info->sev],
			.copy = f->copy == ~0u ? OUT_NONE : f->copy,
			.table_blk = f->table_blk == ~0u ? OUT_NONE : f->table_blk,
			.slot = f->slot, .mblk = f->mblk,
			.main_sect = block ? dmr_mblk_sect(dmr_mblk(f->mblk)) : OUT_NONE,
			.main_sects = block ? block_sects(w, f->mblk) : OUT_NONE,
			.text = info->text, .detail = f->detail,
		};
		obj = json_object_new_object();
		out_json(obj, finding_field, ARRAY_SIZE(finding_field), &row);
		json_object_array_add(list, obj);
	}
	return list;
}

/* ---- losses ---- */

static void print_known(const struct walk *w, const struct walk_lost *l)
{
	char gen[GEN_LEN];
	u64 mblk, first;
	u32 i, n = 0;

	say_info("  copy %u still has an image of it, which is not to be trusted; as of generation %s there lived in these slots:",
		 l->copy, gen_text(&l->gen, gen));
	for (i = 0; i < l->count; i++) {
		if (!dmr_entry_maps(l->word[i]))
			continue;
		mblk = dmr_entry_mblk(l->word[i]).v;
		first = dmr_mblk_sect(dmr_mblk(mblk));
		printf("    main block %ju (sectors %ju-%ju) in slot %ju\n",
		       mblk, first, first + block_sects(w, mblk) - 1, l->first + i);
		n++;
	}
	if (!n)
		printf("    no block\n");
}

void report_lost(const struct walk *w)
{
	const struct walk_lost *l;
	u32 i;

	for (i = 0; i < w->losts; i++) {
		l = &w->lost[i];
		say_info("Lost: the entries of slots %ju-%ju (table block %u). Which blocks of main these slots held is not known any more.",
			 l->first, l->first + l->count - 1, l->blk);
		if (l->known)
			print_known(w, l);
	}
}

static struct json_object *known_json(const struct walk *w, const struct walk_lost *l)
{
	struct json_object *list = json_object_new_array(), *o;
	u64 mblk;
	u32 i;

	for (i = 0; i < l->count; i++) {
		if (!dmr_entry_maps(l->word[i]))
			continue;
		mblk = dmr_entry_mblk(l->word[i]).v;
		o = json_object_new_object();
		json_object_object_add(o, "slot", out_json_u64(l->first + i));
		json_object_object_add(o, "main_block", out_json_u64(mblk));
		json_object_object_add(o, "main_sector",
				       out_json_u64(dmr_mblk_sect(dmr_mblk(mblk))));
		json_object_object_add(o, "main_sectors", out_json_u64(block_sects(w, mblk)));
		json_object_array_add(list, o);
	}
	return list;
}

/** struct lost_row - a table block that is gone, as JSON has it; its known blocks beside it */
struct lost_row {
	u32 blk;
	u64 first;
	u64 last;
	char generation[GEN_LEN];
	u64 copy;
};

static const struct out_field lost_field[] = {
	OUT_FIELD(struct lost_row, blk, OUT_U32, "table_block", NULL),
	OUT_FIELD(struct lost_row, first, OUT_U64, "first_slot", NULL),
	OUT_FIELD(struct lost_row, last, OUT_U64, "last_slot", NULL),
	OUT_FIELD(struct lost_row, generation, OUT_CHARS, "known_generation", NULL),
	OUT_FIELD(struct lost_row, copy, OUT_U64, "known_copy", NULL),
};

struct out_table *report_lost_begin(const struct walk *w, struct json_object *doc)
{
	struct out_table *t = out_table_begin(lost_field, ARRAY_SIZE(lost_field), w->losts, doc,
					      "lost");
	struct json_object *known;
	const struct walk_lost *l;
	struct lost_row row;

	for (l = w->lost; l && l < w->lost + w->losts; l++) {
		row = (struct lost_row){
			.blk = l->blk, .first = l->first, .last = l->first + l->count - 1,
			.copy = l->known ? l->copy : OUT_NONE,
		};
		if (l->known)
			gen_text(&l->gen, row.generation);
		known = json_object_new_object();
		json_object_object_add(known, "known_blocks", l->known ? known_json(w, l) : NULL);
		out_table_row_json(t, &row, known);
	}
	return t;
}
