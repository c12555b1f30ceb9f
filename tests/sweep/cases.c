// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cases.
 */
#include <stdlib.h>

#include "cases.h"

static u8 *block_of(const struct sweep_case *c, u8 *image, u32 copy)
{
	return image + golden_slot(c->g, c->kind, copy, c->blk).v * DMR_BLK_BYTES;
}

static void change(const struct sweep_case *c, u8 *blk, u32 copy)
{
	const u32 next = (copy + 1) % c->g->sb.copies;

	if (c->mut == MUT_MOVED)
		memcpy(blk, block_of(c, c->g->bytes, next), DMR_BLK_BYTES);
	else
		mutate_field(blk, &c->f, c->mut, c->rnd);
	if (c->sealed)
		mutate_seal(blk);
}

bool cases_apply(const struct sweep_case *c, u8 *image)
{
	bool changed = false;
	u32 i;

	for (i = 0; i < c->g->sb.copies; i++) {
		u8 *blk = block_of(c, image, i);

		if (!(c->copies >> i & 1))
			continue;
		change(c, blk, i);
		changed |= !!memcmp(blk, block_of(c, c->g->bytes, i), DMR_BLK_BYTES);
	}
	return changed;
}

void cases_undo(const struct sweep_case *c, u8 *image)
{
	u32 i;

	for (i = 0; i < c->g->sb.copies; i++)
		if (c->copies >> i & 1)
			memcpy(block_of(c, image, i), block_of(c, c->g->bytes, i), DMR_BLK_BYTES);
}

void cases_text(const struct sweep_case *c, char *buf, size_t size)
{
	static const char *const kind[] = {
		[BLOCK_SUPER] = "superblock", [BLOCK_TABLE] = "table block",
		[BLOCK_AUX] = "auxiliary block",
	};

	snprintf(buf, size, "%s %ju: %s %u, %s %s, copies 0x%x, %s", c->g->name,
		 (uintmax_t)c->nr, kind[c->kind], c->blk, c->f.name, mutate_name(c->mut),
		 c->copies, c->sealed ? "sealed" : "as it is");
}

/* ---- one after the other ---- */

struct walk_cases {
	struct sweep_case c;
	u8 *image;
	u64 seed;
	u64 n;
	case_fn fn;
	void *ctx;
};

static void one(struct walk_cases *w)
{
	u64 state = (w->seed + 1) * 0x9e3779b97f4a7c15ull + w->n;

	w->c.nr = w->n;
	w->c.rnd = mutate_rnd(&state) | 1;
	if (cases_apply(&w->c, w->image)) {
		cases_undo(&w->c, w->image);
		w->fn(w->ctx, &w->c);
		w->n++;
	} else {
		cases_undo(&w->c, w->image);
	}
}

/* Each alone, all but one that is in sync, all; with two copies the second is the first. */
static void each_set(struct walk_cases *w)
{
	const u32 n = w->c.g->sb.copies;
	const u32 all = (1u << n) - 1;
	u32 i;

	for (i = 0; i < n; i++) {
		w->c.copies = 1u << i;
		one(w);
	}
	for (i = 0; i < n && n > 2; i++) {
		w->c.copies = all & ~(1u << i);
		if (w->c.g->insync >> i & 1)
			one(w);
	}
	w->c.copies = all;
	one(w);
}

static void each_mutation(void *ctx, const struct field *f)
{
	struct walk_cases *w = ctx;
	u32 m;

	w->c.f = *f;
	for (m = 0; m < MUTATIONS; m++) {
		if (m == MUT_MOVED && f->size != DMR_BLK_BYTES)
			continue;
		w->c.mut = (enum mutation)m;
		w->c.sealed = false;
		each_set(w);
		w->c.sealed = true;
		each_set(w);
	}
}

u64 cases_each(const struct golden *g, u64 seed, bool every, case_fn fn, void *ctx)
{
	struct walk_cases w = { .c.g = g, .seed = seed, .fn = fn, .ctx = ctx };
	u32 kind, blk;

	w.image = malloc(g->size);
	if (!w.image)
		abort();
	memcpy(w.image, g->bytes, g->size);
	for (kind = 0; kind < BLOCK_KINDS; kind++) {
		const u32 n = kind == BLOCK_TABLE ? g->sb.hwm_blk : 1;

		w.c.kind = (enum block_kind)kind;
		for (blk = 0; blk < n; blk++) {
			w.c.blk = blk;
			fields_each((enum block_kind)kind, g->word[blk], every,
				    each_mutation, &w);
		}
	}
	free(w.image);
	return w.n;
}
