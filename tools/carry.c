// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carry: see carry.h.
 */
#include "carry.h"
#include "fresh.h"
#include "newset.h"
#include "say.h"

/* ---- what goes where ---- */

static u64 next_free(const struct dmr_super *sb, u64 slot)
{
	while (dmr_layout_is_meta(sb, dmr_slot(slot)))
		slot++;
	return slot;
}

/* Entries get slots in a row; bad slots are the old spare's affair. */
static int place(struct carry *c)
{
	struct dmr_super *sb = &c->d.sb;
	u64 i, slot = 0;

	c->d.entry = say_alloc(c->maps, sizeof(*c->d.entry));
	for (i = 0; i < c->maps; i++) {
		slot = next_free(sb, slot);
		if (slot >= sb->slots) {
			say_err("spare %s is too small: it has room for %ju blocks, and there are %ju; use a larger one",
				c->to->path, c->d.n, c->maps);
			return EXIT_DEVICE;
		}
		c->d.entry[c->d.n++] = (struct dmr_check_map){
			.mblk = c->map[i].mblk, .slot = slot++, .word = c->map[i].word,
		};
	}
	while (slot > (u64)sb->hwm_blk * DMR_ENTRIES_PER_BLK)
		sb->hwm_blk = dmr_layout_raised(sb, sb->hwm_blk);
	return 0;
}

static int make_super(struct carry *c)
{
	struct dmr_super *sb = &c->d.sb;

	*sb = *c->old;
	sb->ro_compat &= ~DMR_RO_RESIZE;
	memset(sb->old_slot, 0, sizeof(sb->old_slot));
	sb->spare_sect = c->to->sect;
	sb->spare_lbs_bytes = c->to->lbs_bytes;
	sb->slots = c->lay.slots;
	sb->table_blk = c->lay.table_blk;
	sb->copies = c->lay.copies;
	sb->insync = (1u << c->lay.copies) - 1;
	sb->strategy = c->lay.strategy;
	memset(sb->copy_slot, 0, sizeof(sb->copy_slot));
	memcpy(sb->copy_slot, c->lay.copy_slot, sizeof(c->lay.copy_slot));
	sb->hwm_blk = dmr_layout_raised(sb, 0);
	return newset_uuid(sb);
}

int carry_check(struct carry *c, bool force)
{
	if (c->to->lbs_bytes > c->old->main_lbs_bytes) {
		say_err("spare %s has logical blocks of %u bytes, larger than the %u of main: use another one",
			c->to->path, c->to->lbs_bytes, c->old->main_lbs_bytes);
		return EXIT_DEVICE;
	}
	if (dmr_layout_compute(c->to->sect, &c->lay)) {
		say_err("spare %s is too small, or larger than any spare can be: use another one",
			c->to->path);
		return EXIT_DEVICE;
	}
	return fresh_check_empty(c->to, &c->lay, force);
}

int carry_plan(struct carry *c)
{
	int code = make_super(c);

	return code ? code : place(c);
}

/* ---- data ---- */

static void tell_lost(struct carry *c, u64 mblk, u32 i, u64 slot)
{
	const u32 lbs_sect = c->d.sb.main_lbs_bytes / DMR_SECT_BYTES;

	c->lost += lbs_sect;
	say_warn("sector %ju of main is lost: its slot on %s cannot be read",
		 mblk * DMR_BLK_SECTS + i * lbs_sect, c->in->path);
	if (c->on_lost)
		c->on_lost(c->ctx, mblk, i, slot);
}

/* The sectors that live in the slot, one by one. What cannot be read is lost from here on. */
static void read_sectors(struct carry *c, u64 from, struct dmr_check_map *e)
{
	const u32 lbs = c->d.sb.main_lbs_bytes;
	u32 states = dmr_entry_states(e->word);
	u32 i;

	/* nothing of another block */
	memset(c->blk, 0, DMR_BLK_BYTES);
	for (i = 0; i < DMR_BLK_BYTES / lbs; i++) {
		if (dmr_states_get(states, i) != DMR_STATE_SLOT ||
		    !dev_read(c->in, c->blk + i * lbs, from * DMR_BLK_BYTES + i * lbs, lbs))
			continue;
		memset(c->blk + i * lbs, 0, lbs);
		states = dmr_states_set(states, i, 1, DMR_STATE_LOST);
		tell_lost(c, e->mblk, i, from);
	}
	e->word = dmr_entry_make(dmr_entry_kind(e->word), dmr_mblk(e->mblk), states,
				 dmr_entry_serial(e->word));
}

static int copy_slot(struct carry *c, u64 from, struct dmr_check_map *e)
{
	int err;

	c->d.used++;
	if (!dmr_states_has(dmr_entry_states(e->word), DMR_STATE_SLOT))
		memset(c->blk, 0, DMR_BLK_BYTES);
	else if (dev_read(c->in, c->blk, from * DMR_BLK_BYTES, DMR_BLK_BYTES))
		read_sectors(c, from, e);
	if (c->dry)
		return 0;
	err = dev_write(c->to, c->blk, e->slot * DMR_BLK_BYTES, DMR_BLK_BYTES);
	if (!err)
		return 0;
	say_err("spare %s cannot be written at byte %ju: %s; use another one", c->to->path,
		e->slot * DMR_BLK_BYTES, strerror(-err));
	return EXIT_DEVICE;
}

static int copy_slots(struct carry *c)
{
	int err, code = 0;
	u64 i;

	for (i = 0; i < c->maps && !code; i++) {
		if (dmr_entry_kind(c->map[i].word) == DMR_KIND_USED)
			code = copy_slot(c, c->map[i].slot, &c->d.entry[i]);
	}
	if (code || c->dry)
		return code;
	err = dev_sync(c->to);
	if (!err)
		return 0;
	say_err("spare %s cannot be flushed: %s; use another one", c->to->path, strerror(-err));
	return EXIT_DEVICE;
}

int carry_write(struct carry *c, bool wipe_all)
{
	const struct newset_body body = { dump_table, &c->d, c->aux };
	int code = c->dry ? 0 : newset_clear(c->to, &c->lay, &c->d.sb, wipe_all);

	c->blk = say_alloc_blocks(1);
	if (!code)
		code = copy_slots(c);
	if (!code && !c->dry)
		code = newset_write(c->to, &c->lay, &c->d.sb, &body, false);
	return code;
}

void carry_free(struct carry *c)
{
	free(c->blk);
	dump_free(&c->d);
}
