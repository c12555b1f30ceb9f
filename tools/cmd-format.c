// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command format: a new, empty set on a spare. What is on the spare is looked
 * for first, named, and destroyed only when told to.
 */

#include "cmd.h"
#include "fresh.h"
#include "newset.h"
#include "pair.h"
#include "say.h"
#include "../src/core/statusline.h"

static bool confirmed(const struct cmd_opts *o, const struct dev *main_dev, const struct dev *spare)
{
	char a[SAY_SIZE_LEN], b[SAY_SIZE_LEN];

	if (o->yes)
		return true;
	fprintf(stderr, "This destroys everything on spare %s (%s). Main %s (%s) is only read.\n",
		spare->path, say_size(spare->sect * DMR_SECT_BYTES, a), main_dev->path,
		say_size(main_dev->sect * DMR_SECT_BYTES, b));
	return say_ask();
}

static void tell_done(const struct dev *main_dev, const struct dev *spare,
		      const struct dmr_super *sb)
{
	u64 slots = sb->slots - (u64)sb->copies * dmr_layout_copy_len(sb);
	char size[SAY_SIZE_LEN], uuid[37];

	dmr_status_uuid_format(sb->uuid, uuid);
	say_info("%s is now the spare of %s: set %s, %u copies of the metadata (%s), room for %ju blocks (%s)",
		 spare->path, main_dev->path, uuid, sb->copies,
		 dmr_layout_strategy_name(sb->strategy), slots,
		 say_size(slots * DMR_BLK_BYTES, size));
	if (sb->strategy == DMR_STRATEGY_MINIMAL)
		say_warn("spare %s is small: it has two copies of the metadata, and when one fails nothing new is mapped until it is rewritten. From 4 MiB on a spare has five",
			 spare->path);
}

static int format_devs(const struct cmd_opts *o, struct dev *main_dev, struct dev *spare)
{
	const struct newset_body empty = { .words = newset_empty };
	struct dmr_layout lay;
	struct dmr_super sb;
	int code = pair_check(main_dev, spare, &lay);

	if (!code)
		code = fresh_check_user(spare);
	if (!code)
		code = fresh_check_empty(spare, &lay, o->force);
	if (code)
		return code;
	if (!confirmed(o, main_dev, spare))
		return EXIT_ARGS;
	code = newset_make(main_dev, spare, &lay, &sb);
	if (!code)
		code = newset_write(spare, &lay, &sb, &empty, o->force);
	if (!code)
		tell_done(main_dev, spare, &sb);
	return code;
}

int cmd_format_set(const struct cmd_opts *o, const char *main_path, const char *spare_path)
{
	struct dev main_dev, spare;
	int code = dev_open(&main_dev, main_path, "main", DEV_PEEK);

	if (code)
		return code;
	code = dev_open(&spare, spare_path, "spare", o->force ? DEV_SEIZE : DEV_WRITE);
	if (!code) {
		code = format_devs(o, &main_dev, &spare);
		dev_close(&spare);
	}
	dev_close(&main_dev);
	return code;
}

int cmd_format(const struct cmd_opts *o, int argc, char **argv)
{
	(void)argc;
	return cmd_format_set(o, argv[0], argv[1]);
}
