/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines for dmfuzz: how they are made, and the grammar that says which are right. */
#ifndef DMFUZZ_LINES_H
#define DMFUZZ_LINES_H

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define WORDS_MAX	600
#define TEXT_MAX	4000
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* A line as the module gets to see it. */
struct words {
	unsigned int n;
	char *at[WORDS_MAX];
	char text[TEXT_MAX + 1];
};

/* What a line means. */
struct meaning {
	const char *policy;
	unsigned long allowance;
	unsigned long hold;
	unsigned long low;
	unsigned long critical;
	bool readonly;
};

static const char *main_dev, *spare_dev;
static uint64_t main_blks;		/* of the device that gets messages */
static uint64_t rnd;
static char line[TEXT_MAX + 1];		/* the one being tried */

static uint64_t dice(uint64_t n)
{
	rnd = pattern_mix(rnd + 0x9e3779b97f4a7c15ULL);
	return rnd % n;
}

static bool one_in(uint64_t n)
{
	return !dice(n);
}

/* --- the grammar --- */

/* As dm_split_args(): words end at white space, a backslash quotes what follows. */
static void split(struct words *w)
{
	char *in = w->text, *out;

	strcpy(w->text, line);
	w->n = 0;
	for (;;) {
		while (isspace((unsigned char)*in) || (unsigned char)*in == 0xa0)
			in++;
		if (!*in || w->n == WORDS_MAX)
			return;
		out = in;
		w->at[w->n++] = out;
		while (*in && !isspace((unsigned char)*in) && (unsigned char)*in != 0xa0) {
			if (*in == '\\' && in[1])
				in++;
			*out++ = *in++;
		}
		if (*in)
			in++;
		*out = 0;
	}
}

static bool number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
	size_t zeros = strspn(text, "0"), digits = strspn(text, "0123456789");

	if (!digits || text[digits] || digits - zeros > 19)
		return false;
	*out = strtoul(text, NULL, 10);
	return *out >= min && *out <= max;
}

static bool policy(const char *text, struct meaning *m)
{
	m->policy = text;
	return !strcmp(text, "remap") || !strcmp(text, "record") || !strcmp(text, "off");
}

/* Which feature, 1 to 6; 0: none. */
static unsigned int feature(char *word, struct meaning *m)
{
	if (!strncmp(word, "policy:", 7))
		return policy(word + 7, m) ? 1 : 0;
	if (!strncmp(word, "allowance:", 10))
		return number(word + 10, 0, 65536, &m->allowance) ? 2 : 0;
	if (!strncmp(word, "hold:", 5))
		return number(word + 5, 1, 600, &m->hold) ? 3 : 0;
	if (!strncmp(word, "low:", 4))
		return number(word + 4, 0, 99, &m->low) ? 5 : 0;
	if (!strncmp(word, "critical:", 9))
		return number(word + 9, 0, 99, &m->critical) ? 6 : 0;
	m->readonly |= !strcmp(word, "force_readonly");
	return strcmp(word, "force_readonly") ? 0 : 4;
}

static bool table_grammar(const struct words *w, struct meaning *m)
{
	unsigned int i, f, seen = 0;
	unsigned long n;

	*m = (struct meaning){
		.policy = "remap", .allowance = 16, .hold = 60, .low = 20, .critical = 5,
	};
	if (w->n < 2 || strcmp(w->at[0], main_dev) || strcmp(w->at[1], spare_dev))
		return false;
	if (w->n > 2 && !number(w->at[2], w->n - 3, w->n - 3, &n))
		return false;
	for (i = 3; i < w->n; i++) {
		f = feature(w->at[i], m);
		if (!f || (seen & 1u << f))
			return false;
		seen |= 1u << f;
	}
	return true;
}

static bool block_grammar(const struct words *w)
{
	unsigned long first, n, end = 0;
	unsigned int i;

	if (w->n == 2)
		return number(w->at[1], 0, main_blks - 1, &first);
	for (i = 1; i + 1 < w->n; i += 2) {
		if (!number(w->at[i], end, main_blks - 1, &first) ||
		    !number(w->at[i + 1], 1, main_blks - first, &n))
			return false;
		end = first + n;
	}
	return w->n > 2 && w->n % 2;
}

static bool lone_word(const char *word)
{
	static const char *const lone[] = {
		"freeze", "thaw", "verify", "jobs", "stats", "help",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lone); i++)
		if (!strcmp(word, lone[i]))
			return true;
	return false;
}

static bool message_grammar(const struct words *w, struct meaning *m)
{
	unsigned long n;

	*m = (struct meaning){ 0 };
	if (!strcmp(w->at[0], "remap") || !strcmp(w->at[0], "unmap"))
		return block_grammar(w);
	if (w->n == 1)
		return lone_word(w->at[0]);
	if (w->n != 2)
		return false;
	if (!strcmp(w->at[0], "cancel"))
		return number(w->at[1], 1, UINT32_MAX, &n);
	if (!strcmp(w->at[0], "thaw"))
		return number(w->at[1], 1, 65536, &n);
	return !strcmp(w->at[0], "policy") && policy(w->at[1], m);
}

