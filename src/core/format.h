/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On-disk format v4, byte by byte. doc/format.md is its prose; the two must
 * agree, and tests/unit/test-format.c pins golden bytes for both.
 *
 * Everything on the spare is made of 4 KiB slots. A metadata slot starts with
 * struct dmr_disk_header, which no later version may change: it is enough to
 * tell "ours but newer" from "damaged", so that nothing newer is ever repaired.
 */
#ifndef DMR_FORMAT_H
#define DMR_FORMAT_H

#include "units.h"

#define DMR_DISK_MAGIC		"dm-remap"	/* 8 bytes, no NUL on disk */
#define DMR_DISK_VERSION	4

#define DMR_UUID_BYTES		16
#define DMR_EPOCH_MAX		BIT_ULL(62)	/* one activation a nanosecond for a century */
#define DMR_COPIES_MAX		8	/* room in the superblock; v4 uses 2 to 5 */
#define DMR_WITNESS_MAX		8
#define DMR_ENTRIES_PER_BLK	504u	/* (4096 - 64) / 8 */
#define DMR_STATES_PER_BLK	8u	/* one 2-bit state for each 512-byte sector */

/* dmr_disk_header.type */
#define DMR_TYPE_SUPER		1
#define DMR_TYPE_TABLE		2
#define DMR_TYPE_AUX		3
#define DMR_TYPE_TOMBSTONE	4	/* where a copy lived that moved; as a superblock */

/* dmr_disk_super.activity */
#define DMR_ACTIVITY_CLEAN	1	/* closed; the witness is valid */
#define DMR_ACTIVITY_IN_USE	2	/* open for writing, or crashed while it was */

/**
 * struct dmr_disk_header - first 64 bytes of every metadata slot
 * @magic: "dm-remap"
 * @version: format version, 4
 * @type: DMR_TYPE_*
 * @crc: crc32c over the 4096 bytes with this field zero; seeded, see dmr_codec_crc()
 * @uuid: of the set (a main and its spare), random, made by format
 * @slot: the slot this block was written to: a block elsewhere is not a copy
 * @epoch: raised at every writable activation
 * @counter: raised by every write of metadata within the epoch
 * @nonce: random per activation: one generation, two nonces = two histories
 * @index: superblock, aux: number of the copy; table block: its number in the table
 */
struct dmr_disk_header {
	u8 magic[8];
	__le16 version;
	__le16 type;
	__le32 crc;
	u8 uuid[DMR_UUID_BYTES];
	__le64 slot;
	__le64 epoch;
	__le64 counter;
	__le32 nonce;
	__le32 index;
} __packed;

/* dmr_disk_super.ro_compat: the set is being given other places, for another size of the spare */
#define DMR_RO_RESIZE		BIT_ULL(0)

/**
 * struct dmr_disk_witness - a range of main whose crc is taken at a clean close
 * @start_sect: where it starts on main
 * @len_sect: its length, at most 64; 0 = unused
 */
struct dmr_disk_witness {
	__le64 start_sect;
	__le32 len_sect;
	__le32 pad;
} __packed;

/**
 * struct dmr_disk_super - the superblock, first slot of every copy
 *
 * What changes after format lies in the first 512 bytes, header and crc with
 * it: a write of the superblock that is torn at a sector boundary is either
 * the old one or the new one. A lone copy can so be marked "in use" in place.
 *
 * @insync: bit i: copy i has every acknowledged change
 * @hwm_blk: table blocks that exist on disk; entries above are computed
 * @old_slot: with DMR_RO_RESIZE: superblocks that are still to be destroyed, 0: none
 */
struct dmr_disk_super {
	struct dmr_disk_header h;
	__le64 compat;
	__le64 ro_compat;
	__le64 incompat;
	__le64 main_sect;
	__le64 spare_sect;
	__le32 main_lbs_bytes;
	__le32 spare_lbs_bytes;
	__le64 slots;
	__le32 table_blk;
	__le32 hwm_blk;
	__le32 copies;
	__le32 insync;
	__le32 strategy;
	__le32 activity;
	__le64 copy_slot[DMR_COPIES_MAX];
	__le32 witness_valid;
	__le32 pad0;
	__le32 witness_crc[DMR_WITNESS_MAX];
	__le64 created_s;
	__le64 old_slot[DMR_COPIES_MAX];
	u8 reserved0[192];

	/* constant from format on */
	struct dmr_disk_witness witness[DMR_WITNESS_MAX];
	u8 main_wwid[128];
	u8 main_serial[64];
	u8 main_partuuid[40];
	u8 reserved1[3224];
} __packed;

