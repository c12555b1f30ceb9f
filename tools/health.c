// SPDX-License-Identifier: GPL-2.0-only
/*
 * Health: see health.h.
 */
#include <time.h>

#include "dm.h"
#include "health.h"
#include "say.h"

/* ---- the summary ---- */

static void give_up(struct dmr_aux *aux, const struct dmr_health *h)
{
	aux->evicted++;
	aux->read_errors += h->read_errors;
	aux->write_errors += h->write_errors;
	aux->retries += h->retries;
	aux->slow += h->slow;
}

/* The records are in order, worst first: what is found is worse. */
static bool has_region(const struct dmr_aux *aux, u64 region)
{
	u32 i;

	for (i = 0; i < aux->n; i++) {
		if (aux->rec[i].region == region)
			return true;
	}
	return false;
}

void health_fit(struct dmr_aux *aux, u64 main_sect)
{
	const u32 shift = dmr_health_region_shift(main_sect);
	const u32 by = shift - aux->region_shift;
	const u32 n = aux->n;
	u32 i;

	if (!aux->seq || !by)
		return;
	aux->region_shift = shift;
	for (i = 0, aux->n = 0; i < n; i++) {
		const struct dmr_health h = aux->rec[i].h;
		const u64 region = aux->rec[i].region >> by;

		if (has_region(aux, region)) {
			give_up(aux, &h);
			continue;
		}
		aux->rec[aux->n].region = region;
		aux->rec[aux->n++].h = h;
	}
}

static u64 at_most(u64 v, u64 max)
{
	return v < max ? v : max;
}

void health_of_aux(const struct dmr_aux *aux, u64 main_sect, u32 count, struct health *h)
{
	const u64 now = (u64)time(NULL);
	u32 i;

	*h = (struct health){
		.main_sect = main_sect, .n = (u32)at_most(aux->n, count),
		.head = {
			.region_sect = 1ull << dmr_health_region_shift(main_sect),
			.records = aux->n, .max = DMR_AUX_RECS, .evicted = aux->evicted,
			.read_errors = aux->read_errors, .write_errors = aux->write_errors,
			.retries = aux->retries, .slow = aux->slow, .slow_ms = OUT_NONE,
		},
	};
	h->line = say_alloc(aux->n, sizeof(*h->line));
	for (i = 0; i < aux->n; i++) {
		const struct dmr_health *r = &aux->rec[i].h;

		dmr_health_line_of(aux->rec[i].region, r, now, &h->line[i]);
		h->head.read_errors += r->read_errors;
		h->head.write_errors += r->write_errors;
		h->head.retries += r->retries;
		h->head.slow += r->slow;
	}
}

/* ---- an open set ---- */

int health_ask(const char *name, u64 main_sect, u32 count, struct health *h)
{
	char *text = say_printf("health %u", count), *answer = NULL, *line, *save = NULL;
	int err = dm_try_ask(name, text, &answer);

	*h = (struct health){ .main_sect = main_sect };
	free(text);
	if (err)
		return err;
	h->line = say_alloc(count, sizeof(*h->line));
	line = strtok_r(answer, "\n", &save);
	err = line ? dmr_health_head_parse(line, &h->head) : -EPROTO;
	while (!err && h->n < count && (line = strtok_r(NULL, "\n", &save)))
		err = dmr_health_line_parse(line, &h->line[h->n++]);
	free(answer);
	return err ? -EPROTO : 0;
}

void health_free(struct health *h)
{
	free(h->line);
	h->line = NULL;
}

/* ---- what is shown ---- */

/** struct region_row - one region */
struct region_row {
	u64 region;
	u64 sect;
	u64 sects;
	char range[48];
	u32 score;
	const char *risk;
	const char *trend;
	u32 read_errors;
	u32 write_errors;
	u32 retries;
	u32 slow;
	u64 lat_avg_us;
	u64 lat_dev_us;
	char latency[48];
	u64 first_s;
	u64 last_s;
	char last[32];
};

#define REGION_FIELD(member, type, key, label) \
	OUT_FIELD(struct region_row, member, type, key, label)

