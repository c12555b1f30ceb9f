// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: the JSON that restore takes. The input is the text.
 *
 * A text is JSON for the stream if it is for json-c as a whole. What must hold of a
 * document that is taken:
 *   - it has as many entries as json-c finds in it
 *   - its superblock, written, reads back as it is
 *   - so does each table block that has entries, with as many of them in all as were taken
 */
#include <json-c/json.h>

#include "../../tools/dump.h"
#include "fuzz.h"

#define TEXT_BYTES	4096

static u32 next_blk(const struct dump *d, u64 i)
{
	return i < d->n ? dmr_table_blk_of(dmr_slot(d->entry[i].slot)) : ~0u;
}

static u64 check_blk(const struct dump *d, u32 blk)
{
	u64 word[DMR_ENTRIES_PER_BLK], again[DMR_ENTRIES_PER_BLK], n = 0;
	const struct dmr_slot at = dmr_layout_table_slot(&d->sb, 0, blk);
	static u8 raw[DMR_BLK_BYTES];
	struct dmr_gen gen;
	u32 i;

	dump_words(d, blk, word);
	dmr_codec_table_encode(raw, d->sb.uuid, &d->sb.gen, blk, word, at);
	FUZZ_MUST(dmr_codec_table_decode(raw, at, &d->sb, blk, again, &gen, NULL) == DMR_BLK_OK);
	FUZZ_MUST(!memcmp(word, again, sizeof(word)));
	for (i = 0; i < DMR_ENTRIES_PER_BLK; i++)
		n += word[i] && dmr_entry_kind(word[i]) != DMR_KIND_META;
	return n;
}

static void check(const struct dump *d)
{
	static u8 raw[DMR_BLK_BYTES];
	struct dmr_super seen;
	u64 i, n = 0;
	u32 blk;

	dmr_codec_super_encode(raw, &d->sb, 1, d->sb.copy_slot[1]);
	FUZZ_MUST(dmr_codec_super_decode(raw, d->sb.copy_slot[1], &seen, NULL) == DMR_BLK_OK);
	FUZZ_MUST(seen.main_sect == d->sb.main_sect && seen.hwm_blk == d->sb.hwm_blk);
	FUZZ_MUST(!memcmp(seen.uuid, d->sb.uuid, sizeof(seen.uuid)));
	FUZZ_MUST(!strcmp(seen.main_wwid, d->sb.main_wwid));
	for (i = 0; i < d->n; i++) {
		blk = next_blk(d, i);
		if (blk != next_blk(d, i + 1))
			n += check_blk(d, blk);
	}
	/* slots of lost blocks are bad beside their entries */
	FUZZ_MUST(d->losts ? n >= d->n : n == d->n);
}

/* The source of a document: it comes in pieces, each as long as its first byte says. */
struct source {
	const char *text;
	size_t left;
};

static ssize_t piece(void *src, void *buf, size_t room)
{
	struct source *s = src;
	size_t n = s->left ? 1 + (u8)*s->text % 61 : 0;

	if (n > s->left)
		n = s->left;
	FUZZ_MUST(n <= room);
	memcpy(buf, s->text, n);
	s->text += n;
	s->left -= n;
	return (ssize_t)n;
}

static const char *pass(void *ctx, const struct stream_item *item)
{
	(void)ctx;
	FUZZ_MUST(item->key);
	FUZZ_MUST(item->what != STREAM_ARRAY || !json_object_array_length(item->value));
	return NULL;
}

/* Is it JSON by itself, with so many levels at most, and nothing behind it? */
static struct json_object *whole(const char *text, size_t len, int depth)
{
	struct json_tokener *tok = json_tokener_new_ex(depth);
	struct json_object *doc;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	doc = json_tokener_parse_ex(tok, text, (int)len + 1);
	json_tokener_free(tok);
	return doc;
}

/* In pieces it is JSON if it is in one piece; a member and an element are one level each */
static void check_stream(const char *text, size_t len)
{
	struct json_object *deep = whole(text, len, JSON_TOKENER_DEFAULT_DEPTH + 2);
	struct json_object *flat = whole(text, len, JSON_TOKENER_DEFAULT_DEPTH);
	struct source s = { text, len };
	const char *why;
	u64 byte;

	why = stream_json(piece, &s, pass, NULL, &byte);
	FUZZ_MUST(byte <= len);
	if (text[strspn(text, " \t\r\n")] == '{') {
		FUZZ_MUST(why || deep);
		FUZZ_MUST(!why || !flat);
	}
	json_object_put(deep);
	json_object_put(flat);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size < TEXT_BYTES ? size : TEXT_BYTES };
	char *text = fuzz_text(&in);
	struct source s = { text, strlen(text) };
	struct json_object *doc, *list;
	struct dump d = { 0 };

	check_stream(text, strlen(text));
	if (dump_take(&d, piece, &s, "input")) {
		fuzz_refused("not a dump");
	} else {
		doc = whole(text, strlen(text), JSON_TOKENER_DEFAULT_DEPTH + 2);
		FUZZ_MUST(json_object_object_get_ex(doc, "entries", &list));
		FUZZ_MUST(json_object_array_length(list) == d.n);
		check(&d);
		json_object_put(doc);
		fuzz_accepted();
	}
	free(text);
	dump_free(&d);
	return 0;
}
