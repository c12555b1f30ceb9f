// SPDX-License-Identifier: GPL-2.0-only
/*
 * Healthline: the tables of fields, and the printer.
 */
#include "healthline-fields.h"

static const char *const risk_name[] = {
	[DMR_RISK_LOW] = "low",
	[DMR_RISK_MEDIUM] = "medium",
	[DMR_RISK_HIGH] = "high",
	[DMR_RISK_CRITICAL] = "critical",
};

static const char *const trend_name[] = {
	[DMR_TREND_STEADY] = "steady",
	[DMR_TREND_WORSENING] = "worsening",
	[DMR_TREND_IMPROVING] = "improving",
};

const char *dmr_health_risk_name(enum dmr_risk r)
{
	return dmr_line_name(risk_name, ARRAY_SIZE(risk_name), r);
}

const char *dmr_health_trend_name(enum dmr_trend t)
{
	return dmr_line_name(trend_name, ARRAY_SIZE(trend_name), t);
}

static_assert(sizeof(enum dmr_risk) == sizeof(u32), "risk");
static_assert(sizeof(enum dmr_trend) == sizeof(u32), "trend");

#define HEAD(name_, help_)	DMR_LINE_FIELD(dmr_health_head, U64, name_),
#define LINE(type_, name_)	DMR_LINE_FIELD(dmr_health_line, type_, name_)
#define LINE_WORD(name_, word_) \
	DMR_LINE_FIELD_WORD(dmr_health_line, name_, ARRAY_SIZE(word_), word_)

const struct dmr_line_field dmr_health_head_fields[] = {
	DMR_HEALTH_HEAD(HEAD)
};

const struct dmr_line_field dmr_health_line_fields[] = {
	LINE(U64, region),
	LINE(U32, score),
	LINE_WORD(risk, risk_name),
	LINE_WORD(trend, trend_name),
	LINE(U32, read_errors),
	LINE(U32, write_errors),
	LINE(U32, retries),
	LINE(U32, slow),
	LINE(U64, lat_avg_us),
	LINE(U64, lat_dev_us),
	LINE(U64, first_s),
	LINE(U64, last_s),
};

/* from 1/16 ms */
static u64 lat_us(u32 lat)
{
	return (u64)lat * 125 / 2;
}

void dmr_health_line_of(u64 region, const struct dmr_health *h, u64 now_s,
			struct dmr_health_line *l)
{
	memset(l, 0, sizeof(*l));
	l->region = region;
	l->score = dmr_health_score(h, now_s);
	l->risk = dmr_health_risk(h, now_s);
	l->trend = dmr_health_trend(h, now_s);
	l->read_errors = h->read_errors;
	l->write_errors = h->write_errors;
	l->retries = h->retries;
	l->slow = h->slow;
	l->lat_avg_us = lat_us(h->lat_avg);
	l->lat_dev_us = lat_us(h->lat_dev);
	l->first_s = h->first_s;
	l->last_s = h->last_s;
}

int dmr_health_head_format(const struct dmr_health_head *h, char *buf, size_t size)
{
	struct dmr_line_out o = { .buf = buf, .size = size };

	dmr_line_text(&o, "health v1");
	dmr_line_pairs(&o, h, dmr_health_head_fields, DMR_HEALTH_HEAD_FIELDS);
	return o.len;
}

int dmr_health_line_format(const struct dmr_health_line *l, char *buf, size_t size)
{
	struct dmr_line_out o = { .buf = buf, .size = size };
	unsigned int i;

	for (i = 0; i < DMR_HEALTH_LINE_FIELDS; i++) {
		dmr_line_text(&o, i ? " " : "");
		dmr_line_value(&o, l, &dmr_health_line_fields[i]);
	}
	return o.len;
}
