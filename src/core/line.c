// SPDX-License-Identifier: GPL-2.0-only
/*
 * Line: the printer.
 *
 * Decisions: values are copied out of their structs, by offset: what lies there
 * has the size that the type of the field says.
 */
#include "line.h"

void dmr_line_text(struct dmr_line_out *o, const char *text)
{
	o->len += scnprintf(o->buf + o->len, o->size - o->len, "%s", text);
}

void dmr_line_number(struct dmr_line_out *o, u64 v)
{
	o->len += scnprintf(o->buf + o->len, o->size - o->len, "%llu", (unsigned long long)v);
}

void dmr_line_value(struct dmr_line_out *o, const void *s, const struct dmr_line_field *f)
{
	const void *at = (const char *)s + f->at;
	u32 v32;
	u64 v64;

	switch (f->type) {
	case DMR_LINE_WORD:
		memcpy(&v32, at, sizeof(v32));
		dmr_line_text(o, dmr_line_name(f->word, f->words, v32));
		break;
	case DMR_LINE_BOOL:
		dmr_line_number(o, *(const bool *)at);
		break;
	case DMR_LINE_U32:
		memcpy(&v32, at, sizeof(v32));
		dmr_line_number(o, v32);
		break;
	case DMR_LINE_U64:
		memcpy(&v64, at, sizeof(v64));
		dmr_line_number(o, v64);
		break;
	}
}

void dmr_line_pairs(struct dmr_line_out *o, const void *s, const struct dmr_line_field *f,
		    unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		dmr_line_text(o, " ");
		dmr_line_text(o, f[i].name);
		dmr_line_text(o, "=");
		dmr_line_value(o, s, &f[i]);
	}
}
