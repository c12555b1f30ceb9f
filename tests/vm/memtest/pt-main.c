// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memtest: runs while it is being loaded, and says what it saw.
 *
 *   insmod dm-remap-memtest.ko run=abuse		objects given back wrongly
 *   insmod dm-remap-memtest.ko run=order		which records go, which stay
 *   insmod dm-remap-memtest.ko run=bench		instructions, under QEMU's -icount
 *   insmod dm-remap-memtest.ko run=hammer seconds=60	all CPUs at once
 *
 * The last line is "memtest: passed" or "memtest: failed"; then it does not load.
 */
#include <linux/module.h>

#include "pt.h"

static char *run = "abuse";
unsigned int pt_seconds = 10;

module_param(run, charp, 0444);
module_param_named(seconds, pt_seconds, uint, 0444);

bool pt_check(bool ok, const char *what)
{
	if (ok)
		pt_say("ok - %s", what);
	else
		pr_err("memtest: not ok - %s\n", what);
	return ok;
}

static int __init pt_init(void)
{
	int err = remap_memory_types_init(448, 256, remap_health_record_bytes());

	if (err)
		return err;
	if (!strcmp(run, "abuse"))
		err = pt_abuse();
	else if (!strcmp(run, "order"))
		err = pt_order();
	else if (!strcmp(run, "bench"))
		err = pt_bench();
	else if (!strcmp(run, "hammer"))
		err = pt_hammer();
	else
		err = -EINVAL;
	remap_memory_types_exit();
	pt_say("%s", err ? "failed" : "passed");
	if (!err)
		pr_info("smp: done\n");	/* the last word, for tests/vm/smp.sh */
	return err;
}

static void __exit pt_exit(void)
{
}

module_init(pt_init);
module_exit(pt_exit);

MODULE_DESCRIPTION("tests of dm-remap's pools and health map");
MODULE_LICENSE("GPL");
