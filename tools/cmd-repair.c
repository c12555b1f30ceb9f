// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command repair: what can still be read of a damaged spare becomes a whole set
 * again, on another device, or in place. Reading and deciding are salvage's,
 * another device is carry's, in place is mend's.
 */
#include "carry.h"
#include "cmd.h"
#include "fresh.h"
#include "mend.h"
#include "out.h"
#include "pair.h"
#include "salvage.h"
#include "say.h"
#include "../src/core/statusline.h"

/**
 * struct repair - a repair
 * @to: the device it goes to; NULL: in place
 */
struct repair {
	const struct cmd_opts *o;
	struct dev *spare;
	struct dev *to;
	struct dev *main_dev;
	struct salvage s;
	struct carry c;
};

/** struct repair_view - what it says of the repair as a whole */
struct repair_view {
	const char *spare;
	const char *target;
	char uuid[37];
	char new_uuid[37];
	u64 main_sect;
	u32 main_lbs;
	const char *trust;
	bool in_place;
	bool dry_run;
	bool written;
	struct salvage_sums sums;
	const char *result;
};

#define REPAIR_FIELD(member, type, key, label) \
	OUT_FIELD(struct repair_view, member, type, key, label)

static const struct out_field repair_field[] = {
	REPAIR_FIELD(spare, OUT_STR, "spare.path", "Spare"),
	REPAIR_FIELD(target, OUT_STR, "target.path", "Target"),
	REPAIR_FIELD(new_uuid, OUT_CHARS, "target.uuid", NULL),
	REPAIR_FIELD(uuid, OUT_CHARS, "uuid", "Set"),
	REPAIR_FIELD(main_sect, OUT_SECT, "main.", "Main size"),
	REPAIR_FIELD(main_lbs, OUT_U32, "main.logical_block_bytes", NULL),
	REPAIR_FIELD(trust, OUT_STR, "superblock", "Superblock"),
	REPAIR_FIELD(in_place, OUT_BOOL, "in_place", NULL),
	REPAIR_FIELD(dry_run, OUT_BOOL, "dry_run", NULL),
	REPAIR_FIELD(sums.kept, OUT_U64, "blocks_kept", "Blocks kept"),
	REPAIR_FIELD(sums.lost_sect, OUT_U64, "sectors_lost", "Sectors lost"),
	REPAIR_FIELD(sums.table_lost, OUT_U64, "table_blocks.lost", "Table blocks lost"),
	REPAIR_FIELD(sums.table_old, OUT_U64, "table_blocks.old", "  taken though old"),
	REPAIR_FIELD(sums.table_merged, OUT_U64, "table_blocks.merged", "  merged"),
	REPAIR_FIELD(sums.retired, OUT_U64, "slots_retired", "Slots bad from now on"),
	REPAIR_FIELD(written, OUT_BOOL, "written", "Written"),
	REPAIR_FIELD(result, OUT_STR, "result", "Result"),
};

/* ---- the answer ---- */

static void make_view(const struct repair *r, bool written, struct repair_view *v)
{
	const struct salvage *s = &r->s;

	*v = (struct repair_view){
		.spare = r->spare->path, .target = r->to ? r->to->path : NULL,
		.main_sect = s->sb.main_sect, .main_lbs = s->sb.main_lbs_bytes,
		.trust = salvage_trust_name(s->trust), .in_place = !r->to,
		.dry_run = r->o->dry_run, .written = written, .sums = s->sums,
		.result = salvage_losses(s) ? "losses" : salvage_whole(s) ? "whole" : "repaired",
	};
	dmr_status_uuid_format(s->sb.uuid, v->uuid);
	if (r->to && written)
		dmr_status_uuid_format(r->c.d.sb.uuid, v->new_uuid);
}

static void answer(const struct repair *r, bool written)
{
	struct repair_view v;
	struct json_object *doc;

	make_view(r, written, &v);
	if (!r->o->json) {
		out_text(repair_field, ARRAY_SIZE(repair_field), &v);
		return;
	}
	doc = out_doc("dmremap-repair");
	out_json(doc, repair_field, ARRAY_SIZE(repair_field), &v);
	json_object_object_add(doc, "findings", report_json(&r->s.found, &r->s.w));
	json_object_object_add(doc, "decisions", salvage_notes_json(&r->s));
	out_print(doc);
}

/* Nothing is lost, or it is, and the exit code says so */
static int finish(const struct repair *r, bool written)
{
	answer(r, written);
	if (!salvage_losses(&r->s))
		return 0;
	say_err("spare %s: not all of it %s, what is lost is listed: main's own data in its place may be old; restore it from a backup",
		r->spare->path, written ? "could be saved" : "can be saved");
	return EXIT_DEVICE;
}

static bool confirmed(const struct repair *r)
{
	if (r->o->yes)
		return true;
	fflush(stdout);
	if (r->to)
		fprintf(stderr, "This makes %s a spare with what can be read of %s, which is not written: %ju blocks.\n",
			r->to->path, r->spare->path, r->s.sums.kept);
	else
		fprintf(stderr, "This writes all metadata on %s anew, for the %ju blocks that are left of its map. An image of it, made before, would be a way back.\n",
			r->spare->path, r->s.sums.kept);
	return say_ask();
}

/* What was written, as a loader would see it */
static int check_written(struct dev *d)
{
	struct walk w;
	bool clean;

	dev_uncache(d);
	walk_begin(&w, dev_read_slots, d, d->sect, NULL, NULL);
	if (!w.judge)
		walk_table(&w);
	clean = !w.judge && w.worst < DMR_SEV_FIXABLE;
	walk_end(&w);
	if (clean)
		return 0;
	say_err("spare %s does not keep what is written to it: dmremap check says more; use another one",
		d->path);
	return EXIT_DEVICE;
}

