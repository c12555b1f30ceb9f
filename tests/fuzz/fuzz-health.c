// SPDX-License-Identifier: GPL-2.0-only
/*
 * Health: the summary in an auxiliary block, and the lines that speak of regions
 * and pools.
 *
 *	input := <zero byte> <size of main in sectors: 6 bytes> <content of the block>
 *		 | text that does not begin with a zero byte
 *
 * What must hold:
 *   - a summary is believed exactly if doc/format.md, section 9, says so (restated here); any
 *     other is none, and the block is in order all the same
 *   - one that is believed is printed byte by byte, but for what has no meaning, and can be used
 *   - a line that was read, printed, is read the same again
 */
#include "fuzz.h"
#include "healthline.h"
#include "poolline.h"

#define LINE_BYTES	2048
#define AT		dmr_slot(77)

static struct dmr_super sb;

/* ---- doc/format.md, section 9 ---- */

static bool record_possible(const u8 *rec)
{
	const u64 first = fuzz_get(rec, 40, 8), last = fuzz_get(rec, 48, 8);
	const u64 errors = fuzz_get(rec, 8, 4) + fuzz_get(rec, 12, 4) + fuzz_get(rec, 16, 4);

	if (!fuzz_get(rec, 4, 4) || errors + fuzz_get(rec, 20, 4) == 0)
		return false;
	if (first > last || last >= 1ull << 35)
		return false;
	return errors || (!last && !fuzz_get(rec, 32, 4) && !fuzz_get(rec, 36, 4));
}

static bool summary_possible(const u8 *blk)
{
	const u64 n = fuzz_get(blk, 84, 4);
	u64 size = 2048, i, k;

	while ((sb.main_sect + size - 1) / size > 1u << 20)
		size *= 2;
	if (!fuzz_get(blk, 64, 8) || n > 70)
		return false;
	if (fuzz_get(blk, 80, 4) >= 64 || 1ull << fuzz_get(blk, 80, 4) != size)
		return false;
	for (i = 0; i < n; i++) {
		const u64 region = fuzz_get(blk, 128 + 56 * i, 4);

		if (region * size >= sb.main_sect || !record_possible(blk + 128 + 56 * i))
			return false;
		for (k = 0; k < i; k++)
			if (fuzz_get(blk, 128 + 56 * k, 4) == region)
				return false;
	}
	return true;
}

/* ---- the block ---- */

static void check_used(const struct dmr_aux *aux)
{
	u32 i;

	for (i = 0; i < aux->n; i++) {
		struct dmr_health_line l;
		struct dmr_health h = aux->rec[i].h;
		const u32 key = h.key;

		dmr_health_line_of(aux->rec[i].region, &h, aux->saved_s, &l);
		FUZZ_MUST(l.score <= 1000 && l.risk <= DMR_RISK_CRITICAL);
		FUZZ_MUST(dmr_health_errors(&h) || l.risk <= DMR_RISK_MEDIUM);
		dmr_health_note(&h, DMR_HEALTH_READ_ERROR, 1, aux->saved_s);
		FUZZ_MUST(h.key >= key && dmr_health_sane(&h));
		FUZZ_MUST(dmr_health_score(&h, aux->saved_s) <= l.score);
	}
}

static void check_block(struct fuzz_in *in)
{
	const struct dmr_gen gen = { .epoch = 3, .counter = 4, .nonce = 5 };
	u8 *blk = calloc(1, DMR_BLK_BYTES), *again = calloc(1, DMR_BLK_BYTES);
	struct dmr_aux aux, none;

	FUZZ_MUST(blk && again);
	memset(&none, 0, sizeof(none));
	memset(&aux, 0x5a, sizeof(aux));
	memset(sb.uuid, 0x33, sizeof(sb.uuid));
	sb.main_sect = 1 + fuzz_take(in, 6) % (1ull << 43);
	dmr_codec_aux_encode(blk, sb.uuid, &gen, 1, AT, NULL);
	memcpy(blk + 64, in->p, in->len < 4032 ? in->len : 4032);
	fuzz_seal(blk);
	FUZZ_MUST(dmr_codec_aux_decode(blk, AT, &sb, 1, &aux, NULL) == DMR_BLK_OK);
	if (!summary_possible(blk)) {
		FUZZ_MUST(!memcmp(&aux, &none, sizeof(aux)));
		fuzz_refused("no summary");
	} else {
		const size_t end = 128 + 56 * (size_t)aux.n;

		dmr_codec_aux_encode(again, sb.uuid, &gen, 1, AT, &aux);
		FUZZ_MUST(!memcmp(blk + 64, again + 64, end - 64));
		check_used(&aux);
		fuzz_accepted();
	}
	free(blk);
	free(again);
}

/* ---- lines ---- */

static bool health_line(const char *text)
{
	struct dmr_health_line l, back;
	struct dmr_health_head h, head;
	char line[LINE_BYTES];

	if (!dmr_health_head_parse(text, &h)) {
		dmr_health_head_format(&h, line, sizeof(line));
		FUZZ_MUST(!dmr_health_head_parse(line, &head) && !memcmp(&h, &head, sizeof(h)));
		return true;
	}
	if (dmr_health_line_parse(text, &l))
		return false;
	FUZZ_MUST(l.risk <= DMR_RISK_CRITICAL && l.trend <= DMR_TREND_IMPROVING);
	dmr_health_line_format(&l, line, sizeof(line));
	FUZZ_MUST(!strncmp(text + strspn(text, " "), line, 1));
	FUZZ_MUST(!dmr_health_line_parse(line, &back) && !memcmp(&l, &back, sizeof(l)));
	return true;
}

static bool pool_line(const char *text)
{
	struct dmr_pool_head h, head;
	struct dmr_pool_stat s, back;
	enum dmr_pool_kind kind, k;
	char line[LINE_BYTES];

	if (!dmr_pool_head_parse(text, &h)) {
		FUZZ_MUST(h.memory <= DMR_MEMORY_EMERGENCY);
		dmr_pool_head_format(&h, line, sizeof(line));
		FUZZ_MUST(!dmr_pool_head_parse(line, &head) && !memcmp(&h, &head, sizeof(h)));
		return true;
	}
	if (dmr_pool_line_parse(text, &kind, &s))
		return false;
	FUZZ_MUST(kind < DMR_POOLS);
	dmr_pool_line_format(kind, &s, line, sizeof(line));
	FUZZ_MUST(!dmr_pool_line_parse(line, &k, &back) && k == kind);
	FUZZ_MUST(!memcmp(&s, &back, sizeof(s)));
	return true;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	char *text;

	if (size && !data[0]) {
		fuzz_take(&in, 1);
		check_block(&in);
		return 0;
	}
	text = fuzz_text(&in);
	if (health_line(text) || pool_line(text))
		fuzz_accepted();
	else
		fuzz_refused("no line");
	free(text);
	return 0;
}
