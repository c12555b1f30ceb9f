/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statusline: the words of STATUSTYPE_INFO, printed by the module and parsed by
 * the tool through the same table of fields, so that they cannot drift.
 *
 *   status := "v1" <key>=<value> ...      in the order of struct dmr_status
 *   copies = <slot>:<state>[,<slot>:<state>...], by copy number; "-" when not known yet
 *
 * A reader skips keys it does not know; a key once used keeps its meaning.
 * doc/status.md lists them all.
 */
#ifndef DMR_STATUSLINE_H
#define DMR_STATUSLINE_H

#include "args.h"
#include "layout.h"
#include "lowwater.h"
#include "poolline.h"

/** enum dmr_mode - ordered by badness */
enum dmr_mode {
	DMR_MODE_INACTIVE,	/* table loaded, never resumed: nothing is known yet */
	DMR_MODE_RW,
	DMR_MODE_FROZEN,	/* no new verdicts; existing remaps served */
	DMR_MODE_MAP_RO,	/* no map changes possible: too few copies */
	DMR_MODE_READONLY,	/* opened read-only: nothing is written at all */
	DMR_MODE_FAIL,		/* the spare does not answer or drops flushed writes */
};

/** dmr_status_mode_name() - inactive rw frozen map-ro readonly fail */
const char *dmr_status_mode_name(enum dmr_mode m);

/** enum dmr_copy_state - of one copy, as status shows it */
enum dmr_copy_state {
	DMR_COPY_INSYNC,
	DMR_COPY_FAILED,	/* named in sync, but its last write failed (map read-only) */
	DMR_COPY_EXPELLED,	/* left behind, to be rewritten */
	DMR_COPY_UNREAD,	/* could not be read at load */
};

/** dmr_status_copy_name() - insync failed expelled unreadable */
const char *dmr_status_copy_name(enum dmr_copy_state s);

/** enum dmr_why - reason of the last change to frozen, map-ro or fail */
enum dmr_why {
	DMR_WHY_NONE,
	DMR_WHY_ASKED,		/* message freeze */
	DMR_WHY_ALLOWANCE,	/* verdicts without evidence spent */
	DMR_WHY_PROBES,		/* reference reads failed three rounds in a row */
	DMR_WHY_PATH,		/* 64 path errors in a row */
	DMR_WHY_COPIES,		/* fewer than two copies in sync */
	DMR_WHY_SPARE,		/* the spare does not answer */
	DMR_WHY_FLUSH,		/* flushes of the spare fail */
	DMR_WHY_COLLISION,	/* a write to the spare that the table speaks against (R3) */
	DMR_WHY_FORCED,		/* force_readonly over metadata that cannot be trusted */
	DMR_WHY_READONLY,	/* opened read-only */
};

/** dmr_status_why_name() - none asked allowance probes path copies spare flush forced readonly */
const char *dmr_status_why_name(enum dmr_why w);

/** enum dmr_job_verb - long work, asked for by a message */
enum dmr_job_verb {
	DMR_JOB_NONE,
	DMR_JOB_REMAP,
	DMR_JOB_UNMAP,
	DMR_JOB_VERIFY,
};

/** enum dmr_job_state - @DMR_JOB_QUEUED also while the device is suspended */
enum dmr_job_state {
	DMR_JOB_NEVER,
	DMR_JOB_QUEUED,
	DMR_JOB_RUNNING,
	DMR_JOB_DONE,
	DMR_JOB_FAILED,		/* over, and not all of it could be done */
	DMR_JOB_CANCELLED,
};

/** dmr_status_verb_name() - none remap unmap verify */
const char *dmr_status_verb_name(enum dmr_job_verb v);

/** dmr_status_job_name() - never queued running done failed cancelled */
const char *dmr_status_job_name(enum dmr_job_state s);

/** dmr_status_room_name() - ok low critical full */
const char *dmr_status_room_name(enum dmr_level l);

/*
 * Counters, one x-macro: name in the struct and on the line, what it counts.
 * All are u64 since activation.
 */
