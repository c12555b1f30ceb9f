// SPDX-License-Identifier: GPL-2.0-only
/*
 * Codec: bytes <-> structs. Here: the common header, table blocks and the entry
 * word; the superblock has codec-super.c, auxiliary blocks have codec-aux.c.
 *
 * Decisions: nothing is believed before the checksum is right, except what
 * must be readable in any version (magic, slot, version). A block without the
 * magic has no location to speak of, so the location is judged after it.
 *
 * Invariants: outputs are written only when the answer is DMR_BLK_OK. Encoders
 * write all 4096 bytes, so no stale memory reaches the disk.
 */
#include "codec-header.h"
#include "layout.h"

int dmr_codec_gen_cmp(const struct dmr_gen *a, const struct dmr_gen *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	if (a->counter != b->counter)
		return a->counter < b->counter ? -1 : 1;
	return 0;
}

u32 dmr_codec_crc(const void *blk, const u8 uuid[DMR_UUID_BYTES], struct dmr_slot at)
{
	/* what is short in one piece: a call costs as much as a hundred bytes */
	struct {
		u8 uuid[DMR_UUID_BYTES];
		__le64 slot;
		struct dmr_disk_header h;
	} __packed head;
	const u8 *p = blk;

	memcpy(head.uuid, uuid, DMR_UUID_BYTES);
	head.slot = cpu_to_le64(at.v);
	memcpy(&head.h, blk, sizeof(head.h));
	head.h.crc = 0;
	return dmr_plat_crc32c(dmr_plat_crc32c(~0u, &head, sizeof(head)), p + sizeof(head.h),
			       DMR_BLK_BYTES - sizeof(head.h));
}

/* ---- the header ---- */

void dmr_codec_header_encode(void *blk, u16 type, const u8 uuid[DMR_UUID_BYTES],
			     const struct dmr_gen *gen, u32 index, struct dmr_slot at)
{
	struct dmr_disk_header *h = blk;

	memset(blk, 0, DMR_BLK_BYTES);
	memcpy(h->magic, DMR_DISK_MAGIC, sizeof(h->magic));
	h->version = cpu_to_le16(DMR_DISK_VERSION);
	h->type = cpu_to_le16(type);
	memcpy(h->uuid, uuid, DMR_UUID_BYTES);
	h->slot = cpu_to_le64(at.v);
	h->epoch = cpu_to_le64(gen->epoch);
	h->counter = cpu_to_le64(gen->counter);
	h->nonce = cpu_to_le32(gen->nonce);
	h->index = cpu_to_le32(index);
}

void dmr_codec_seal(void *blk)
{
	struct dmr_disk_header *h = blk;

	h->crc = cpu_to_le32(dmr_codec_crc(blk, h->uuid, dmr_slot(le64_to_cpu(h->slot))));
}

void dmr_codec_header_gen(const struct dmr_disk_header *h, struct dmr_gen *gen)
{
	gen->epoch = le64_to_cpu(h->epoch);
	gen->counter = le64_to_cpu(h->counter);
	gen->nonce = le32_to_cpu(h->nonce);
}

/*
 * A type this version does not write into such a place, under a right
 * checksum: one of ours in the wrong place is nonsense, any other is the work
 * of a later release and must not be overwritten.
 */
static enum dmr_blk_status type_check(u16 type, u16 want, const char **why)
{
	if (type == want)
		return DMR_BLK_OK;
	if (type >= DMR_TYPE_SUPER && type <= DMR_TYPE_TOMBSTONE)
		return dmr_codec_bad(DMR_BLK_MEANING, "metadata block of another type", why);
	return dmr_codec_bad(DMR_BLK_VERSION, "metadata block of a type this version does not know",
			     why);
}

enum dmr_blk_status dmr_codec_header_check(const void *blk, const struct dmr_codec_place *want,
					   const char **why)
{
	const struct dmr_disk_header *h = blk;

	if (memcmp(h->magic, DMR_DISK_MAGIC, sizeof(h->magic)))
		return dmr_codec_bad(DMR_BLK_NOT_OURS, "no dm-remap magic", why);
	if (le64_to_cpu(h->slot) != want->at.v)
		return dmr_codec_bad(DMR_BLK_MISPLACED, "belongs to another slot", why);
	if (le16_to_cpu(h->version) != DMR_DISK_VERSION)
		return dmr_codec_bad(DMR_BLK_VERSION, "unknown format version", why);
	if (want->index >= 0 && le32_to_cpu(h->index) != want->index)
		return dmr_codec_bad(DMR_BLK_MISPLACED, "belongs to another index", why);
	if (le32_to_cpu(h->crc) != dmr_codec_crc(blk, h->uuid, want->at))
		return dmr_codec_bad(DMR_BLK_CRC, "checksum is wrong", why);
	return type_check(le16_to_cpu(h->type), want->type, why);
}

