// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command create: format, then open. All that would refuse the open is asked
 * before the spare is written.
 */
#include "cmd.h"
#include "live.h"

int cmd_create(const struct cmd_opts *o, int argc, char **argv)
{
	struct cmd_opts open_opts = *o;
	const char *name = live_name(argv[0]);
	int code;

	(void)argc;
	code = cmd_open_check(name, argv[1], argv[2]);
	if (!code)
		code = cmd_format_set(o, argv[1], argv[2]);
	open_opts.force = false;	/* it was about what the spare held */
	return code ? code : cmd_open_set(&open_opts, name, argv[1], argv[2]);
}
