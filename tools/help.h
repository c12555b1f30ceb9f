/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Help: the rows that describe commands and options, and printing them.
 */
#ifndef DMREMAP_HELP_H
#define DMREMAP_HELP_H

#include "cmd.h"

#define DMREMAP_VERSION	"4.0.0"

enum opt_bit {
	OPT_FORCE = 1,
	OPT_READONLY = 2,
	OPT_POLICY = 4,
	OPT_ALLOWANCE = 8,
	OPT_HOLD = 16,
	OPT_JSON = 32,
	OPT_YES = 64,
	OPT_LOW = 128,
	OPT_CRITICAL = 256,
	OPT_BYTES = 512,
	OPT_DRY_RUN = 1024,
	OPT_BLOCK = 2048,
	OPT_SVG = 4096,
	OPT_DROP = 8192,
	OPT_IN_PLACE = 16384,
	OPT_MAIN = 32768,
	OPT_SPARE_SIZE = 65536,
	OPT_SLOW = 131072,
	OPT_COUNT = 262144,
};

/**
 * struct help_opt - an option
 * @key: its letter, which works on the command line when it has no argument
 */
struct help_opt {
	unsigned int bit;
	int key;
	const char *name;
	const char *arg;
	const char *help;
};

/**
 * struct help_cmd - a command
 * @opts: the options it takes
 * @fsck: its exit codes are those of fsck
 * @help: what its help says besides
 */
struct help_cmd {
	const char *name;
	int (*fn)(const struct cmd_opts *o, int argc, char **argv);
	const char *args;
	int args_min;
	int args_max;
	unsigned int opts;
	bool fsck;
	const char *summary;
	const char *help;
};

extern const struct help_opt help_opt[];
extern const struct help_cmd help_cmd[];

/** help_find() - command by name, NULL when there is none */
const struct help_cmd *help_find(const char *name);

void help_all(void);
void help_one(const struct help_cmd *c);

#endif
