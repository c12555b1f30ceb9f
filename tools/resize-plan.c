// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resize, the plan: see resize.h.
 *
 * A slot can be taken if nothing is in it by the old table, and neither the new
 * copies nor the temporary ones will be: then the old set and the new one are
 * whole beside each other until the switch.
 */
#include "health.h"
#include "resize.h"
#include "say.h"

bool resize_unfinished(const struct walk *w)
{
	u32 i;

	if (w->judge || !w->sb || (w->sb->ro_compat & ~DMR_RO_RESIZE))
		return false;
	for (i = 0; i < w->copies; i++) {
		if (w->seen[i].st == DMR_BLK_OK && (w->seen[i].sb.ro_compat & DMR_RO_RESIZE))
			return true;
	}
	return false;
}

u32 resize_stay(const struct dmr_super *sb, u64 device_sect, struct dmr_slot *at)
{
	struct dmr_layout lay;
	u32 i, n = 0;

	if (device_sect / DMR_BLK_SECTS == sb->slots || dmr_layout_compute(device_sect, &lay))
		return 0;
	for (i = 0; i < lay.copies; i++) {
		if (!dmr_layout_is_meta(sb, lay.copy_slot[i]))
			at[n++] = lay.copy_slot[i];
	}
	return n;
}

static bool stays(const struct resize *z, u64 slot)
{
	struct dmr_slot at[DMR_COPIES_MAX];
	u32 i, n = resize_stay(&z->to.sb, z->d->sect, at);

	for (i = 0; i < n; i++) {
		if (at[i].v == slot)
			return true;
	}
	return false;
}

/* Will this slot be none for data? */
static bool kept(const struct resize *z, u64 slot)
{
	return slot >= z->to.sb.slots || dmr_layout_is_meta(&z->to.sb, dmr_slot(slot)) ||
	       stays(z, slot);
}

static bool busy(const struct resize *z, u64 slot)
{
	return kept(z, slot) ||
	       (slot < z->w->sb->slots && walk_word(z->w, dmr_slot(slot)));
}

/* ---- the new superblocks ---- */

static int make_super(struct resize *z, u64 main_sect, u64 spare_sect)
{
	struct dmr_super *sb = &z->to.sb;
	struct dmr_layout lay;

	*sb = *z->w->sb;
	sb->main_sect = main_sect;
	sb->spare_sect = spare_sect;
	if (spare_sect / DMR_BLK_SECTS == z->w->sb->slots)
		return 0;
	z->places = true;
	if (dmr_layout_compute(spare_sect, &lay)) {
		say_err("%ju sectors is too small for a spare, or larger than any can be: name another size",
			spare_sect);
		return EXIT_ARGS;
	}
	sb->slots = lay.slots;
	sb->table_blk = lay.table_blk;
	sb->copies = lay.copies;
	sb->insync = (1u << lay.copies) - 1;
	sb->strategy = lay.strategy;
	memset(sb->copy_slot, 0, sizeof(sb->copy_slot));
	memcpy(sb->copy_slot, lay.copy_slot, sizeof(lay.copy_slot));
	sb->hwm_blk = dmr_layout_raised(sb, 0);
	return 0;
}

static int check_sizes(const struct resize *z, u64 main_sect, u64 spare_sect)
{
	const struct dmr_super *sb = z->w->sb;

	if (main_sect < sb->main_sect)
		say_err("main has %ju sectors, and had %ju when the set was made: a main cannot become smaller; give it its old size back",
			main_sect, sb->main_sect);
	else if (spare_sect > z->d->sect)
		say_err("spare %s has %ju sectors, not %ju: make it larger first",
			z->d->path, z->d->sect, spare_sect);
	else
		return 0;
	return EXIT_DEVICE;
}

/* ---- what goes where ---- */

static int no_room(const struct resize *z)
{
	say_err("spare %s has no room to work with: two copies of the metadata and the blocks that are in the way must find free slots besides; make it larger by more, or use dmremap replace",
		z->d->path);
	return EXIT_DEVICE;
}

static bool is_alternate(u64 slots, u64 slot)
{
	u32 k;

	for (k = 0; k < DMR_ALTERNATES; k++) {
		if (dmr_layout_alternate(slots, k).v == slot)
			return true;
	}
	return false;
}

/*
 * The last run of @len free slots below @end; ~0: there is none. Never where a
 * search looks by itself: what is left of a resize that a power cut ended before
 * its switch would be believed one day (A38).
 */
static u64 find_run(const struct resize *z, u64 end, u64 len)
{
	u64 n = 0, slot;

	for (slot = end; slot-- > 0;) {
		n = busy(z, slot) ? 0 : n + 1;
		if (n >= len && !is_alternate(z->to.sb.slots, slot) &&
		    !is_alternate(z->w->sb->slots, slot) &&
		    !is_alternate(z->d->sect / DMR_BLK_SECTS, slot))
			return slot;
	}
	return ~0ull;
}

static int place_copies(struct resize *z)
{
	const u32 len = dmr_layout_copy_len(&z->to.sb);
	struct dmr_super *sb = &z->way.sb;
	u64 end = z->to.sb.slots;
	u32 i, n = 0;

	*sb = z->to.sb;
	sb->ro_compat |= DMR_RO_RESIZE;
	sb->insync = 3;
	for (i = 0; i < 2; i++) {
		end = find_run(z, end, len);
		if (end == ~0ull)
			return no_room(z);
		sb->copy_slot[i] = dmr_slot(end);
	}
	memset(sb->old_slot, 0, sizeof(sb->old_slot));
	for (i = 0; i < z->w->sb->copies; i++) {
		if (z->w->sb->copy_slot[i].v)
			sb->old_slot[n++] = z->w->sb->copy_slot[i];
	}
	return 0;
}

