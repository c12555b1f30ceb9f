/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Poolline, inner part: the tables of fields that the printer (poolline.c) and
 * the parser (poolline-parse.c) both walk. Only these two include this.
 */
#ifndef DMR_POOLLINE_FIELDS_H
#define DMR_POOLLINE_FIELDS_H

#include "line.h"
#include "poolline.h"

#define DMR_POOL_HEAD_FIELDS	2
#define DMR_POOL_NR_FIELDS	(sizeof(struct dmr_pool_stat) / sizeof(u64))

extern const struct dmr_line_field dmr_pool_head_fields[DMR_POOL_HEAD_FIELDS];
extern const struct dmr_line_field dmr_pool_fields[DMR_POOL_NR_FIELDS];
extern const char *const dmr_pool_words[DMR_POOLS];

#endif
