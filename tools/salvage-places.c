// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage, the places: where copies may be that have left their anchors, when no
 * superblock says so. A tombstone is written before its copy is there, and an
 * auxiliary block stays in a place that was left: so whoever asks has to see
 * whether the table fits what they say.
 */
#include "salvage.h"
#include "say.h"

/* The newest tombstone of this size, in an anchor or an alternate */
static bool by_tombstone(struct dev *d, const struct dmr_super *sb, struct dmr_slot *copy_slot)
{
	struct dmr_super *tomb = say_alloc(2, sizeof(*tomb)), *best = &tomb[1];
	void *raw = say_alloc_blocks(1);
	bool any = false;
	u32 i;

	for (i = 0; i < sb->copies + DMR_ALTERNATES; i++) {
		struct dmr_slot at = i < sb->copies ? dmr_layout_anchor(sb, i) :
				     dmr_layout_alternate(sb->slots, i - sb->copies);

		if (dmr_slot_is_none(at) || dev_read_slots(d, raw, at, 1) ||
		    dmr_codec_super_decode(raw, at, tomb, NULL) != DMR_BLK_TOMBSTONE ||
		    tomb->slots != sb->slots ||
		    (any && dmr_codec_gen_cmp(&tomb->gen, &best->gen) <= 0))
			continue;
		any = true;
		*best = *tomb;
	}
	if (any)
		memcpy(copy_slot, best->copy_slot, sizeof(best->copy_slot));
	free(raw);
	free(tomb);
	return any;
}

/* Auxiliary blocks in alternates; of two for one copy, the newer one */
static bool by_aux(struct dev *d, const struct dmr_super *sb, struct dmr_slot *copy_slot)
{
	struct dmr_gen gen[DMR_COPIES_MAX] = { 0 }, g;
	struct dmr_super of = *sb;
	struct dmr_disk_header *h = say_alloc_blocks(1);
	struct dmr_slot place, at;
	bool any = false;
	u32 k, copy;

	memcpy(copy_slot, sb->copy_slot, sizeof(sb->copy_slot));
	for (k = 0; k < DMR_ALTERNATES; k++) {
		place = dmr_layout_alternate(sb->slots, k);
		at = dmr_slot(place.v + 1 + sb->table_blk);
		if (dmr_slot_is_none(place) || dev_read_slots(d, h, at, 1))
			continue;
		copy = le32_to_cpu(h->index);
		memcpy(of.uuid, h->uuid, DMR_UUID_BYTES);
		if (copy >= sb->copies ||
		    dmr_codec_aux_decode(h, at, &of, copy, NULL, NULL) != DMR_BLK_OK)
			continue;
		g = (struct dmr_gen){
			.epoch = le64_to_cpu(h->epoch), .counter = le64_to_cpu(h->counter),
		};
		if (dmr_layout_moved(&of, copy) && dmr_codec_gen_cmp(&g, &gen[copy]) <= 0)
			continue;
		any = true;
		gen[copy] = g;
		of.copy_slot[copy] = place;
		copy_slot[copy] = place;
	}
	free(h);
	return any;
}

bool salvage_places(struct dev *d, const struct dmr_super *sb, u32 how, struct dmr_slot *copy_slot)
{
	return how ? by_aux(d, sb, copy_slot) : by_tombstone(d, sb, copy_slot);
}
