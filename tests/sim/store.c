// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store: what a sector can hold, by number.
 *
 * A disk image is an array of numbers, so that a million of them can be made,
 * compared and thrown away. Metadata is kept by its bytes; a block read back,
 * torn or whole, is eight numbers, and what the codec says of them is
 * remembered. Everything is given back in the reverse order of its arrival:
 * what a branch of the search has brought is forgotten when the branch is left.
 * Numbers are used again then, so hashes are made of contents.
 */
#include <stdlib.h>

#include "sim.h"

#define BUCKETS		65536u
#define NONE		(~0u)

struct content {
	u64 hash;
	u32 value;	/* SIM_NO_VALUE: metadata */
	u32 next;
	u8 *bytes;
};

static struct content *contents;
static u32 nr_contents, room_contents;
static u32 content_bucket[BUCKETS];

static struct sim_block **blocks;	/* each where it is: others point to it */
static u32 nr_blocks, room_blocks;
static u32 block_bucket[BUCKETS];

static void *grown(void *p, u32 n, u32 *room, size_t size)
{
	if (n < *room)
		return p;
	*room = *room ? 2 * *room : 4096;
	p = realloc(p, *room * size);
	if (!p)
		abort();
	return p;
}

static u64 mix(u64 x)
{
	x ^= x >> 31;
	x *= 0x9e3779b97f4a7c15ull;
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ull;
	return x ^ x >> 32;
}

static u64 hash_bytes(const u8 *p)
{
	u64 h = 0x1234567;
	u32 i;

	for (i = 0; i < DMR_SECT_BYTES; i += 8) {
		u64 w;

		memcpy(&w, p + i, 8);
		h = mix(h ^ w);
	}
	return h;
}

static void init(void)
{
	if (nr_contents)
		return;
	memset(content_bucket, 0xff, sizeof(content_bucket));
	memset(block_bucket, 0xff, sizeof(block_bucket));
	contents = grown(contents, 0, &room_contents, sizeof(*contents));
	/* number 0: zeroes, as a data sector of value 0 */
	contents[0] = (struct content){ .next = NONE };
	nr_contents = 1;
}

static sim_sect content_add(u64 hash, u32 value, const u8 *bytes)
{
	u32 *head = &content_bucket[hash % BUCKETS];
	u32 i;

	for (i = *head; i != NONE; i = contents[i].next)
		if (contents[i].hash == hash && contents[i].value == value &&
		    (!bytes || !memcmp(contents[i].bytes, bytes, DMR_SECT_BYTES)))
			return i;
	contents = grown(contents, nr_contents, &room_contents, sizeof(*contents));
	contents[nr_contents] = (struct content){ .hash = hash, .value = value, .next = *head };
	if (bytes) {
		contents[nr_contents].bytes = malloc(DMR_SECT_BYTES);
		if (!contents[nr_contents].bytes)
			abort();
		memcpy(contents[nr_contents].bytes, bytes, DMR_SECT_BYTES);
	}
	*head = nr_contents;
	return nr_contents++;
}

sim_sect sim_store_value(u32 value)
{
	init();
	return value ? content_add(mix(value), value, NULL) : 0;
}

void sim_store_bytes(const void *blk, sim_sect *sect)
{
	static const u8 zero[DMR_SECT_BYTES];
	const u8 *p = blk;
	u32 i;

	init();
	for (i = 0; i < DMR_BLK_SECTS; i++, p += DMR_SECT_BYTES)
		sect[i] = memcmp(p, zero, sizeof(zero)) ?
			  content_add(hash_bytes(p), SIM_NO_VALUE, p) : 0;
}

u32 sim_store_value_of(sim_sect s)
{
	return contents[s].value;
}

u64 sim_store_hash(sim_sect s)
{
	return contents[s].hash;
}

static void block_bytes(const sim_sect *sect, u8 *blk)
{
	u32 i;

	for (i = 0; i < DMR_BLK_SECTS; i++) {
		const struct content *c = &contents[sect[i]];

		if (c->bytes)
			memcpy(blk + i * DMR_SECT_BYTES, c->bytes, DMR_SECT_BYTES);
		else
			memset(blk + i * DMR_SECT_BYTES, (int)(c->value & 0xff), DMR_SECT_BYTES);
	}
}

