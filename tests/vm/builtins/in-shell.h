/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before all else in a program that becomes a builtin of bash: its main() is a
 * function there, and what ends the program ends that function.
 */
#ifndef IN_SHELL_H
#define IN_SHELL_H

#define _GNU_SOURCE
#include <err.h>
#include <stdlib.h>

/* Back to where iopat_main() was called, with @status. */
_Noreturn void leave_program(int status);
int iopat_main(int argc, char **argv);

#define exit(status) leave_program(status)
#define err(status, ...) (warn(__VA_ARGS__), leave_program(status))
#define errx(status, ...) (warnx(__VA_ARGS__), leave_program(status))
#define main iopat_main

#endif
