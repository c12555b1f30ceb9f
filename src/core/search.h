/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Search: where the superblocks of a spare are.
 *
 * The places follow from the size of the spare. They are not all there is:
 *   - the spare may have another size than when it was formatted. Then slot 0 is
 *     an anchor at either size, and its superblock states the places;
 *   - a copy that had to move left a tombstone in its anchor, which states them;
 *   - and if none could be written, the copy is in one of the alternates.
 * The caller reads, this file says what to read next and remembers.
 */
#ifndef DMR_SEARCH_H
#define DMR_SEARCH_H

#include "copies.h"

/** enum dmr_search_phase - what is being read */
enum dmr_search_phase {
	DMR_SEARCH_LIST,
	DMR_SEARCH_ALTERNATES,
	DMR_SEARCH_DONE,
};

/**
 * struct dmr_search - a search under way, and at its end what was found
 * @n: number of copies; @seen and @at are by copy
 * @at: where each superblock was read
 * @seen: what reading it gave
 *
 * All that follows is the search's own.
 * @device_slots: of the spare as it is now; @slots: what the alternates follow from
 * @i: copy, or alternate, to be read next
 * @hops: lists read so far
 * @probed: the alternates have been read
 * @hint: newest superblock or tombstone that was met outside of a list it would fit
 * @used: generation of the hint that was followed last
 */
struct dmr_search {
	u32 n;
	struct dmr_slot at[DMR_COPIES_MAX];
	struct dmr_super_seen seen[DMR_COPIES_MAX];

	enum dmr_search_phase phase;
	u64 device_slots;
	u64 slots;
	u32 i;
	u32 hops;
	bool probed;
	bool hinted;
	struct dmr_super hint;
	struct dmr_gen used;
	struct dmr_super tmp;
};

/**
 * dmr_search_begin() - start with the anchors of a spare of @spare_sect sectors
 * Return: as dmr_layout_compute().
 */
int dmr_search_begin(struct dmr_search *s, u64 spare_sect);

/** dmr_search_next() - the slot to read; DMR_SLOT_NONE: @s->seen is complete */
struct dmr_slot dmr_search_next(struct dmr_search *s);

/** dmr_search_took() - that slot was read: @blk, its 4096 bytes; NULL: it could not be */
void dmr_search_took(struct dmr_search *s, const void *blk);

/** dmr_search_gave() - the same, decoded already; @sb is looked at if @st says it is there */
void dmr_search_gave(struct dmr_search *s, enum dmr_blk_status st, const struct dmr_super *sb);

#endif
