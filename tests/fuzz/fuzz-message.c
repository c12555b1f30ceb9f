// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message: the words that dmsetup message hands in.
 *
 *	input := text, cut into words at its blanks
 *
 * What must hold:
 *   - a message is taken exactly if the grammar of doc/status.md has it (restated here)
 *   - what is refused changes nothing and says why in a sentence
 *   - what is taken means what its words say, and its meaning, printed, is taken again
 */
#include "args.h"
#include "fuzz.h"

#define WORDS	24

static bool number(const char *text, unsigned long long min, unsigned long long max)
{
	const size_t zeros = strspn(text, "0");
	const size_t digits = strspn(text, "0123456789");
	unsigned long long v;

	if (!digits || text[digits] || digits - zeros > 19)
		return false;
	v = strtoull(text, NULL, 10);
	return v >= min && v <= max;
}

/* At most 2048 of them, which is more than there are words here. */
static bool blocks(unsigned int n, char *const *word)
{
	const unsigned long long most = 1ull << 40;
	unsigned long long end = 0, first;
	unsigned int i;

	if (n == 1)
		return number(word[0], 0, most - 1);
	for (i = 0; i + 1 < n; i += 2) {
		if (!number(word[i], end, most - 1))
			return false;
		first = strtoull(word[i], NULL, 10);
		if (!number(word[i + 1], 1, most - first))
			return false;
		end = first + strtoull(word[i + 1], NULL, 10);
	}
	return n && n % 2 == 0;
}

static bool policy(const char *text)
{
	return !strcmp(text, "remap") || !strcmp(text, "record") || !strcmp(text, "off");
}

static bool grammar(unsigned int n, char *const *word)
{
	if (!n)
		return false;
	if (!strcmp(word[0], "remap") || !strcmp(word[0], "unmap"))
		return blocks(n - 1, word + 1);
	if (n == 1)
		return !strcmp(word[0], "freeze") || !strcmp(word[0], "thaw") ||
		       !strcmp(word[0], "verify") || !strcmp(word[0], "jobs") ||
		       !strcmp(word[0], "health") || !strcmp(word[0], "pools") ||
		       !strcmp(word[0], "stats") || !strcmp(word[0], "help");
	if (n != 2)
		return false;
	if (!strcmp(word[0], "cancel"))
		return number(word[1], 1, 0xffffffffull);
	if (!strcmp(word[0], "health"))
		return number(word[1], 1, 65536);
	return (!strcmp(word[0], "thaw") && number(word[1], 1, 65536)) ||
	       (!strcmp(word[0], "policy") && policy(word[1]));
}

static const char *const lone[] = {
	[DMR_MSG_VERIFY] = "verify",
	[DMR_MSG_JOBS] = "jobs",
	[DMR_MSG_POOLS] = "pools",
	[DMR_MSG_STATS] = "stats",
	[DMR_MSG_HELP] = "help",
};

/* The message that says what @m means. */
static void print(const struct dmr_msg *m, unsigned int n, char *const *word, char *line,
		  size_t size)
{
	u64 sum = 0;
	int at;
	u32 i;

	switch (m->verb) {
	case DMR_MSG_FREEZE:
		snprintf(line, size, "freeze");
		return;
	case DMR_MSG_THAW:
		snprintf(line, size, m->grant ? "thaw %u" : "thaw", m->grant);
		return;
	case DMR_MSG_POLICY:
		snprintf(line, size, "policy %s", dmr_args_policy_name(m->policy));
		return;
	case DMR_MSG_REMAP:
	case DMR_MSG_UNMAP:
		at = snprintf(line, size, "%s", m->verb == DMR_MSG_REMAP ? "remap" : "unmap");
		for (i = 0; i < m->ranges; i++) {
			const struct dmr_range r = dmr_args_range(n, word, i);

			sum += r.count;
			at += snprintf(line + at, size - at, " %llu %llu",
				       (unsigned long long)r.first.v,
				       (unsigned long long)r.count);
		}
		FUZZ_MUST(sum == m->count);
		return;
	case DMR_MSG_CANCEL:
		snprintf(line, size, "cancel %u", m->job);
		return;
	case DMR_MSG_HEALTH:
		snprintf(line, size, "health %llu", (unsigned long long)m->count);
		return;
	case DMR_MSG_VERIFY:
	case DMR_MSG_JOBS:
	case DMR_MSG_POOLS:
	case DMR_MSG_STATS:
	case DMR_MSG_HELP:
		snprintf(line, size, "%s", lone[m->verb]);
		return;
	}
	FUZZ_MUST(false);
}

static void check_taken(const struct dmr_msg *m, unsigned int n, char *const *word)
{
	char line[16 + 16 * WORDS], *again[WORDS];
	const char *err = NULL;
	struct dmr_msg b;

	print(m, n, word, line, sizeof(line));
	FUZZ_MUST(!strncmp(line, word[0], strlen(word[0])));
	FUZZ_MUST(m->verb == DMR_MSG_THAW ? m->grant <= 65536 : !m->grant);
	FUZZ_MUST(m->verb != DMR_MSG_POLICY || !strcmp(word[1], dmr_args_policy_name(m->policy)));
	memset(&b, 0, sizeof(b));
	FUZZ_MUST(!dmr_args_message(fuzz_words(line, again, WORDS), again, &b, &err) && !err);
	FUZZ_MUST(!memcmp(m, &b, sizeof(b)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct fuzz_in in = { data, size };
	struct dmr_msg m, before;
	char *text = fuzz_text(&in);
	const char *err = NULL;
	char *word[WORDS];
	unsigned int n;
	bool taken;

	n = fuzz_words(text, word, WORDS);
	memset(&m, 0, sizeof(m));
	before = m;
	taken = !dmr_args_message(n, word, &m, &err);
	FUZZ_MUST(taken == grammar(n, word));
	if (taken) {
		check_taken(&m, n, word);
		fuzz_accepted();
	} else {
		FUZZ_MUST(fuzz_sentence(err) && !memcmp(&m, &before, sizeof(m)));
		fuzz_refused(err);
	}
	free(text);
	return 0;
}
