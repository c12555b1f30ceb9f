// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command status: one open set in full, or all of them in a line each. What
 * needs acting on is said on stderr as well.
 */

#include "cmd.h"
#include "dev.h"
#include "health.h"
#include "live.h"
#include "out.h"
#include "pool.h"
#include "say.h"

#define STATUS_REGIONS	16	/* of the health map */

/** struct status_view - a device as status shows it */
struct status_view {
	struct live l;
	char uuid[37];
	const char *mode;
	const char *why;
	const char *policy;
	const char *room;
	const char *memory;
	const char *job_verb;
	const char *job_state;
	char job[96];
	char copies[64];
	char main_user[DEV_USER_LEN];
	char spare_user[DEV_USER_LEN];
	u64 on_spare;
	bool one_copy;
};

#define STATUS_FIELD(member, type, key, label) \
	OUT_FIELD(struct status_view, member, type, key, label)

static const struct out_field status_field[] = {
	STATUS_FIELD(l.dm.name, OUT_CHARS, "name", "Name"),
	STATUS_FIELD(uuid, OUT_CHARS, "uuid", "Set"),
	STATUS_FIELD(mode, OUT_STR, "mode", "Mode"),
	STATUS_FIELD(why, OUT_STR, "why", "Reason"),
	STATUS_FIELD(policy, OUT_STR, "policy", "Policy"),
	STATUS_FIELD(room, OUT_STR, "room", "Room on spare"),
	STATUS_FIELD(memory, OUT_STR, "memory", "Memory"),
	STATUS_FIELD(l.st.forced, OUT_BOOL, "forced", "Forced"),
	STATUS_FIELD(l.sect, OUT_SECT, "device.", "Size"),
	STATUS_FIELD(l.dm.open_count, OUT_U32, "device.open_count", NULL),
	STATUS_FIELD(l.dm.suspended, OUT_BOOL, "device.suspended", NULL),
	STATUS_FIELD(l.dm.read_only, OUT_BOOL, "device.read_only", NULL),
	STATUS_FIELD(l.main_path, OUT_CHARS, "main.path", "Main"),
	STATUS_FIELD(l.st.main_sect, OUT_SECT, "main.", "Main size"),
	STATUS_FIELD(l.st.main_lbs_bytes, OUT_U32, "main.logical_block_bytes", NULL),
	STATUS_FIELD(main_user, OUT_CHARS, "main.other_user", NULL),
	STATUS_FIELD(l.spare_path, OUT_CHARS, "spare.path", "Spare"),
	STATUS_FIELD(spare_user, OUT_CHARS, "spare.other_user", NULL),
	STATUS_FIELD(l.st.spare_sect, OUT_SECT, "spare.", "Spare size"),
	STATUS_FIELD(on_spare, OUT_U64, "blocks_on_spare", "Blocks on spare"),
	STATUS_FIELD(l.st.slots_total, OUT_U64, "slots.total", "Slots"),
	STATUS_FIELD(l.st.slots_used, OUT_U64, "slots.used", "  used"),
	STATUS_FIELD(l.st.slots_pending, OUT_U64, "slots.pending", "  pending"),
	STATUS_FIELD(l.st.slots_free, OUT_U64, "slots.free", "  free"),
	STATUS_FIELD(l.st.slots_bad, OUT_U64, "slots.bad", "  bad"),
	STATUS_FIELD(l.st.slots_meta, OUT_U64, "slots.metadata", "  metadata"),
	STATUS_FIELD(l.st.hwm_slots, OUT_U64, "high_water_slots", NULL),
	STATUS_FIELD(l.st.slots_pending, OUT_U64, "pending_blocks", NULL),
	STATUS_FIELD(l.st.pending_sect, OUT_U64, "pending_sectors", "Pending sectors"),
	STATUS_FIELD(l.st.lost_sect, OUT_U64, "lost_sectors", "Lost sectors"),
	STATUS_FIELD(l.st.allowance, OUT_U32, "allowance.limit", NULL),
	STATUS_FIELD(l.st.allowance_left, OUT_U32, "allowance.left", "Allowance left"),
	STATUS_FIELD(l.args.hold_s, OUT_U32, "hold_seconds", NULL),
	STATUS_FIELD(l.args.low_pct, OUT_U32, "low_percent", NULL),
	STATUS_FIELD(l.args.critical_pct, OUT_U32, "critical_percent", NULL),
	STATUS_FIELD(l.args.slow_ms, OUT_U32, "slow_ms", NULL),
	STATUS_FIELD(l.st.held, OUT_U32, "held_bios", "Held requests"),
	STATUS_FIELD(l.st.doubt_blk, OUT_U32, "doubt_blocks", "Blocks in doubt"),
	STATUS_FIELD(l.st.epoch, OUT_U64, "epoch", NULL),
	STATUS_FIELD(l.st.job, OUT_U32, "job.number", NULL),
	STATUS_FIELD(job_verb, OUT_STR, "job.verb", NULL),
	STATUS_FIELD(job_state, OUT_STR, "job.state", NULL),
	STATUS_FIELD(l.st.job_done, OUT_U64, "job.done", NULL),
	STATUS_FIELD(l.st.job_total, OUT_U64, "job.total", NULL),
	STATUS_FIELD(l.st.job_failed, OUT_U64, "job.failed", NULL),
	STATUS_FIELD(job, OUT_CHARS, NULL, "Job"),
	STATUS_FIELD(copies, OUT_CHARS, NULL, "Copies in sync"),
	STATUS_FIELD(one_copy, OUT_BOOL, "one_copy", NULL),
};

