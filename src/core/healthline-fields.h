/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Healthline, inner part: the tables of fields that the printer (healthline.c)
 * and the parser (healthline-parse.c) both walk. Only these two include this.
 */
#ifndef DMR_HEALTHLINE_FIELDS_H
#define DMR_HEALTHLINE_FIELDS_H

#include "healthline.h"
#include "line.h"

#define DMR_HEALTH_HEAD_FIELDS	(sizeof(struct dmr_health_head) / sizeof(u64))
#define DMR_HEALTH_LINE_FIELDS	12

extern const struct dmr_line_field dmr_health_head_fields[DMR_HEALTH_HEAD_FIELDS];
extern const struct dmr_line_field dmr_health_line_fields[DMR_HEALTH_LINE_FIELDS];

#endif
