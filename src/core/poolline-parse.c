// SPDX-License-Identifier: GPL-2.0-only
/*
 * Poolline: the parser.
 */
#include "poolline-fields.h"

int dmr_pool_head_parse(const char *line, struct dmr_pool_head *h)
{
	memset(h, 0, sizeof(*h));
	if (!dmr_line_begins(&line, "pools") || !dmr_line_begins(&line, "v1"))
		return -EPROTO;
	return dmr_line_parse_pairs(line, h, dmr_pool_head_fields, DMR_POOL_HEAD_FIELDS);
}

int dmr_pool_line_parse(const char *line, enum dmr_pool_kind *k, struct dmr_pool_stat *s)
{
	struct dmr_span t;
	u32 kind;

	memset(s, 0, sizeof(*s));
	dmr_line_next(&line, &t);
	if (dmr_line_parse_word(t, dmr_pool_words, DMR_POOLS, &kind))
		return -EPROTO;
	*k = (enum dmr_pool_kind)kind;
	return dmr_line_parse_pairs(line, s, dmr_pool_fields, DMR_POOL_NR_FIELDS);
}
