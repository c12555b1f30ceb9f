// SPDX-License-Identifier: GPL-2.0-only
/*
 * Line: the parser.
 *
 * Decisions: it looks at one word at a time, by start and length; it never
 * copies and never looks past the NUL. A value is what the printer would have
 * written, or it is an error. Names of words come from the table of fields.
 *
 * Invariant: each known key was seen exactly once, or the line is refused.
 */
#include "line.h"

bool dmr_line_is(struct dmr_span t, const char *text)
{
	return t.len == strlen(text) && !memcmp(t.p, text, t.len);
}

bool dmr_line_cut(struct dmr_span *t, char c, struct dmr_span *before)
{
	size_t i;

	for (i = 0; i < t->len; i++) {
		if (t->p[i] != c)
			continue;
		*before = (struct dmr_span){ t->p, i };
		*t = (struct dmr_span){ t->p + i + 1, t->len - i - 1 };
		return true;
	}
	return false;
}

bool dmr_line_next(const char **line, struct dmr_span *t)
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

bool dmr_line_begins(const char **line, const char *text)
{
	struct dmr_span t;

	return dmr_line_next(line, &t) && dmr_line_is(t, text);
}

int dmr_line_parse_number(struct dmr_span t, u64 max, u64 *out)
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

int dmr_line_parse_word(struct dmr_span t, const char *const *word, u32 n, u32 *out)
{
	u32 i;

	for (i = 0; i < n; i++) {
		if (dmr_line_is(t, word[i])) {
			*out = i;
			return 0;
		}
	}
	return -EINVAL;
}

int dmr_line_parse_value(struct dmr_span t, void *s, const struct dmr_line_field *f)
{
	void *at = (char *)s + f->at;
	u64 v = 0;
	u32 w = 0;
	int rc;

	switch (f->type) {
	case DMR_LINE_WORD:
		rc = dmr_line_parse_word(t, f->word, f->words, &w);
		memcpy(at, &w, sizeof(w));
		return rc;
	case DMR_LINE_BOOL:
		rc = dmr_line_parse_number(t, 1, &v);
		*(bool *)at = v;
		return rc;
	case DMR_LINE_U32:
		rc = dmr_line_parse_number(t, ~0u, &v);
		w = (u32)v;
		memcpy(at, &w, sizeof(w));
		return rc;
	case DMR_LINE_U64:
		rc = dmr_line_parse_number(t, ~0ull, &v);
		memcpy(at, &v, sizeof(v));
		return rc;
	}
	return -EINVAL;
}

int dmr_line_parse_key(struct dmr_span *t, const struct dmr_line_field *f, unsigned int n,
		       u64 *seen)
{
	struct dmr_span key;
	unsigned int i;

	if (!dmr_line_cut(t, '=', &key) || !key.len)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (!dmr_line_is(key, f[i].name))
			continue;
		if (*seen >> i & 1)
			return -EINVAL;
		*seen |= BIT_ULL(i);
		break;
	}
	return (int)i;
}

int dmr_line_parse_pairs(const char *line, void *s, const struct dmr_line_field *f,
			 unsigned int n)
{
	struct dmr_span t;
	u64 seen = 0;

	while (dmr_line_next(&line, &t)) {
		const int i = dmr_line_parse_key(&t, f, n, &seen);

		if (i < 0 || ((unsigned int)i < n && dmr_line_parse_value(t, s, &f[i])))
			return -EINVAL;
	}
	return hweight64(seen) == n ? 0 : -EINVAL;
}
