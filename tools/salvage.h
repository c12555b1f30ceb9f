/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Salvage: reading a damaged spare as well as it can be read. Where a loader
 * would believe something, so does this; where it would refuse, this takes the
 * best there is, and notes each thing it decided. It only reads.
 *
 * Never: a guess which of two slots holds a block (its sectors are lost), a slot
 * given to another block while nobody knows what lives in it (it is bad), and
 * anything of an unknown version.
 */
#ifndef DMREMAP_SALVAGE_H
#define DMREMAP_SALVAGE_H

#include "dev.h"
#include "dump.h"
#include "report.h"
#include "walk.h"

/**
 * enum salvage_trust - where the superblock is from
 * @SALVAGE_BELIEVED: a loader would believe it, too
 * @SALVAGE_DOUBTFUL: it would not: histories or sets that contradict each other, or left behind
 * @SALVAGE_REBUILT: made from the spare's size, its main, and what its table blocks say
 */
enum salvage_trust {
	SALVAGE_BELIEVED,
	SALVAGE_DOUBTFUL,
	SALVAGE_REBUILT,
};

/** enum salvage_what - what was decided; doc/json.md has the words */
enum salvage_what {
	SALVAGE_SUPER_CHOSEN,
	SALVAGE_SUPER_REBUILT,
	SALVAGE_SIZE_FOUND,
	SALVAGE_TABLE_OLD,
	SALVAGE_TABLE_MERGED,
	SALVAGE_TABLE_LOST,
	SALVAGE_SLOT_RETIRED,
	SALVAGE_SECTOR_LOST,
};

/** struct salvage_note - one decision; fields that do not apply are ~0 */
struct salvage_note {
	enum salvage_what what;
	u32 copy;
	u32 table_blk;
	struct dmr_gen gen;	/* of the image, when there is a copy */
	u64 slot;
	u64 last_slot;
	u64 mblk;
	u64 sect;
	u64 sects;
	const char *why;
};

/** struct salvage_sums - what it comes to */
struct salvage_sums {
	u64 kept;		/* blocks that have sectors in a slot */
	u64 lost_sect;		/* sectors that are lost from here on */
	u64 table_lost;		/* table blocks without any image */
	u64 table_old;		/* ... of which a loader would believe none */
	u64 table_merged;	/* ... of which several are equally new, and differ */
	u64 retired;		/* slots that are bad from here on */
};

/**
 * struct salvage - what could be read of a spare
 * @w: what a loader would make of it
 * @found: what is wrong with it
 * @newer: something is of an unknown version
 * @sb: the set as it was, for places and sizes
 * @out: the repaired set, with the places and slots it has now
 * @epoch: the highest seen
 * @src: for each table block, the copies that hold what was taken of it
 * @need: by sets of copies: one of them holds something that no copy outside of it has
 * @contested: slots of which equally new images say different things, ascending
 * @taken: ... and whether it has been decided what becomes of it
 */
struct salvage {
	struct dev *d;
	struct dev *main_dev;
	bool force;
	struct walk w;
	struct report found;
	bool newer;
	enum salvage_trust trust;
	struct dmr_super sb;
	struct dump out;
	u64 entry_room;
	u64 epoch;
	u8 *src;
	bool need[1 << DMR_COPIES_MAX];
	struct dmr_check_map *claim;
	u64 claims;
	u64 claim_room;
	u64 *contested;
	bool *taken;
	u64 contests;
	struct dmr_check_map *homeless;
	u64 homes_missing;
	struct salvage_note *note;
	u64 notes;
	u64 note_room;
	struct salvage_sums sums;
};

/**
 * salvage_read() - read all there is, decide about all of it
 * @main_dev: may be NULL; needed when no superblock is valid
 * @force: of several sets, take the one that has most; main may look like another disk
 *
 * Return: exit code. salvage_free() is needed in every case.
 */
int salvage_read(struct salvage *s, struct dev *d, struct dev *main_dev, bool force);
void salvage_free(struct salvage *s);

/** salvage_whole() - is there nothing that an open would refuse or repair? */
bool salvage_whole(const struct salvage *s);

/** salvage_losses() - is anything lost, or may it be? */
bool salvage_losses(const struct salvage *s);

/**
 * salvage_settle() - find slots for the lost sectors that have none of their own
 *
 * Only when the spare stays what it is; elsewhere every block gets a new slot. Return: exit code.
 */
int salvage_settle(struct salvage *s);

/** salvage_lose_sector() - state @i of block @mblk is lost from here on; its slot, and why */
void salvage_lose_sector(struct salvage *s, u64 mblk, u32 i, u64 slot, const char *why);

/** salvage_count() - the blocks that are kept, in what was made of it */
void salvage_count(struct salvage *s, const struct dump *d);

/** salvage_print() - findings and decisions, a line each */
void salvage_print(const struct salvage *s);

/** salvage_notes_json() - the decisions as an array */
struct json_object *salvage_notes_json(const struct salvage *s);

/** salvage_trust_name() - "believed", "doubtful", "rebuilt" */
const char *salvage_trust_name(enum salvage_trust trust);

/* ---- the parts of salvage_read() ---- */

/** salvage_super() - fill in @s->sb. Return: exit code */
int salvage_super(struct salvage *s);

/** salvage_verdict() - the superblock to go by; at least one is valid. Return: exit code */
int salvage_verdict(struct salvage *s);

/** salvage_rebuild() - the superblock where none is valid in its place. Return: exit code */
int salvage_rebuild(struct salvage *s);

/**
 * struct salvage_origin - what a spare was, before its device had another size
 * @slots: its size when it was formatted; 0: not known
 * @found: a superblock was found that says all of it
 * @sb: the newest of them
 */
struct salvage_origin {
	u64 slots;
	bool found;
	struct dmr_super sb;
};

/**
 * salvage_scan() - look for blocks of the format anywhere on the spare
 * @sb: of the size it has now, for main's part
 * @o: filled in
 *
 * Return: exit code.
 */
int salvage_scan(struct salvage *s, const struct dmr_super *sb, struct salvage_origin *o);

#define SALVAGE_PLACES	2u

/**
 * salvage_places() - where copies may be that have left their anchors
 * @sb: of a size, its copies in their anchors
 * @how: below SALVAGE_PLACES: which traces to go by
 * @copy_slot: the list that these tell
 *
 * Return: false: there are none.
 */
bool salvage_places(struct dev *d, const struct dmr_super *sb, u32 how,
		    struct dmr_slot *copy_slot);

/** salvage_tables() - take an image of each table block, fill in claims. Return: exit code */
int salvage_tables(struct salvage *s);

/** salvage_resolve() - of several entries for one block, at most one stays */
void salvage_resolve(struct salvage *s);

/** salvage_newer() - say that nothing of an unknown version is touched. Return: exit code */
int salvage_newer(struct salvage *s);

/** salvage_add_note() - a note with nothing but what it is about; the caller fills in the rest */
struct salvage_note *salvage_add_note(struct salvage *s, enum salvage_what what, const char *why);

/** salvage_add_entry() - an entry of the repaired set */
void salvage_add_entry(struct salvage *s, u64 slot, u64 word);

/** salvage_add_claim() - an entry that speaks of a block of main, maybe one of several */
void salvage_add_claim(struct salvage *s, u64 slot, u64 word);

/**
 * salvage_add_contest() - slot @slot, of which equally new images say different things
 * @word: @n words, no two alike
 */
void salvage_add_contest(struct salvage *s, u64 slot, const u64 *word, u32 n);

#endif
