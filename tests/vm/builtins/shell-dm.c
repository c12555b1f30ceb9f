// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmsetup for the bash that runs a VM test, in that process: dmsetup itself, with its libraries to
 * link, costs 300 ms in UML and 110 under emulation.
 *
 *	shell_status VAR NAME		what `dmsetup status NAME` prints, into VAR
 *	shell_dmsetup create NAME --table TABLE
 *	shell_dmsetup remove|suspend|resume NAME...
 *	shell_dmsetup message NAME SECTOR WORD...
 *
 * It does and says what dmsetup does; libdevmapper says what failed.
 */
#include <inttypes.h>
#include <libdevmapper.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <config.h>
#include <builtins.h>
#include <shell.h>
#include <builtins/common.h>

/* A task for @name, a path below /dev/mapper too. */
static struct dm_task *task_for(int type, const char *name)
{
	const char *slash = strrchr(name, '/');
	struct dm_task *dmt = dm_task_create(type);

	if (dmt && dm_task_set_name(dmt, slash ? slash + 1 : name))
		return dmt;
	if (dmt)
		dm_task_destroy(dmt);
	return NULL;
}

static bool run_and_destroy(struct dm_task *dmt)
{
	bool done = dmt && dm_task_run(dmt);

	if (dmt)
		dm_task_destroy(dmt);
	dm_task_update_nodes();
	return done;
}

/* One line of a table: START LENGTH TYPE PARAMETERS */
static bool add_line(struct dm_task *dmt, const char *line)
{
	uint64_t start, length;
	char type[64];
	int params = 0;

	if (sscanf(line, "%" SCNu64 " %" SCNu64 " %63s %n", &start, &length, type, &params) < 3)
		return false;
	return dm_task_add_target(dmt, start, length, type, line + params);
}

static bool create(const char *name, char *table)
{
	struct dm_task *dmt = task_for(DM_DEVICE_CREATE, name);
	bool good = dmt;
	char *line;

	for (line = strtok(table, "\n"); good && line; line = strtok(NULL, "\n"))
		good = add_line(dmt, line);
	if (good)
		return run_and_destroy(dmt);
	fprintf(stderr, "shell_dmsetup: table of %s\n", name);
	if (dmt)
		dm_task_destroy(dmt);
	return false;
}

static bool message(char **arg, int nr)
{
	struct dm_task *dmt = task_for(DM_DEVICE_TARGET_MSG, arg[0]);
	const char *answer;
	static char text[65536];
	size_t at = 0;
	bool good;
	int i;

	for (i = 2; i < nr && at < sizeof(text); i++)
		at += snprintf(text + at, sizeof(text) - at, "%s%s", i > 2 ? " " : "", arg[i]);
	good = dmt && at < sizeof(text) && dm_task_set_sector(dmt, strtoull(arg[1], NULL, 0)) &&
	       dm_task_set_message(dmt, text) && dm_task_run(dmt);
	answer = good ? dm_task_get_message_response(dmt) : NULL;
	if (answer)
		printf("%s%s", answer, *answer && answer[strlen(answer) - 1] != '\n' ? "\n" : "");
	if (dmt)
		dm_task_destroy(dmt);
	return good;
}

/* The commands that take names and nothing else. */
static bool each(int type, char **name, int nr)
{
	bool good = true;
	int i;

	for (i = 0; i < nr; i++)
		good &= run_and_destroy(task_for(type, name[i]));
	return good;
}

static bool command(char **arg, int nr)
{
	const char *what = arg[0];

	if (!strcmp(what, "create"))
		return create(arg[1], arg[3]);
	if (!strcmp(what, "message"))
		return message(arg + 1, nr - 1);
	if (!strcmp(what, "remove"))
		return each(DM_DEVICE_REMOVE, arg + 1, nr - 1);
	if (!strcmp(what, "suspend"))
		return each(DM_DEVICE_SUSPEND, arg + 1, nr - 1);
	return each(DM_DEVICE_RESUME, arg + 1, nr - 1);
}

int shell_dmsetup_builtin(WORD_LIST *list)
{
	char **argv;
	bool good;
	int argc;

	argv = make_builtin_argv(list, &argc);
	good = command(argv + 1, argc - 1);
	free(argv);
	if (!good)
		fprintf(stderr, "Command failed.\n");
	fflush(stdout);
	return good ? EXECUTION_SUCCESS : EXECUTION_FAILURE;
}

static char *dmsetup_doc[] = { "dmsetup, in this shell", NULL };

struct builtin shell_dmsetup_struct = {
	.name = "shell_dmsetup",
	.function = shell_dmsetup_builtin,
	.flags = BUILTIN_ENABLED,
	.long_doc = dmsetup_doc,
	.short_doc = "shell_dmsetup COMMAND ARG...",
};

/* --- status --- */

static bool bind_status(struct dm_task *dmt, char *var)
{
	char text[16384], *type, *params;
	uint64_t start, length;
	void *next = NULL;
	size_t at = 0;

	text[0] = '\0';
	do {
		next = dm_get_next_target(dmt, next, &start, &length, &type, &params);
		if (type)
			at += snprintf(text + at, sizeof(text) - at,
				       "%s%" PRIu64 " %" PRIu64 " %s %s", at ? "\n" : "", start,
				       length, type, params);
	} while (next && at < sizeof(text));
	bind_variable(var, text, 0);
	return at < sizeof(text);
}

int shell_status_builtin(WORD_LIST *list)
{
	struct dm_task *dmt;
	struct dm_info info;
	bool good;

	if (!list || !list->next || list->next->next) {
		builtin_usage();
		return EX_USAGE;
	}
	dmt = task_for(DM_DEVICE_STATUS, list->next->word->word);
	good = dmt && dm_task_run(dmt) && dm_task_get_info(dmt, &info) && info.exists &&
	       bind_status(dmt, list->word->word);
	if (dmt)
		dm_task_destroy(dmt);
	if (!good)
		fprintf(stderr, "shell_status: %s has none\n", list->next->word->word);
	return good ? EXECUTION_SUCCESS : EXECUTION_FAILURE;
}

static char *status_doc[] = { "what dmsetup status NAME prints, into VAR", NULL };

struct builtin shell_status_struct = {
	.name = "shell_status",
	.function = shell_status_builtin,
	.flags = BUILTIN_ENABLED,
	.long_doc = status_doc,
	.short_doc = "shell_status VAR NAME",
};