/**
 * struct dmr_disk_table - a table block: the entries of 504 consecutive slots
 * @entry: entry of slot index * 504 + i, see the DMR_ENTRY_* fields
 */
struct dmr_disk_table {
	struct dmr_disk_header h;
	__le64 entry[DMR_ENTRIES_PER_BLK];
} __packed;

/**
 * struct dmr_disk_health - record of a region of main; see struct dmr_health
 * @region: number of the region: its first sector is that, shifted by region_shift
 */
struct dmr_disk_health {
	__le32 region;
	__le32 key;
	__le32 read_errors;
	__le32 write_errors;
	__le32 retries;
	__le32 slow;
	__le32 lat_avg;
	__le32 lat_dev;
	__le32 gap_avg;
	__le32 gap_new;
	__le64 first_s;
	__le64 last_s;
} __packed;

#define DMR_AUX_RECS		70

/**
 * struct dmr_disk_aux - auxiliary block, last slot of every copy: summary of the health map
 * @seq: of several copies the highest one counts; 0: there is no summary
 * @saved_s: when that was
 * @region_shift: log2 of the sectors in a region
 * @n: records that follow, worst first
 * @evicted: records that were given up; the sums are over these
 */
struct dmr_disk_aux {
	struct dmr_disk_header h;
	__le64 seq;
	__le64 saved_s;
	__le32 region_shift;
	__le32 n;
	__le64 evicted;
	__le64 read_errors;
	__le64 write_errors;
	__le64 retries;
	__le64 slow;
	struct dmr_disk_health rec[DMR_AUX_RECS];
	u8 reserved[48];
} __packed;