/* What `dmsetup table` shows behind the two devices. */
static void print_features(const struct meaning *m, char *text, size_t size)
{
	unsigned int n = strcmp(m->policy, "remap") != 0;
	size_t len;

	n += (m->allowance != 16) + (m->hold != 60) + (m->low != 20) + (m->critical != 5);
	n += m->readonly;
	len = snprintf(text, size, n ? " %u" : "", n);
	if (strcmp(m->policy, "remap"))
		len += snprintf(text + len, size - len, " policy:%s", m->policy);
	if (m->allowance != 16)
		len += snprintf(text + len, size - len, " allowance:%lu", m->allowance);
	if (m->hold != 60)
		len += snprintf(text + len, size - len, " hold:%lu", m->hold);
	if (m->low != 20)
		len += snprintf(text + len, size - len, " low:%lu", m->low);
	if (m->critical != 5)
		len += snprintf(text + len, size - len, " critical:%lu", m->critical);
	if (m->readonly)
		snprintf(text + len, size - len, " force_readonly");
}

/* --- lines --- */

static void add(const char *fmt, ...)
{
	size_t len = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + len, sizeof(line) - len, fmt, ap);
	va_end(ap);
}

static uint64_t some_number(void)
{
	static const uint64_t end[] = {
		0, 1, 2, 3, 4, 5, 16, 60, 599, 600, 601, 65535, 65536, 65537, 1ULL << 31,
		1ULL << 32, (1ULL << 32) + 1, UINT64_MAX,
	};

	switch (dice(3)) {
	case 0:
		return end[dice(ARRAY_SIZE(end))];
	case 1:
		return dice(700);
	default:
		return dice(UINT64_MAX) >> dice(64);
	}
}

static void add_feature(void)
{
	static const char *const p[] = { "remap", "record", "off", "off", "", "on", "Remap" };
	static const char *const sign[] = {
		"", "", "", "", "", "", "-", "+", "0", "0x", " ", "\\",
	};
	const char *s = sign[dice(ARRAY_SIZE(sign))];

	switch (dice(7)) {
	case 0:
		add(" policy:%s", p[dice(ARRAY_SIZE(p))]);
		break;
	case 1:
		add(" allowance:%s%ju", s, (uintmax_t)some_number());
		break;
	case 2:
		add(" hold:%s%ju", s, (uintmax_t)some_number());
		break;
	case 5:
		add(" low:%s%ju", s, (uintmax_t)(one_in(2) ? dice(103) : some_number()));
		break;
	case 6:
		add(" critical:%s%ju", s, (uintmax_t)(one_in(2) ? dice(103) : some_number()));
		break;
	case 3:
		add(one_in(6) ? " force_readonly:1" : " force_readonly");
		break;
	default:
		add(one_in(3) ? " discard_passdown" : " policy:record");
		break;
	}
}

static const char *some_device(const char *usual)
{
	static const char *const other[] = {
		"", "/dev/nowhere", "/dev/null", "0:0", "1:", ":1", "4294967295:4294967295", "/",
		"policy:off", "..", "/dev/mapper",
	};

	if (!one_in(12))
		return usual;
	if (one_in(3))
		return one_in(2) ? main_dev : spare_dev;
	return other[dice(ARRAY_SIZE(other))];
}

/* Anywhere behind the devices; a path with a byte more may still be one. */
static void spoil(size_t from)
{
	size_t len = strlen(line), at;

	if (len <= from || len >= TEXT_MAX)
		return;
	at = from + dice(len - from);
	switch (dice(4)) {
	case 0:
		line[at] = 1 + dice(255);
		break;
	case 1:
		memmove(line + at, line + at + 1, len - at);
		break;
	case 2:
		memmove(line + at + 1, line + at, len - at + 1);
		line[at] = one_in(2) ? (uint64_t)"\t\n\\ :0"[dice(6)] : 1 + dice(255);
		break;
	default:
		line[at] = 0;
		break;
	}
}

static void make_table(void)
{
	unsigned int n = one_in(30) ? 0 : 1 + dice(5), i;
	size_t from;

	if (one_in(300))
		n = 100 + dice(400);
	line[0] = 0;
	add("%s ", some_device(main_dev));
	add("%s", some_device(spare_dev));
	from = strlen(line) + 1;
	if (n || one_in(2))
		add(" %ju", one_in(10) ? (uintmax_t)some_number() : n);
	for (i = 0; i < n; i++)
		add_feature();
	while (one_in(3))
		spoil(from);
}

static void make_message(void)
{
	static const char *const verb[] = {
		"freeze", "thaw", "policy", "thaw", "policy", "remap", "unmap", "verify", "cancel",
		"jobs", "stats", "help", "freezer", "thaws", "Freeze", "unfreeze", "policy:off",
		"0", "maps", "jobs?",
	};
	static const unsigned int count[] = { 0, 1, 2, 3, 15, 16, 17, 40 };
	static const char *const p[] = { "remap", "record", "off", "on", "", "frozen", "remap:" };
	unsigned int i, n;
	uint64_t at;

	line[0] = 0;
	add("%s", verb[one_in(4) ? dice(ARRAY_SIZE(verb)) : dice(12)]);
	if (one_in(2) && (!strcmp(line, "remap") || !strcmp(line, "unmap"))) {
		at = dice(main_blks + 2);
		add(" %ju", (uintmax_t)at);
		while (one_in(2)) {
			n = count[dice(ARRAY_SIZE(count))];
			add(" %u", n);
			if (one_in(2))
				break;
			at += n + dice(20) - one_in(20);
			add(" %ju", (uintmax_t)at);
		}
	}
	for (i = one_in(3) ? dice(4) : dice(2); i; i--) {
		if (one_in(2))
			add(" %s", p[dice(ARRAY_SIZE(p))]);
		else
			add(" %s%ju", one_in(8) ? "-" : "", (uintmax_t)some_number());
	}
	if (one_in(200))
		for (i = dice(WORDS_MAX); i; i--)
			add(" x");
	while (one_in(4))
		spoil(0);
}

#endif
