/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rows of a dump: what dump.c writes and dump-read.c reads.
 */
#ifndef DMREMAP_DUMP_ROWS_H
#define DMREMAP_DUMP_ROWS_H

#include "entry.h"
#include "out.h"
#include "say.h"

#define DUMP_SCHEMA		"dmremap-dump"
#define DUMP_HEAD_ROWS		18
#define DUMP_WITNESS_ROWS	4
#define DUMP_ENTRY_ROWS		5

/** struct dump_head - the set as a whole */
struct dump_head {
	char uuid[37];
	u64 created_s;
	u64 dumped_s;
	bool whole;
	char activity[8];
	u64 epoch;
	u64 counter;
	u64 compat;
	u64 ro_compat;
	u64 main_sect;
	u32 main_lbs;
	char wwid[SAY_PRINTABLE_LEN(sizeof(((struct dmr_super *)0)->main_wwid))];
	char serial[SAY_PRINTABLE_LEN(sizeof(((struct dmr_super *)0)->main_serial))];
	char partuuid[SAY_PRINTABLE_LEN(sizeof(((struct dmr_super *)0)->main_partuuid))];
	u64 spare_sect;
	u32 spare_lbs;
	char strategy[16];
	u32 hwm_blk;
};

/** struct dump_entry - the entry of one slot that is neither free nor metadata */
struct dump_entry {
	u64 slot;
	char kind[12];
	u64 mblk;
	char states[ENTRY_STATES_LEN];
	u64 serial;
};

extern const struct out_field dump_head_row[DUMP_HEAD_ROWS];
extern const struct out_field dump_witness_row[DUMP_WITNESS_ROWS];
extern const struct out_field dump_entry_row[DUMP_ENTRY_ROWS];

#endif
