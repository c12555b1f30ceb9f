// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table line: the words after the two devices.
 *
 *	input := text, cut into words at its blanks
 *
 * What must hold:
 *   - a line is taken exactly if the grammar of doc/status.md has it (restated here)
 *   - what is refused changes nothing and says why in a sentence
 *   - what is taken is within bounds, and what the TABLE status prints of it is
 *     taken again and means the same
 */
#include "args.h"
#include "fuzz.h"

#define WORDS	24

/* @text is a number from @min to @max, of digits alone. */
static bool number(const char *text, u64 min, u64 max)
{
	const size_t zeros = strspn(text, "0");
	const size_t digits = strspn(text, "0123456789");

	if (!digits || text[digits] || digits - zeros > 19)
		return false;
	return strtoull(text, NULL, 10) >= min && strtoull(text, NULL, 10) <= max;
}

/* Which feature @word is, 0 to 6; -1: none. */
static int feature(const char *word)
{
	if (!strcmp(word, "policy:remap") || !strcmp(word, "policy:record") ||
	    !strcmp(word, "policy:off"))
		return 0;
	if (!strncmp(word, "allowance:", 10))
		return number(word + 10, 0, 65536) ? 1 : -1;
	if (!strncmp(word, "hold:", 5))
		return number(word + 5, 1, 600) ? 2 : -1;
	if (!strncmp(word, "low:", 4))
		return number(word + 4, 0, 99) ? 4 : -1;
	if (!strncmp(word, "critical:", 9))
		return number(word + 9, 0, 99) ? 5 : -1;
	if (!strncmp(word, "slow:", 5))
		return number(word + 5, 0, 600000) ? 6 : -1;
	return strcmp(word, "force_readonly") ? -1 : 3;
}

static bool grammar(unsigned int n, char *const *word)
{
	unsigned int seen[7] = { 0 };
	unsigned int i;

	if (!n)
		return true;
	if (!number(word[0], n - 1, n - 1))
		return false;
	for (i = 1; i < n; i++) {
		const int f = feature(word[i]);

		if (f < 0 || seen[f]++)
			return false;
	}
	return true;
}

static void check_taken(const struct dmr_args *a)
{
	char line[128], *word[WORDS], *part;
	const char *err = NULL;
	struct dmr_args b;
	int len, size;

	FUZZ_MUST((unsigned int)a->policy <= DMR_POLICY_OFF && a->allowance <= 65536);
	FUZZ_MUST(a->hold_s >= 1 && a->hold_s <= 600);
	FUZZ_MUST(a->low_pct <= 99 && a->critical_pct <= 99 && a->slow_ms <= 600000);
	len = dmr_args_format(a, line, sizeof(line));
	FUZZ_MUST(len >= 0 && (size_t)len == strlen(line) && len < 120);
	for (size = 1; size <= len + 1; size++) {
		part = malloc((size_t)size);
		FUZZ_MUST(part && dmr_args_format(a, part, (size_t)size) < size);
		FUZZ_MUST(!strncmp(part, line, strlen(part)));
		free(part);
	}
	memset(&b, 0, sizeof(b));
	FUZZ_MUST(!dmr_args_parse(fuzz_words(line, word, WORDS), word, &b, &err));
	FUZZ_MUST(!memcmp(a, &b, sizeof(b)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct fuzz_in in = { data, size };
	struct dmr_args a, before;
	char *text = fuzz_text(&in);
	const char *err = NULL;
	char *word[WORDS];
	unsigned int n;
	bool taken;

	n = fuzz_words(text, word, WORDS);
	memset(&a, 0, sizeof(a));
	before = a;
	taken = !dmr_args_parse(n, word, &a, &err);
	FUZZ_MUST(taken == grammar(n, word));
	if (taken) {
		check_taken(&a);
		fuzz_accepted();
	} else {
		FUZZ_MUST(fuzz_sentence(err) && !memcmp(&a, &before, sizeof(a)));
		fuzz_refused(err);
	}
	free(text);
	return 0;
}
