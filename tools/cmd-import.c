// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command import: what another program found bad on main is moved to the spare
 * while it can still be read. What would be done is said first.
 */
#include "cmd.h"
#include "import.h"
#include "job.h"
#include "live.h"
#include "say.h"

#define DUPLICATES_SAID	20u
#define PLACES_SAID	20u

/** struct blocks - blocks of main, first to last */
struct blocks {
	u64 first;
	u64 last;
};

/** struct plan - what is to be done, sorted, each block once */
struct plan {
	struct blocks *b;
	u64 n;
	u64 blocks;
	u64 elsewhere;		/* places of the disk that are not in main */
};

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

static int place(struct plan *p, const struct import *im, const struct live *l)
{
	u64 i, start = 0, errors = 0;

	if (im->of_disk && !start_of_main(l, &start)) {
		say_err("%s names sectors of a disk, and %s is not a disk or a partition of one: use badblocks or ddrescue on it",
			im->path, l->main_path);
		return EXIT_DEVICE;
	}
	p->b = say_alloc(im->n, sizeof(*p->b));
	for (i = 0; i < im->n; i++) {
		const struct import_range *r = &im->range[i];
		const u64 first = r->first_sect - start;

		if (r->first_sect >= start && first < l->sect && r->nr_sect <= l->sect - first) {
			p->b[p->n++] = (struct blocks){
				.first = first / DMR_BLK_SECTS,
				.last = (first + r->nr_sect - 1) / DMR_BLK_SECTS,
			};
		} else if (im->of_disk && sysfs_is_part(l->main_dev)) {
			p->elsewhere++;
		} else {
			say_err("%s:%ju: sectors %ju to %ju are not on %s, which ends at %ju",
				im->path, r->line, r->first_sect, r->first_sect + r->nr_sect - 1,
				l->main_path, l->sect);
			errors++;
		}
	}
	return errors ? EXIT_DEVICE : 0;
}

static int by_sect(const void *a, const void *b)
{
	const struct import_range *x = a, *y = b;

	if (x->first_sect != y->first_sect)
		return x->first_sect < y->first_sect ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Sorts. What is named twice is said, and does no harm. */
static void tell_duplicates(struct import *im)
{
	u64 i, n = 0, end = 0, line = 0;

	if (im->n)
		qsort(im->range, im->n, sizeof(*im->range), by_sect);
	for (i = 0; i < im->n; i++) {
		const struct import_range *r = &im->range[i];

		if (r->first_sect < end && n++ < DUPLICATES_SAID)
			say_warn("%s:%ju: sector %ju was named before, in line %ju", im->path,
				 r->line, r->first_sect, line);
		if (r->first_sect + r->nr_sect > end) {
			end = r->first_sect + r->nr_sect;
			line = r->line;
		}
	}
	if (n > DUPLICATES_SAID)
		say_warn("%s: %ju more lines name what was named before", im->path,
			 n - DUPLICATES_SAID);
}

/* Neighbours become one; they are sorted. */
static void merge(struct plan *p)
{
	u64 i, n = 0;

	for (i = 0; i < p->n; i++) {
		if (!n || p->b[i].first > p->b[n - 1].last + 1)
			p->b[n++] = p->b[i];
		else if (p->b[i].last > p->b[n - 1].last)
			p->b[n - 1].last = p->b[i].last;
	}
	p->n = n;
	for (i = 0; i < n; i++)
		p->blocks += p->b[i].last - p->b[i].first + 1;
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

static int check_room(const struct plan *p, const struct live *l)
{
	if (p->blocks <= l->st.slots_free)
		return 0;
	say_err("%s has %ju free slots, and %ju blocks are to be moved: some of them may be there already; use dmremap remap for the most important ones, or a larger spare",
		l->spare_path, l->st.slots_free, p->blocks);
	return EXIT_DEVICE;
}

/* One job for each place. Stops where the module does not go on by itself. */
static int move_all(const struct plan *p, const char *name)
{
	u64 i, done = 0, failed = 0;
	char text[64];
	struct job j;

	for (i = 0; i < p->n; i++) {
		int code;

		snprintf(text, sizeof(text), "remap %ju %ju", p->b[i].first,
			 p->b[i].last - p->b[i].first + 1);
		code = job_run(name, text, false, &j);
		if (code)
			return code;
		done += j.done;
		failed += j.failed;
		if (j.done < j.total) {
			say_err("%s: remap %s after %ju of %ju blocks; dmremap status %s may say why",
				name, j.state, done, p->blocks, name);
			return EXIT_DEVICE;
		}
	}
	say_info("%s: blocks that live on the spare now: %ju; blocks of which nothing could be read, noted as pending: %ju",
		 name, done - failed, failed);
	return 0;
}

static int import(const struct cmd_opts *o, struct import *im, const struct live *l)
{
	struct plan p = { 0 };
	int code;

	tell_duplicates(im);
	code = place(&p, im, l);
	if (!code) {
		merge(&p);
		tell_plan(&p, im, l);
		code = check_room(&p, l);
	} else {
		say_err("%s: nothing was changed", im->path);
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
