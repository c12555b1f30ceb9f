/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Report: findings and losses in words and in JSON.
 */
#ifndef DMREMAP_REPORT_H
#define DMREMAP_REPORT_H

#include "out.h"
#include "walk.h"

/** struct report - findings in the order they came */
struct report {
	struct dmr_finding *f;
	u64 n;
	u64 room;
};

/** report_finding() - a dmr_finding_fn; @ctx is the struct report */
void report_finding(void *ctx, const struct dmr_finding *f);
void report_free(struct report *r);

/** report_print() - one line each: severity, number, name, where, what */
void report_print(const struct report *r, const struct walk *w);

/** report_json() - the findings as an array */
struct json_object *report_json(const struct report *r, const struct walk *w);

/** report_lost() - for each table block that is gone: its slots, and what is known of them */
void report_lost(const struct walk *w);

/**
 * report_lost_begin() - the same as the array "lost" at the end of @doc, which is taken over
 *
 * Written one by one: a table block may have 504 blocks that are known, and all may be lost.
 * Return: for out_table_next() or out_table_end().
 */
struct out_table *report_lost_begin(const struct walk *w, struct json_object *doc);

/** report_copy_state() - "insync", "expelled", "unreadable" or "damaged" */
const char *report_copy_state(const struct walk *w, u32 copy);

#endif