static const struct out_field region_field[] = {
	REGION_FIELD(region, OUT_U64, "region", NULL),
	REGION_FIELD(sect, OUT_U64, "main_sector", NULL),
	REGION_FIELD(sects, OUT_U64, "main_sectors", NULL),
	REGION_FIELD(range, OUT_CHARS, NULL, "SECTORS"),
	REGION_FIELD(score, OUT_U32, "score", "SCORE"),
	REGION_FIELD(risk, OUT_STR, "risk", "RISK"),
	REGION_FIELD(trend, OUT_STR, "trend", "TREND"),
	REGION_FIELD(read_errors, OUT_U32, "read_errors", "READ"),
	REGION_FIELD(write_errors, OUT_U32, "write_errors", "WRITE"),
	REGION_FIELD(retries, OUT_U32, "retries", "RETRIED"),
	REGION_FIELD(slow, OUT_U32, "slow", "SLOW"),
	REGION_FIELD(lat_avg_us, OUT_U64, "latency_us", NULL),
	REGION_FIELD(lat_dev_us, OUT_U64, "latency_deviation_us", NULL),
	REGION_FIELD(latency, OUT_CHARS, NULL, "MS"),
	REGION_FIELD(first_s, OUT_U64, "first_error", NULL),
	REGION_FIELD(last_s, OUT_U64, "last_error", NULL),
	REGION_FIELD(last, OUT_CHARS, NULL, "LAST ERROR"),
};

#define HEAD_FIELD(member, key) OUT_FIELD(struct dmr_health_head, member, OUT_U64, key, NULL)

static const struct out_field head_field[] = {
	HEAD_FIELD(region_sect, "region_sectors"),
	HEAD_FIELD(records, "records"),
	HEAD_FIELD(max, "records_max"),
	HEAD_FIELD(evicted, "evicted"),
	HEAD_FIELD(read_errors, "read_errors"),
	HEAD_FIELD(write_errors, "write_errors"),
	HEAD_FIELD(retries, "retries"),
	HEAD_FIELD(slow, "slow"),
	HEAD_FIELD(slow_ms, "slow_ms"),
};

/* Local time; nothing where there is none */
static void show_time(u64 s, char *buf, size_t size)
{
	const time_t when = (time_t)s;
	struct tm tm;

	if (!s || !localtime_r(&when, &tm) || !strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm))
		buf[0] = '\0';
}

static void make_row(const struct health *h, const struct dmr_health_line *l,
		     struct region_row *r)
{
	const u64 sect = l->region * h->head.region_sect;
	const u64 left = sect < h->main_sect ? h->main_sect - sect : 0;

	*r = (struct region_row){
		.region = l->region, .sect = sect,
		.sects = at_most(left, h->head.region_sect),
		.score = l->score, .risk = dmr_health_risk_name(l->risk),
		.trend = dmr_health_trend_name(l->trend), .read_errors = l->read_errors,
		.write_errors = l->write_errors, .retries = l->retries, .slow = l->slow,
		.lat_avg_us = l->lat_avg_us, .lat_dev_us = l->lat_dev_us,
		.first_s = l->first_s ? l->first_s : OUT_NONE,
		.last_s = l->last_s ? l->last_s : OUT_NONE,
	};
	snprintf(r->range, sizeof(r->range), "%ju-%ju", sect, sect + r->sects - !!r->sects);
	snprintf(r->latency, sizeof(r->latency), "%ju+-%ju", (l->lat_avg_us + 500) / 1000,
		 (l->lat_dev_us + 500) / 1000);
	show_time(l->last_s, r->last, sizeof(r->last));
}

void health_json(struct json_object *o, const struct health *h)
{
	struct json_object *list = json_object_new_array(), *row;
	struct region_row r;
	u32 i;

	out_json(o, head_field, ARRAY_SIZE(head_field), &h->head);
	for (i = 0; i < h->n; i++) {
		make_row(h, &h->line[i], &r);
		row = json_object_new_object();
		out_json(row, region_field, ARRAY_SIZE(region_field), &r);
		json_object_array_add(list, row);
	}
	json_object_object_add(o, "regions", list);
}

void health_print(const struct health *h)
{
	struct out_table *t = out_table_begin(region_field, ARRAY_SIZE(region_field), h->n, NULL,
					      NULL);
	struct region_row r;
	u32 i;

	for (i = 0; i < h->n; i++) {
		make_row(h, &h->line[i], &r);
		out_table_row(t, &r);
	}
	out_table_end(t);
}
