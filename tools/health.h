/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health: the summary of the health map that a spare keeps, for commands that
 * show it or write it anew.
 */
#ifndef DMREMAP_HEALTH_H
#define DMREMAP_HEALTH_H

#include "base.h"
#include "../src/core/codec.h"

/**
 * health_fit() - the summary for a main that has grown to @main_sect
 *
 * Larger regions hold several smaller ones: of these the worst record stays, the
 * others count among those that were given up.
 */
void health_fit(struct dmr_aux *aux, u64 main_sect);

#endif
