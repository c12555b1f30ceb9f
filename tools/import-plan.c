// SPDX-License-Identifier: GPL-2.0-only
/*
 * Import-plan: see import-plan.h.
 */
#include "import-plan.h"
#include "say.h"
#include "../src/core/args.h"

#define DUPLICATES_SAID	20u
#define RANGE_LEN	32u	/* two numbers below 2^41, blanks */

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

static int place(struct plan *p, const struct import *im, const struct plan_main *on)
{
	u64 i, errors = 0;

	p->b = say_alloc(im->n, sizeof(*p->b));
	for (i = 0; i < im->n; i++) {
		const struct import_range *r = &im->range[i];
		const u64 first = r->first_sect - on->start_sect;

		if (r->first_sect >= on->start_sect && first < on->sect &&
		    r->nr_sect <= on->sect - first) {
			p->b[p->n++] = (struct plan_blocks){
				.first = first / DMR_BLK_SECTS,
				.last = (first + r->nr_sect - 1) / DMR_BLK_SECTS,
			};
		} else if (on->part) {
			p->elsewhere++;
		} else {
			say_err("%s:%ju: sectors %ju to %ju are not on %s, which ends at %ju",
				im->path, r->line, r->first_sect, r->first_sect + r->nr_sect - 1,
				on->path, on->sect);
			errors++;
		}
	}
	return errors ? EXIT_DEVICE : 0;
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

int import_plan_make(struct plan *p, struct import *im, const struct plan_main *on)
{
	int code;

	memset(p, 0, sizeof(*p));
	tell_duplicates(im);
	code = place(p, im, on);
	if (!code)
		merge(p);
	return code;
}

u64 import_plan_there(const struct plan *p, const struct dmr_check_map *map, u64 maps)
{
	u64 i = 0, m = 0, n = 0;

	while (i < p->n && m < maps) {
		if (map[m].mblk > p->b[i].last) {
			i++;
			continue;
		}
		/* of two entries for one block, as a crash may leave them, one counts */
		if (map[m].mblk >= p->b[i].first && !(m && map[m - 1].mblk == map[m].mblk))
			n++;
		m++;
	}
	return n;
}

char *import_plan_text(const struct plan *p, u64 *at)
{
	const u64 left = p->n - *at;
	const u64 n = left < DMR_RANGES_MAX ? left : DMR_RANGES_MAX;
	const size_t room = 16 + n * RANGE_LEN;
	char *text = say_alloc(room, 1);
	size_t len = snprintf(text, room, "remap");
	const u64 end = *at + n;

	for (; *at < end; ++*at)
		len += snprintf(text + len, room - len, " %ju %ju", p->b[*at].first,
				p->b[*at].last - p->b[*at].first + 1);
	return text;
}
