/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statusline, inner part: the table of fields that the printer (statusline.c)
 * and the parser (statusline-parse.c) both walk. Only these two include this.
 */
#ifndef DMR_STATUSLINE_FIELDS_H
#define DMR_STATUSLINE_FIELDS_H

#include "line.h"
#include "statusline.h"

enum dmr_status_type {
	DMR_STATUS_UUID = DMR_LINE_TYPES,
	DMR_STATUS_COPIES,
};

extern const struct dmr_line_field dmr_status_fields[];
extern const unsigned int dmr_status_nr_fields;

#endif
