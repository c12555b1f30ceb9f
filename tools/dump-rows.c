// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: the rows of the document. doc/json.md has them in words.
 */
#include "dump-rows.h"

#define HEAD_FIELD(member, type, key) OUT_FIELD(struct dump_head, member, type, key, NULL)

const struct out_field dump_head_row[DUMP_HEAD_ROWS] = {
	HEAD_FIELD(uuid, OUT_CHARS, "uuid"),
	HEAD_FIELD(created_s, OUT_U64, "created"),
	HEAD_FIELD(dumped_s, OUT_U64, "dumped"),
	HEAD_FIELD(whole, OUT_BOOL, "whole"),
	HEAD_FIELD(activity, OUT_CHARS, "activity"),
	HEAD_FIELD(epoch, OUT_U64, "generation.epoch"),
	HEAD_FIELD(counter, OUT_U64, "generation.counter"),
	HEAD_FIELD(compat, OUT_U64, "features.compat"),
	HEAD_FIELD(ro_compat, OUT_U64, "features.ro_compat"),
	HEAD_FIELD(main_sect, OUT_SECT, "main."),
	HEAD_FIELD(main_lbs, OUT_U32, "main.logical_block_bytes"),
	HEAD_FIELD(wwid, OUT_CHARS, "main.wwid"),
	HEAD_FIELD(serial, OUT_CHARS, "main.serial"),
	HEAD_FIELD(partuuid, OUT_CHARS, "main.partuuid"),
	HEAD_FIELD(spare_sect, OUT_SECT, "spare."),
	HEAD_FIELD(spare_lbs, OUT_U32, "spare.logical_block_bytes"),
	HEAD_FIELD(strategy, OUT_CHARS, "strategy"),
	HEAD_FIELD(hwm_blk, OUT_U32, "high_water_table_blocks"),
};

const struct out_field dump_witness_row[DUMP_WITNESS_ROWS] = {
	OUT_FIELD(struct dmr_witness, start_sect, OUT_U64, "main_sector", NULL),
	OUT_FIELD(struct dmr_witness, len_sect, OUT_U32, "sectors", NULL),
	OUT_FIELD(struct dmr_witness, crc, OUT_U32, "crc32c", NULL),
	OUT_FIELD(struct dmr_witness, valid, OUT_BOOL, "valid", NULL),
};

const struct out_field dump_entry_row[DUMP_ENTRY_ROWS] = {
	OUT_FIELD(struct dump_entry, slot, OUT_U64, "slot", NULL),
	OUT_FIELD(struct dump_entry, kind, OUT_CHARS, "kind", NULL),
	OUT_FIELD(struct dump_entry, mblk, OUT_U64, "main_block", NULL),
	OUT_FIELD(struct dump_entry, states, OUT_CHARS, "states", NULL),
	OUT_FIELD(struct dump_entry, serial, OUT_U64, "serial", NULL),
};
