// SPDX-License-Identifier: GPL-2.0-only
/*
 * Import: lists of bad places: badblocks, ddrescue, smartctl --json.
 *
 *	input := <byte: block size, a power of two> text
 *
 * What must hold of each range: it is not empty, ends where a u64 of bytes still
 * reaches, and its line is one that the text has (in JSON: an element, from 1).
 */
#include "../../tools/import.h"
#include "fuzz.h"

#define TEXT_BYTES	4096
#define LAST_SECT	(~0ull / DMR_SECT_BYTES)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size < TEXT_BYTES ? size : TEXT_BYTES };
	struct import im = { .path = "input" };
	u32 block_bytes = 512u << fuzz_take(&in, 1) % 18;
	char *text = fuzz_text(&in);
	u64 i;

	if (import_take(&im, text, strlen(text), block_bytes)) {
		fuzz_refused(im.errors ? "lines" : "whole");
	} else {
		fuzz_accepted();
		for (i = 0; i < im.n; i++) {
			FUZZ_MUST(im.range[i].nr_sect);
			FUZZ_MUST(im.range[i].nr_sect - 1 <= LAST_SECT - im.range[i].first_sect);
			FUZZ_MUST(im.range[i].line && im.range[i].line <= size);
		}
	}
	free(text);
	import_free(&im);
	return 0;
}
