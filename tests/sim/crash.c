// SPDX-License-Identifier: GPL-2.0-only
/*
 * Crash: what must hold in every state that a power cut leaves (cut.c makes
 * them). What is new (image and promises, by hash) is opened:
 *
 *   look      every sector reads as the promises allow (R1, R2, R4)
 *   again     with faults of the spare gone, as when a copy comes back (R5)
 *   recover   activation, with power cuts of its own (nested), then: the copies
 *             in sync are identical (R14), sectors read the same, and each copy
 *             alone, the others destroyed, still gives them (R5), or, the
 *             others unreadable, gives them or refuses (R6)
 */
#include <stdarg.h>
#include <stdlib.h>

#include "sim.h"

struct sim_crash_stats sim_crash_stats;

static u64 *seen;
static u64 seen_room, seen_nr;
static u64 random_state;
static u32 nested_one_in;
static struct sim probe[SIM_DEPTH_MAX + 1];

void sim_crash_setup(u64 seed, u32 one_in)
{
	random_state = seed * 2 + 1;
	nested_one_in = one_in;
}

u32 sim_draw(u32 n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (u32)(random_state >> 33) % n;
}

static void seen_put(u64 *set, u64 room, u64 h)
{
	u64 i = h & (room - 1);

	while (set[i])
		i = (i + 1) & (room - 1);
	set[i] = h;
}

static void seen_grow(void)
{
	u64 room = seen_room ? 2 * seen_room : BIT(20);
	u64 *set = calloc(room, sizeof(*set));
	u64 i;

	if (!set)
		abort();
	for (i = 0; i < seen_room; i++)
		if (seen[i])
			seen_put(set, room, seen[i]);
	free(seen);
	seen = set;
	seen_room = room;
}

static bool seen_before(u64 h)
{
	u64 i;

	h += !h;
	if (2 * seen_nr >= seen_room)
		seen_grow();
	for (i = h & (seen_room - 1); seen[i]; i = (i + 1) & (seen_room - 1))
		if (seen[i] == h)
			return true;
	seen[i] = h;
	seen_nr++;
	return false;
}

void sim_blame(struct sim *s, const char *fmt, ...)
{
	va_list ap;
	u32 i;

	printf("not ok - ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n# spare %s, depth %u, %u writes so far, mode %s, copies 0x%x of 0x%x; after:",
	       sim_geometry->name, s->depth, s->d.writes, dmr_status_mode_name(s->v.mode),
	       s->v.whole, s->v.sb.insync);
	for (i = 0; i < sim_seq_len; i++)
		printf("%s %s (%u)", i ? "," : "", sim_seq[i]->name, sim_seq[i]->arg);
	printf("\n");
	exit(1);
}

/* Every sector as promised. */
static void check_reads(struct sim *s, const char *when)
{
	u32 b, i, value;

	sim_crash_stats.loads++;
	for (b = 0; b < SIM_MAIN_BLKS; b++) {
		for (i = 0; i < sim_blk_sects(b); i++) {
			if (sim_read(s, b, i, &value)) {
				if (!s->o.p[b][i].err_ok)
					sim_blame(s, "%s: block %u sector %u cannot be read", when,
						  b, i);
			} else if (!sim_oracle_allows(&s->o, b, i, value)) {
				sim_blame(s, "%s: block %u sector %u holds %u, promised %u", when,
					  b, i, value, s->o.p[b][i].durable);
			}
		}
	}
}

static void check_live(struct sim *s)
{
	u32 b, i, value;

	for (b = 0; b < SIM_MAIN_BLKS; b++)
		for (i = 0; i < sim_blk_sects(b); i++)
			if (!sim_read(s, b, i, &value) &&
			    !sim_oracle_current(&s->o, b, i, value))
				sim_blame(s, "live: block %u sector %u reads %u", b, i, value);
}

static bool copies_unreadable(const struct sim *s)
{
	u32 i;

	for (i = 0; i < s->d.nr_fault; i++)
		if (s->d.fault[i].read)
			return true;
	return false;
}

/* Power is back: caches are empty, the drive answers, what was bad still is. */
static void power_on(struct sim *p, const struct sim *s, const struct sim_image *img)
{
	p->d.stable = *img;
	p->d.cur = *img;
	p->d.nr_win = 0;
	memcpy(p->d.fault, s->d.fault, sizeof(p->d.fault));
	p->d.nr_fault = s->d.nr_fault;
	p->d.gone = false;
	p->d.gone_in = 0;
	p->d.flush_fail_in = 0;
	memcpy(p->d.bad_write, s->d.bad_write, sizeof(p->d.bad_write));
	p->d.writes = s->d.writes;
	p->o = s->o;
	p->value = s->value;
	p->opens = s->opens;
	p->depth = s->depth + 1;
}

static void look(struct sim *p, const char *when)
{
	int err = sim_load(p, false);

	if (!err)
		check_reads(p, when);
	else if (!copies_unreadable(p))
		sim_blame(p, "%s: refused with %d", when, err);
}

