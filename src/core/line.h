/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Line: words of lines that the module prints and the tool parses, both from
 * one table of fields. What lines there are: statusline.h, healthline.h,
 * poolline.h. Only their files include this.
 *
 * Values are canonical (no sign, no leading zero, lower case), and the parser
 * takes nothing else, so parse and print are each other's inverse.
 */
#ifndef DMR_LINE_H
#define DMR_LINE_H

#include "plat.h"

enum dmr_line_type {
	DMR_LINE_WORD,	/* an enum, kept like a u32, printed as one of word[] */
	DMR_LINE_BOOL,
	DMR_LINE_U32,
	DMR_LINE_U64,
	DMR_LINE_TYPES,	/* a kind of line may have types of its own from here on */
};

/** struct dmr_line_field - one value: where it lies in its struct, and what it is */
struct dmr_line_field {
	const char *name;
	u16 at;
	u8 type;
	u8 words;
	const char *const *word;
};

/* Rows of such a table: of struct s_, whose member has the name of the key. */
#define DMR_LINE_FIELD(s_, type_, name_) \
	{ .name = #name_, .at = offsetof(struct s_, name_), .type = DMR_LINE_##type_ }
#define DMR_LINE_FIELD_WORD(s_, name_, words_, word_) \
	{ .name = #name_, .at = offsetof(struct s_, name_), .type = DMR_LINE_WORD, \
	  .words = (words_), .word = (word_) }

/** dmr_line_name() - of @n names the one with number @i, or "unknown" */
static inline const char *dmr_line_name(const char *const *name, unsigned int n, unsigned int i)
{
	return i < n ? name[i] : "unknown";
}

/* ---- print ---- */

/** struct dmr_line_out - where a line goes to; @len as scnprintf() would return */
struct dmr_line_out {
	char *buf;
	size_t size;
	int len;
};

/** dmr_line_text() - as it is */
void dmr_line_text(struct dmr_line_out *o, const char *text);

/** dmr_line_number() - in decimal */
void dmr_line_number(struct dmr_line_out *o, u64 v);

/** dmr_line_value() - the value of @f in the struct at @s */
void dmr_line_value(struct dmr_line_out *o, const void *s, const struct dmr_line_field *f);

/** dmr_line_pairs() - " name=value" of each of @n fields */
void dmr_line_pairs(struct dmr_line_out *o, const void *s, const struct dmr_line_field *f,
		    unsigned int n);

/* ---- parse: for the tool alone ---- */

/** struct dmr_span - a word of the line, or a part of it: not NUL-terminated */
struct dmr_span {
	const char *p;
	size_t len;
};

/** dmr_line_is() - is @t this very text? */
bool dmr_line_is(struct dmr_span t, const char *text);

/** dmr_line_next() - take the next word off @line; false at its end */
bool dmr_line_next(const char **line, struct dmr_span *t);

/** dmr_line_begins() - take the next word off @line; is it @text? */
bool dmr_line_begins(const char **line, const char *text);

/** dmr_line_cut() - cut at the first @c: @before it, @t after it; false without a @c */
bool dmr_line_cut(struct dmr_span *t, char c, struct dmr_span *before);

/** dmr_line_parse_number() - 0 or -EINVAL; nothing above @max */
int dmr_line_parse_number(struct dmr_span t, u64 max, u64 *out);

/** dmr_line_parse_word() - which of @n words it is; -EINVAL: none */
int dmr_line_parse_word(struct dmr_span t, const char *const *word, u32 n, u32 *out);

/** dmr_line_parse_value() - the value of @f into the struct at @s; 0 or -EINVAL */
int dmr_line_parse_value(struct dmr_span t, void *s, const struct dmr_line_field *f);

/**
 * dmr_line_parse_key() - which of @n fields a "key=value" is about
 * @t: becomes the value
 * @seen: a bit for each field that had its turn
 *
 * Return: its number; @n when it is none of them; -EINVAL: no pair, or a field given twice.
 */
int dmr_line_parse_key(struct dmr_span *t, const struct dmr_line_field *f, unsigned int n,
		       u64 *seen);

/** dmr_line_parse_pairs() - the rest of @line: each field once, others are skipped; -EINVAL */
int dmr_line_parse_pairs(const char *line, void *s, const struct dmr_line_field *f,
			 unsigned int n);

#endif
