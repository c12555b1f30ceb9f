/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health: which regions of main are weak: as an open set says, or as a spare
 * remembers, for commands that show it or write it anew.
 */
#ifndef DMREMAP_HEALTH_H
#define DMREMAP_HEALTH_H

#include "out.h"
#include "../src/core/codec.h"
#include "../src/core/healthline.h"

/**
 * struct health - the worst regions of main
 * @main_sect: size of main
 * @line: @n of them, worst first
 */
struct health {
	u64 main_sect;
	struct dmr_health_head head;
	struct dmr_health_line *line;
	u32 n;
};

/**
 * health_fit() - the summary for a main that has grown to @main_sect
 *
 * Larger regions hold several smaller ones: of these the worst record stays, the
 * others count among those that were given up.
 */
void health_fit(struct dmr_aux *aux, u64 main_sect);

/** health_of_aux() - at most @count regions of a summary, as they are now */
void health_of_aux(const struct dmr_aux *aux, u64 main_sect, u32 count, struct health *h);

/**
 * health_ask() - at most @count regions, from open set @name; quiet
 *
 * Return: 0; -EPROTO when the answer is not understood; -errno. health_free() is
 * needed in every case.
 */
int health_ask(const char *name, u64 main_sect, u32 count, struct health *h);

/** health_json() - the sums, and regions[], into @o */
void health_json(struct json_object *o, const struct health *h);

/** health_print() - a table of the regions */
void health_print(const struct health *h);
void health_free(struct health *h);

#endif
