// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dump: the JSON that restore takes. The input is the text.
 *
 * What must hold of a document that is taken:
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

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size < TEXT_BYTES ? size : TEXT_BYTES };
	char *text = fuzz_text(&in);
	struct json_object *doc = json_tokener_parse(text);
	struct dump d = { 0 };

	free(text);
	if (!doc) {
		fuzz_refused("not JSON");
		return 0;
	}
	if (dump_take(&d, doc, "input")) {
		fuzz_refused("not a dump");
	} else {
		check(&d);
		fuzz_accepted();
	}
	dump_free(&d);
	json_object_put(doc);
	return 0;
}
