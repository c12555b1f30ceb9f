// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command help: all commands, or one in full.
 */
#include "help.h"
#include "say.h"

int cmd_help(const struct cmd_opts *o, int argc, char **argv)
{
	const struct help_cmd *c;

	(void)o;
	if (!argc) {
		help_all();
		return 0;
	}
	c = help_find(argv[0]);
	if (!c) {
		say_err("there is no command %s: dmremap help lists them", argv[0]);
		return EXIT_ARGS;
	}
	help_one(c);
	return 0;
}
