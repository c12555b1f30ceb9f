/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Healthline: the answer to the message "health", printed by the module and
 * parsed by the tool through the same table of fields.
 *
 *   answer := <head> <line for each record, worst first>
 *   head   := "health v1" <key>=<value> ...	in the order of struct dmr_health_head
 *   line   := <value> ...			in the order of struct dmr_health_line
 *
 * A reader skips keys it does not know, and words at the end of a line; a key
 * once used keeps its meaning.
 */
#ifndef DMR_HEALTHLINE_H
#define DMR_HEALTHLINE_H

#include "health.h"

/* What is said of all of main, one x-macro: name in the struct and on the line, what it says. */
#define DMR_HEALTH_HEAD(X)							\
	X(region_sect,	"sectors of a region")					\
	X(records,	"records there are")					\
	X(max,		"records there may be")					\
	X(evicted,	"records given up for worse ones")			\
	X(read_errors,	"failed reads, of all records there ever were")		\
	X(write_errors,	"failed writes, likewise")				\
	X(retries,	"reads and writes that succeeded when tried again")	\
	X(slow,		"reads and writes that took long")			\
	X(slow_ms,	"how long that is, in milliseconds; 0: never")

struct dmr_health_head {
#define DMR_HEALTH_HEAD_FIELD(name, help) u64 name;
	DMR_HEALTH_HEAD(DMR_HEALTH_HEAD_FIELD)
#undef DMR_HEALTH_HEAD_FIELD
};

/** struct dmr_health_line - what is said of a region; see struct dmr_health */
struct dmr_health_line {
	u64 region;
	u32 score;
	enum dmr_risk risk;
	enum dmr_trend trend;
	u32 read_errors;
	u32 write_errors;
	u32 retries;
	u32 slow;
	u64 lat_avg_us;
	u64 lat_dev_us;
	u64 first_s;
	u64 last_s;
};

/** dmr_health_trend_name() - steady worsening improving */
const char *dmr_health_trend_name(enum dmr_trend t);

/** dmr_health_risk_name() - low medium high critical */
const char *dmr_health_risk_name(enum dmr_risk r);

/** dmr_health_line_of() - what there is to say of record @h of @region at @now_s */
void dmr_health_line_of(u64 region, const struct dmr_health *h, u64 now_s,
			struct dmr_health_line *l);

/** dmr_health_head_format() - first line, without a newline. Return: length as scnprintf(). */
int dmr_health_head_format(const struct dmr_health_head *h, char *buf, size_t size);

/** dmr_health_line_format() - line of a region, without a newline. Return: as scnprintf(). */
int dmr_health_line_format(const struct dmr_health_line *l, char *buf, size_t size);

/**
 * dmr_health_head_parse() - read the first line
 * @line: NUL-terminated, without a newline, not modified; never read past the NUL
 *
 * Return: 0; -EPROTO when it is not "health v1"; -EINVAL on a malformed value, a
 * repeated or missing key. Unknown keys are skipped.
 */
int dmr_health_head_parse(const char *line, struct dmr_health_head *h);

/**
 * dmr_health_line_parse() - read the line of a region
 *
 * Return: 0; -EINVAL on a malformed or missing value. Words at the end are skipped.
 */
int dmr_health_line_parse(const char *line, struct dmr_health_line *l);

#endif
