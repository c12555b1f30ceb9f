/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Report: what is said of pools and of the health map, in messages and in debugfs.
 */
#ifndef REMAP_REPORT_H
#define REMAP_REPORT_H

#include <linux/seq_file.h>

#include "target.h"

/** remap_report_pools() - answer to message pools. Return: 1. Context: any. */
int remap_report_pools(struct remap *r, char *result, unsigned int maxlen);

/**
 * remap_report_health() - answer to message health: the @n worst regions
 * Context: may sleep. Return: 1 or -ENOMEM.
 */
int remap_report_health(struct remap *r, u32 n, char *result, unsigned int maxlen);

/** remap_report_pools_show() - the same, for a file of debugfs */
int remap_report_pools_show(struct seq_file *m, struct remap *r);

/** remap_report_bucket_show() - regions in one bucket of the map, in no order */
void remap_report_bucket_show(struct seq_file *m, struct remap *r, u32 bucket);

#endif
