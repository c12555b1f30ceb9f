/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Status: INFO, TABLE and IMA lines. Takes no lock that a commit holds over I/O
 * (B20), works on a table that was never resumed.
 */
#ifndef REMAP_STATUS_H
#define REMAP_STATUS_H

#include "target.h"

void remap_status(struct dm_target *ti, status_type_t type, unsigned int flags, char *result,
		  unsigned int maxlen);

/** remap_status_counters() - the sum over all CPUs, added to @sum */
void remap_status_counters(struct remap *r, struct dmr_counters *sum);

#endif
