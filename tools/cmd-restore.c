// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command restore: the metadata of a dump onto a spare that has lost its own.
 * The slots are left alone: what lived in them still does.
 */
#include <time.h>

#include "cmd.h"
#include "dump.h"
#include "fresh.h"
#include "newset.h"
#include "say.h"
#include "../src/core/statusline.h"

static int check_device(const struct dump *d, const struct dev *spare, struct dmr_layout *lay)
{
	if (spare->sect < d->sb.spare_sect) {
		say_err("spare %s is too small: it has %ju sectors, and the set needs %ju; use a larger one",
			spare->path, spare->sect, d->sb.spare_sect);
		return EXIT_DEVICE;
	}
	if (spare->lbs_bytes > d->sb.main_lbs_bytes) {
		say_err("spare %s has logical blocks of %u bytes, larger than the %u of main: use another one",
			spare->path, spare->lbs_bytes, d->sb.main_lbs_bytes);
		return EXIT_DEVICE;
	}
	if (dmr_layout_compute(spare->sect, lay)) {
		say_err("spare %s is larger than any spare can be: use another one", spare->path);
		return EXIT_DEVICE;
	}
	return 0;
}

static int check_whole(const struct cmd_opts *o, const struct dump *d, const char *path)
{
	if (d->whole)
		return 0;
	if (!o->force) {
		say_err("dump %s is not whole: table blocks were lost when it was made, and what lived in their slots would read as old data; --force restores the rest",
			path);
		return EXIT_DEVICE;
	}
	say_warn("dump %s is not whole: blocks that lived in the lost slots are read from main now, old or unreadable",
		 path);
	return 0;
}

static bool confirmed(const struct cmd_opts *o, const struct dump *d, const struct dev *spare)
{
	time_t when = (time_t)d->dumped_s;
	char uuid[37], date[32];
	struct tm tm;

	if (o->yes)
		return true;
	dmr_status_uuid_format(d->sb.uuid, uuid);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime_r(&when, &tm));
	fprintf(stderr, "This writes the metadata of set %s, as of %s, to spare %s.\n"
		"What moved to the spare since then is lost to it. The data of the %ju blocks that live there is not in the dump: it has to be in the slots of %s already.\n",
		uuid, date, spare->path, d->used, spare->path);
	return say_ask();
}

static int restore_dev(const struct cmd_opts *o, struct dump *d, const char *path,
		       struct dev *spare)
{
	const struct newset_body body = { .words = dump_table, .ctx = d };
	struct dmr_layout lay;
	char uuid[37];
	int code = check_device(d, spare, &lay);

	if (!code)
		code = check_whole(o, d, path);
	if (!code)
		code = fresh_check_user(spare);
	if (!code)
		code = fresh_check_empty(spare, &lay, o->force);
	if (code)
		return code;
	if (!confirmed(o, d, spare))
		return EXIT_ARGS;
	d->sb.spare_lbs_bytes = spare->lbs_bytes;
	code = newset_nonce(&d->sb);
	if (!code)
		code = newset_write(spare, &lay, &d->sb, &body, false);
	if (code)
		return code;
	dmr_status_uuid_format(d->sb.uuid, uuid);
	say_info("%s is the spare of set %s again: blocks that live on it: %ju", spare->path, uuid,
		 d->used);
	return 0;
}

int cmd_restore(const struct cmd_opts *o, int argc, char **argv)
{
	struct dump d;
	struct dev spare;
	int code = dump_read(&d, argv[0]);

	(void)argc;
	if (!code)
		code = dev_open(&spare, argv[1], "spare", o->force ? DEV_SEIZE : DEV_WRITE);
	if (!code) {
		code = restore_dev(o, &d, argv[0], &spare);
		dev_close(&spare);
	}
	dump_free(&d);
	return code;
}
