// SPDX-License-Identifier: GPL-2.0-only
/*
 * Help: printed from the tables in main.c and exit.h.
 */
#include "exit.h"
#include "help.h"

static const struct exit_row exit_row[] = {
#define EXIT_CODE(name, code, text) { name, text },
#include "exit.def"
};

static const struct exit_row check_row[] = {
#define EXIT_CHECK(name, code, text) { name, text },
#include "exit.def"
};

const struct help_cmd *help_find(const char *name)
{
	const struct help_cmd *c;

	for (c = help_cmd; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

static void print_opts(unsigned int bits)
{
	const struct help_opt *h;
	char name[32];

	for (h = help_opt; h->name; h++) {
		if (!(h->bit & bits))
			continue;
		if (h->arg)
			snprintf(name, sizeof(name), "    --%s %s", h->name, h->arg);
		else
			snprintf(name, sizeof(name), "-%c, --%s", h->key, h->name);
		printf("  %-20s %s\n", name, h->help);
	}
	printf("  %-20s %s\n", "-h, --help", "show this help");
}

static void print_exits(const struct exit_row *row, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf("  %2d  %s\n", row[i].code, row[i].text);
}

void help_all(void)
{
	const struct help_cmd *c;
	char usage[64];

	printf("Usage: dmremap COMMAND [OPTIONS] ...\n\n"
	       "Moves the failing blocks of a main disk to a spare, for good.\n\n"
	       "Commands:\n");
	for (c = help_cmd; c->name; c++) {
		snprintf(usage, sizeof(usage), "%s %s", c->name, c->args);
		printf("  %-24s %s\n", usage, c->summary);
	}
	printf("\nOptions, where a command takes them:\n");
	print_opts(~0u);
	printf("  %-20s %s\n", "-V, --version", "show the version");
	printf("\nExit codes of all commands but check:\n");
	print_exits(exit_row, ARRAY_SIZE(exit_row));
	printf("\nExit codes of check, bits that add up:\n");
	print_exits(check_row, ARRAY_SIZE(check_row));
}

void help_one(const struct help_cmd *c)
{
	printf("Usage: dmremap %s%s%s%s\n\n", c->name, c->opts ? " [OPTIONS]" : "",
	       *c->args ? " " : "", c->args);
	printf("%c%s.\n", c->summary[0] - 'a' + 'A', c->summary + 1);
	if (*c->help)
		printf("\n%s", c->help);
	printf("\nOptions:\n");
	print_opts(c->opts);
	printf("\nExit codes:\n");
	if (c->fsck)
		print_exits(check_row, ARRAY_SIZE(check_row));
	else
		print_exits(exit_row, ARRAY_SIZE(exit_row));
}
