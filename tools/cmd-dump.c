// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command dump: all metadata of a closed set, to be kept elsewhere. Of an open
 * one it would be wrong before it is read.
 */
#include "cmd.h"
#include "dev.h"
#include "dump.h"
#include "say.h"

static int dump_dev(struct dev *d)
{
	struct walk w;
	int code = 0;

	walk_begin(&w, dev_read_slots, d, d->sect, NULL, NULL);
	if (w.judge) {
		say_err("spare %s %s: dmremap check says more", d->path, walk_judge_text(w.judge));
		code = EXIT_DEVICE;
	} else {
		walk_table(&w);
		dump_print(&w);
	}
	if (w.losts) {
		say_err("spare %s: the dump is not whole, %u table blocks are lost: dmremap check says which slots",
			d->path, w.losts);
		code = EXIT_DEVICE;
	}
	walk_end(&w);
	return code;
}

int cmd_dump(const struct cmd_opts *o, int argc, char **argv)
{
	struct dev d;
	int code = dev_open(&d, argv[0], "spare", DEV_HOLD);

	(void)o;
	(void)argc;
	if (code)
		return code;
	code = dump_dev(&d);
	dev_close(&d);
	return code;
}
