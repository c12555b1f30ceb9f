/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of the metadata blocks, and what part each plays for a reader.
 */
#ifndef SWEEP_FIELDS_H
#define SWEEP_FIELDS_H

#include "format.h"

enum block_kind {
	BLOCK_SUPER,
	BLOCK_TABLE,
	BLOCK_AUX,
	BLOCK_KINDS
};

/**
 * enum field_role - what another value means, under a right checksum
 * @ROLE_MAGIC: not dm-remap
 * @ROLE_VERSION: an unknown version, whatever the checksum says
 * @ROLE_TYPE: another block of ours, or an unknown version
 * @ROLE_SUM: the checksum itself
 * @ROLE_SET: another set
 * @ROLE_PLACE: it belongs elsewhere
 * @ROLE_ORDER: older or newer
 * @ROLE_NONCE: another table block of the same generation; of a superblock nothing
 * @ROLE_NEWER: an unknown version
 * @ROLE_SAYS: it says something else; if that is possible at all
 * @ROLE_COPY_SLOT: the same, for copies that exist
 * @ROLE_WITNESS_CRC: the same, for witnesses that count
 * @ROLE_IDLE: nothing
 */
enum field_role {
	ROLE_MAGIC,
	ROLE_VERSION,
	ROLE_TYPE,
	ROLE_SUM,
	ROLE_SET,
	ROLE_PLACE,
	ROLE_ORDER,
	ROLE_NONCE,
	ROLE_NEWER,
	ROLE_SAYS,
	ROLE_COPY_SLOT,
	ROLE_WITNESS_CRC,
	ROLE_IDLE,
};

/**
 * struct field - some bytes of a block, or some bits of eight bytes
 * @nr: its number, where a field has several
 * @bits: not 0: only so many bits of the word, from @shift on
 */
struct field {
	char name[32];
	u32 off;
	u32 size;
	enum field_role role;
	u32 nr;
	u32 shift;
	u32 bits;
};

typedef void (*field_fn)(void *ctx, const struct field *f);

/**
 * fields_each() - every field of a block, and the block as a whole
 * @word: BLOCK_TABLE: its entries. Of each run of equal ones the first is taken apart
 * @every: the others are fields, too, each as a whole
 */
void fields_each(enum block_kind kind, const u64 *word, bool every, field_fn fn, void *ctx);

/** fields_gap() - first byte of a block that no field has, or two have; 4096: all is well */
u32 fields_gap(enum block_kind kind);

#endif
