// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second reader.
 */
#include "rules.h"

static u64 get(const u8 *p, u32 off, u32 size)
{
	u64 v = 0;

	while (size--)
		v = v << 8 | p[off + size];
	return v;
}

/* Section 4: nothing written later could outrank it. */
static bool epoch_possible(const u8 *b)
{
	return get(b, 40, 8) <= 1ull << 62;
}

/* ---- section 6: the superblock ---- */

static bool lbs_possible(u64 lbs)
{
	return lbs == 512 || lbs == 1024 || lbs == 2048 || lbs == 4096;
}

static bool sizes_possible(const u8 *b)
{
	const u64 main_sect = get(b, 88, 8), slots = get(b, 112, 8);
	const u64 table_blk = get(b, 120, 4), hwm_blk = get(b, 124, 4);

	return lbs_possible(get(b, 104, 4)) && lbs_possible(get(b, 108, 4)) &&
	       get(b, 108, 4) <= get(b, 104, 4) &&
	       main_sect >= 1 && main_sect <= 1ull << 43 && slots == get(b, 96, 8) / 8 &&
	       table_blk == slots / 504 + !!(slots % 504) && table_blk >= 1 &&
	       table_blk <= 0xfffffffcull && hwm_blk >= 1 && hwm_blk <= table_blk;
}

/* Section 2. */
static u64 anchor(u64 slots, u64 len, u32 i)
{
	if (!i)
		return 0;
	if (slots < 128)
		return slots - len;
	return slots < 1024 ? slots * i / 4 : slots >> (5 - i);
}

static bool touch(u64 a, u64 b, u64 len)
{
	return a < b + len && b < a + len;
}

/* In its own anchor, or clear of all of them. */
static bool place_possible(u64 slots, u64 len, u32 copies, u32 i, u64 at)
{
	u32 j;

	if (at == anchor(slots, len, i))
		return true;
	for (j = 0; j < copies; j++)
		if (touch(at, anchor(slots, len, j), len))
			return false;
	return true;
}

static bool copies_possible(const u8 *b)
{
	const u64 copies = get(b, 128, 4), insync = get(b, 132, 4), index = get(b, 60, 4);
	const u64 slots = get(b, 112, 8), len = get(b, 120, 4) + 2;
	u32 i, j;

	if (slots < 9 || copies != (slots < 128 ? 2 : slots < 1024 ? 4 : 5) ||
	    index >= copies || !insync || insync >> copies)
		return false;
	for (i = 0; i < copies; i++) {
		const u64 at = get(b, 144 + 8 * i, 8);

		if (at > slots || slots - at < len ||
		    !place_possible(slots, len, (u32)copies, i, at))
			return false;
		for (j = 0; j < i; j++)
			if (touch(at, get(b, 144 + 8 * j, 8), len))
				return false;
	}
	return get(b, 144 + 8 * (u32)index, 8) == get(b, 32, 8);
}

static bool witness_possible(const u8 *b)
{
	const u64 main_sect = get(b, 88, 8), valid = get(b, 208, 4);
	const u64 lbs_sect = get(b, 104, 4) / 512;
	u32 i;

	for (i = 0; i < 8; i++) {
		const u64 start = get(b, 512 + 16 * i, 8), len = get(b, 520 + 16 * i, 4);

		if (len > 64 || start % lbs_sect || len % lbs_sect ||
		    (len && (start >= main_sect || main_sect - start < len)) ||
		    (!len && valid >> i & 1))
			return false;
	}
	return !(valid >> 8);
}

static bool text_possible(const u8 *b, u32 off, u32 size)
{
	u32 i;

	for (i = off + 1; i < off + size; i++)
		if (!b[i - 1] && b[i])
			return false;
	return true;
}

bool rules_super(const u8 *b)
{
	const u64 activity = get(b, 140, 4);

	return epoch_possible(b) && sizes_possible(b) && copies_possible(b) &&
	       (activity == 1 || activity == 2) && witness_possible(b) &&
	       text_possible(b, 640, 128) && text_possible(b, 768, 64) &&
	       text_possible(b, 832, 40);
}

/* ---- section 8: the entries ---- */

/* In a copy, or in an anchor; @moved: in a copy that is not in its anchor. */
static bool in_extent(const u8 *super, u64 slot, bool *moved)
{
	const u64 slots = get(super, 112, 8), len = get(super, 120, 4) + 2;
	bool in = false;
	u32 i;

	*moved = false;
	for (i = 0; i < get(super, 128, 4); i++) {
		const u64 at = get(super, 144 + 8 * i, 8), own = anchor(slots, len, i);

		in |= slot >= own && slot < own + len;
		if (slot < at || slot >= at + len)
			continue;
		in = true;
		*moved = at != own;
	}
	return in;
}

/* What an entry says when the moves of copies are through. */
static u64 settle(const u8 *super, u64 slot, u64 word)
{
	bool moved;

	if (in_extent(super, slot, &moved))
		return !word && moved ? 1ull << 56 : word;
	return word == 1ull << 56 && slot < get(super, 112, 8) ? 0 : word;
}

