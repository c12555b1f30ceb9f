/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Carry: what lives on a spare goes to another one, which becomes a set of its
 * own for the same main. The old one is only read.
 */
#ifndef DMREMAP_CARRY_H
#define DMREMAP_CARRY_H

#include "dev.h"
#include "dump.h"

/**
 * struct carry - from one spare to another
 * @in: the old one, to be read sector by sector: past the page cache, which reads whole pages
 * @old: what its superblock says
 * @aux: summary of the health of main, which stays the same
 * @map: @maps entries that count, used and pending ones, each block once
 * @dry: only read: what would be lost is found all the same
 * @on_lost: told of each state @i of block @mblk that cannot be read in @slot; may be NULL
 * @lay: of the new one
 * @d: the new set
 * @lost: sectors that could not be read
 */
struct carry {
	struct dev *in;
	struct dev *to;
	const struct dmr_super *old;
	const struct dmr_aux *aux;
	const struct dmr_check_map *map;
	u64 maps;
	bool dry;
	void (*on_lost)(void *ctx, u64 mblk, u32 i, u64 slot);
	void *ctx;
	struct dmr_layout lay;
	struct dump d;
	u8 *blk;
	u64 lost;
};

/** carry_check() - may the new one become a spare for this main? Return: exit code */
int carry_check(struct carry *c, bool force);

/** carry_plan() - what goes where; after carry_check(). Return: exit code */
int carry_plan(struct carry *c);

/**
 * carry_write() - anchors destroyed, data, table, superblocks, each flushed
 * @wipe_all: destroy what sig_scan() finds, too
 *
 * After carry_plan(). Return: exit code.
 */
int carry_write(struct carry *c, bool wipe_all);
void carry_free(struct carry *c);

#endif
