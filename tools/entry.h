/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry: table entries in letters and words, both ways.
 */
#ifndef DMREMAP_ENTRY_H
#define DMREMAP_ENTRY_H

#include "base.h"
#include "../src/core/codec.h"

#define ENTRY_STATES_LEN	(DMR_STATES_PER_BLK + 1)

/** entry_kind_name() - "free", "metadata", "used", "pending", "bad" */
const char *entry_kind_name(u64 word);

/** entry_states() - a letter for each logical sector of the entry's block: m p s l */
const char *entry_states(const struct dmr_super *sb, u64 word, char buf[ENTRY_STATES_LEN]);

/**
 * entry_parse() - a word from its parts
 * @kind: "used", "pending" or "bad"
 * @states: letters, of a used or pending entry
 *
 * Return: NULL, or what is wrong, a phrase.
 */
const char *entry_parse(const char *kind, u64 mblk, const char *states, u64 serial, u64 *word);

#endif
