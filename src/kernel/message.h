/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message: a message holds off a suspend, so it never waits for I/O: it sets or
 * queues, and returns (B11). What it answers comes back through the ioctl.
 */
#ifndef REMAP_MESSAGE_H
#define REMAP_MESSAGE_H

#include "target.h"

int remap_message(struct dm_target *ti, unsigned int argc, char **argv, char *result,
		  unsigned int maxlen);

#endif
