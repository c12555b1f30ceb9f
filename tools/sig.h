/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sig: what is already on a device that is about to become a spare.
 */
#ifndef DMREMAP_SIG_H
#define DMREMAP_SIG_H

#include "base.h"
#include "../src/core/layout.h"
#include "dev.h"

/**
 * sig_fn - one thing found
 * @what: a phrase: "ext4 filesystem at byte 1080, label \"data\""
 * @byte: where its magic is
 */
typedef void (*sig_fn)(void *ctx, const char *what, u64 byte);

/**
 * sig_scan() - all that libblkid knows, and metadata of dm-remap of any version, even damaged
 * @n: filled in: how many
 * Return: exit code; not 0 when the device cannot be read at all.
 */
int sig_scan(struct dev *d, const struct dmr_layout *lay, sig_fn fn, void *ctx, u32 *n);

/** sig_wipe() - destroy all that sig_scan() finds; @d is open for writing. Return: exit code */
int sig_wipe(struct dev *d, const struct dmr_layout *lay);

/** sig_find_older() - is there metadata of an earlier dm-remap (DMR4, DMREMAP3)? */
bool sig_find_older(struct dev *d, sig_fn fn, void *ctx);

#endif
