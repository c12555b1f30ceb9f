// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entry: one table of kinds and one of states, for list, dump and restore.
 */
#include "entry.h"

static const char * const kind_name[] = {
	[DMR_KIND_FREE] = "free",
	[DMR_KIND_META] = "metadata",
	[DMR_KIND_USED] = "used",
	[DMR_KIND_PENDING] = "pending",
	[DMR_KIND_BAD] = "bad",
};

static const char state_letter[] = {
	[DMR_STATE_MAIN] = 'm',
	[DMR_STATE_PENDING] = 'p',
	[DMR_STATE_SLOT] = 's',
	[DMR_STATE_LOST] = 'l',
};

const char *entry_kind_name(u64 word)
{
	return kind_name[dmr_entry_kind(word)];
}

const char *entry_states(const struct dmr_super *sb, u64 word, char buf[ENTRY_STATES_LEN])
{
	unsigned int i, n = dmr_codec_block_states(sb, dmr_entry_mblk(word));

	for (i = 0; i < n; i++)
		buf[i] = state_letter[dmr_states_get(dmr_entry_states(word), i)];
	buf[n] = '\0';
	return buf;
}

static bool parse_states(const char *text, u32 *states)
{
	unsigned int i, st;

	*states = 0;
	for (i = 0; text[i]; i++) {
		for (st = 0; st < ARRAY_SIZE(state_letter) && state_letter[st] != text[i]; st++)
			;
		if (st == ARRAY_SIZE(state_letter) || i == DMR_STATES_PER_BLK)
			return false;
		*states = dmr_states_set(*states, i, 1, (enum dmr_state)st);
	}
	return true;
}

const char *entry_parse(const char *kind, u64 mblk, const char *states, u64 serial, u64 *word)
{
	u32 st, k = DMR_KIND_USED;

	while (k < ARRAY_SIZE(kind_name) && strcmp(kind_name[k], kind))
		k++;
	if (k == ARRAY_SIZE(kind_name))
		return "its kind is not used, pending or bad";
	if (k == DMR_KIND_BAD) {
		*word = dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
		return NULL;
	}
	if (mblk >> DMR_ENTRY_MBLK_BITS)
		return "its main_block is too large";
	if (!parse_states(states, &st))
		return "its states are not letters of m, p, s and l, one for each logical sector";
	if (serial > 3)
		return "its serial is not 0 to 3";
	*word = dmr_entry_make((enum dmr_kind)k, dmr_mblk(mblk), st, (u32)serial);
	return NULL;
}