/* One line per device, for status without a name; the same members */
static const struct out_field line_field[] = {
	STATUS_FIELD(l.dm.name, OUT_CHARS, NULL, "NAME"),
	STATUS_FIELD(mode, OUT_STR, NULL, "MODE"),
	STATUS_FIELD(policy, OUT_STR, NULL, "POLICY"),
	STATUS_FIELD(l.main_path, OUT_CHARS, NULL, "MAIN"),
	STATUS_FIELD(l.spare_path, OUT_CHARS, NULL, "SPARE"),
	STATUS_FIELD(l.st.slots_used, OUT_U64, NULL, "USED"),
	STATUS_FIELD(l.st.slots_pending, OUT_U64, NULL, "PENDING"),
	STATUS_FIELD(l.st.slots_free, OUT_U64, NULL, "FREE"),
	STATUS_FIELD(l.st.slots_bad, OUT_U64, NULL, "BAD"),
	STATUS_FIELD(copies, OUT_CHARS, NULL, "COPIES"),
};

/** struct counter_row - one counter */
struct counter_row {
	const char *name;
	u64 value;
	const char *help;
};

static const struct out_field counter_field[] = {
	OUT_FIELD(struct counter_row, name, OUT_STR, NULL, "COUNTER"),
	OUT_FIELD(struct counter_row, value, OUT_U64, NULL, "SINCE OPEN"),
	OUT_FIELD(struct counter_row, help, OUT_STR, NULL, "WHAT"),
};

static const struct {
	const char *name;
	const char *help;
	size_t off;
} counter[] = {
#define COUNTER_ROW(name, help) { #name, help, offsetof(struct dmr_counters, name) },
	DMR_COUNTERS(COUNTER_ROW)
#undef COUNTER_ROW
};

/** struct copy_row - one copy of the metadata */
struct copy_row {
	u32 copy;
	u64 slot;
	u64 byte;
	const char *state;
};

static const struct out_field copy_field[] = {
	OUT_FIELD(struct copy_row, copy, OUT_U32, "copy", "COPY"),
	OUT_FIELD(struct copy_row, slot, OUT_U64, "slot", "SLOT"),
	OUT_FIELD(struct copy_row, byte, OUT_U64, "byte", "BYTE"),
	OUT_FIELD(struct copy_row, state, OUT_STR, "state", "STATE"),
};

static u64 counter_value(const struct status_view *v, size_t i)
{
	return *(const u64 *)((const char *)&v->l.st.n + counter[i].off);
}

static struct copy_row make_copy(const struct status_view *v, u32 i)
{
	const struct dmr_status *st = &v->l.st;

	return (struct copy_row){
		.copy = i, .slot = st->copy_slot[i].v, .byte = st->copy_slot[i].v * DMR_BLK_BYTES,
		.state = dmr_status_copy_name(st->copy_state[i]),
	};
}

static int make_view(const char *name, struct status_view *v)
{
	const struct dmr_status *st = &v->l.st;
	int code = live_get(name, &v->l);

	if (code)
		return code;
	dmr_status_uuid_format(st->uuid, v->uuid);
	v->mode = dmr_status_mode_name(st->mode);
	v->why = st->why == DMR_WHY_NONE ? NULL : dmr_status_why_name(st->why);
	v->policy = dmr_args_policy_name(st->policy);
	v->room = dmr_status_room_name(st->room);
	v->memory = dmr_pool_memory_name(st->memory);
	v->job_verb = dmr_status_verb_name(st->job_verb);
	v->job_state = dmr_status_job_name(st->job_state);
	if (st->job)
		snprintf(v->job, sizeof(v->job), "%u %s %s, %ju of %ju blocks", st->job,
			 v->job_verb, v->job_state, (uintmax_t)st->job_done,
			 (uintmax_t)st->job_total);
	else
		snprintf(v->job, sizeof(v->job), "-");
	if (!dev_other_user(v->l.main_dev, v->l.dm.dev, v->main_user))
		v->main_user[0] = '\0';
	if (!dev_other_user(v->l.spare_dev, v->l.dm.dev, v->spare_user))
		v->spare_user[0] = '\0';
	v->on_spare = st->slots_used;
	v->one_copy = st->copies && live_copies_insync(st) < 2;
	snprintf(v->copies, sizeof(v->copies), "%u of %u", live_copies_insync(st), st->copies);
	return 0;
}

