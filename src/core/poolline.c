// SPDX-License-Identifier: GPL-2.0-only
/*
 * Poolline: the tables of fields, and the printer.
 */
#include "poolline-fields.h"

const char *const dmr_pool_memory_words[] = {
	[DMR_MEMORY_OK] = "ok",
	[DMR_MEMORY_EMERGENCY] = "emergency",
};

const char *const dmr_pool_words[] = {
	[DMR_POOL_HEALTH] = "health",
	[DMR_POOL_CONTEXT] = "context",
	[DMR_POOL_WORK] = "work",
	[DMR_POOL_BUFFER] = "buffer",
};

const char *dmr_pool_memory_name(enum dmr_memory m)
{
	return dmr_line_name(dmr_pool_memory_words, ARRAY_SIZE(dmr_pool_memory_words), m);
}

const char *dmr_pool_name(enum dmr_pool_kind k)
{
	return dmr_line_name(dmr_pool_words, DMR_POOLS, k);
}

static_assert(sizeof(enum dmr_memory) == sizeof(u32), "memory");

const struct dmr_line_field dmr_pool_head_fields[] = {
	DMR_LINE_FIELD_WORD(dmr_pool_head, memory, ARRAY_SIZE(dmr_pool_memory_words),
			    dmr_pool_memory_words),
	DMR_LINE_FIELD(dmr_pool_head, U64, entries),
};

#define FIELD(name_, help_)	DMR_LINE_FIELD(dmr_pool_stat, U64, name_),

const struct dmr_line_field dmr_pool_fields[] = {
	DMR_POOL_FIELDS(FIELD)
};

int dmr_pool_head_format(const struct dmr_pool_head *h, char *buf, size_t size)
{
	struct dmr_line_out o = { .buf = buf, .size = size };

	dmr_line_text(&o, "pools v1");
	dmr_line_pairs(&o, h, dmr_pool_head_fields, DMR_POOL_HEAD_FIELDS);
	return o.len;
}

int dmr_pool_line_format(enum dmr_pool_kind k, const struct dmr_pool_stat *s, char *buf,
			 size_t size)
{
	struct dmr_line_out o = { .buf = buf, .size = size };

	dmr_line_text(&o, dmr_pool_name(k));
	dmr_line_pairs(&o, s, dmr_pool_fields, DMR_POOL_NR_FIELDS);
	return o.len;
}
