// SPDX-License-Identifier: GPL-2.0-only
/*
 * shell_iopat ARG...: iopat (helpers/iopat) as a builtin of the bash that runs a VM test. Not for
 * io_uring, whose requests may outlive a run that ends early.
 *
 * A process costs 110 ms in UML, 85 of them the fork of the shell, and 25 ms under emulation; tests
 * read and write patterns thousands of times. Built and loaded where the tests run, never
 * distributed: bash has another licence.
 */
#include "in-shell.h"

#include <setjmp.h>
#include <stdio.h>

#include <config.h>
#include <builtins.h>
#include <shell.h>
#include <builtins/common.h>

#include "../helpers/iopat/iopat.h"

static sigjmp_buf back;

void leave_program(int status)
{
	siglongjmp(back, status + 1);
}

static int run(int argc, char **argv)
{
	int left = sigsetjmp(back, 0);

	return left ? left - 1 : iopat_main(argc, argv);
}

int shell_iopat_builtin(WORD_LIST *list)
{
	int argc, status;
	char **argv;

	argv = make_builtin_argv(list, &argc);
	argv[0] = "iopat";
	status = run(argc, argv);
	iopat_close();
	free(argv);
	fflush(stdout);
	return status;
}

static char *iopat_doc[] = { "iopat, in this shell", NULL };

struct builtin shell_iopat_struct = {
	.name = "shell_iopat",
	.function = shell_iopat_builtin,
	.flags = BUILTIN_ENABLED,
	.long_doc = iopat_doc,
	.short_doc = "shell_iopat ARG...",
};
