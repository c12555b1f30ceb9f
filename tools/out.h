/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Out: what a command answers on stdout, as text or JSON. One row per field
 * says where the value is, what it is called in each, and how it looks; both
 * outputs are made from the same rows, so that they cannot drift.
 */
#ifndef DMREMAP_OUT_H
#define DMREMAP_OUT_H

#include <json-c/json.h>

#include "base.h"
#include "../src/core/units.h"

#define OUT_SCHEMA_VERSION	1
#define OUT_NONE		(~0ull)	/* a u64 without a value: null, or "-" */

/**
 * enum out_type - type of the member a row points at
 * @OUT_STR: const char *, NULL or "" is no value
 * @OUT_CHARS: char array, "" is no value
 * @OUT_U64: u64, OUT_NONE is no value
 * @OUT_U32: u32
 * @OUT_BOOL: bool
 * @OUT_SECT: u64 sectors; JSON gets bytes and sectors, text the size in words
 */
enum out_type {
	OUT_STR,
	OUT_CHARS,
	OUT_U64,
	OUT_U32,
	OUT_BOOL,
	OUT_SECT,
};

/**
 * struct out_field - one value
 * @key: its place in the JSON: "slots.used" is "used" in the object "slots"; NULL: text only
 * @label: its label or column head; NULL: JSON only
 * @off, @size: where it is in the struct that is printed
 */
struct out_field {
	const char *key;
	const char *label;
	enum out_type type;
	size_t off;
	size_t size;
};

#define OUT_FIELD(st, member, type, key, label) \
	{ key, label, type, offsetof(st, member), sizeof(((st *)0)->member) }

/** out_doc() - a JSON document: schema name and version come first */
struct json_object *out_doc(const char *schema);

/** out_json() - add the fields of @base to @obj */
void out_json(struct json_object *obj, const struct out_field *f, size_t n, const void *base);

/** out_json_u64() - number or null */
struct json_object *out_json_u64(u64 v);

/** out_print() - write the document and free it */
void out_print(struct json_object *doc);

/** out_text() - label and value, one line each */
void out_text(const struct out_field *f, size_t n, const void *base);

/**
 * out_table_begin() - a table, written row by row, as large as it may get
 * @rows: how many there will be, about
 * @doc: JSON: the document so far, taken over; NULL: text
 * @name: JSON: the key of the array the rows go to
 */
struct out_table *out_table_begin(const struct out_field *f, size_t n, u64 rows,
				  struct json_object *doc, const char *name);
void out_table_row(struct out_table *t, const void *base);

/** out_table_row_json() - the same, with more members: @extra is taken over, may be NULL */
void out_table_row_json(struct out_table *t, const void *base, struct json_object *extra);

/** out_table_next() - JSON: the array ends, and another one begins, @name with rows @f */
void out_table_next(struct out_table *t, const struct out_field *f, size_t n, const char *name);
void out_table_end(struct out_table *t);

#endif