/* Logical sectors of a block of main, a part of one counted as one. */
static u32 block_sectors(const u8 *super, u64 block)
{
	const u64 main_sect = get(super, 88, 8), lbs_sect = get(super, 104, 4) / 512;
	const u64 rest = main_sect - block * 8;
	const u64 left = rest < 8 ? rest : 8;

	return (u32)((left + lbs_sect - 1) / lbs_sect);
}

static bool states_possible(const u8 *super, u64 block, u32 states, bool used)
{
	bool moved = false, pending = false;
	u32 i;

	for (i = 0; i < 8; i++) {
		const u32 s = states >> (2 * i) & 3;

		if (s && i >= block_sectors(super, block))
			return false;
		moved |= s >= 2;
		pending |= s == 1;
	}
	return used ? moved : !moved && pending;
}

static bool entry_possible(const u8 *super, u64 slot, u64 word)
{
	const u64 block = word & 0xffffffffffull;
	const u32 states = word >> 40 & 0xffff, kind = word >> 56 & 7;
	bool moved;

	if (in_extent(super, slot, &moved))
		return word == 1ull << 56;
	if (slot >= get(super, 112, 8) || kind == 0)
		return !word;
	if (kind == 4)
		return word == 4ull << 56;
	if ((kind != 2 && kind != 3) || word >> 61)
		return false;
	return block < (get(super, 88, 8) + 7) / 8 &&
	       states_possible(super, block, states, kind == 2);
}

bool rules_table(const u8 *super, const u8 *blk, u32 index)
{
	u32 i;

	if (!epoch_possible(blk))
		return false;
	for (i = 0; i < 504; i++)
		if (!entry_possible(super, (u64)index * 504 + i,
				    settle(super, (u64)index * 504 + i, get(blk, 64 + 8 * i, 8))))
			return false;
	return true;
}

bool rules_same(const u8 *super, const u8 *a, const u8 *b, u32 index)
{
	u32 i;

	for (i = 0; i < 504; i++)
		if (settle(super, (u64)index * 504 + i, get(a, 64 + 8 * i, 8)) !=
		    settle(super, (u64)index * 504 + i, get(b, 64 + 8 * i, 8)))
			return false;
	return true;
}

/* ---- all of a copy ---- */

/* Of two entries for one block the next serial counts; of more, none. */
static bool add_entry(struct rules_map *m, u32 *seen, u64 slot, u64 word)
{
	const u64 block = word & 0xffffffffffull;
	const u32 serial = word >> 59 & 3, other = m->word[block] >> 59 & 3;

	if (++seen[block] > 2 ||
	    (seen[block] == 2 && serial != ((other + 1) & 3) && other != ((serial + 1) & 3)))
		return false;
	if (seen[block] == 2 && other == ((serial + 1) & 3))
		return true;
	m->word[block] = word;
	m->slot[block] = slot;
	return true;
}

static bool read_table(const u8 *super, const u8 *blk, u32 index,
		       struct rules_map *m, u32 *seen)
{
	u32 i;

	if (!rules_table(super, blk, index))
		return false;
	for (i = 0; i < 504; i++) {
		const u64 word = get(blk, 64 + 8 * i, 8);
		const u32 kind = word >> 56 & 7;

		if ((kind == 2 || kind == 3) &&
		    !add_entry(m, seen, (u64)index * 504 + i, word))
			return false;
	}
	return true;
}

/* Main and spare are those of the golden image; witnesses speak of a set that is closed. */
static bool devices_fit(const struct golden *g, const u8 *super)
{
	u8 sector[512];
	u32 i, k;

	if (get(super, 96, 8) > g->spare_sect || get(super, 88, 8) != g->main_sect ||
	    get(super, 104, 4) != g->lbs_bytes)
		return false;
	for (i = 0; i < 8 && get(super, 140, 4) == 1; i++) {
		u32 crc = ~0u;

		if (!(get(super, 208, 4) >> i & 1))
			continue;
		for (k = 0; k < get(super, 520 + 16 * i, 4); k++) {
			golden_main(get(super, 512 + 16 * i, 8) + k, sector);
			crc = dmr_plat_crc32c(crc, sector, sizeof(sector));
		}
		if (crc != get(super, 216 + 4 * i, 4))
			return false;
	}
	return true;
}

void rules_read(const struct golden *g, const u8 *image, u32 copy, struct rules_map *m)
{
	const u8 *super = image + golden_slot(g, BLOCK_SUPER, copy, 0).v * 4096;
	u32 seen[GOLDEN_BLOCKS] = { 0 };
	u32 blk;

	memset(m, 0, sizeof(*m));
	m->refused = !rules_super(super) || !devices_fit(g, super);
	if (m->refused)
		return;
	m->hwm_blk = (u32)get(super, 124, 4);
	for (blk = 0; blk < m->hwm_blk && !m->refused; blk++) {
		const u8 *table = image + golden_slot(g, BLOCK_TABLE, copy, blk).v * 4096;

		m->refused = !read_table(super, table, blk, m, seen);
	}
}