/* ---- JSON ---- */

/* What a module says only when it is asked; one that does not is not complained about. */
static void ask_more(const struct status_view *v, struct json_object *o)
{
	struct json_object *pools = NULL, *weak;
	struct health h;

	if (v->l.st.mode != DMR_MODE_INACTIVE)
		pools = pool_json(v->l.dm.name);
	if (!pools)
		return;
	json_object_object_add(o, "pools", pools);
	if (!health_ask(v->l.dm.name, v->l.st.main_sect, STATUS_REGIONS, &h)) {
		weak = json_object_new_object();
		health_json(weak, &h);
		json_object_object_add(o, "health", weak);
	}
	health_free(&h);
}

static struct json_object *device_json(const struct status_view *v)
{
	struct json_object *o = json_object_new_object(), *list, *row;
	struct copy_row copy;
	size_t i;

	out_json(o, status_field, ARRAY_SIZE(status_field), v);
	list = json_object_new_array();
	for (i = 0; i < v->l.st.copies; i++) {
		copy = make_copy(v, (u32)i);
		row = json_object_new_object();
		out_json(row, copy_field, ARRAY_SIZE(copy_field), &copy);
		json_object_array_add(list, row);
	}
	json_object_object_add(o, "copies", list);
	list = json_object_new_object();
	for (i = 0; i < ARRAY_SIZE(counter); i++)
		json_object_object_add(list, counter[i].name, out_json_u64(counter_value(v, i)));
	json_object_object_add(o, "counters", list);
	ask_more(v, o);
	return o;
}

/* ---- text ---- */

static void print_device(const struct status_view *v)
{
	struct counter_row row;
	struct copy_row copy;
	struct out_table *t;
	bool any = false;
	size_t i;

	out_text(status_field, ARRAY_SIZE(status_field), v);
	putchar('\n');
	t = out_table_begin(copy_field, ARRAY_SIZE(copy_field), v->l.st.copies, NULL, NULL);
	for (i = 0; i < v->l.st.copies; i++) {
		copy = make_copy(v, (u32)i);
		out_table_row(t, &copy);
	}
	out_table_end(t);
	for (i = 0; i < ARRAY_SIZE(counter); i++)
		any |= counter_value(v, i) != 0;
	if (!any)
		return;
	putchar('\n');
	t = out_table_begin(counter_field, ARRAY_SIZE(counter_field), 0, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(counter); i++) {
		row = (struct counter_row){ counter[i].name, counter_value(v, i), counter[i].help };
		if (row.value)
			out_table_row(t, &row);
	}
	out_table_end(t);
}

/* ---- all of them ---- */

struct all {
	struct json_object *list;
	struct out_table *table;
	u32 n;
	int code;
};

static void add_device(void *ctx, const char *name)
{
	struct status_view v;
	struct all *a = ctx;
	int code = make_view(name, &v);

	if (code) {
		a->code = code;
		return;
	}
	a->n++;
	if (a->list)
		json_object_array_add(a->list, device_json(&v));
	else
		out_table_row(a->table, &v);
	live_warn(&v.l);
}

static int status_all(const struct cmd_opts *o)
{
	struct all a = { 0 };
	struct json_object *doc;
	int code = dm_ready();

	if (code)
		return code;
	if (o->json)
		a.list = json_object_new_array();
	else
		a.table = out_table_begin(line_field, ARRAY_SIZE(line_field), 0, NULL, NULL);
	code = dm_each(add_device, &a);
	if (o->json) {
		doc = out_doc("dmremap-status");
		json_object_object_add(doc, "devices", a.list);
		out_print(doc);
	} else {
		out_table_end(a.table);
		if (!code && !a.n && !a.code)
			printf("No set is open.\n");
	}
	return code ? code : a.code;
}

static int status_one(const struct cmd_opts *o, const char *name)
{
	struct json_object *doc, *list;
	struct status_view v;
	int code = make_view(name, &v);

	if (code)
		return code;
	if (o->json) {
		list = json_object_new_array();
		json_object_array_add(list, device_json(&v));
		doc = out_doc("dmremap-status");
		json_object_object_add(doc, "devices", list);
		out_print(doc);
	} else {
		print_device(&v);
	}
	live_warn(&v.l);
	return 0;
}

int cmd_status(const struct cmd_opts *o, int argc, char **argv)
{
	return argc ? status_one(o, live_name(argv[0])) : status_all(o);
}
