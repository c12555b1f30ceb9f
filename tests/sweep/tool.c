// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tool, on an image file. Its main() is linked in under another name, with
 * stdout in memory while it runs, and stderr nowhere.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool.h"

/* tools/main.c */
int tool_main(int argc, char **argv);

#define OUT_MAX		1048576u
#define TEXT_EVERY	8	/* checks, for one in words */

static char out[OUT_MAX];

/* What the command prints is in out[]. Return: its exit code. */
static int run(const char *command, const char *path, bool json)
{
	char *argv[5] = { 0 };
	const int memory = memfd_create("out", MFD_CLOEXEC), nowhere = open("/dev/null", O_WRONLY);
	const int stdout_fd = dup(1), stderr_fd = dup(2);
	ssize_t n;
	int code;

	if (memory < 0 || nowhere < 0 || stdout_fd < 0 || stderr_fd < 0)
		abort();
	fflush(NULL);
	dup2(memory, 1);
	dup2(nowhere, 2);
	argv[0] = "dmremap";
	argv[1] = (char *)command;
	argv[2] = (char *)path;
	argv[3] = json ? "--json" : NULL;
	optind = 0;	/* getopt begins anew: nothing else outlives a run */
	code = tool_main(json ? 4 : 3, argv);
	fflush(NULL);
	dup2(stdout_fd, 1);
	dup2(stderr_fd, 2);
	n = pread(memory, out, sizeof(out) - 1, 0);
	if (n < 0 || n == (ssize_t)sizeof(out) - 1)
		abort();
	out[n] = '\0';
	close(memory);
	close(nowhere);
	close(stdout_fd);
	close(stderr_fd);
	return code;
}

/* The document in out[]; NULL when it is none. */
static struct json_object *parse(void)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *doc;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	doc = json_tokener_parse_ex(t, out, -1);
	json_tokener_free(t);
	return doc;
}

static struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	json_object_object_get_ex(o, key, &v);
	return v;
}

static u64 number(struct json_object *o, const char *key)
{
	return json_object_get_uint64(get(o, key));
}

/* ---- check ---- */

static bool slots_add_up(struct json_object *doc)
{
	struct json_object *s = get(doc, "slots");

	return number(s, "total") == number(s, "used") + number(s, "pending") +
	       number(s, "free") + number(s, "bad") + number(s, "metadata") +
	       number(s, "unknown");
}

static const char *check_doc_wrong(struct json_object *doc, int code, bool refused)
{
	struct json_object *errors = get(doc, "errors");
	const u64 fatal = number(errors, "fatal"), fixable = number(errors, "fixable");

	if (code != (fatal || fixable ? 4 : 0))
		return "check: its exit code is not that of its findings";
	if (!slots_add_up(doc))
		return "check: slots do not add up";
	if (refused && !fatal)
		return "check: nothing fatal in a spare that is refused";
	if (!refused && fatal)
		return "check: something fatal in a spare that is opened";
	return NULL;
}

static const char *check_wrong(const char *path, const struct load *l, bool damaged)
{
	static u32 calls;
	const bool text = !(calls++ % TEXT_EVERY);
	const int code = run("check", path, true);
	struct json_object *doc;
	const char *wrong;

	if (code == 8)
		return *out || !l->err ? "check: could not do its work" : NULL;
	if (code != 0 && code != 4)
		return "check: an exit code that is not documented";
	doc = parse();
	if (!doc)
		return "check: no JSON";
	/* what the devices are it does not know */
	wrong = l->by_devices ? NULL : check_doc_wrong(doc, code, l->err);
	if (!wrong && damaged && !code && !number(doc, "notes"))
		wrong = "check: noticed nothing";
	json_object_put(doc);
	if (!wrong && text && run("check", path, false) != code)
		return "check: another exit code without --json";
	return wrong;
}

/* ---- list ---- */

static u32 states_of(const char *letters)
{
	u32 out_states = 0;
	unsigned int i;

	for (i = 0; letters && letters[i] && i < DMR_STATES_PER_BLK; i++)
		out_states |= (u32)(strchr("mpsl", letters[i]) - "mpsl") << (2 * i);
	return out_states;
}

static bool same_entry(struct json_object *o, const struct dmr_check_map *m)
{
	const char *kind = json_object_get_string(get(o, "kind"));

	return kind && !strcmp(kind, dmr_entry_kind(m->word) == DMR_KIND_USED ? "used" :
			       "pending") &&
	       number(o, "main_block") == m->mblk && number(o, "slot") == m->slot &&
	       states_of(json_object_get_string(get(o, "states"))) == dmr_entry_states(m->word);
}

/* By block of main, as the map is; bad slots come last. */
static bool same_map(struct json_object *doc, const struct load *l)
{
	struct json_object *entries = get(doc, "entries");
	const size_t n = json_object_array_length(entries);
	size_t i;

	if (n < l->maps)
		return false;
	for (i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(entries, i);

		if (i < l->maps ? !same_entry(o, &l->map[i]) :
		    strcmp(json_object_get_string(get(o, "kind")), "bad"))
			return false;
	}
	return true;
}

static const char *list_wrong(const char *path, const struct load *l)
{
	const int code = run("list", path, true);
	const char *wrong = NULL;
	struct json_object *doc;

	if (code != 0 && code != 4)
		return "list: an exit code that is not documented";
	if (l->err)
		return NULL;
	if (code)
		return "list: could not do its work";
	doc = parse();
	if (!doc)
		return "list: no JSON";
	if (!same_map(doc, l))
		wrong = "list: another map";
	json_object_put(doc);
	return wrong;
}

const char *tool_wrong(const char *path, const struct load *l, bool damaged)
{
	const char *wrong = check_wrong(path, l, damaged);

	return wrong ? wrong : list_wrong(path, l);
}
