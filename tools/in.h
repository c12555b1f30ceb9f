/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In: what out.c wrote as JSON, read back by the same rows.
 */
#ifndef DMREMAP_IN_H
#define DMREMAP_IN_H

#include "out.h"

/** in_get() - member "a.b" of @obj, NULL when it is not there, or null */
struct json_object *in_get(struct json_object *obj, const char *key);

/**
 * in_json() - fill @base from @obj
 *
 * Rows of type OUT_STR are skipped: there is nowhere to put the text. What is
 * null or missing is "" or OUT_NONE; where the type has neither it has to be there.
 * Return: NULL, or the key of what is missing or is not as it must be.
 */
const char *in_json(struct json_object *obj, const struct out_field *f, size_t n, void *base);

#endif
