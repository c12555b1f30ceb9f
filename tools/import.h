/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Import: lists of bad places that other programs make: badblocks(8), a mapfile
 * of ddrescue, smartctl --json. Which of them a file is, its content tells.
 */
#ifndef DMREMAP_IMPORT_H
#define DMREMAP_IMPORT_H

#include "base.h"
#include "../src/core/units.h"

#define IMPORT_BLOCK_BYTES	1024	/* what badblocks(8) counts in, unless told otherwise */

/**
 * struct import_range - bad sectors
 * @line: where the file says so: a line, or in JSON an element of the list
 */
struct import_range {
	u64 first_sect;
	u64 nr_sect;
	u64 line;
};

/**
 * struct import - what a file says, in its order
 * @kind: what it is, a phrase
 * @of_disk: sectors are those of the whole disk, not of a partition
 * @errors: lines that make no sense; each of the first was said
 */
struct import {
	const char *path;
	const char *kind;
	bool of_disk;
	struct import_range *range;
	u64 n;
	u64 errors;
};

/**
 * import_read() - read @path, "-" is standard input
 * @block_bytes: of a number in a list of badblocks
 *
 * Return: exit code; import_free() is needed in every case.
 */
int import_read(struct import *im, const char *path, u32 block_bytes);

/** import_take() - the same of a text that is there; @im->path is its name */
int import_take(struct import *im, char *text, size_t len, u32 block_bytes);
void import_free(struct import *im);

#endif