/* The next free slot from @slot on that is in no temporary copy; ~0: there is none */
static u64 next_free(const struct resize *z, u64 slot)
{
	const u32 len = dmr_layout_copy_len(&z->to.sb);

	for (; slot < z->to.sb.slots; slot++) {
		if (!busy(z, slot) && slot - z->way.sb.copy_slot[0].v >= len &&
		    slot - z->way.sb.copy_slot[1].v >= len)
			return slot;
	}
	return ~0ull;
}

static int place_blocks(struct resize *z)
{
	struct dump *d = &z->to;
	u64 i, out = 0, slot = 0;

	z->move = say_alloc(d->n + 1, sizeof(*z->move));
	for (i = 0; i < d->n; i++) {
		struct dmr_check_map e = d->entry[i];

		if (kept(z, e.slot)) {
			if (!dmr_entry_maps(e.word))
				continue;
			slot = next_free(z, slot);
			if (slot == ~0ull)
				return no_room(z);
			z->move[z->moves++] = (struct resize_move){
				.mblk = e.mblk, .word = e.word, .from = e.slot, .to = slot,
			};
			e.slot = slot++;
		}
		d->entry[out++] = e;
	}
	d->n = out;
	return 0;
}

/* Tombstones among the data slots: never to be used */
static void retire_stays(struct resize *z)
{
	struct dmr_slot at[DMR_COPIES_MAX];
	u32 i, n = resize_stay(&z->to.sb, z->d->sect, at);

	z->to.entry = say_realloc(z->to.entry, z->to.n + n + 1, sizeof(*z->to.entry));
	for (i = 0; i < n; i++) {
		if (at[i].v >= z->to.sb.slots)
			continue;
		z->to.entry[z->to.n++] = (struct dmr_check_map){
			.slot = at[i].v, .mblk = ~0ull,
			.word = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0),
		};
	}
}

/* ---- entries ---- */

static int by_slot(const void *a, const void *b)
{
	const struct dmr_check_map *x = a, *y = b;

	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void sort_entries(struct dump *d)
{
	if (d->n)
		qsort(d->entry, d->n, sizeof(*d->entry), by_slot);
}

void resize_entries(const struct walk *w, struct dump *d)
{
	const struct dmr_table_page *p;
	u64 room = 64;
	u32 blk, i;

	d->entry = say_alloc(room, sizeof(*d->entry));
	for (blk = 0; blk < w->sb->hwm_blk; blk++) {
		p = w->page[blk];
		for (i = 0; p && i < DMR_ENTRIES_PER_BLK; i++) {
			if (!p->word[i] || dmr_entry_kind(p->word[i]) == DMR_KIND_META)
				continue;
			if (d->n == room) {
				room *= 2;
				d->entry = say_realloc(d->entry, room, sizeof(*d->entry));
			}
			d->entry[d->n++] = (struct dmr_check_map){
				.slot = (u64)blk * DMR_ENTRIES_PER_BLK + i, .word = p->word[i],
				.mblk = dmr_entry_mblk(p->word[i]).v,
			};
		}
	}
}

static void raise_mark(struct resize *z)
{
	struct dmr_super *sb = &z->to.sb;
	const u64 last = z->to.n ? z->to.entry[z->to.n - 1].slot : 0;

	while (last >= (u64)sb->hwm_blk * DMR_ENTRIES_PER_BLK)
		sb->hwm_blk = dmr_layout_raised(sb, sb->hwm_blk);
	z->way.sb.hwm_blk = sb->hwm_blk;
}

/* What is about to be written must be what a reader takes */
static int check_super(const struct resize *z, const struct dmr_super *sb)
{
	struct dmr_super *seen = say_alloc(1, sizeof(*seen));
	u8 *blk = say_alloc_blocks(1);
	const char *why = "";
	enum dmr_blk_status st;

	dmr_codec_super_encode(blk, sb, 0, sb->copy_slot[0]);
	st = dmr_codec_super_decode(blk, sb->copy_slot[0], seen, &why);
	free(blk);
	free(seen);
	if (st == DMR_BLK_OK)
		return 0;
	say_err("spare %s cannot serve these sizes: %s", z->d->path, why);
	return EXIT_DEVICE;
}

int resize_plan(struct resize *z, u64 main_sect, u64 spare_sect)
{
	int code = check_sizes(z, main_sect, spare_sect);

	if (!code && resize_too_often(z->d, z->w->sb))
		code = EXIT_DEVICE;
	if (!code)
		code = make_super(z, main_sect, spare_sect);
	if (!code)
		code = check_super(z, &z->to.sb);
	if (code)
		return code;
	z->way.aux = z->w->aux;
	health_fit(&z->way.aux, main_sect);
	if (!z->places)
		return 0;
	resize_entries(z->w, &z->to);
	code = place_copies(z);
	if (!code)
		code = place_blocks(z);
	if (code)
		return code;
	retire_stays(z);
	sort_entries(&z->to);
	raise_mark(z);
	z->way.entry = z->to.entry;
	z->way.n = z->to.n;
	z->way.whole = true;
	return check_super(z, &z->way.sb);
}

bool resize_same(const struct resize *z)
{
	return z->to.sb.main_sect == z->w->sb->main_sect &&
	       z->to.sb.spare_sect == z->w->sb->spare_sect;
}

void resize_free(struct resize *z)
{
	free(z->move);
	dump_free(&z->to);
}
