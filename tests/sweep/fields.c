// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of the metadata blocks.
 */
#include "fields.h"

/* Which struct of format.h a row of fields.def is about. */
#define DISK_HEADER	dmr_disk_header
#define DISK_SUPER	dmr_disk_super
#define DISK_AUX	dmr_disk_aux

#define FIELD(block, member, at, len, role, nr)						\
	static_assert(offsetof(struct DISK_##block, member) == (at) &&			\
		      sizeof(((struct DISK_##block *)0)->member) == (len), #member);
#include "fields.def"
#undef FIELD

/* The rows of every kind of block, the header's before its own. */
enum { ROW_HEADER, ROW_SUPER, ROW_AUX };

static const struct {
	int block;
	struct field f;
} rows[] = {
#define FIELD(block, member, at, len, role_, nr_)					\
	{ ROW_##block, { .name = #member, .off = (at), .size = (len),			\
			 .role = ROLE_##role_, .nr = (nr_) } },
#include "fields.def"
#undef FIELD
};

static const struct field whole = {
	.name = "block", .size = DMR_BLK_BYTES, .role = ROLE_MAGIC,
};

static bool row_is_of(enum block_kind kind, int block)
{
	return block == ROW_HEADER || (kind == BLOCK_SUPER && block == ROW_SUPER) ||
	       (kind == BLOCK_AUX && block == ROW_AUX);
}

/* ---- the entries of a table block ---- */

static const struct {
	const char *name;
	u32 shift;
	u32 bits;
} parts[] = {
	{ "block", 0, DMR_ENTRY_MBLK_BITS },
	{ "states", DMR_ENTRY_STATE_SHIFT, DMR_ENTRY_KIND_SHIFT - DMR_ENTRY_STATE_SHIFT },
	{ "kind", DMR_ENTRY_KIND_SHIFT, DMR_ENTRY_SERIAL_SHIFT - DMR_ENTRY_KIND_SHIFT },
	{ "serial", DMR_ENTRY_SERIAL_SHIFT, DMR_ENTRY_FLAGS_SHIFT - DMR_ENTRY_SERIAL_SHIFT },
	{ "flags", DMR_ENTRY_FLAGS_SHIFT, 64 - DMR_ENTRY_FLAGS_SHIFT },
};

static struct field entry_field(u32 i)
{
	struct field f = {
		.off = (u32)offsetof(struct dmr_disk_table, entry) + 8 * i, .size = 8,
		.role = ROLE_SAYS, .nr = i,
	};

	snprintf(f.name, sizeof(f.name), "entry[%u]", i);
	return f;
}

static void entry_parts(u32 i, field_fn fn, void *ctx)
{
	unsigned int p;

	for (p = 0; p < ARRAY_SIZE(parts); p++) {
		struct field f = entry_field(i);

		f.shift = parts[p].shift;
		f.bits = parts[p].bits;
		snprintf(f.name, sizeof(f.name), "entry[%u].%s", i, parts[p].name);
		fn(ctx, &f);
	}
}

static void entries_each(const u64 *word, bool every, field_fn fn, void *ctx)
{
	u32 i;

	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++) {
		const struct field f = entry_field(i);
		const bool first = !i || word[i] != word[i - 1];

		if (first || every)
			fn(ctx, &f);
		if (first)
			entry_parts(i, fn, ctx);
	}
}

void fields_each(enum block_kind kind, const u64 *word, bool every, field_fn fn, void *ctx)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (row_is_of(kind, rows[i].block))
			fn(ctx, &rows[i].f);
	if (kind == BLOCK_TABLE)
		entries_each(word, every, fn, ctx);
	fn(ctx, &whole);
}

/* ---- every byte is in one field ---- */

static void cover(void *ctx, const struct field *f)
{
	u8 *seen = ctx;
	u32 i;

	if (f->bits || f->size == DMR_BLK_BYTES)
		return;
	for (i = f->off; i < f->off + f->size; i++)
		seen[i]++;
}

u32 fields_gap(enum block_kind kind)
{
	static const u64 none[DMR_ENTRIES_PER_BLK];
	u8 seen[DMR_BLK_BYTES] = { 0 };
	u32 i;

	fields_each(kind, none, true, cover, seen);
	for (i = 0; i < DMR_BLK_BYTES && seen[i] == 1; i++)
		;
	return i;
}