/* All slots of copy @c that exist below the mark: garbage. */
static void destroy_copy(struct sim *p, u32 c)
{
	sim_sect bad = sim_store_value(0xbad);
	u32 k, i;

	for (k = 0; k <= p->v.sb.hwm_blk; k++)
		for (i = 0; i < DMR_BLK_SECTS; i++)
			sim_image_set(&p->d.cur, SIM_SPARE,
				      sim_place(p->v.sb.copy_slot[c].v + k), i, bad);
}

static void unreadable_copy(struct sim *p, u32 c)
{
	const struct sim_fault f = {
		.first = p->v.sb.copy_slot[c].v,
		.n = dmr_layout_copy_len(&sim_format_sb), .read = true,
	};

	sim_fault_add(p, f);
}

/* It lives elsewhere, and its anchor does not say so. */
static void without_tombstone(struct sim *p, const struct sim *s, u32 c)
{
	const sim_sect bad = sim_store_value(0xbad);
	u32 k, i;

	power_on(p, s, &s->d.stable);
	sim_fault_heal(p);
	p->v.sb = s->v.sb;
	for (k = 0; k < p->v.sb.copies; k++)
		if (k != c)
			destroy_copy(p, k);
	for (i = 0; i < DMR_BLK_SECTS; i++)
		sim_image_set(&p->d.cur, SIM_SPARE,
			      sim_place(dmr_layout_anchor(&s->v.sb, c).v), i, bad);
	look(p, "one copy, which has moved, the others destroyed, no tombstone");
}

/* R5: each copy in sync alone, the others destroyed; then, the others unreadable. */
static void check_survivors(const struct sim *s)
{
	static struct sim p;
	u32 c, k;

	for (c = 0; c < s->v.sb.copies; c++) {
		if (!(s->v.whole & BIT(c)))
			continue;
		power_on(&p, s, &s->d.stable);
		sim_fault_heal(&p);
		p.v.sb = s->v.sb;
		for (k = 0; k < p.v.sb.copies; k++)
			if (k != c)
				destroy_copy(&p, k);
		look(&p, "one copy, the others destroyed");
		if (dmr_layout_moved(&s->v.sb, c))
			without_tombstone(&p, s, c);

		power_on(&p, s, &s->d.stable);
		sim_fault_heal(&p);
		p.v.sb = s->v.sb;
		for (k = 0; k < s->v.sb.copies; k++)
			if (k != c)
				unreadable_copy(&p, k);
		look(&p, "one copy, the others unreadable");
		sim_crash_stats.survivors += 2;
	}
}

/* R14: what is in sync says the same. */
static void check_identical(struct sim *p)
{
	const struct sim_block *first = NULL;
	u32 blk, c;

	for (blk = 0; blk < p->v.sb.hwm_blk; blk++, first = NULL) {
		for (c = 0; c < p->v.sb.copies; c++) {
			u64 slot = dmr_layout_table_slot(&p->v.sb, c, blk).v;
			const struct sim_block *b;

			if (!(p->v.whole & BIT(c)))
				continue;
			b = sim_store_table(slot, p->d.stable.spare[sim_place(slot)], &p->v.sb,
					    blk);
			if (b->st != DMR_BLK_OK)
				sim_blame(p, "R14: block %u of copy %u is %s", blk, c,
					  dmr_codec_status_name(b->st));
			if (first && (dmr_codec_gen_cmp(&b->gen, &first->gen) ||
				      memcmp(b->data, first->data,
					     sizeof(u64) * DMR_ENTRIES_PER_BLK)))
				sim_blame(p, "R14: copies of block %u differ", blk);
			first = b;
		}
	}
}

static void recover(const struct sim *s, const struct sim_image *img)
{
	struct sim *p = &probe[s->depth];
	int err;

	power_on(p, s, img);
	err = sim_load(p, true);
	if (err && !copies_unreadable(p) && !p->d.nr_fault)
		sim_blame(p, "recovery: refused with %d", err);
	if (err)
		return;
	check_reads(p, "after recovery");
	check_identical(p);
	if (p->v.mode == DMR_MODE_RW)
		check_survivors(p);
}

void sim_crashed(struct sim *s, const struct sim_image *img, u64 promises)
{
	u64 h = img->hash * 0x9e3779b97f4a7c15ull ^ promises ^ (u64)s->d.nr_fault << 60;
	struct sim_mark mark;
	struct sim *p;

	if (!nested_one_in || seen_before(h))
		return;
	sim_crash_stats.states++;
	sim_crash_stats.nested += s->depth > 0;
	p = &probe[s->depth];
	mark = sim_store_mark();
	power_on(p, s, img);
	look(p, "after a power cut");
	if (copies_unreadable(s)) {
		power_on(p, s, img);
		sim_fault_heal(p);
		look(p, "after a power cut, the copies back");
	}
	if (s->depth < SIM_DEPTH_MAX && !sim_draw(nested_one_in << 3 * s->depth))
		recover(s, img);
	sim_store_release(mark);
}

/* At rest: nothing is in a cache that matters, nothing is in doubt. */
void sim_check_rest(struct sim *s)
{
	struct sim_mark mark = sim_store_mark();

	if (s->v.open)
		check_live(s);
	if (s->v.open && s->v.mode == DMR_MODE_RW) {
		check_identical(s);
		check_survivors(s);
	}
	sim_store_release(mark);
}
