// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pool: see pool.h. The kernel's words are parsed by the same core file that
 * prints them there.
 */
#include "dm.h"
#include "pool.h"
#include "say.h"
#include "../src/core/poolline.h"

static struct json_object *one(const struct dmr_pool_stat *s)
{
	struct json_object *o = json_object_new_object();

#define ADD(name, help) json_object_object_add(o, #name, out_json_u64(s->name));
	DMR_POOL_FIELDS(ADD)
#undef ADD
	return o;
}

struct json_object *pool_json(const char *name)
{
	struct json_object *o = NULL;
	char *answer = NULL, *line, *save = NULL;
	struct dmr_pool_head head;
	struct dmr_pool_stat s;
	enum dmr_pool_kind kind;

	if (dm_try_ask(name, "pools", &answer))
		return NULL;
	line = strtok_r(answer, "\n", &save);
	if (line && !dmr_pool_head_parse(line, &head)) {
		o = json_object_new_object();
		while ((line = strtok_r(NULL, "\n", &save)))
			if (!dmr_pool_line_parse(line, &kind, &s))
				json_object_object_add(o, dmr_pool_name(kind), one(&s));
	}
	free(answer);
	return o;
}
