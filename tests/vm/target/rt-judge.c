// SPDX-License-Identifier: GPL-2.0-only
/*
 * `judge on <slots>`: a spare's writes against the table on it. A second reader of
 * the format, written from doc/format.md, that looks at every I/O to the device:
 *
 *   - table blocks and superblocks, read or written without an error, tell what
 *     each slot is for; the newest of each counts, as for a loader
 *   - a write of metadata to a slot that is a block's, of anything else to a slot
 *     that is metadata or bad, and of a sector of one block (a pattern says which it
 *     is) to a slot of another one is a collision
 *
 * After a power cut all is forgotten: what is on the disk is learned anew from what
 * the next opening reads.
 */
#include <linux/slab.h>

#include "rt.h"

#define RT_ENTRIES	504
#define RT_COPIES	8
#define RT_SLOT_SECTS	8
#define RT_UNKNOWN	U64_MAX	/* not a word: bits 61 to 63 are 0 */
#define RT_PATTERN	0x61702d6f69706174ULL	/* helpers/pattern.h */

enum { RT_SUPER = 1, RT_TABLE, RT_AUX, RT_TOMB };
enum { RT_FREE, RT_METADATA, RT_USED, RT_PENDING, RT_BAD };

/* Of doc/format.md what is needed here. */
struct rt_header {
	u8 magic[8];
	__le16 version;
	__le16 type;
	__le32 crc;
	u8 uuid[16];
	__le64 slot;
	__le64 epoch;
	__le64 counter;
	__le32 nonce;
	__le32 index;
	union {
		__le64 entry[RT_ENTRIES];
		struct {
			u8 before[48];
			__le64 slots;
			__le32 table_blk;
			__le32 hwm_blk;
			__le32 copies;
			__le32 insync;
			__le32 strategy;
			__le32 activity;
			__le64 copy_slot[RT_COPIES];
		} super;
	};
} __packed;

static_assert(offsetof(struct rt_header, entry) == 64);
static_assert(offsetof(struct rt_header, super.slots) == 112);
static_assert(offsetof(struct rt_header, super.copy_slot) == 144);

struct rt_gen {
	u64 epoch;
	u64 counter;
};

/* Under rt_lock. @word: by slot; @gen: by table block, then of superblocks. */
struct rt_judge {
	u64 slots;
	u32 blks;
	u64 *word;
	struct rt_gen *gen;
	u64 copy_slot[RT_COPIES];
	u32 copies;
	u64 judged;
	u64 collisions;
};

void rt_judge_forget_locked(struct rt_dev *dev)
{
	struct rt_judge *j = dev->judge;
	u64 s;

	lockdep_assert_held(&rt_lock);
	if (!j)
		return;
	for (s = 0; s < j->slots; s++)
		j->word[s] = RT_UNKNOWN;
	memset(j->gen, 0, (j->blks + 1) * sizeof(*j->gen));
	j->copies = 0;
}

static void rt_judge_free(struct rt_judge *j)
{
	if (!j)
		return;
	kvfree(j->word);
	kvfree(j->gen);
	kfree(j);
}

/* Process context. @slots 0: off. */
int rt_judge_set(struct rt_dev *dev, u64 slots)
{
	struct rt_judge *j = NULL;

	if (slots) {
		j = kzalloc(sizeof(*j), GFP_KERNEL);
		if (!j)
			return -ENOMEM;
		j->slots = slots;
		j->blks = DIV_ROUND_UP(slots, RT_ENTRIES);
		j->word = kvcalloc(slots, sizeof(*j->word), GFP_KERNEL);
		j->gen = kvcalloc(j->blks + 1, sizeof(*j->gen), GFP_KERNEL);
		if (!j->word || !j->gen) {
			rt_judge_free(j);
			return -ENOMEM;
		}
	}
	spin_lock_irq(&rt_lock);
	swap(dev->judge, j);
	rt_judge_forget_locked(dev);
	spin_unlock_irq(&rt_lock);
	rt_judge_free(j);
	return 0;
}

u64 rt_judged_locked(const struct rt_dev *dev)
{
	return dev->judge ? dev->judge->judged : 0;
}

u64 rt_collisions_locked(const struct rt_dev *dev)
{
	return dev->judge ? dev->judge->collisions : 0;
}

/* ---- what the table says ---- */

static bool rt_newer(struct rt_gen *seen, const struct rt_header *h)
{
	const u64 epoch = le64_to_cpu(h->epoch);
	const u64 counter = le64_to_cpu(h->counter);

	if (epoch < seen->epoch || (epoch == seen->epoch && counter < seen->counter))
		return false;
	seen->epoch = epoch;
	seen->counter = counter;
	return true;
}

