/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exit codes as C knows them; exit.def is the table.
 */
#ifndef DMREMAP_EXIT_H
#define DMREMAP_EXIT_H

enum exit_code {
#define EXIT_CODE(name, code, text) name = code,
#include "exit.def"
};

enum exit_check_code {
#define EXIT_CHECK(name, code, text) name = code,
#include "exit.def"
};

/** struct exit_row - one line of the table, for the help */
struct exit_row {
	int code;
	const char *text;
};

#endif
