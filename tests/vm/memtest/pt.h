/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memtest: the module's pools and health map by themselves. pt-main.c has the usage.
 */
#ifndef PT_H
#define PT_H

#include "kernel/health.h"

#define PT_SECT		BIT_ULL(31)	/* of the main that the health map is for: 1 TiB */

extern unsigned int pt_seconds;

/** pt_say() - a line of the result, with the module's name in front */
#define pt_say(fmt, ...)	pr_info("memtest: " fmt "\n", ##__VA_ARGS__)

/** pt_check() - one thing that must be so: a line "ok" or "not ok". Return: @ok. */
bool pt_check(bool ok, const char *what);

/** pt_grace() - synchronize_rcu() of a table that grows, and what a test wants to happen then */
void pt_grace(void);

/* each: 0 or -errno; what was wrong has been said by then */
int pt_abuse(void);
int pt_order(void);
int pt_bench(void);
int pt_hammer(void);

#endif