/* ---- to another device ---- */

static void on_lost(void *ctx, u64 mblk, u32 i, u64 slot)
{
	salvage_lose_sector(ctx, mblk, i, slot, "its slot cannot be read");
}

/* Bad slots stay with the old spare; lost sectors without a slot get one, as all do */
static struct dmr_check_map *list_blocks(const struct salvage *s, u64 *n)
{
	struct dmr_check_map *map = say_alloc(s->out.n + s->homes_missing, sizeof(*map));
	u64 i;

	for (i = 0, *n = 0; i < s->out.n; i++) {
		if (dmr_entry_maps(s->out.entry[i].word))
			map[(*n)++] = s->out.entry[i];
	}
	for (i = 0; i < s->homes_missing; i++)
		map[(*n)++] = s->homeless[i];
	return map;
}

static int check_target(struct repair *r)
{
	struct dmr_layout lay;
	int code = r->main_dev ? pair_check(r->main_dev, r->to, &lay) : 0;

	if (!code)
		code = fresh_check_user(r->to);
	return code ? code : carry_check(&r->c, r->o->force);
}

static int write_target(struct repair *r)
{
	int code = carry_write(&r->c, r->o->force);

	if (!code && !r->c.dry)
		code = check_written(r->to);
	salvage_count(&r->s, &r->c.d);
	return code;
}

static int repair_to(struct repair *r)
{
	struct carry *c = &r->c;
	struct dmr_super from = r->s.out.sb;
	struct dmr_check_map *map = list_blocks(&r->s, &c->maps);
	int code;

	/* a set of its own begins at the beginning, whatever was on the old one */
	from.gen = (struct dmr_gen){ .counter = 1 };
	c->in = r->spare;
	c->to = r->to;
	c->old = &from;
	c->aux = &r->s.out.aux;
	c->map = map;
	c->dry = r->o->dry_run;
	c->on_lost = on_lost;
	c->ctx = &r->s;
	code = check_target(r);
	if (!code)
		code = carry_plan(c);
	if (!code && !r->o->json)
		salvage_print(&r->s);
	if (!code && !c->dry && !confirmed(r))
		code = EXIT_ARGS;
	if (!code)
		code = write_target(r);
	free(map);
	return code ? code : finish(r, !c->dry);
}

/* ---- in place ---- */

static int repair_in_place(struct repair *r)
{
	int code = fresh_check_user(r->spare);

	if (!code && salvage_whole(&r->s)) {
		if (r->o->json)
			answer(r, false);
		else
			say_info("spare %s: nothing to repair", r->spare->path);
		return 0;
	}
	if (!code)
		code = mend_check(&r->s);
	if (!code)
		code = salvage_settle(&r->s);
	if (code)
		return code;
	if (!r->o->json)
		salvage_print(&r->s);
	if (r->o->dry_run)
		return finish(r, false);
	if (!confirmed(r))
		return EXIT_ARGS;
	code = mend_write(&r->s, r->spare);
	if (!code)
		code = check_written(r->spare);
	return code ? code : finish(r, true);
}

/* ---- the command ---- */

static int repair(struct repair *r)
{
	int code = salvage_read(&r->s, r->spare, r->main_dev, r->o->force);

	if (!code)
		code = r->to ? repair_to(r) : repair_in_place(r);
	carry_free(&r->c);
	salvage_free(&r->s);
	return code;
}

/* Before it is opened for writing: --force would seize the spare itself */
static int open_target(struct repair *r, const char *path, struct dev *to)
{
	enum dev_use use = r->o->force ? DEV_SEIZE : DEV_WRITE;
	int code = dev_open(to, path, "target", DEV_PEEK);

	if (code)
		return code;
	code = pair_check_apart(r->spare, to);
	dev_close(to);
	if (r->o->dry_run)
		use = r->o->force ? DEV_PEEK : DEV_HOLD;
	return code ? code : dev_open(to, path, "target", use);
}

static int with_target(struct repair *r, const char *path)
{
	struct dev to;
	int code;

	if (!path)
		return repair(r);
	code = open_target(r, path, &to);
	if (code)
		return code;
	r->to = &to;
	code = repair(r);
	r->to = NULL;
	dev_close(&to);
	return code;
}

static int with_main(struct repair *r, const char *path)
{
	struct dev main_dev;
	int code;

	if (!r->o->main_path)
		return with_target(r, path);
	code = dev_open(&main_dev, r->o->main_path, "main", DEV_PEEK);
	if (code)
		return code;
	r->main_dev = &main_dev;
	code = with_target(r, path);
	r->main_dev = NULL;
	dev_close(&main_dev);
	return code;
}

int cmd_repair(const struct cmd_opts *o, int argc, char **argv)
{
	bool writes = o->in_place && !o->dry_run;
	struct repair r = { .o = o };
	struct dev spare;
	int code;

	(void)argc;	/* argv ends with NULL */
	if (o->in_place != !argv[1]) {
		say_err("repair %s: to which device? Name one, or say --in-place, not both",
			argv[0]);
		return EXIT_ARGS;
	}
	code = dev_open(&spare, argv[0], "spare", writes ? DEV_WRITE : DEV_HOLD);
	if (code)
		return code;
	r.spare = &spare;
	code = with_main(&r, argv[1]);
	dev_close(&spare);
	return code;
}
