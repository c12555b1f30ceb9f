// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command version.
 */
#include "help.h"

int cmd_version(const struct cmd_opts *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	printf("dmremap %s\n", DMREMAP_VERSION);
	return 0;
}
