/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cmd: the commands. Each gets its arguments already counted and its options
 * already parsed, and returns the exit code of the program.
 */
#ifndef DMREMAP_CMD_H
#define DMREMAP_CMD_H

#include "base.h"
#include "../src/core/args.h"

/** struct cmd_opts - what the options said; @args are the features of the table line */
struct cmd_opts {
	bool json;
	bool yes;
	bool force;
	bool readonly;
	bool bytes;
	bool dry_run;
	bool drop;
	bool in_place;
	u32 block_bytes;
	u32 count;
	u64 spare_bytes;
	const char *svg;
	const char *main_path;
	struct dmr_args args;
};

int cmd_format(const struct cmd_opts *o, int argc, char **argv);
int cmd_create(const struct cmd_opts *o, int argc, char **argv);
int cmd_open(const struct cmd_opts *o, int argc, char **argv);
int cmd_close(const struct cmd_opts *o, int argc, char **argv);
int cmd_status(const struct cmd_opts *o, int argc, char **argv);
int cmd_health(const struct cmd_opts *o, int argc, char **argv);
int cmd_list(const struct cmd_opts *o, int argc, char **argv);
int cmd_map(const struct cmd_opts *o, int argc, char **argv);
int cmd_freeze(const struct cmd_opts *o, int argc, char **argv);
int cmd_thaw(const struct cmd_opts *o, int argc, char **argv);
int cmd_policy(const struct cmd_opts *o, int argc, char **argv);
int cmd_remap(const struct cmd_opts *o, int argc, char **argv);
int cmd_import(const struct cmd_opts *o, int argc, char **argv);
int cmd_unmap(const struct cmd_opts *o, int argc, char **argv);
int cmd_verify(const struct cmd_opts *o, int argc, char **argv);
int cmd_check(const struct cmd_opts *o, int argc, char **argv);
int cmd_dump(const struct cmd_opts *o, int argc, char **argv);
int cmd_restore(const struct cmd_opts *o, int argc, char **argv);
int cmd_retarget(const struct cmd_opts *o, int argc, char **argv);
int cmd_replace(const struct cmd_opts *o, int argc, char **argv);
int cmd_resize(const struct cmd_opts *o, int argc, char **argv);
int cmd_repair(const struct cmd_opts *o, int argc, char **argv);
int cmd_wipe(const struct cmd_opts *o, int argc, char **argv);
int cmd_version(const struct cmd_opts *o, int argc, char **argv);
int cmd_help(const struct cmd_opts *o, int argc, char **argv);

/* ---- halves of create, and the whole of format and open ---- */

/** cmd_format_set() - refusals, the question, the new set. Return: exit code */
int cmd_format_set(const struct cmd_opts *o, const char *main_path, const char *spare_path);

/** cmd_open_check() - refusals and warnings before the spare is read. Return: exit code */
int cmd_open_check(const char *name, const char *main_path, const char *spare_path);

/** cmd_open_set() - read the spare, compare main with it, make the device. Return: exit code */
int cmd_open_set(const struct cmd_opts *o, const char *name, const char *main_path,
		 const char *spare_path);

/** cmd_resize_finish() - of a closed spare whose resize was cut short. Return: exit code */
int cmd_resize_finish(const char *spare_path);

#endif
