// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guard: see guard.h.
 *
 * A module built with REMAP_DEBUG=1 has three parameters, each the sector of the
 * spare to which the next write of a kind is led astray (-1: none), so that a
 * test sees it refused:
 *
 *   stray_block	data of a block
 *   stray_meta		metadata
 *   stray_probe	a probe of a free slot
 */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "commit.h"
#include "guard.h"
#include "index.h"
#include "mode.h"

#ifdef REMAP_DEBUG

static long stray[] = { -1, -1, -1 };

module_param_named(stray_block, stray[0], long, 0644);
module_param_named(stray_meta, stray[1], long, 0644);
module_param_named(stray_probe, stray[2], long, 0644);

static void remap_guard_stray(struct remap_child *c)
{
	long to;

	if (c->owner == REMAP_OWNER_NONE)
		return;
	to = xchg(&stray[c->owner - REMAP_OWNER_BLOCK], -1);
	if (to >= 0)
		c->dest_sect = to;
}

#else

static void remap_guard_stray(struct remap_child *c)
{
}

#endif

/**
 * struct remap_place - what is known of a slot
 * @word: its entry; that of metadata where there is none to look at
 * @taken: somebody has it in hand
 */
struct remap_place {
	u64 word;
	bool taken;
};

/* Not under map_lock: a page is replaced by nobody, the array of them by raise.c, under RCU. */
static struct remap_place remap_guard_look(struct remap *r, struct dmr_slot s)
{
	const u32 blk = dmr_table_blk_of(s);
	const u32 i = s.v % DMR_ENTRIES_PER_BLK;
	struct remap_place p = { .taken = true };
	const struct dmr_table_page *page;
	const struct remap_index *idx;

	rcu_read_lock();
	idx = rcu_dereference(r->index);
	page = idx && blk < idx->blks ? idx->page[blk] : NULL;
	if (page) {
		p.word = READ_ONCE(page->word[i]);
		p.taken = READ_ONCE(page->taken[i / 64]) >> (i % 64) & 1;
	} else {
		/* implied, or above the mark: only metadata is ever written there */
		p.word = dmr_entry_make(DMR_KIND_META, dmr_mblk(0), 0, 0);
	}
	rcu_read_unlock();
	return p;
}

static bool remap_guard_fits(struct remap *r, const struct remap_child *c)
{
	struct dmr_slot s = dmr_slot(c->dest_sect / DMR_BLK_SECTS);
	struct remap_place p;

	if (s.v >= r->sb.slots || c->dest_sect % DMR_BLK_SECTS + c->nr_sect > DMR_BLK_SECTS)
		return false;
	p = remap_guard_look(r, s);
	switch (c->owner) {
	case REMAP_OWNER_BLOCK:
		return p.taken && dmr_table_write_allowed(p.word, c->b);
	case REMAP_OWNER_META:
		if (remap_rebuild_place(r, s))
			return p.taken;
		return dmr_layout_is_meta(&r->sb, s) && dmr_entry_kind(p.word) == DMR_KIND_META;
	case REMAP_OWNER_PROBE:
		return p.taken && !p.word;
	default:
		return false;
	}
}

void remap_guard_violated(struct remap *r, const char *what, u64 sect)
{
	remap_count(r, refused);
	DMERR_LIMIT("%s: refused to write %s to sector %llu of the spare: the table says otherwise",
		    remap_name(r), what, (unsigned long long)sect);
	remap_mode_worsen(r, DMR_MODE_FAIL, DMR_WHY_COLLISION);
}

bool remap_guard_allows(struct remap *r, struct remap_child *c)
{
	static const char * const what[] = {
		[REMAP_OWNER_NONE] = "something",
		[REMAP_OWNER_BLOCK] = "a block",
		[REMAP_OWNER_META] = "metadata",
		[REMAP_OWNER_PROBE] = "a probe",
	};

	remap_guard_stray(c);
	if (likely(remap_guard_fits(r, c)))
		return true;
	remap_guard_violated(r, what[c->owner], c->dest_sect);
	return false;
}
