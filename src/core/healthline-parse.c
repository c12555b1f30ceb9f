// SPDX-License-Identifier: GPL-2.0-only
/*
 * Healthline: the parser.
 */
#include "healthline-fields.h"

int dmr_health_head_parse(const char *line, struct dmr_health_head *h)
{
	memset(h, 0, sizeof(*h));
	if (!dmr_line_begins(&line, "health") || !dmr_line_begins(&line, "v1"))
		return -EPROTO;
	return dmr_line_parse_pairs(line, h, dmr_health_head_fields, DMR_HEALTH_HEAD_FIELDS);
}

int dmr_health_line_parse(const char *line, struct dmr_health_line *l)
{
	struct dmr_span t;
	unsigned int i;

	memset(l, 0, sizeof(*l));
	for (i = 0; i < DMR_HEALTH_LINE_FIELDS; i++)
		if (!dmr_line_next(&line, &t) ||
		    dmr_line_parse_value(t, l, &dmr_health_line_fields[i]))
			return -EINVAL;
	return 0;
}
