// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statusline: the table of fields, and the printer.
 *
 * The copies are one value: "0:insync,512:failed", slot and state of each, in
 * order; "-" when there are none yet.
 */
#include "statusline-fields.h"

static const char *const mode_name[] = {
	[DMR_MODE_INACTIVE] = "inactive",
	[DMR_MODE_RW] = "rw",
	[DMR_MODE_FROZEN] = "frozen",
	[DMR_MODE_MAP_RO] = "map-ro",
	[DMR_MODE_READONLY] = "readonly",
	[DMR_MODE_FAIL] = "fail",
};

static const char *const copy_name[] = {
	[DMR_COPY_INSYNC] = "insync",
	[DMR_COPY_FAILED] = "failed",
	[DMR_COPY_EXPELLED] = "expelled",
	[DMR_COPY_UNREAD] = "unreadable",
};

static const char *const why_name[] = {
	[DMR_WHY_NONE] = "none",
	[DMR_WHY_ASKED] = "asked",
	[DMR_WHY_ALLOWANCE] = "allowance",
	[DMR_WHY_PROBES] = "probes",
	[DMR_WHY_PATH] = "path",
	[DMR_WHY_COPIES] = "copies",
	[DMR_WHY_SPARE] = "spare",
	[DMR_WHY_FLUSH] = "flush",
	[DMR_WHY_COLLISION] = "collision",
	[DMR_WHY_FORCED] = "forced",
	[DMR_WHY_READONLY] = "readonly",
};

/* In step with dmr_args_policy_name(), as a test makes sure. */
static const char *const policy_name[] = {
	[DMR_POLICY_REMAP] = "remap",
	[DMR_POLICY_RECORD] = "record",
	[DMR_POLICY_OFF] = "off",
};

static const char *const verb_name[] = {
	[DMR_JOB_NONE] = "none",
	[DMR_JOB_REMAP] = "remap",
	[DMR_JOB_UNMAP] = "unmap",
	[DMR_JOB_VERIFY] = "verify",
};

static const char *const job_name[] = {
	[DMR_JOB_NEVER] = "never",
	[DMR_JOB_QUEUED] = "queued",
	[DMR_JOB_RUNNING] = "running",
	[DMR_JOB_DONE] = "done",
	[DMR_JOB_FAILED] = "failed",
	[DMR_JOB_CANCELLED] = "cancelled",
};

static const char *const room_name[] = {
	[DMR_LEVEL_OK] = "ok",
	[DMR_LEVEL_LOW] = "low",
	[DMR_LEVEL_CRITICAL] = "critical",
	[DMR_LEVEL_FULL] = "full",
};

const char *dmr_status_mode_name(enum dmr_mode m)
{
	return dmr_line_name(mode_name, ARRAY_SIZE(mode_name), m);
}

const char *dmr_status_copy_name(enum dmr_copy_state s)
{
	return dmr_line_name(copy_name, ARRAY_SIZE(copy_name), s);
}

const char *dmr_status_why_name(enum dmr_why w)
{
	return dmr_line_name(why_name, ARRAY_SIZE(why_name), w);
}

const char *dmr_status_verb_name(enum dmr_job_verb v)
{
	return dmr_line_name(verb_name, ARRAY_SIZE(verb_name), v);
}

const char *dmr_status_job_name(enum dmr_job_state s)
{
	return dmr_line_name(job_name, ARRAY_SIZE(job_name), s);
}

const char *dmr_status_room_name(enum dmr_level l)
{
	return dmr_line_name(room_name, ARRAY_SIZE(room_name), l);
}

/* ---- the table of fields ---- */

/* A DMR_STATUS_WORD is an enum kept in a u32. */
static_assert(sizeof(enum dmr_mode) == sizeof(u32), "mode");
static_assert(sizeof(enum dmr_why) == sizeof(u32), "why");
static_assert(sizeof(enum dmr_level) == sizeof(u32), "room");
static_assert(sizeof(enum dmr_job_verb) == sizeof(u32), "job_verb");
static_assert(sizeof(enum dmr_job_state) == sizeof(u32), "job_state");
static_assert(sizeof(enum dmr_policy) == sizeof(u32), "policy");

