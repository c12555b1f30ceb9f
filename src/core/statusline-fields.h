/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statusline, inner part: the table of fields that the printer (statusline.c)
 * and the parser (statusline-parse.c) both walk. Only these two include this.
 */
#ifndef DMR_STATUSLINE_FIELDS_H
#define DMR_STATUSLINE_FIELDS_H

#include "statusline.h"

enum dmr_status_type {
	DMR_STATUS_WORD,	/* an enum, kept like a u32, printed as one of word[] */
	DMR_STATUS_BOOL,
	DMR_STATUS_UUID,
	DMR_STATUS_U32,
	DMR_STATUS_U64,
	DMR_STATUS_COPIES,
};

/** struct dmr_status_field - one key: where its value lies in struct dmr_status, and what it is */
struct dmr_status_field {
	const char *name;
	u16 at;
	u8 type;
	u8 words;
	const char *const *word;
};

extern const struct dmr_status_field dmr_status_fields[];
extern const unsigned int dmr_status_nr_fields;

#endif