const char *dmr_codec_epoch_bad(const struct dmr_disk_header *h)
{
	return le64_to_cpu(h->epoch) > DMR_EPOCH_MAX ? "epoch is impossible" : NULL;
}

void dmr_codec_restamp(void *blk, struct dmr_slot at, s64 index)
{
	struct dmr_disk_header *h = blk;

	h->slot = cpu_to_le64(at.v);
	if (index >= 0)
		h->index = cpu_to_le32((u32)index);
	dmr_codec_seal(blk);
}

const char *dmr_codec_status_name(enum dmr_blk_status st)
{
	static const char *const name[] = {
		[DMR_BLK_OK] = "ok",
		[DMR_BLK_UNREAD] = "unreadable",
		[DMR_BLK_NOT_OURS] = "not dm-remap",
		[DMR_BLK_MISPLACED] = "misplaced",
		[DMR_BLK_VERSION] = "unknown version",
		[DMR_BLK_CRC] = "wrong checksum",
		[DMR_BLK_FOREIGN] = "of another set",
		[DMR_BLK_MEANING] = "impossible content",
		[DMR_BLK_TOMBSTONE] = "tombstone",
	};

	return (unsigned int)st < ARRAY_SIZE(name) ? name[st] : "unknown";
}

/* ---- the entry word ---- */

unsigned int dmr_codec_block_states(const struct dmr_super *sb, struct dmr_mblk b)
{
	const u32 lbs_sect = sb->main_lbs_bytes / DMR_SECT_BYTES;
	const u64 start = dmr_mblk_sect(b);
	u32 sects = DMR_BLK_SECTS;

	if (start < sb->main_sect && sb->main_sect - start < DMR_BLK_SECTS)
		sects = (u32)(sb->main_sect - start);
	/* A size that is no multiple of the logical block cannot be addressed to the end. */
	return lbs_sect ? (sects + lbs_sect - 1) / lbs_sect : sects;
}

/* struct states - how many states the blocks of main have: all but the last one the same */
struct states {
	u64 blks;
	unsigned int each;
	unsigned int last;
};

static struct states states_of(const struct dmr_super *sb)
{
	const u64 blks = dmr_units_blks(sb->main_sect);

	return (struct states){
		.blks = blks,
		.each = dmr_codec_block_states(sb, dmr_mblk(0)),
		.last = dmr_codec_block_states(sb, dmr_mblk(blks - 1)),
	};
}

static const char *maps_check(const struct states *n, u64 w)
{
	const u32 states = dmr_entry_states(w);
	const struct dmr_mblk b = dmr_entry_mblk(w);
	const bool moved = dmr_states_has(states, DMR_STATE_SLOT) ||
			   dmr_states_has(states, DMR_STATE_LOST);

	if (b.v >= n->blks)
		return "entry of a block past the end of main";
	if (states >> (2 * (b.v == n->blks - 1 ? n->last : n->each)))
		return "entry with a state for a sector the block does not have";
	if (dmr_entry_kind(w) == DMR_KIND_USED)
		return moved ? NULL : "used entry without a sector in the slot";
	if (moved)
		return "pending entry with a sector in the slot";
	if (!states)
		return "pending entry without a pending sector";
	return NULL;
}

static const char *entry_check(const struct dmr_super *sb, const struct states *n,
			       struct dmr_slot s, u64 w, bool meta)
{
	if (meta)
		return w == dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0) ?
		       NULL : "slot of a metadata copy is not marked as metadata";
	if (s.v >= sb->slots)
		return w ? "entry of a slot past the end of the spare" : NULL;
	if (w >> DMR_ENTRY_FLAGS_SHIFT)
		return "entry with unknown flags";

	switch (dmr_entry_kind(w)) {
	case DMR_KIND_FREE:
		return w ? "free entry that is not 0" : NULL;
	case DMR_KIND_META:
		return "metadata entry outside of all copies";
	case DMR_KIND_USED:
	case DMR_KIND_PENDING:
		return maps_check(n, w);
	case DMR_KIND_BAD:
		return w != dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0) ?
		       "bad entry that says more than bad" : NULL;
	}
	return "entry of an unknown kind";
}

const char *dmr_codec_entry_valid(const struct dmr_super *sb, struct dmr_slot s, u64 w)
{
	const struct states n = states_of(sb);

	return entry_check(sb, &n, s, w, dmr_layout_is_meta(sb, s));
}

/* ---- table blocks ---- */

void dmr_codec_table_encode(void *blk, const u8 uuid[DMR_UUID_BYTES], const struct dmr_gen *gen,
			    u32 index, const u64 *word, struct dmr_slot at)
{
	struct dmr_disk_table *d = blk;
	unsigned int i;

	dmr_codec_header_encode(blk, DMR_TYPE_TABLE, uuid, gen, index, at);
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
		d->entry[i] = cpu_to_le64(word[i]);
	dmr_codec_seal(blk);
}

