/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spare: reading the table of a set, open or closed, for commands that show it.
 */
#ifndef DMREMAP_SPARE_H
#define DMREMAP_SPARE_H

#include "dev.h"
#include "live.h"
#include "walk.h"

/**
 * spare_open() - the spare of open set @arg, or the spare with path @arg
 * @l: the open set; @d keeps its path there
 * @name: name of the open set, else NULL
 *
 * Return: exit code; dev_close() is needed after 0.
 */
int spare_open(const char *arg, struct dev *d, struct live *l, const char **name);

/**
 * spare_check_closed() - refuse the name of an open set, where its closed spare is wanted
 * Return: exit code.
 */
int spare_check_closed(const char *arg, const char *command);

/**
 * spare_walk() - read all of its table
 *
 * Of an open set: at any moment at least one copy of every table block is whole,
 * and a reading that met a commit half way is done again. Return: exit code; with
 * @w->judge 0 there is something to show all the same. walk_end() is needed in
 * every case.
 */
int spare_walk(struct dev *d, struct walk *w);

/**
 * spare_may_write() - may this program write what @w says, to it or in its name?
 *
 * Not with features that forbid it to who does not know them. Return: exit code.
 */
int spare_may_write(const struct dev *d, const struct walk *w);

#endif
