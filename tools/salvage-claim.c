// SPDX-License-Identifier: GPL-2.0-only
/*
 * Salvage, the claims: which of several entries for one block stays. One that a
 * loader would choose; where nothing says which, none of their slots is believed
 * and the sectors are lost: an error is better than another block's data.
 */
#include "salvage.h"
#include "say.h"

static const char why_duplicate[] = "the block has several slots, and nothing says which counts";
static const char why_contest[] = "equally new images of the table disagree about the block";

static int by_number(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Return: place in the list of contested slots, or -1 */
static long contest_of(const struct salvage *s, u64 slot)
{
	const u64 *at = NULL;

	if (s->contests)
		at = bsearch(&slot, s->contested, s->contests, sizeof(slot), by_number);
	return at ? at - s->contested : -1;
}

/* Where a sector is that any of @n entries has elsewhere than on main */
static enum dmr_state worst_state(const struct dmr_check_map *c, u64 n, u32 i, bool one_slot)
{
	bool same = one_slot, moved = false, pending = false;
	u64 k;

	for (k = 0; k < n; k++) {
		enum dmr_state st = dmr_states_get(dmr_entry_states(c[k].word), i);

		same = same && st == dmr_states_get(dmr_entry_states(c[0].word), i);
		moved = moved || st == DMR_STATE_SLOT || st == DMR_STATE_LOST;
		pending = pending || st == DMR_STATE_PENDING;
	}
	if (same)
		return dmr_states_get(dmr_entry_states(c[0].word), i);
	if (moved)
		return DMR_STATE_LOST;
	return pending ? DMR_STATE_PENDING : DMR_STATE_MAIN;
}

static bool was_in_slot(const struct dmr_check_map *c, u64 n, u32 i)
{
	u64 k;

	for (k = 0; k < n; k++) {
		if (dmr_states_get(dmr_entry_states(c[k].word), i) == DMR_STATE_SLOT)
			return true;
	}
	return false;
}

/**
 * merged() - one entry from @n for one block, of which nothing says which counts
 * @one_slot: all are for one slot: what they agree on is believed
 *
 * It keeps the serial of the first: next to none of the others, or they would not be undecided.
 */
static u64 merged(struct salvage *s, const struct dmr_check_map *c, u64 n, bool one_slot,
		  const char *why)
{
	enum dmr_kind kind = DMR_KIND_PENDING;
	u32 i, states = 0;

	for (i = 0; i < DMR_STATES_PER_BLK; i++) {
		enum dmr_state st = worst_state(c, n, i, one_slot);

		states = dmr_states_set(states, i, 1, st);
		if (st == DMR_STATE_SLOT || st == DMR_STATE_LOST)
			kind = DMR_KIND_USED;
		if (st == DMR_STATE_LOST && was_in_slot(c, n, i))
			salvage_lose_sector(s, c->mblk, i, c->slot, why);
	}
	return dmr_entry_make(kind, dmr_mblk(c->mblk), states, dmr_entry_serial(c->word));
}

static void push_contest(struct salvage *s, u64 slot, bool taken)
{
	s->contested = say_realloc(s->contested, s->contests + 1, sizeof(*s->contested));
	s->taken = say_realloc(s->taken, s->contests + 1, sizeof(*s->taken));
	s->contested[s->contests] = slot;
	s->taken[s->contests++] = taken;
}

static void retire(struct salvage *s, u64 slot, u64 mblk, const char *why)
{
	struct salvage_note *n = salvage_add_note(s, SALVAGE_SLOT_RETIRED, why);

	n->slot = slot;
	n->last_slot = slot;
	n->mblk = mblk;
	s->sums.retired++;
	salvage_add_entry(s, slot, dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0));
}

void salvage_add_contest(struct salvage *s, u64 slot, const u64 *word, u32 n)
{
	struct dmr_check_map c[DMR_COPIES_MAX];
	bool alike = true, bad = false;
	u32 i;

	for (i = 0; i < n; i++) {
		c[i] = (struct dmr_check_map){
			.mblk = dmr_entry_mblk(word[i]).v, .slot = slot, .word = word[i],
		};
		bad |= dmr_entry_kind(word[i]) == DMR_KIND_BAD;
		alike &= dmr_entry_maps(word[i]) && c[i].mblk == c[0].mblk &&
			 dmr_entry_serial(word[i]) == dmr_entry_serial(word[0]);
	}
	if (alike) {
		salvage_add_claim(s, slot, merged(s, c, n, true, why_contest));
		return;
	}
	push_contest(s, slot, bad);
	if (bad)
		salvage_add_entry(s, slot, dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0));
	for (i = 0; i < n; i++) {
		if (dmr_entry_maps(word[i]))
			salvage_add_claim(s, slot, word[i]);
	}
}

/* The first slot of the group that is still to be had; false: each is spoken for */
static bool put_merged(struct salvage *s, const struct dmr_check_map *c, u64 n, u64 word, u64 *slot)
{
	u64 k;

	for (k = 0; k < n; k++) {
		long at = contest_of(s, c[k].slot);

		if (at >= 0 && s->taken[at])
			continue;
		if (at >= 0)
			s->taken[at] = true;
		*slot = c[k].slot;
		salvage_add_entry(s, *slot, word);
		return true;
	}
	s->homeless = say_realloc(s->homeless, s->homes_missing + 1, sizeof(*s->homeless));
	s->homeless[s->homes_missing++] = (struct dmr_check_map){
		.mblk = c->mblk, .slot = ~0ull, .word = word,
	};
	return false;
}

static void resolve_undecided(struct salvage *s, const struct dmr_check_map *c, u64 n,
			      const char *why)
{
	u64 k, slot = ~0ull;

	put_merged(s, c, n, merged(s, c, n, false, why), &slot);
	for (k = 0; k < n; k++) {
		long at = contest_of(s, c[k].slot);

		if (c[k].slot == slot || (k && c[k].slot == c[k - 1].slot) ||
		    (at >= 0 && s->taken[at]))
			continue;
		if (at >= 0)
			s->taken[at] = true;
		retire(s, c[k].slot, c->mblk, why);
	}
}

static void resolve_group(struct salvage *s, const struct dmr_check_map *c, u64 n)
{
	bool contested = false;
	int winner;
	u64 k;

	for (k = 0; k < n; k++)
		contested = contested || contest_of(s, c[k].slot) >= 0;
	if (n == 1 && !contested) {
		salvage_add_entry(s, c->slot, c->word);
		return;
	}
	winner = n == 2 && !contested ? dmr_check_winner(c[0].word, c[1].word) : -EUCLEAN;
	if (winner < 0) {
		resolve_undecided(s, c, n, contested ? why_contest : why_duplicate);
		return;
	}
	salvage_add_entry(s, c[winner].slot, c[winner].word);
	retire(s, c[!winner].slot, c->mblk, "the block has a newer slot, which counts");
}

void salvage_resolve(struct salvage *s)
{
	u64 start = 0, i;

	walk_sort_map(s->claim, s->claims);
	for (i = 1; i <= s->claims; i++) {
		if (i < s->claims && s->claim[i].mblk == s->claim[start].mblk)
			continue;
		resolve_group(s, s->claim + start, i - start);
		start = i;
	}
	/* a slot that one image gives away, and nobody took: what is in it is not known */
	for (i = 0; i < s->contests; i++) {
		if (!s->taken[i])
			retire(s, s->contested[i], ~0ull, why_contest);
	}
}