#define DMR_COUNTERS(X)								\
	X(read_errors,		"failed reads of main seen")			\
	X(write_errors,		"failed writes of main seen")			\
	X(path_errors,		"transport, offline and timeout errors of main") \
	X(passed,		"errors passed up unjudged")			\
	X(remaps,		"blocks moved to a slot after a failed write")	\
	X(partial,		"writes that added sectors to a slot in use")	\
	X(noted,		"unreadable sectors noted as pending")		\
	X(healed_write,		"writes that succeeded when tried again on main") \
	X(healed_read,		"reads that succeeded when tried again on main") \
	X(cleared,		"pending sectors that became readable or were rewritten") \
	X(verdicts_allowance,	"verdicts that stood on the allowance")		\
	X(no_verdict,		"candidates that found no verdict")		\
	X(timed_out,		"held bios whose time budget ran out")		\
	X(slot_reads,		"reads served from slots")			\
	X(slot_writes,		"writes served by slots")			\
	X(slot_errors,		"failed reads and writes of slots")		\
	X(slots_retired,	"slots found bad")				\
	X(slots_moved,		"slots with data that were moved")		\
	X(commits,		"commits that became durable")			\
	X(commits_doubt,	"commits that ended in doubt")			\
	X(flush_failures,	"failed flushes and FUA writes of the spare")	\
	X(copies_expelled,	"copies left behind")				\
	X(copies_rewritten,	"copies brought back in sync")			\
	X(copies_moved,		"copies rebuilt somewhere else on the spare")	\
	X(hints_reclaimed,	"hints dropped because slots ran out")		\
	X(no_slot,		"writes that failed because no slot was left")	\
	X(moved_out,		"blocks moved to a slot because somebody asked")	\
	X(moved_back,		"blocks moved back to main because somebody asked") \
	X(blocks_repaired,	"metadata blocks that verify found different, rewritten") \
	X(refused,		"writes to the spare refused by the collision check") \
	X(slow,			"reads and writes of main that took long")	\
	X(emergencies,		"times that memory ran short")

struct dmr_counters {
#define DMR_COUNTER_FIELD(name, help) u64 name;
	DMR_COUNTERS(DMR_COUNTER_FIELD)
#undef DMR_COUNTER_FIELD
};

/**
 * struct dmr_status - everything the status line says
 * @room: how many slots are left, against the marks of lowwater.h
 * @doubt_blk: table blocks whose last commit is in doubt
 * @held: bios held by the error worker right now
 * @job: number of the job that runs, else of the one that came last; 0: none ever
 * @job_done: blocks it has looked at, of @job_total; @job_failed of them stayed as they were
 * @forced: up by force_readonly over metadata that is not whole
 */
struct dmr_status {
	enum dmr_mode mode;
	enum dmr_why why;
	enum dmr_policy policy;
	enum dmr_level room;
	enum dmr_memory memory;
	bool forced;
	u8 uuid[DMR_UUID_BYTES];
	u64 main_sect;
	u64 spare_sect;
	u32 main_lbs_bytes;
	u64 slots_total;
	u64 slots_used;
	u64 slots_pending;
	u64 slots_free;
	u64 slots_bad;
	u64 slots_meta;
	u64 pending_sect;
	u64 lost_sect;
	u64 hwm_slots;
	u32 allowance_left;
	u32 allowance;
	u32 held;
	u32 doubt_blk;
	u64 epoch;
	u32 job;
	enum dmr_job_verb job_verb;
	enum dmr_job_state job_state;
	u64 job_done;
	u64 job_total;
	u64 job_failed;
	u32 copies;
	struct dmr_slot copy_slot[DMR_COPIES_MAX];
	enum dmr_copy_state copy_state[DMR_COPIES_MAX];
	struct dmr_counters n;
};

/** dmr_status_format() - the INFO line. Return: length as scnprintf(). */
int dmr_status_format(const struct dmr_status *s, char *buf, size_t size);

/**
 * dmr_status_parse() - read an INFO line
 * @line: NUL-terminated, not modified
 *
 * Return: 0; -EPROTO when it is not a "v1" line; -EINVAL on a malformed value,
 * a repeated or missing key. Unknown keys are skipped. Never reads past the NUL.
 */
int dmr_status_parse(const char *line, struct dmr_status *s);

/** dmr_status_uuid_format() - 8-4-4-4-12 hex; buf of 37 bytes */
void dmr_status_uuid_format(const u8 uuid[DMR_UUID_BYTES], char buf[37]);

#endif