static_assert(sizeof(struct dmr_disk_header) == 64, "header");
static_assert(offsetof(struct dmr_disk_header, version) == 8, "version");
static_assert(offsetof(struct dmr_disk_header, type) == 10, "type");
static_assert(offsetof(struct dmr_disk_header, crc) == 12, "crc");
static_assert(offsetof(struct dmr_disk_header, uuid) == 16, "uuid");
static_assert(offsetof(struct dmr_disk_header, slot) == 32, "slot");
static_assert(offsetof(struct dmr_disk_header, epoch) == 40, "epoch");
static_assert(offsetof(struct dmr_disk_header, counter) == 48, "counter");
static_assert(offsetof(struct dmr_disk_header, nonce) == 56, "nonce");
static_assert(offsetof(struct dmr_disk_header, index) == 60, "index");
static_assert(sizeof(struct dmr_disk_witness) == 16, "witness");
static_assert(offsetof(struct dmr_disk_super, compat) == 64, "compat");
static_assert(offsetof(struct dmr_disk_super, ro_compat) == 72, "ro_compat");
static_assert(offsetof(struct dmr_disk_super, incompat) == 80, "incompat");
static_assert(offsetof(struct dmr_disk_super, main_sect) == 88, "main_sect");
static_assert(offsetof(struct dmr_disk_super, spare_sect) == 96, "spare_sect");
static_assert(offsetof(struct dmr_disk_super, main_lbs_bytes) == 104, "main_lbs");
static_assert(offsetof(struct dmr_disk_super, spare_lbs_bytes) == 108, "spare_lbs");
static_assert(offsetof(struct dmr_disk_super, slots) == 112, "slots");
static_assert(offsetof(struct dmr_disk_super, table_blk) == 120, "table_blk");
static_assert(offsetof(struct dmr_disk_super, hwm_blk) == 124, "hwm_blk");
static_assert(offsetof(struct dmr_disk_super, copies) == 128, "copies");
static_assert(offsetof(struct dmr_disk_super, insync) == 132, "insync");
static_assert(offsetof(struct dmr_disk_super, strategy) == 136, "strategy");
static_assert(offsetof(struct dmr_disk_super, activity) == 140, "activity");
static_assert(offsetof(struct dmr_disk_super, copy_slot) == 144, "copy_slot");
static_assert(offsetof(struct dmr_disk_super, witness_valid) == 208, "witness_valid");
static_assert(offsetof(struct dmr_disk_super, witness_crc) == 216, "witness_crc");
static_assert(offsetof(struct dmr_disk_super, created_s) == 248, "created_s");
static_assert(offsetof(struct dmr_disk_super, old_slot) == 256, "old_slot");
static_assert(offsetof(struct dmr_disk_super, reserved0) == 320, "reserved0");
static_assert(offsetof(struct dmr_disk_super, witness) == 512, "witness");
static_assert(offsetof(struct dmr_disk_super, main_wwid) == 640, "main_wwid");
static_assert(offsetof(struct dmr_disk_super, main_serial) == 768, "main_serial");
static_assert(offsetof(struct dmr_disk_super, main_partuuid) == 832, "main_partuuid");
static_assert(sizeof(struct dmr_disk_super) == DMR_BLK_BYTES, "super");
static_assert(offsetof(struct dmr_disk_table, entry) == 64, "entry");
static_assert(sizeof(struct dmr_disk_table) == DMR_BLK_BYTES, "table");
static_assert(offsetof(struct dmr_disk_health, key) == 4, "key");
static_assert(offsetof(struct dmr_disk_health, read_errors) == 8, "read_errors");
static_assert(offsetof(struct dmr_disk_health, write_errors) == 12, "write_errors");
static_assert(offsetof(struct dmr_disk_health, retries) == 16, "retries");
static_assert(offsetof(struct dmr_disk_health, slow) == 20, "slow");
static_assert(offsetof(struct dmr_disk_health, lat_avg) == 24, "lat_avg");
static_assert(offsetof(struct dmr_disk_health, lat_dev) == 28, "lat_dev");
static_assert(offsetof(struct dmr_disk_health, gap_avg) == 32, "gap_avg");
static_assert(offsetof(struct dmr_disk_health, gap_new) == 36, "gap_new");
static_assert(offsetof(struct dmr_disk_health, first_s) == 40, "first_s");
static_assert(offsetof(struct dmr_disk_health, last_s) == 48, "last_s");
static_assert(sizeof(struct dmr_disk_health) == 56, "health");
static_assert(offsetof(struct dmr_disk_aux, seq) == 64, "seq");
static_assert(offsetof(struct dmr_disk_aux, saved_s) == 72, "saved_s");
static_assert(offsetof(struct dmr_disk_aux, region_shift) == 80, "region_shift");
static_assert(offsetof(struct dmr_disk_aux, n) == 84, "n");
static_assert(offsetof(struct dmr_disk_aux, evicted) == 88, "evicted");
static_assert(offsetof(struct dmr_disk_aux, read_errors) == 96, "aux read_errors");
static_assert(offsetof(struct dmr_disk_aux, write_errors) == 104, "aux write_errors");
static_assert(offsetof(struct dmr_disk_aux, retries) == 112, "aux retries");
static_assert(offsetof(struct dmr_disk_aux, slow) == 120, "aux slow");
static_assert(offsetof(struct dmr_disk_aux, rec) == 128, "rec");
static_assert(offsetof(struct dmr_disk_aux, reserved) == 4048, "aux reserved");
static_assert(sizeof(struct dmr_disk_aux) == DMR_BLK_BYTES, "aux");

/*
 * An entry: what the table says of one slot, in one little-endian 64-bit word.
 *
 *   bit 0..39   main block (0 unless used or pending)
 *   bit 40..55  sector states, 2 bits each, sector 0 of the block lowest
 *   bit 56..58  kind
 *   bit 59..60  serial: of two entries for one block, the next one (mod 4) wins
 *   bit 61..63  flags, 0 in this version
 *
 * A free slot is the word 0. Readers load the word once, whole: a slot and the
 * state of its sectors never come from two loads.
 */
#define DMR_ENTRY_MBLK_BITS	40
#define DMR_ENTRY_STATE_SHIFT	40
#define DMR_ENTRY_KIND_SHIFT	56
#define DMR_ENTRY_SERIAL_SHIFT	59
#define DMR_ENTRY_FLAGS_SHIFT	61

enum dmr_kind {
	DMR_KIND_FREE = 0,
	DMR_KIND_META = 1,
	DMR_KIND_USED = 2,	/* holds sectors of a main block */
	DMR_KIND_PENDING = 3,	/* a hint: sectors of the block cannot be read on main */
	DMR_KIND_BAD = 4,	/* never offered again */
};

/* Where a logical sector of a block lives. With 4 KiB logical blocks only state 0 counts. */
enum dmr_state {
	DMR_STATE_MAIN = 0,	/* on main */
	DMR_STATE_PENDING = 1,	/* main cannot be read there: error until rewritten */
	DMR_STATE_SLOT = 2,	/* in the slot */
	DMR_STATE_LOST = 3,	/* given up after a verdict: error until rewritten, never main */
};

#endif
