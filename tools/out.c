// SPDX-License-Identifier: GPL-2.0-only
/*
 * Out: text through libsmartcols, JSON through json-c. A table may have a
 * million rows: text is laid out in chunks whose columns are as wide as the
 * widest value can be, JSON rows are written one by one.
 */
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>

#include "out.h"
#include "say.h"

#define CHUNK_ROWS	4096u
#define VALUE_LEN	520	/* an identity, every byte of it as \xNN */
#define JSON_ROW_FLAGS	(JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)
#define JSON_FLAGS	(JSON_C_TO_STRING_PRETTY | JSON_ROW_FLAGS)

/* ---- one value ---- */

static const void *member(const struct out_field *f, const void *base)
{
	return (const char *)base + f->off;
}

static const char *string(const struct out_field *f, const void *base)
{
	const char *s = f->type == OUT_STR ? *(const char * const *)member(f, base) :
					     member(f, base);

	return s && *s ? s : NULL;
}

static void u64_text(u64 v, char *buf)
{
	if (v == OUT_NONE)
		snprintf(buf, VALUE_LEN, "-");
	else
		snprintf(buf, VALUE_LEN, "%ju", v);
}

static void value_text(const struct out_field *f, const void *base, char *buf)
{
	const void *p = member(f, base);
	char size[SAY_SIZE_LEN];
	const char *s;

	switch (f->type) {
	case OUT_STR:
	case OUT_CHARS:
		s = string(f, base);
		snprintf(buf, VALUE_LEN, "%s", s ? s : "-");
		break;
	case OUT_U64:
		u64_text(*(const u64 *)p, buf);
		break;
	case OUT_U32:
		u64_text(*(const u32 *)p, buf);
		break;
	case OUT_BOOL:
		snprintf(buf, VALUE_LEN, "%s", *(const bool *)p ? "yes" : "no");
		break;
	case OUT_SECT:
		say_size(*(const u64 *)p * DMR_SECT_BYTES, size);
		snprintf(buf, VALUE_LEN, "%s (%ju sectors)", size, *(const u64 *)p);
		break;
	}
}

struct json_object *out_json_u64(u64 v)
{
	return v == OUT_NONE ? NULL : json_object_new_uint64(v);
}

static struct json_object *value_json(const struct out_field *f, const void *base)
{
	const void *p = member(f, base);
	const char *s;

	switch (f->type) {
	case OUT_STR:
	case OUT_CHARS:
		s = string(f, base);
		return s ? json_object_new_string(s) : NULL;
	case OUT_U64:
	case OUT_SECT:
		return out_json_u64(*(const u64 *)p);
	case OUT_U32:
		return json_object_new_uint64(*(const u32 *)p);
	case OUT_BOOL:
		return json_object_new_boolean(*(const bool *)p);
	}
	return NULL;
}

/* ---- JSON ---- */

struct json_object *out_doc(const char *schema)
{
	struct json_object *doc = json_object_new_object();

	json_object_object_add(doc, "schema", json_object_new_string(schema));
	json_object_object_add(doc, "schema_version", json_object_new_int(OUT_SCHEMA_VERSION));
	return doc;
}

/* The object that @key is to be put in, made when missing; @key moves on to its last part */
static struct json_object *descend(struct json_object *obj, const char **key)
{
	struct json_object *sub;
	const char *dot;
	char part[64];

	while ((dot = strchr(*key, '.'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(dot - *key), *key);
		if (!json_object_object_get_ex(obj, part, &sub)) {
			sub = json_object_new_object();
			json_object_object_add(obj, part, sub);
		}
		obj = sub;
		*key = dot + 1;
	}
	return obj;
}

void out_json(struct json_object *obj, const struct out_field *f, size_t n, const void *base)
{
	struct json_object *at;
	const char *key;
	char name[64];
	size_t i;
	u64 sect;

	for (i = 0; i < n; i++, f++) {
		if (!f->key)
			continue;
		key = f->key;
		at = descend(obj, &key);
		if (f->type == OUT_SECT) {	/* its key is a prefix: "main." or "main.free_" */
			sect = *(const u64 *)member(f, base);
			snprintf(name, sizeof(name), "%.48sbytes", key);
			json_object_object_add(at, name,
					       out_json_u64(sect * DMR_SECT_BYTES));
			snprintf(name, sizeof(name), "%.48ssectors", key);
			json_object_object_add(at, name, out_json_u64(sect));
			continue;
		}
		json_object_object_add(at, key, value_json(f, base));
	}
}

void out_print(struct json_object *doc)
{
	puts(json_object_to_json_string_ext(doc, JSON_FLAGS));
	json_object_put(doc);
}

/* ---- text ---- */

static struct libscols_table *table_new(void)
{
	struct libscols_table *t = scols_new_table();

