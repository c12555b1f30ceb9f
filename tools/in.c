// SPDX-License-Identifier: GPL-2.0-only
/*
 * In: JSON through json-c. The rows are those of out.c, so that what is written
 * is what is read.
 */
#include "in.h"

struct json_object *in_get(struct json_object *obj, const char *key)
{
	const char *dot;
	char part[64];

	while ((dot = strchr(key, '.'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(dot - key), key);
		if (!json_object_object_get_ex(obj, part, &obj))
			return NULL;
		key = dot + 1;
	}
	return json_object_object_get_ex(obj, key, &obj) ? obj : NULL;
}

/* A number that is not negative, nor too large. json-c clamps: asked for what it was. */
static bool get_u64(struct json_object *v, u64 max, u64 *out)
{
	if (!json_object_is_type(v, json_type_int))
		return false;
	if (json_object_get_int64(v) < 0)
		return false;
	*out = json_object_get_uint64(v);
	return *out <= max;
}

static bool get_text(struct json_object *v, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!v)
		return true;
	if (!json_object_is_type(v, json_type_string) ||
	    (size_t)json_object_get_string_len(v) >= size)
		return false;
	snprintf(buf, size, "%s", json_object_get_string(v));
	/* no NUL inside */
	return strlen(buf) == (size_t)json_object_get_string_len(v);
}

static bool get_value(struct json_object *v, const struct out_field *f, void *to)
{
	u64 n = 0;

	switch (f->type) {
	case OUT_STR:
		return true;
	case OUT_CHARS:
		return get_text(v, to, f->size);
	case OUT_U64:
	case OUT_SECT:
		n = OUT_NONE;
		if ((v || f->type == OUT_SECT) && !get_u64(v, ~0ull, &n))
			return false;
		*(u64 *)to = n;
		return true;
	case OUT_U32:
		if (!get_u64(v, ~0u, &n))
			return false;
		*(u32 *)to = (u32)n;
		return true;
	case OUT_BOOL:
		if (!json_object_is_type(v, json_type_boolean))
			return false;
		*(bool *)to = json_object_get_boolean(v);
		return true;
	}
	return false;
}

const char *in_json(struct json_object *obj, const struct out_field *f, size_t n, void *base)
{
	const char *key;
	char sectors[64];
	size_t i;

	for (i = 0; i < n; i++, f++) {
		if (!f->key)
			continue;
		key = f->key;
		if (f->type == OUT_SECT) {	/* its key is a prefix */
			snprintf(sectors, sizeof(sectors), "%ssectors", f->key);
			key = sectors;
		}
		if (!get_value(in_get(obj, key), f, (char *)base + f->off))
			return f->key;
	}
	return NULL;
}