#define FIELD(type_, name_)	DMR_LINE_FIELD(dmr_status, type_, name_)
#define FIELD_WORD(name_, words_, word_) \
	DMR_LINE_FIELD_WORD(dmr_status, name_, words_, word_)
#define FIELD_OWN(type_, name_) \
	{ .name = #name_, .at = offsetof(struct dmr_status, name_), .type = DMR_STATUS_##type_ }
#define FIELD_COUNTER(name_, help_) \
	{ .name = #name_, .at = offsetof(struct dmr_status, n.name_), .type = DMR_LINE_U64 },

const struct dmr_line_field dmr_status_fields[] = {
	FIELD_WORD(mode, ARRAY_SIZE(mode_name), mode_name),
	FIELD_WORD(why, ARRAY_SIZE(why_name), why_name),
	FIELD_WORD(policy, ARRAY_SIZE(policy_name), policy_name),
	FIELD_WORD(room, ARRAY_SIZE(room_name), room_name),
	FIELD_WORD(memory, ARRAY_SIZE(dmr_pool_memory_words), dmr_pool_memory_words),
	FIELD(BOOL, forced),
	FIELD_OWN(UUID, uuid),
	FIELD(U64, main_sect),
	FIELD(U64, spare_sect),
	FIELD(U32, main_lbs_bytes),
	FIELD(U64, slots_total),
	FIELD(U64, slots_used),
	FIELD(U64, slots_pending),
	FIELD(U64, slots_free),
	FIELD(U64, slots_bad),
	FIELD(U64, slots_meta),
	FIELD(U64, pending_sect),
	FIELD(U64, lost_sect),
	FIELD(U64, hwm_slots),
	FIELD(U32, allowance_left),
	FIELD(U32, allowance),
	FIELD(U32, held),
	FIELD(U32, doubt_blk),
	FIELD(U64, epoch),
	FIELD(U32, job),
	FIELD_WORD(job_verb, ARRAY_SIZE(verb_name), verb_name),
	FIELD_WORD(job_state, ARRAY_SIZE(job_name), job_name),
	FIELD(U64, job_done),
	FIELD(U64, job_total),
	FIELD(U64, job_failed),
	FIELD_OWN(COPIES, copies),
	DMR_COUNTERS(FIELD_COUNTER)
};

const unsigned int dmr_status_nr_fields = ARRAY_SIZE(dmr_status_fields);

static_assert(ARRAY_SIZE(dmr_status_fields) <= 64, "one u64 remembers which fields were seen");

/* ---- print ---- */

static const char hex_digit[] = "0123456789abcdef";

void dmr_status_uuid_format(const u8 uuid[DMR_UUID_BYTES], char buf[37])
{
	unsigned int i;

	for (i = 0; i < DMR_UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*buf++ = '-';
		*buf++ = hex_digit[uuid[i] >> 4];
		*buf++ = hex_digit[uuid[i] & 15];
	}
	*buf = '\0';
}

static void print_copies(struct dmr_line_out *o, const struct dmr_status *s)
{
	u32 i;

	if (!s->copies)
		dmr_line_text(o, "-");
	for (i = 0; i < s->copies && i < DMR_COPIES_MAX; i++) {
		if (i)
			dmr_line_text(o, ",");
		dmr_line_number(o, s->copy_slot[i].v);
		dmr_line_text(o, ":");
		dmr_line_text(o, dmr_status_copy_name(s->copy_state[i]));
	}
}

int dmr_status_format(const struct dmr_status *s, char *buf, size_t size)
{
	struct dmr_line_out o = { .buf = buf, .size = size };
	unsigned int i;

	dmr_line_text(&o, "v1");
	for (i = 0; i < dmr_status_nr_fields; i++) {
		const struct dmr_line_field *f = &dmr_status_fields[i];
		char uuid[37];

		if (f->type == DMR_STATUS_UUID) {
			dmr_status_uuid_format(s->uuid, uuid);
			dmr_line_text(&o, " uuid=");
			dmr_line_text(&o, uuid);
		} else if (f->type == DMR_STATUS_COPIES) {
			dmr_line_text(&o, " copies=");
			print_copies(&o, s);
		} else {
			dmr_line_pairs(&o, s, f, 1);
		}
	}
	return o.len;
}
