/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ident: which disk main is, and whether it is the one the spare belongs to
 * and has been left alone: WWID, serial, PARTUUID, and the witness ranges.
 */
#ifndef DMREMAP_IDENT_H
#define DMREMAP_IDENT_H

#include "base.h"
#include "../src/core/codec.h"
#include "dev.h"

/** ident_read() - fill in main_wwid, main_serial and main_partuuid of @sb, "" where not known */
void ident_read(const struct dev *main_dev, struct dmr_super *sb);

/**
 * ident_compare() - is @main_dev the main that @sb names?
 *
 * Sizes and logical block sizes, then each of the three names that both sides
 * know. With @force a name that differs is a warning: an adapter may have
 * changed it, and nothing will be written. Return: exit code.
 */
int ident_compare(const struct dev *main_dev, const struct dmr_super *sb, bool force);

/** ident_choose_witness() - ranges that change when main is written: starts, end, signature */
void ident_choose_witness(const struct dev *main_dev, struct dmr_super *sb);

/**
 * ident_witness_changed() - after a clean close: was main written without us?
 * @changed_sect: where it was, when true
 *
 * A range that cannot be read says nothing: main is a failing disk after all.
 */
bool ident_witness_changed(struct dev *main_dev, const struct dmr_super *sb, u64 *changed_sect);

#endif
