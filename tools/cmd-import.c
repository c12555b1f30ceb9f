// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command import: what another program found bad on main is moved to the spare
 * while it can still be read. What would be done is said first.
 *
 * A million places are a few hundred jobs of the module. Some are asked for
 * ahead, so that it always has one, and no more: what was asked for goes on when
 * this program ends.
 */
#include <errno.h>
#include <unistd.h>

#include "cmd.h"
#include "import-plan.h"
#include "job.h"
#include "live.h"
#include "say.h"
#include "spare.h"

#define PLACES_SAID	20u
#define JOBS_AHEAD	4u

/* Where main begins on its disk. False: it lies on no disk as a whole. */
static bool start_of_main(const struct live *l, u64 *start)
{
	const dev_t disk = sysfs_disk(l->main_dev);
	char none[SYSFS_NAME_LEN];

	*start = sysfs_is_part(l->main_dev) ? sysfs_u64(l->main_dev, "start", ~0ull) : 0;
	/* device-mapper, md and loop devices are not what smartctl asks */
	return *start != ~0ull && sysfs_attr(disk, "dm/name", none, sizeof(none)) &&
	       sysfs_attr(disk, "md/level", none, sizeof(none)) &&
	       sysfs_attr(disk, "loop/backing_file", none, sizeof(none));
}

static void tell_plan(const struct plan *p, const struct import *im, const struct live *l)
{
	u64 i;

	printf("%s: a %s; bad places on %s: %ju, blocks of 4 KiB: %ju\n", im->path, im->kind,
	       l->main_path, p->n, p->blocks);
	if (p->elsewhere)
		printf("Places on other partitions of the disk, left out: %ju\n", p->elsewhere);
	for (i = 0; i < p->n && i < PLACES_SAID; i++)
		printf("  sectors %ju to %ju\n", p->b[i].first * DMR_BLK_SECTS,
		       (p->b[i].last + 1) * DMR_BLK_SECTS - 1);
	if (i < p->n)
		printf("  and %ju more\n", p->n - i);
	fflush(stdout);
}

/* Blocks of the plan that have a slot already: an import that was cut short, done again. */
static int count_there(const struct plan *p, const struct live *l, u64 *there)
{
	const char *name;
	struct live open;
	struct walk w;
	struct dev d;
	int code = spare_open(l->dm.name, &d, &open, &name);

	if (code)
		return code;
	code = spare_walk(&d, &w);
	*there = w.judge ? 0 : import_plan_there(p, w.map, w.maps);
	walk_end(&w);
	dev_close(&d);
	return code;
}

static int check_room(const struct plan *p, const struct live *l)
{
	u64 there = 0;
	int code;

	if (p->blocks <= l->st.slots_free)
		return 0;
	code = count_there(p, l, &there);
	if (code || p->blocks - there <= l->st.slots_free)
		return code;
	say_err("%s has %ju free slots, and %ju blocks are to be moved that are not there already; use dmremap remap for the most important ones, or a larger spare",
		l->spare_path, l->st.slots_free, p->blocks - there);
	return EXIT_DEVICE;
}

/* ---- jobs ---- */

/**
 * struct run - jobs that were asked for, @n of them, the oldest first
 * @at: next run of blocks to ask for
 * @stopped: one did not do all of its blocks, and ended like @ended
 */
struct run {
	const struct plan *p;
	struct job_watch w;
	u32 id[JOBS_AHEAD];
	u32 n;
	u64 at;
	u64 failed;
	bool stopped;
	struct job ended;
};

/* Exit code; the module may have as many jobs of others as it takes: then @full. */
static int ask_more(struct run *run, bool *full)
{
	u64 at = run->at;
	char *text = import_plan_text(run->p, &at);
	int code = job_start(run->w.name, text, &run->id[run->n], run->n ? full : NULL);

	free(text);
	if (!code && !*full) {
		run->n++;
		run->at = at;
	}
	return code;
}

static void cancel_all(const struct run *run)
{
	char text[32], *answer;
	u32 i;

	for (i = 0; i < run->n; i++) {
		snprintf(text, sizeof(text), "cancel %u", run->id[i]);
		/* it may be over by now */
		if (!dm_try_ask(run->w.name, text, &answer))
			free(answer);
	}
}

/* The oldest to its end. One that stops takes the others with it: what it met, they meet. */
static int take_oldest(struct run *run)
{
	struct job j;
	int code = job_watch(&run->w, run->id[0], &j);

	if (code)
		return code;
	run->w.before += j.done;
	run->failed += j.failed;
	memmove(run->id, run->id + 1, --run->n * sizeof(run->id[0]));
	if (j.done < j.total && !run->stopped) {
		run->stopped = true;
		run->ended = j;
		cancel_all(run);
	}
	return 0;
}

/* Stops where the module does not go on by itself. */
static int move_all(const struct plan *p, const char *name)
{
	struct run run = { .p = p, .w = { .name = name, .total = p->blocks, .show = true } };
	int code = 0;

	while (!code && (run.n || (run.at < p->n && !run.stopped))) {
		bool full = run.n == JOBS_AHEAD || run.at == p->n || run.stopped;

		if (!full)
			code = ask_more(&run, &full);
		if (!code && full)
			code = take_oldest(&run);
	}
	if (code)
		return code;
	if (run.stopped) {
		say_err("%s: remap %s after %ju of %ju blocks; dmremap status %s may say why",
			name, run.ended.state, run.w.before, p->blocks, name);
		return EXIT_DEVICE;
	}
	say_info("%s: blocks that live on the spare now: %ju; blocks of which nothing could be read, noted as pending: %ju",
		 name, run.w.before - run.failed, run.failed);
	return 0;
}

static int make_plan(struct plan *p, struct import *im, const struct live *l)
{
	struct plan_main on = {
		.path = l->main_path, .sect = l->sect,
		.part = im->of_disk && sysfs_is_part(l->main_dev),
	};
	int code;

	if (im->of_disk && !start_of_main(l, &on.start_sect)) {
		say_err("%s names sectors of a disk, and %s is not a disk or a partition of one: use badblocks or ddrescue on it",
			im->path, l->main_path);
		code = EXIT_DEVICE;
	} else {
		code = import_plan_make(p, im, &on);
	}
	if (code)
		say_err("%s: nothing was changed", im->path);
	return code;
}

static int import(const struct cmd_opts *o, struct import *im, const struct live *l)
{
	struct plan p = { 0 };
	int code = make_plan(&p, im, l);

	if (!code) {
		tell_plan(&p, im, l);
		code = check_room(&p, l);
	}
	if (!code && p.n && !o->dry_run) {
		if (o->yes || say_ask())
			code = move_all(&p, l->dm.name);
		else
			code = EXIT_ARGS;
	}
	free(p.b);
	return code;
}

int cmd_import(const struct cmd_opts *o, int argc, char **argv)
{
	struct import im;
	struct live l;
	int code = import_read(&im, argv[1], o->block_bytes);

	(void)argc;
	if (!code)
		code = live_get(live_name(argv[0]), &l);
	if (!code)
		code = import(o, &im, &l);
	import_free(&im);
	return code;
}
