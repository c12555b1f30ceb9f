/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stream: a JSON document of any length, read in bounded memory: its members one by
 * one, and the elements of an array among them one by one.
 */
#ifndef DMREMAP_STREAM_H
#define DMREMAP_STREAM_H

#include <json-c/json.h>
#include <sys/types.h>

#include "base.h"

#define STREAM_VALUE_MAX_BYTES	262144u	/* text of a key, a value or an element */

/**
 * enum stream_what - what was read
 * @STREAM_VALUE: a member that is no array
 * @STREAM_ARRAY: a member is an array; its value is an empty one
 * @STREAM_ELEMENT: an element of that array
 */
enum stream_what {
	STREAM_VALUE,
	STREAM_ARRAY,
	STREAM_ELEMENT,
};

/**
 * struct stream_item - one thing that was read
 * @value: NULL for null; a reader that keeps it takes a reference
 * @len_bytes: its text, what surrounds it included
 */
struct stream_item {
	enum stream_what what;
	const char *key;
	struct json_object *value;
	size_t len_bytes;
};

/** stream_item_fn - takes an item. Return: NULL, or why not to go on, a phrase */
typedef const char *(*stream_item_fn)(void *ctx, const struct stream_item *item);

/** stream_read_fn - as read(2), from @src */
typedef ssize_t (*stream_read_fn)(void *src, void *buf, size_t room);

/** stream_fd() - a stream_read_fn; @src points to a file descriptor */
ssize_t stream_fd(void *src, void *buf, size_t room);

/**
 * stream_json() - read a document to its end
 *
 * What is no object has no members, and is read all the same.
 * Return: NULL, or what is wrong with it, a phrase; @byte: where.
 */
const char *stream_json(stream_read_fn read, void *src, stream_item_fn fn, void *ctx, u64 *byte);

#endif
