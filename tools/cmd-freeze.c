// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command freeze: no new remaps until thaw.
 */
#include "cmd.h"
#include "live.h"

int cmd_freeze(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name = live_name(argv[0]);
	int code = live_send(name, "freeze");

	(void)o;
	(void)argc;
	return code ? code : live_tell_mode(name);
}
