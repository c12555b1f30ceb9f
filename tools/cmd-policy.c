// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command policy: what happens to a bad block from now on, until the close.
 */
#include "cmd.h"
#include "live.h"
#include "say.h"

int cmd_policy(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name = live_name(argv[0]);
	enum dmr_policy p;
	char text[32];
	int code;

	(void)o;
	(void)argc;
	if (dmr_args_policy_parse(argv[1], &p)) {
		say_err("\"%s\" is no policy: remap, record or off", argv[1]);
		return EXIT_ARGS;
	}
	snprintf(text, sizeof(text), "policy %s", dmr_args_policy_name(p));
	code = live_send(name, text);
	return code ? code : live_tell_mode(name);
}