static void rt_judge_learn(struct rt_judge *j, const struct rt_header *h, u64 slot)
{
	const u32 index = le32_to_cpu(h->index);
	u64 s = (u64)index * RT_ENTRIES;
	u32 i;

	if (memcmp(h->magic, "dm-remap", 8) || le64_to_cpu(h->slot) != slot)
		return;
	if (le16_to_cpu(h->type) == RT_SUPER && rt_newer(&j->gen[j->blks], h)) {
		j->copies = min_t(u32, le32_to_cpu(h->super.copies), RT_COPIES);
		for (i = 0; i < RT_COPIES; i++)
			j->copy_slot[i] = le64_to_cpu(h->super.copy_slot[i]);
	}
	if (le16_to_cpu(h->type) != RT_TABLE || index >= j->blks || !rt_newer(&j->gen[index], h))
		return;
	for (i = 0; i < RT_ENTRIES && s + i < j->slots; i++)
		j->word[s + i] = le64_to_cpu(h->entry[i]);
}

/* ---- places of copies: doc/format.md, section 2 ---- */

static u64 rt_anchor(const struct rt_judge *j, u32 copy)
{
	if (!copy)
		return 0;
	if (j->slots < 128)
		return j->slots - (j->blks + 2);
	return j->slots < 1024 ? j->slots * copy / 4 : j->slots >> (5 - copy);
}

static bool rt_is_place(const struct rt_judge *j, u64 s)
{
	u32 i;

	for (i = 0; i < j->copies; i++)
		if (s - j->copy_slot[i] < j->blks + 2 || s - rt_anchor(j, i) < j->blks + 2)
			return true;
	return false;
}

/* ---- judgement ---- */

static bool rt_collides(const struct rt_judge *j, const u64 *head, u64 slot)
{
	const u64 w = slot < j->slots ? j->word[slot] : RT_UNKNOWN;
	const u32 kind = w >> 56 & 7;
	const bool mapped = w != RT_UNKNOWN && (kind == RT_USED || kind == RT_PENDING);

	if (!memcmp(head, "dm-remap", 8))
		return mapped || slot >= j->slots;
	/* in no table block: nothing says that it may be written */
	if (w == RT_UNKNOWN || rt_is_place(j, slot) || kind == RT_BAD)
		return true;
	if (!mapped)
		return false;
	return head[0] == RT_PATTERN && head[1] / RT_SLOT_SECTS != (w & GENMASK_ULL(39, 0));
}

/* A sector of the bio; @data: from the slot's first one on as far as it is there. */
typedef void (*rt_judge_fn)(struct rt_judge *j, const void *data, u64 sector, bool whole);

static void rt_judge_write(struct rt_judge *j, const void *data, u64 sector, bool whole)
{
	u64 head[2];

	memcpy(head, data, sizeof(head));
	/* the rest of a block of metadata is not judged by itself */
	if (!memcmp(head, "dm-remap", 8) && sector % RT_SLOT_SECTS)
		return;
	j->judged++;
	if (!rt_collides(j, head, sector / RT_SLOT_SECTS))
		return;
	j->collisions++;
	pr_err("remap-test: collision: sector %llu, entry %llx, written %llx %llx\n", sector,
	       sector / RT_SLOT_SECTS < j->slots ? j->word[sector / RT_SLOT_SECTS] : RT_UNKNOWN,
	       head[0], head[1]);
}

static void rt_judge_done(struct rt_judge *j, const void *data, u64 sector, bool whole)
{
	if (whole && !(sector % RT_SLOT_SECTS))
		rt_judge_learn(j, data, sector / RT_SLOT_SECTS);
}

/* Metadata is written and read in whole pages; of other I/O each sector is looked at. */
static void rt_judge_each(struct rt_io *io, rt_judge_fn fn)
{
	struct rt_judge *j = io->dev->judge;
	struct bvec_iter iter = io->iter;
	u64 sector = io->first;
	struct bio_vec bv;

	while (iter.bi_size) {
		void *data;

		bv = bio_iter_iovec(io->bio, iter);
		data = kmap_local_page(bv.bv_page) + bv.bv_offset;
		if (!(sector % RT_SLOT_SECTS) && bv.bv_len >= PAGE_SIZE &&
		    (fn == rt_judge_done || !memcmp(data, "dm-remap", 8))) {
			fn(j, data, sector, true);
			bv.bv_len = PAGE_SIZE;
		} else {
			fn(j, data, sector, false);
			bv.bv_len = SECTOR_SIZE;
		}
		kunmap_local(data);
		bio_advance_iter_single(io->bio, &iter, bv.bv_len);
		sector += bv.bv_len >> SECTOR_SHIFT;
	}
}

void rt_judge_submit_locked(struct rt_io *io)
{
	lockdep_assert_held(&rt_lock);
	io->iter = io->bio->bi_iter;
	if (io->dev->judge && (io->ops & RT_WRITE))
		rt_judge_each(io, rt_judge_write);
}

/* Once for an I/O, when it is over. */
void rt_judge_complete_locked(struct rt_io *io, blk_status_t status)
{
	lockdep_assert_held(&rt_lock);
	if (io->dev->judge && !status && (io->ops & (RT_WRITE | RT_READ)))
		rt_judge_each(io, rt_judge_done);
}
