/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Codec: bytes <-> structs, nothing else. Decoding goes to a local first and
 * is checked in a fixed order, each step with an error of its own: location,
 * magic, version, checksum, meaning. (A block without the magic states no
 * location, so the magic has to be looked at first.)
 */
#ifndef DMR_CODEC_H
#define DMR_CODEC_H

#include "format.h"
#include "health.h"

/**
 * enum dmr_blk_status - what reading one metadata slot gave
 * @DMR_BLK_OK: valid, in its place, of the wanted set and type
 * @DMR_BLK_UNREAD: the device could not read it (I/O error): nothing is known
 * @DMR_BLK_NOT_OURS: no dm-remap magic
 * @DMR_BLK_MISPLACED: magic, but it says it belongs to another slot
 * @DMR_BLK_VERSION: an unknown version: never to be overwritten by repair
 * @DMR_BLK_CRC: checksum wrong: destroyed or torn
 * @DMR_BLK_FOREIGN: valid, but of another set
 * @DMR_BLK_MEANING: checksum right, content impossible
 * @DMR_BLK_TOMBSTONE: of a superblock's place: the copy is said to have moved
 */
enum dmr_blk_status {
	DMR_BLK_OK,
	DMR_BLK_UNREAD,
	DMR_BLK_NOT_OURS,
	DMR_BLK_MISPLACED,
	DMR_BLK_VERSION,
	DMR_BLK_CRC,
	DMR_BLK_FOREIGN,
	DMR_BLK_MEANING,
	DMR_BLK_TOMBSTONE,
};

/** struct dmr_gen - generation of a metadata block: compared epoch first */
struct dmr_gen {
	u64 epoch;
	u64 counter;
	u32 nonce;
};

/** struct dmr_witness - one range of main watched while the set is closed */
struct dmr_witness {
	u64 start_sect;
	u32 len_sect;
	u32 crc;
	bool valid;
};

/** struct dmr_super - decoded superblock; fields as in struct dmr_disk_super */
struct dmr_super {
	u8 uuid[DMR_UUID_BYTES];
	struct dmr_gen gen;
	u32 copy;		/* which copy this superblock belongs to (header index) */
	u64 compat;
	u64 ro_compat;
	u64 incompat;
	u64 main_sect;
	u64 spare_sect;
	u32 main_lbs_bytes;
	u32 spare_lbs_bytes;
	u64 slots;
	u32 table_blk;
	u32 hwm_blk;
	u32 copies;
	u32 insync;
	u32 strategy;
	u32 activity;
	struct dmr_slot copy_slot[DMR_COPIES_MAX];
	struct dmr_slot old_slot[DMR_COPIES_MAX];	/* 0 where there is none */
	struct dmr_witness witness[DMR_WITNESS_MAX];
	u64 created_s;
	char main_wwid[129];
	char main_serial[65];
	char main_partuuid[41];
};

/** struct dmr_aux_rec - record @h of region @region */
struct dmr_aux_rec {
	u64 region;
	struct dmr_health h;
};

/**
 * struct dmr_aux - what an auxiliary block says: the worst records of the health map
 * @seq: of several copies the highest one counts; 0: there is no summary
 * @saved_s: when that was, wall-clock seconds
 * @region_shift: as dmr_health_region_shift() of main has it
 * @evicted: records that were given up; @read_errors, ... are sums over these
 * @rec: @n of them, of different regions, worst first
 */
struct dmr_aux {
	u64 seq;
	u64 saved_s;
	u32 region_shift;
	u32 n;
	u64 evicted;
	u64 read_errors;
	u64 write_errors;
	u64 retries;
	u64 slow;
	struct dmr_aux_rec rec[DMR_AUX_RECS];
};

/** dmr_codec_gen_cmp() - <0, 0, >0; the nonce takes no part in the order */
int dmr_codec_gen_cmp(const struct dmr_gen *a, const struct dmr_gen *b);

/**
 * dmr_codec_crc() - checksum of a 4 KiB block
 *
 * crc32c, seed ~0, no final xor, over: uuid, slot (le64), the block with crc = 0.
 */
u32 dmr_codec_crc(const void *blk, const u8 uuid[DMR_UUID_BYTES], struct dmr_slot at);

