// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statusline: the parser.
 *
 * Decisions: it looks at one word at a time, by start and length; it never
 * copies and never looks past the NUL. A value is what the printer would have
 * written, or it is an error. Names of words come from the table of fields.
 *
 * Invariant: each known key was seen exactly once, or the line is refused.
 */
#include "statusline-fields.h"

/* A word of the line: not NUL-terminated. */
struct span {
	const char *p;
	size_t len;
};

static bool span_is(struct span t, const char *text)
{
	return t.len == strlen(text) && !memcmp(t.p, text, t.len);
}

/* Cut @t at the first @c: what is before comes back, @t is what is after; false without a @c. */
static bool span_cut(struct span *t, char c, struct span *before)
{
	size_t i;

	for (i = 0; i < t->len; i++) {
		if (t->p[i] != c)
			continue;
		*before = (struct span){ t->p, i };
		*t = (struct span){ t->p + i + 1, t->len - i - 1 };
		return true;
	}
	return false;
}

/* The next word of the line; false at its end. */
static bool next_word(const char **line, struct span *t)
{
	const char *p = *line;

	while (*p == ' ')
		p++;
	t->p = p;
	while (*p && *p != ' ')
		p++;
	t->len = (size_t)(p - t->p);
	*line = p;
	return t->len;
}

static int parse_number(struct span t, u64 max, u64 *out)
{
	u64 v = 0;
	size_t i;

	if (!t.len || (t.len > 1 && t.p[0] == '0'))
		return -EINVAL;
	for (i = 0; i < t.len; i++) {
		const unsigned int digit = (unsigned char)t.p[i] - (unsigned int)'0';

		if (digit > 9 || v > (~0ull - digit) / 10)
			return -EINVAL;
		v = v * 10 + digit;
	}
	*out = v;
	return v <= max ? 0 : -EINVAL;
}

static int parse_word(struct span t, const char *const *word, u32 n, u32 *out)
{
	u32 i;

	for (i = 0; i < n; i++) {
		if (span_is(t, word[i])) {
			*out = i;
			return 0;
		}
	}
	return -EINVAL;
}

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

static int parse_uuid(struct span t, u8 *uuid)
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

static int parse_copy(struct span t, struct dmr_status *s)
{
	struct span slot;
	u32 state;

	if (s->copies == DMR_COPIES_MAX || !span_cut(&t, ':', &slot) ||
	    parse_number(slot, ~0ull, &s->copy_slot[s->copies].v))
		return -EINVAL;
	for (state = DMR_COPY_INSYNC; state <= DMR_COPY_UNREAD; state++) {
		if (!span_is(t, dmr_status_copy_name((enum dmr_copy_state)state)))
			continue;
		s->copy_state[s->copies++] = (enum dmr_copy_state)state;
		return 0;
	}
	return -EINVAL;
}

static int parse_copies(struct span t, struct dmr_status *s)
{
	struct span one;

	if (span_is(t, "-"))
		return 0;
	while (span_cut(&t, ',', &one))
		if (parse_copy(one, s))
			return -EINVAL;
	return parse_copy(t, s);
}

static int parse_field(struct span t, struct dmr_status *s, const struct dmr_status_field *f)
{
	void *at = (char *)s + f->at;
	u64 v = 0;
	u32 w = 0;
	int rc;

	switch (f->type) {
	case DMR_STATUS_WORD:
		rc = parse_word(t, f->word, f->words, &w);
		memcpy(at, &w, sizeof(w));
		return rc;
	case DMR_STATUS_BOOL:
		rc = parse_number(t, 1, &v);
		*(bool *)at = v;
		return rc;
	case DMR_STATUS_UUID:
		return parse_uuid(t, at);
	case DMR_STATUS_U32:
		rc = parse_number(t, ~0u, &v);
		w = (u32)v;
		memcpy(at, &w, sizeof(w));
		return rc;
	case DMR_STATUS_U64:
		rc = parse_number(t, ~0ull, &v);
		memcpy(at, &v, sizeof(v));
		return rc;
	case DMR_STATUS_COPIES:
		return parse_copies(t, s);
	}
	return -EINVAL;
}

static int parse_pair(struct span t, struct dmr_status *s, u64 *seen)
{
	struct span key;
	unsigned int i;

	if (!span_cut(&t, '=', &key) || !key.len)
		return -EINVAL;
	for (i = 0; i < dmr_status_nr_fields; i++) {
		if (!span_is(key, dmr_status_fields[i].name))
			continue;
		if (*seen >> i & 1)
			return -EINVAL;
		*seen |= BIT_ULL(i);
		return parse_field(t, s, &dmr_status_fields[i]);
	}
	return 0;
}

int dmr_status_parse(const char *line, struct dmr_status *s)
{
	struct span t;
	u64 seen = 0;

	memset(s, 0, sizeof(*s));
	if (!next_word(&line, &t) || !span_is(t, "v1"))
		return -EPROTO;
	while (next_word(&line, &t))
		if (parse_pair(t, s, &seen))
			return -EINVAL;
	return hweight64(seen) == dmr_status_nr_fields ? 0 : -EINVAL;
}
