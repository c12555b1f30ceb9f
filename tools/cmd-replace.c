// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command replace: all that lives on a spare goes to another one, which becomes a
 * set of its own for the same main. The order: the new spare's anchors destroyed,
 * data, table, superblocks, each flushed; the old superblocks last. A power cut
 * leaves the old set, or the new one, or both, and then they say the same.
 */
#include "carry.h"
#include "cmd.h"
#include "fresh.h"
#include "pair.h"
#include "say.h"
#include "spare.h"

/**
 * struct replace - the two spares
 * @from: the old one, held for writing
 */
struct replace {
	struct dev *from;
	const struct walk *w;
	struct carry c;
};

/* Entries that count: of two for one block, the newer one */
static struct dmr_check_map *list_counting(const struct walk *w, u64 *n)
{
	struct dmr_check_map *map = say_alloc(w->maps, sizeof(*map));
	u64 i;

	for (i = 0, *n = 0; i < w->maps; i++) {
		if (!walk_superseded(w, i))
			map[(*n)++] = w->map[i];
	}
	return map;
}

/* The old set must not come up again beside the new one. */
static int retire_old(struct replace *r)
{
	const struct walk *w = r->w;
	u64 byte;

	if (!fresh_forget(r->from, w->at, w->copies, w->sb->slots, &byte) && !dev_sync(r->from))
		return 0;
	say_err("%s has taken over, but %s could not be made unusable: remove it, and never open it with this main again",
		r->c.to->path, r->from->path);
	return EXIT_DEVICE;
}

/* ---- the command ---- */

static bool confirmed(const struct cmd_opts *o, const struct replace *r)
{
	if (o->yes)
		return true;
	fprintf(stderr, "This makes %s the spare in the place of %s: %ju blocks move, and %s is no spare any more.\n",
		r->c.to->path, r->from->path, r->w->table.sums.used, r->from->path);
	return say_ask();
}

static int replace(const struct cmd_opts *o, struct replace *r)
{
	int code = spare_may_write(r->from, r->w);

	if (!code)
		code = pair_check_apart(r->from, r->c.to);
	if (!code)
		code = fresh_check_user(r->c.to);
	if (!code)
		code = carry_check(&r->c, o->force);
	if (!code)
		code = carry_plan(&r->c);
	if (code)
		return code;
	if (!confirmed(o, r))
		return EXIT_ARGS;
	code = carry_write(&r->c, o->force);
	if (!code)
		code = retire_old(r);
	if (!code)
		say_info("%s is the spare now: blocks that live on it: %ju, sectors lost: %ju",
			 r->c.to->path, r->c.d.used, r->c.lost);
	return code;
}

static int replace_devs(const struct cmd_opts *o, struct replace *r)
{
	struct dmr_check_map *map = NULL;
	struct walk w;
	int code = spare_walk(r->c.in, &w);

	r->w = &w;
	if (!code) {
		map = list_counting(&w, &r->c.maps);
		r->c.map = map;
		r->c.old = w.sb;
		r->c.aux = &w.aux;
		code = replace(o, r);
	}
	carry_free(&r->c);
	free(map);
	walk_end(&w);
	return code;
}

int cmd_replace(const struct cmd_opts *o, int argc, char **argv)
{
	struct dev from, in, to;
	struct replace r = { .from = &from, .c = { .in = &in, .to = &to } };
	int code = spare_check_closed(argv[0], "replace");

	(void)argc;
	if (!code)
		code = dev_open(&from, argv[0], "spare", DEV_WRITE);
	if (code)
		return code;
	code = dev_open(&in, argv[0], "spare", DEV_PEEK);
	if (!code) {
		code = dev_open(&to, argv[1], "spare", o->force ? DEV_SEIZE : DEV_WRITE);
		if (!code) {
			code = replace_devs(o, &r);
			dev_close(&to);
		}
		dev_close(&in);
	}
	dev_close(&from);
	return code;
}