	if (!t) {
		say_err("out of memory");
		exit(EXIT_MEMORY);
	}
	scols_table_enable_nowrap(t, 1);
	scols_table_enable_maxout(t, 0);
	return t;
}

void out_text(const struct out_field *f, size_t n, const void *base)
{
	struct libscols_table *t = table_new();
	struct libscols_line *line;
	char value[VALUE_LEN];
	size_t i;

	scols_table_enable_noheadings(t, 1);
	scols_table_new_column(t, "label", 0, 0);
	scols_table_new_column(t, "value", 0, 0);
	for (i = 0; i < n; i++) {
		if (!f[i].label)
			continue;
		value_text(&f[i], base, value);
		line = scols_table_new_line(t, NULL);
		scols_line_set_data(line, 0, f[i].label);
		scols_line_set_data(line, 1, value);
	}
	scols_print_table(t);
	scols_unref_table(t);
}

/* ---- tables ---- */

struct out_table {
	const struct out_field *f;
	size_t n;
	bool json;
	bool many;	/* more than one chunk: all get the same column widths */
	u64 rows;
	u32 in_chunk;
	struct libscols_table *text;
};

static void chunk_begin(struct out_table *t)
{
	struct libscols_column *c;
	size_t i;

	t->text = table_new();
	t->in_chunk = 0;
	scols_table_enable_noheadings(t->text, t->rows > 0);
	for (i = 0; i < t->n; i++) {
		bool number = t->f[i].type == OUT_U64 || t->f[i].type == OUT_U32;

		if (!t->f[i].label)
			continue;
		c = scols_table_new_column(t->text, t->f[i].label, 0,
					   number ? SCOLS_FL_RIGHT : 0);
		if (c && t->many)
			scols_column_set_whint(c, number ? 13 : 9);
	}
}

static void chunk_end(struct out_table *t)
{
	if (t->in_chunk)
		scols_print_table(t->text);
	scols_unref_table(t->text);
	t->text = NULL;
}

static void json_head(struct json_object *doc, const char *name)
{
	const char *s = json_object_to_json_string_ext(doc, JSON_FLAGS);
	size_t len = strlen(s);

	while (len && (s[len - 1] == '}' || s[len - 1] == '\n'))
		len--;
	printf("%.*s,\n  \"%s\": [", (int)len, s, name);
	json_object_put(doc);
}

struct out_table *out_table_begin(const struct out_field *f, size_t n, u64 rows,
				  struct json_object *doc, const char *name)
{
	struct out_table *t = say_alloc(1, sizeof(*t));

	t->f = f;
	t->n = n;
	t->json = !!doc;
	t->many = rows > CHUNK_ROWS;
	if (doc)
		json_head(doc, name);
	else
		chunk_begin(t);
	return t;
}

static void merge(struct json_object *row, struct json_object *extra)
{
	json_object_object_foreach(extra, key, val)
		json_object_object_add(row, key, json_object_get(val));
	json_object_put(extra);
}

void out_table_row_json(struct out_table *t, const void *base, struct json_object *extra)
{
	struct json_object *row = json_object_new_object();

	out_json(row, t->f, t->n, base);
	if (extra)
		merge(row, extra);
	printf("%s\n    %s", t->rows ? "," : "",
	       json_object_to_json_string_ext(row, JSON_ROW_FLAGS));
	json_object_put(row);
	t->rows++;
}

void out_table_row(struct out_table *t, const void *base)
{
	struct libscols_line *line;
	char value[VALUE_LEN];
	size_t i, column = 0;

	if (t->json) {
		out_table_row_json(t, base, NULL);
		return;
	}
	if (t->in_chunk == CHUNK_ROWS) {
		chunk_end(t);
		chunk_begin(t);
	}
	line = scols_table_new_line(t->text, NULL);
	for (i = 0; i < t->n; i++) {
		if (!t->f[i].label)
			continue;
		value_text(&t->f[i], base, value);
		scols_line_set_data(line, column++, value);
	}
	t->in_chunk++;
	t->rows++;
}

static void array_end(const struct out_table *t)
{
	printf("%s]", t->rows ? "\n  " : "");
}

void out_table_next(struct out_table *t, const struct out_field *f, size_t n, const char *name)
{
	array_end(t);
	printf(",\n  \"%s\": [", name);
	t->f = f;
	t->n = n;
	t->rows = 0;
}

void out_table_end(struct out_table *t)
{
	if (t->json) {
		array_end(t);
		printf("\n}\n");
	} else {
		chunk_end(t);
	}
	free(t);
}
