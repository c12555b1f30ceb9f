// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statusline: the parser; line-parse.c with the values that only this line has.
 */
#include "statusline-fields.h"

static int parse_nibble(char c, u8 *out)
{
	if (c >= '0' && c <= '9')
		*out = (u8)(c - '0');
	else if (c >= 'a' && c <= 'f')
		*out = (u8)(c - 'a' + 10);
	else
		return -EINVAL;
	return 0;
}

static int parse_uuid(struct dmr_span t, u8 *uuid)
{
	unsigned int i, at = 0;

	if (t.len != 36)
		return -EINVAL;
	for (i = 0; i < DMR_UUID_BYTES; i++) {
		u8 high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && t.p[at++] != '-')
			return -EINVAL;
		if (parse_nibble(t.p[at], &high) || parse_nibble(t.p[at + 1], &low))
			return -EINVAL;
		uuid[i] = (u8)(high << 4 | low);
		at += 2;
	}
	return 0;
}

static int parse_copy(struct dmr_span t, struct dmr_status *s)
{
	struct dmr_span slot;
	u32 state;

	if (s->copies == DMR_COPIES_MAX || !dmr_line_cut(&t, ':', &slot) ||
	    dmr_line_parse_number(slot, ~0ull, &s->copy_slot[s->copies].v))
		return -EINVAL;
	for (state = DMR_COPY_INSYNC; state <= DMR_COPY_UNREAD; state++) {
		if (!dmr_line_is(t, dmr_status_copy_name((enum dmr_copy_state)state)))
			continue;
		s->copy_state[s->copies++] = (enum dmr_copy_state)state;
		return 0;
	}
	return -EINVAL;
}

static int parse_copies(struct dmr_span t, struct dmr_status *s)
{
	struct dmr_span one;

	if (dmr_line_is(t, "-"))
		return 0;
	while (dmr_line_cut(&t, ',', &one))
		if (parse_copy(one, s))
			return -EINVAL;
	return parse_copy(t, s);
}

static int parse_own(struct dmr_span t, struct dmr_status *s, const struct dmr_line_field *f)
{
	switch (f->type) {
	case DMR_STATUS_UUID:
		return parse_uuid(t, (u8 *)s + f->at);
	case DMR_STATUS_COPIES:
		return parse_copies(t, s);
	}
	return dmr_line_parse_value(t, s, f);
}

int dmr_status_parse(const char *line, struct dmr_status *s)
{
	struct dmr_span t;
	u64 seen = 0;

	memset(s, 0, sizeof(*s));
	if (!dmr_line_begins(&line, "v1"))
		return -EPROTO;
	while (dmr_line_next(&line, &t)) {
		const int i = dmr_line_parse_key(&t, dmr_status_fields, dmr_status_nr_fields,
						 &seen);

		if (i < 0)
			return i;
		if ((unsigned int)i < dmr_status_nr_fields &&
		    parse_own(t, s, &dmr_status_fields[i]))
			return -EINVAL;
	}
	return hweight64(seen) == dmr_status_nr_fields ? 0 : -EINVAL;
}