/**
 * dmr_codec_super_encode() - superblock of copy @copy, for slot @at
 * @blk: 4096 bytes, written whole
 * @sb: what to say; @sb->copy is ignored in favour of @copy
 */
void dmr_codec_super_encode(void *blk, const struct dmr_super *sb, u32 copy, struct dmr_slot at);

/**
 * dmr_codec_tomb_encode() - tombstone of copy @copy, for slot @at where it no longer lives
 * @sb: the list of places it states is where to look
 */
void dmr_codec_tomb_encode(void *blk, const struct dmr_super *sb, u32 copy, struct dmr_slot at);

/**
 * dmr_codec_super_decode() - read a superblock, or tombstone, found at slot @at
 * @blk: 4096 bytes
 * @out: written only when the result is DMR_BLK_OK or DMR_BLK_TOMBSTONE
 * @why: when not NULL, gets a short constant sentence for any other result
 *
 * The uuid is taken from the block itself. Meaning covers: lbs 512..4096 powers
 * of two, spare lbs <= main lbs, sizes consistent with slots and table_blk,
 * hwm_blk <= table_blk, as many copies as the size has, each in its anchor or
 * clear of all anchors, extents inside the spare and not overlapping, the block's
 * own slot equal to copy_slot[index] (a tombstone's is not), insync within
 * copies and not empty, activity known, incompat 0 (unknown incompat bits are
 * DMR_BLK_VERSION), witness lengths in bounds, strings terminated or full.
 */
enum dmr_blk_status dmr_codec_super_decode(const void *blk, struct dmr_slot at,
					   struct dmr_super *out, const char **why);

/**
 * dmr_codec_table_encode() - table block @index for slot @at
 * @word: DMR_ENTRIES_PER_BLK entries in cpu order
 */
void dmr_codec_table_encode(void *blk, const u8 uuid[DMR_UUID_BYTES], const struct dmr_gen *gen,
			    u32 index, const u64 *word, struct dmr_slot at);

/**
 * dmr_codec_restamp() - make a finished block (any type) right for another copy
 *
 * Sets slot, index (if @index is not negative) and crc.
 */
void dmr_codec_restamp(void *blk, struct dmr_slot at, s64 index);

/**
 * dmr_codec_table_decode() - read table block @index found at slot @at
 * @sb: the chosen superblock: uuid, sizes and copy list decide the meaning
 * @word: DMR_ENTRIES_PER_BLK entries, written only on DMR_BLK_OK, settled
 * @gen: written only on DMR_BLK_OK
 *
 * Meaning: every settled entry passes dmr_codec_entry_valid() for its slot. When a
 * copy moves, the list of copies says so at once, and the entries of both places
 * follow with later commits. So "metadata" outside of all places is settled to
 * free, and free in the place of a copy that has moved to metadata.
 */
enum dmr_blk_status dmr_codec_table_decode(const void *blk, struct dmr_slot at,
					   const struct dmr_super *sb, u32 index, u64 *word,
					   struct dmr_gen *gen, const char **why);

/**
 * dmr_codec_table_decode_twin() - the same, shorter for a block that is like one that was taken
 * @twin: NULL, or table block @index of @sb that was DMR_BLK_OK, from whatever slot
 * @same: are the entries @twin's, byte for byte? Then @word is not written
 *
 * What entries mean follows from themselves, @sb and @index alone: the same ones
 * need not be looked at twice. All else of the block is checked.
 */
enum dmr_blk_status dmr_codec_table_decode_twin(const void *blk, struct dmr_slot at,
						const struct dmr_super *sb, u32 index,
						const void *twin, bool *same, u64 *word,
						struct dmr_gen *gen);

/**
 * dmr_codec_table_unsettled() - how many entries of @blk had to be settled
 * @word: what dmr_codec_table_decode() made of them
 */
u32 dmr_codec_table_unsettled(const void *blk, const u64 *word);

/**
 * dmr_codec_aux_encode() - auxiliary block of copy @copy, for slot @at
 * @aux: what to say; NULL: nothing
 */
void dmr_codec_aux_encode(void *blk, const u8 uuid[DMR_UUID_BYTES], const struct dmr_gen *gen,
			  u32 copy, struct dmr_slot at, const struct dmr_aux *aux);

/**
 * dmr_codec_aux_decode() - read the auxiliary block of copy @copy found at slot @at
 * @aux: written only on DMR_BLK_OK, may be NULL
 *
 * A summary that makes no sense is as good as none: @aux is all zero then, and
 * the block is in order. Health is advice; nothing is refused for it.
 */
