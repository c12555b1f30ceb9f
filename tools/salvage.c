// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage: the order of it, and the lists that the parts fill in.
 */
#include "ident.h"
#include "salvage.h"
#include "say.h"

static const char * const trust_name[] = {
	[SALVAGE_BELIEVED] = "believed",
	[SALVAGE_DOUBTFUL] = "doubtful",
	[SALVAGE_REBUILT] = "rebuilt",
};

const char *salvage_trust_name(enum salvage_trust trust)
{
	return trust_name[trust];
}

int salvage_newer(struct salvage *s)
{
	s->newer = true;
	say_err("spare %s holds metadata of a newer dm-remap, or of a version nobody knows: none of it is read or written over, --force does not help; use that version (dmremap check names the blocks)",
		s->d->path);
	return EXIT_DEVICE;
}

struct salvage_note *salvage_add_note(struct salvage *s, enum salvage_what what, const char *why)
{
	struct salvage_note *n;

	if (s->notes == s->note_room) {
		s->note_room = s->note_room ? 2 * s->note_room : 64;
		s->note = say_realloc(s->note, s->note_room, sizeof(*s->note));
	}
	n = &s->note[s->notes++];
	*n = (struct salvage_note){
		.what = what, .why = why, .copy = ~0u, .table_blk = ~0u, .slot = ~0ull,
		.last_slot = ~0ull, .mblk = ~0ull, .sect = ~0ull, .sects = ~0ull,
	};
	return n;
}

/* Does the last note end where these lost sectors begin? */
static bool goes_on(const struct salvage *s, u64 sect, u64 slot, const char *why)
{
	const struct salvage_note *n;

	if (!s->notes || sect % DMR_BLK_SECTS == 0)
		return false;
	n = &s->note[s->notes - 1];
	return n->what == SALVAGE_SECTOR_LOST && n->slot == slot && n->why == why &&
	       n->sect + n->sects == sect;
}

void salvage_lose_sector(struct salvage *s, u64 mblk, u32 i, u64 slot, const char *why)
{
	const u32 lbs_sect = s->sb.main_lbs_bytes / DMR_SECT_BYTES;
	const u64 sect = mblk * DMR_BLK_SECTS + (u64)i * lbs_sect;
	struct salvage_note *n;

	s->sums.lost_sect += lbs_sect;
	if (goes_on(s, sect, slot, why)) {
		s->note[s->notes - 1].sects += lbs_sect;
		return;
	}
	n = salvage_add_note(s, SALVAGE_SECTOR_LOST, why);
	n->mblk = mblk;
	n->slot = slot;
	n->sect = sect;
	n->sects = lbs_sect;
}

void salvage_add_entry(struct salvage *s, u64 slot, u64 word)
{
	struct dump *d = &s->out;

	if (d->n == s->entry_room) {
		s->entry_room = s->entry_room ? 2 * s->entry_room : 1024;
		d->entry = say_realloc(d->entry, s->entry_room, sizeof(*d->entry));
	}
	d->entry[d->n++] = (struct dmr_check_map){
		.mblk = dmr_entry_mblk(word).v, .slot = slot, .word = word,
	};
}

void salvage_add_claim(struct salvage *s, u64 slot, u64 word)
{
	if (s->claims == s->claim_room) {
		s->claim_room = s->claim_room ? 2 * s->claim_room : 1024;
		s->claim = say_realloc(s->claim, s->claim_room, sizeof(*s->claim));
	}
	s->claim[s->claims++] = (struct dmr_check_map){
		.mblk = dmr_entry_mblk(word).v, .slot = slot, .word = word,
	};
}