static bool in_moved_copy(const struct dmr_super *sb, struct dmr_slot s)
{
	u32 i;

	for (i = 0; i < sb->copies; i++)
		if (s.v - sb->copy_slot[i].v < dmr_layout_copy_len(sb))
			return dmr_layout_moved(sb, i);
	return false;
}

/* What the entry of @s says once the moves of copies are through. */
static u64 settled(const struct dmr_super *sb, struct dmr_slot s, u64 w, bool meta)
{
	const u64 word = dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0);

	if (w == word)
		return meta || s.v >= sb->slots ? w : 0;
	return !w && meta && in_moved_copy(sb, s) ? word : w;
}

/* Settled entries to @word, if it is not NULL; *@moved: is any not as it was? */
static const char *entries_settle(const struct dmr_super *sb, u32 index,
				  const struct dmr_disk_table *d, u64 *word, bool *moved)
{
	const u64 first = (u64)index * DMR_ENTRIES_PER_BLK;
	const struct states n = states_of(sb);
	u64 mask[DMR_MASK_WORDS];
	unsigned int i;

	*moved = false;
	dmr_layout_meta_mask(sb, index, mask);
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		const struct dmr_slot s = dmr_slot(first + i);
		const bool meta = dmr_layout_masked(mask, i);
		const u64 was = le64_to_cpu(d->entry[i]);
		const u64 w = settled(sb, s, was, meta);
		const char *bad = entry_check(sb, &n, s, w, meta);

		if (bad)
			return bad;
		if (word)
			word[i] = w;
		*moved |= w != was;
	}
	return NULL;
}

/* All that a header can be wrong in. */
static enum dmr_blk_status table_head(const struct dmr_disk_table *d, struct dmr_slot at,
				      const struct dmr_super *sb, u32 index, const char **why)
{
	const struct dmr_codec_place want = { .type = DMR_TYPE_TABLE, .at = at, .index = index };
	enum dmr_blk_status st = dmr_codec_header_check(d, &want, why);
	const char *bad;

	if (st != DMR_BLK_OK)
		return st;
	if (memcmp(d->h.uuid, sb->uuid, DMR_UUID_BYTES))
		return dmr_codec_bad(DMR_BLK_FOREIGN, "table block of another set", why);
	bad = dmr_codec_epoch_bad(&d->h);
	return bad ? dmr_codec_bad(DMR_BLK_MEANING, bad, why) : DMR_BLK_OK;
}

enum dmr_blk_status dmr_codec_table_decode(const void *blk, struct dmr_slot at,
					   const struct dmr_super *sb, u32 index, u64 *word,
					   struct dmr_gen *gen, const char **why)
{
	const struct dmr_disk_table *d = blk;
	enum dmr_blk_status st = table_head(d, at, sb, index, why);
	const char *bad;
	bool moved;
	u32 i;

	if (st != DMR_BLK_OK)
		return st;
	bad = entries_settle(sb, index, d, NULL, &moved);
	if (bad)
		return dmr_codec_bad(DMR_BLK_MEANING, bad, why);

	if (moved)
		entries_settle(sb, index, d, word, &moved);
	for (i = 0; !moved && i < DMR_ENTRIES_PER_BLK; i++)
		word[i] = le64_to_cpu(d->entry[i]);
	dmr_codec_header_gen(&d->h, gen);
	return DMR_BLK_OK;
}

static bool same_entries(const struct dmr_disk_table *a, const struct dmr_disk_table *b)
{
	__le64 differ = 0;
	u32 i;

	/* memcmp() is a loop over bytes in some kernels */
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
		differ |= a->entry[i] ^ b->entry[i];
	return !differ;
}

enum dmr_blk_status dmr_codec_table_decode_twin(const void *blk, struct dmr_slot at,
						const struct dmr_super *sb, u32 index,
						const void *twin, bool *same, u64 *word,
						struct dmr_gen *gen)
{
	const struct dmr_disk_table *d = blk;
	enum dmr_blk_status st;

	*same = twin && same_entries(d, twin);
	if (!*same)
		return dmr_codec_table_decode(blk, at, sb, index, word, gen, NULL);
	st = table_head(d, at, sb, index, NULL);
	if (st == DMR_BLK_OK)
		dmr_codec_header_gen(&d->h, gen);
	return st;
}

u32 dmr_codec_table_unsettled(const void *blk, const u64 *word)
{
	const struct dmr_disk_table *d = blk;
	u32 i, n = 0;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
		n += le64_to_cpu(d->entry[i]) != word[i];
	return n;
}