enum dmr_blk_status dmr_codec_aux_decode(const void *blk, struct dmr_slot at,
					 const struct dmr_super *sb, u32 copy,
					 struct dmr_aux *aux, const char **why);

/** dmr_codec_status_name() - "ok", "unreadable", "not dm-remap", ... for messages */
const char *dmr_codec_status_name(enum dmr_blk_status st);

/* ---- the entry word ---- */

static inline u64 dmr_entry_make(enum dmr_kind kind, struct dmr_mblk b, u32 states, u32 serial)
{
	return (b.v & (BIT_ULL(DMR_ENTRY_MBLK_BITS) - 1)) |
	       (u64)(states & 0xffff) << DMR_ENTRY_STATE_SHIFT |
	       (u64)kind << DMR_ENTRY_KIND_SHIFT | (u64)(serial & 3) << DMR_ENTRY_SERIAL_SHIFT;
}

static inline enum dmr_kind dmr_entry_kind(u64 w)
{
	return (enum dmr_kind)((w >> DMR_ENTRY_KIND_SHIFT) & 7);
}

static inline struct dmr_mblk dmr_entry_mblk(u64 w)
{
	return dmr_mblk(w & (BIT_ULL(DMR_ENTRY_MBLK_BITS) - 1));
}

static inline u32 dmr_entry_states(u64 w)
{
	return (w >> DMR_ENTRY_STATE_SHIFT) & 0xffff;
}

static inline u32 dmr_entry_serial(u64 w)
{
	return (w >> DMR_ENTRY_SERIAL_SHIFT) & 3;
}

/** dmr_entry_maps() - true when the entry speaks of a main block (used or pending) */
static inline bool dmr_entry_maps(u64 w)
{
	enum dmr_kind k = dmr_entry_kind(w);

	return k == DMR_KIND_USED || k == DMR_KIND_PENDING;
}

/** dmr_entry_maps_block() - true when it speaks of this one */
static inline bool dmr_entry_maps_block(u64 w, struct dmr_mblk b)
{
	/* of the kinds that a decoded block can have these two alone have this bit */
	static_assert((DMR_KIND_USED & DMR_KIND_PENDING & 2) &&
		      !((DMR_KIND_FREE | DMR_KIND_META | DMR_KIND_BAD) & 2), "kinds");
	/* without constants of 64 bits: each takes a register from a loop that has none to spare */
	return !((w ^ b.v) << (64 - DMR_ENTRY_MBLK_BITS)) &&
	       (w & BIT_ULL(DMR_ENTRY_KIND_SHIFT + 1));
}

static inline enum dmr_state dmr_states_get(u32 states, unsigned int i)
{
	return (enum dmr_state)((states >> (2 * i)) & 3);
}

/** dmr_states_set() - @states with @n logical sectors from @first on set to @st */
static inline u32 dmr_states_set(u32 states, unsigned int first, unsigned int n, enum dmr_state st)
{
	u32 mask = ((1u << (2 * n)) - 1) << (2 * first);

	return (states & ~mask) | ((st * 0x5555u << (2 * first)) & mask);
}

/** dmr_states_has() - true when any logical sector is in state @st */
static inline bool dmr_states_has(u32 states, enum dmr_state st)
{
	u32 x = states ^ (st * 0x5555u);

	return ((~x) & (~x >> 1) & 0x5555u) != 0;
}

/**
 * dmr_codec_entry_valid() - may this word describe slot @s of set @sb?
 *
 * Free is 0. Metadata exactly for the slots of copies and anchors. Used: a block of
 * main, at least one sector 10 or 11. Pending: a block of main, only 00 and 01,
 * at least one 01. Bad: block and states 0. States beyond the block's last
 * logical sector (short tail block; lbs 4096) are 00. Flags 0, serial 0 unless
 * the entry maps a block. Returns NULL when valid, else a short sentence.
 */
const char *dmr_codec_entry_valid(const struct dmr_super *sb, struct dmr_slot s, u64 w);

/** dmr_codec_block_states() - number of logical sectors (states) main block @b has, 1 to 8 */
unsigned int dmr_codec_block_states(const struct dmr_super *sb, struct dmr_mblk b);

#endif