static int by_slot(const void *a, const void *b)
{
	const struct dmr_check_map *x = a, *y = b;

	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void sort_entries(struct salvage *s)
{
	if (s->out.n)
		qsort(s->out.entry, s->out.n, sizeof(*s->out.entry), by_slot);
}

void salvage_count(struct salvage *s, const struct dump *d)
{
	u64 i;

	s->sums.kept = 0;
	for (i = 0; i < d->n; i++) {
		const u64 word = d->entry[i].word;

		s->sums.kept += dmr_entry_kind(word) == DMR_KIND_USED &&
				dmr_states_has(dmr_entry_states(word), DMR_STATE_SLOT);
	}
}

/* What is written says that all copies are alike, and nothing of what main looks like */
static void make_super(struct salvage *s)
{
	struct dmr_super *sb = &s->out.sb;
	u32 i;

	*sb = s->sb;
	sb->insync = (1u << sb->copies) - 1;
	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		sb->witness[i].valid = false;
		sb->witness[i].crc = 0;
	}
}

static int read_set(struct salvage *s)
{
	int code = salvage_super(s);

	if (!code && s->main_dev && s->trust != SALVAGE_REBUILT)
		code = ident_compare(s->main_dev, &s->sb, s->force);
	if (code)
		return code;
	if (s->sb.hwm_blk > s->d->sect / DMR_BLK_SECTS) {
		say_err("spare %s is far smaller than the set on it, which has %ju sectors: bring all of it back",
			s->d->path, s->sb.spare_sect);
		return EXIT_DEVICE;
	}
	if (!s->w.judge)
		walk_table(&s->w);
	else
		s->w.sb = &s->sb;
	return s->newer ? salvage_newer(s) : 0;
}

static void on_finding(void *ctx, const struct dmr_finding *f)
{
	struct salvage *s = ctx;

	report_finding(&s->found, f);
	s->newer |= f->id == DMR_FINDING_SUPER_VERSION || f->id == DMR_FINDING_TABLE_VERSION ||
		    f->id == DMR_FINDING_AUX_VERSION;
}

int salvage_read(struct salvage *s, struct dev *d, struct dev *main_dev, bool force)
{
	int code;

	memset(s, 0, sizeof(*s));
	s->d = d;
	s->main_dev = main_dev;
	s->force = force;
	walk_begin(&s->w, dev_read_slots, d, d->sect, on_finding, s);
	code = read_set(s);
	if (!code)
		code = salvage_tables(s);
	if (code)
		return code;
	salvage_resolve(s);
	sort_entries(s);
	make_super(s);
	salvage_count(s, &s->out);
	return 0;
}

/* ---- lost sectors without a slot ---- */

int salvage_settle(struct salvage *s)
{
	u64 end = (u64)s->sb.hwm_blk * DMR_ENTRIES_PER_BLK, slot, next = 0, n = s->out.n;
	bool lost = false;

	if (end > s->sb.slots)
		end = s->sb.slots;
	for (slot = 0; slot < end && s->homes_missing; slot++) {
		if (slot % DMR_ENTRIES_PER_BLK == 0)
			lost = dump_is_lost(&s->out, (u32)(slot / DMR_ENTRIES_PER_BLK));
		if (next < n && s->out.entry[next].slot == slot) {
			next++;
			continue;
		}
		if (lost || dmr_layout_is_meta(&s->sb, dmr_slot(slot)))
			continue;
		salvage_add_entry(s, slot, s->homeless[--s->homes_missing].word);
	}
	sort_entries(s);
	if (!s->homes_missing)
		return 0;
	say_err("spare %s has no free slots to note its lost sectors in: repair it to another device",
		s->d->path);
	return EXIT_DEVICE;
}

/* ---- in short ---- */

bool salvage_whole(const struct salvage *s)
{
	return !s->w.judge && !s->w.losts && s->w.worst < DMR_SEV_FIXABLE;
}

bool salvage_losses(const struct salvage *s)
{
	return s->trust == SALVAGE_DOUBTFUL || s->sums.lost_sect || s->sums.table_lost ||
	       s->sums.table_old || s->sums.table_merged;
}

void salvage_free(struct salvage *s)
{
	walk_end(&s->w);
	report_free(&s->found);
	dump_free(&s->out);
	free(s->src);
	free(s->claim);
	free(s->contested);
	free(s->taken);
	free(s->homeless);
	free(s->note);
}