static u32 *block_head(u64 slot, const sim_sect *sect, bool is_super, u64 list)
{
	u64 h = slot * 2 + is_super + list;
	u32 i;

	for (i = 0; i < DMR_BLK_SECTS; i++)
		h = mix(h ^ contents[sect[i]].hash);
	return &block_bucket[h % BUCKETS];
}

static struct sim_block *block_find(u64 slot, const sim_sect *sect, bool is_super, u64 list,
				    const u32 *head)
{
	u32 i;

	for (i = *head; i != NONE; i = blocks[i]->next)
		if (blocks[i]->slot == slot && blocks[i]->is_super == is_super &&
		    blocks[i]->list == list &&
		    !memcmp(blocks[i]->sect, sect, sizeof(blocks[i]->sect)))
			return blocks[i];
	return NULL;
}

static struct sim_block *block_add(u64 slot, const sim_sect *sect, bool is_super, u64 list,
				   u32 *head, size_t data_size)
{
	struct sim_block *b;

	blocks = grown(blocks, nr_blocks, &room_blocks, sizeof(*blocks));
	b = malloc(sizeof(*b));
	if (!b)
		abort();
	*b = (struct sim_block){
		.slot = slot, .is_super = is_super, .list = list, .next = *head,
	};
	memcpy(b->sect, sect, sizeof(b->sect));
	b->data = malloc(data_size);
	if (!b->data)
		abort();
	blocks[nr_blocks] = b;
	*head = nr_blocks++;
	return b;
}

const struct sim_block *sim_store_super(u64 slot, const sim_sect *sect)
{
	u32 *head = block_head(slot, sect, true, 0);
	struct sim_block *b = block_find(slot, sect, true, 0, head);
	u8 blk[DMR_BLK_BYTES];

	if (b)
		return b;
	b = block_add(slot, sect, true, 0, head, sizeof(struct dmr_super));
	block_bytes(sect, blk);
	b->st = dmr_codec_super_decode(blk, dmr_slot(slot), b->data, NULL);
	if (b->st == DMR_BLK_OK || b->st == DMR_BLK_TOMBSTONE)
		b->gen = ((struct dmr_super *)b->data)->gen;
	return b;
}

/* What the places of the copies have to do with a table block's meaning. */
static u64 list_hash(const struct dmr_super *sb)
{
	u64 h = 0;
	u32 i;

	for (i = 0; i < sb->copies; i++)
		h = h * 8209 + sb->copy_slot[i].v;
	return h;
}

static void block_maps(struct sim_block *b)
{
	const u64 *word = b->data;
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		if (!dmr_entry_maps(word[i]))
			continue;
		if (b->nr_map == SIM_MAPS)
			abort();
		b->map[b->nr_map++] = (u16)i;
	}
}

const struct sim_block *sim_store_table(u64 slot, const sim_sect *sect, const struct dmr_super *sb,
					u32 index)
{
	const u64 list = list_hash(sb);
	u32 *head = block_head(slot, sect, false, list);
	struct sim_block *b = block_find(slot, sect, false, list, head);
	u8 blk[DMR_BLK_BYTES];

	if (b)
		return b;
	b = block_add(slot, sect, false, list, head, sizeof(u64) * DMR_ENTRIES_PER_BLK);
	block_bytes(sect, blk);
	b->st = dmr_codec_table_decode(blk, dmr_slot(slot), sb, index, b->data, &b->gen, NULL);
	if (b->st == DMR_BLK_OK) {
		block_maps(b);
		b->unsettled = dmr_codec_table_unsettled(blk, b->data);
	}
	return b;
}

struct sim_mark sim_store_mark(void)
{
	init();
	return (struct sim_mark){ .sects = nr_contents, .blocks = nr_blocks };
}

void sim_store_release(struct sim_mark m)
{
	while (nr_blocks > m.blocks) {
		struct sim_block *b = blocks[--nr_blocks];

		*block_head(b->slot, b->sect, b->is_super, b->list) = b->next;
		free(b->data);
		free(b);
	}
	while (nr_contents > m.sects) {
		struct content *c = &contents[--nr_contents];

		content_bucket[c->hash % BUCKETS] = c->next;
		free(c->bytes);
	}
}
