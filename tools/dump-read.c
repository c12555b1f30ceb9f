// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: the document, read. There may be millions of entries: each becomes a word as
 * it comes. What they say is judged at the end, when all of the head is known,
 * wherever in the document it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "dump-doc.h"
#include "in.h"

#define HEAD_MAX_BYTES	65536u	/* a dump has some 4 KiB, entries and lost not counted */
#define LIST_MAX	16u	/* elements of the other arrays; more than any may have */

/* Members that no row of dump_head_row is a part of */
static const char * const other_key[] = {
	"schema", "schema_version", "copy_slots", "witness", "lost", "entries",
};

/* What is not known is not kept: new keys may come at any time */
static bool is_known(const char *key)
{
	const char *row;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(other_key); i++)
		if (!strcmp(other_key[i], key))
			return true;
	for (i = 0; i < DUMP_HEAD_ROWS; i++) {
		row = dump_head_row[i].key;
		if (!strncmp(row, key, strcspn(row, ".")) && !key[strcspn(row, ".")])
			return true;
	}
	return false;
}

static void add_entry(struct dump_doc *doc, struct json_object *v)
{
	struct dump_entry row = { .slot = OUT_NONE };
	struct dump *d = doc->d;
	u64 word;

	if (doc->why)
		return;
	doc->why = in_json(v, dump_entry_row, DUMP_ENTRY_ROWS, &row);
	if (!doc->why && row.slot == OUT_NONE)
		doc->why = "an entry says no slot";
	if (!doc->why)
		doc->why = entry_parse(row.kind, row.mblk, row.states, row.serial, &word);
	if (doc->why) {
		doc->slot = row.slot;
		return;
	}
	if (d->n == doc->room) {
		/* moved by the kernel, page by page, and what is not used is no memory */
		doc->room += doc->room / 4 + 1024;
		d->entry = say_realloc(d->entry, doc->room, sizeof(*d->entry));
	}
	d->entry[d->n++] = (struct dmr_check_map){
		.slot = row.slot, .word = word, .mblk = strlen(row.states),
	};
}

static void add_lost(struct dump_doc *doc, struct json_object *v)
{
	struct json_object *blk = in_get(v, "table_block");
	u64 n = ~0ull;	/* above any mark */

	if (json_object_is_type(blk, json_type_int) && json_object_get_int64(blk) >= 0)
		n = json_object_get_uint64(blk);
	if (doc->d->losts == doc->lost_room) {
		doc->lost_room += doc->lost_room / 4 + 1024;
		doc->d->lost = say_realloc(doc->d->lost, doc->lost_room, sizeof(*doc->d->lost));
	}
	doc->d->lost[doc->d->losts++] = n < ~0u ? (u32)n : ~0u;
}

/* To the head, or to array @list of it */
static const char *keep(struct dump_doc *doc, struct json_object *list,
			const struct stream_item *item)
{
	doc->head_bytes += item->len_bytes;
	if (doc->head_bytes > HEAD_MAX_BYTES)
		return "what is not an entry is too long for a dump";
	if (list)
		json_object_array_add(list, json_object_get(item->value));
	else
		json_object_object_add(doc->head, item->key, json_object_get(item->value));
	return NULL;
}

static const char *take_item(void *ctx, const struct stream_item *item)
{
	struct dump_doc *doc = ctx;
	struct json_object *seen;
	bool again;

	if (!is_known(item->key))
		return NULL;
	again = json_object_object_get_ex(doc->head, item->key, &seen);
	if (item->what != STREAM_ELEMENT)
		return again ? "it has this key twice" : keep(doc, NULL, item);
	if (!strcmp(item->key, "entries"))
		add_entry(doc, item->value);
	else if (!strcmp(item->key, "lost"))
		add_lost(doc, item->value);
	else if (json_object_array_length(seen) < LIST_MAX)
		return keep(doc, seen, item);
	return NULL;
}

int dump_take(struct dump *d, stream_read_fn read, void *src, const char *path)
{
	struct dump_doc doc = { .d = d, .head = json_object_new_object(), .slot = OUT_NONE };
	int code = EXIT_DEVICE;
	const char *why;
	u64 byte;

	memset(d, 0, sizeof(*d));
	why = stream_json(read, src, take_item, &doc, &byte);
	if (why)
		say_err("%s cannot be read as JSON: byte %ju: %s", path, byte, why);
	else
		code = dump_judge(d, &doc, path);
	json_object_put(doc.head);
	return code;
}

int dump_read(struct dump *d, const char *path)
{
	const bool std = !strcmp(path, "-");
	int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int code;

	memset(d, 0, sizeof(*d));
	if (fd < 0) {
		say_err("%s cannot be read: %s", path, strerror(errno));
		return EXIT_DEVICE;
	}
	code = dump_take(d, stream_fd, &fd, std ? "standard input" : path);
	if (!std)
		close(fd);
	return code;
}
