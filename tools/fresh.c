// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fresh: what is on the spare is looked for first, named, and destroyed only
 * when told to.
 */
#include <stdlib.h>

#include "fresh.h"
#include "say.h"
#include "sig.h"
#include "walk.h"
#include "../src/core/statusline.h"

static void tell_found(void *ctx, const char *what, u64 byte)
{
	const struct dev *spare = ctx;

	say_err("found on spare %s: %s, at byte %ju", spare->path, what, byte);
}

/* A set that can be read is worth a number: what its main would lose */
static void tell_set(struct dev *spare)
{
	char uuid[37];
	struct walk w;

	if (!walk_begin(&w, dev_read_slots, spare, spare->sect, NULL, NULL)) {
		walk_table(&w);
		dmr_status_uuid_format(w.sb->uuid, uuid);
		say_err("found on spare %s: the set %s; blocks of its main that live only here: %ju",
			spare->path, uuid, w.table.sums.used);
	}
	walk_end(&w);
}

int fresh_check_empty(struct dev *spare, const struct dmr_layout *lay, bool force)
{
	u32 found;
	int code = sig_scan(spare, lay, tell_found, spare, &found);

	if (code || !found)
		return code;
	tell_set(spare);
	if (force)
		return 0;
	say_err("spare %s is left as it is: it holds something already; name another spare, or use --force if nobody needs what is there",
		spare->path);
	return EXIT_BUSY;
}

int fresh_check_user(const struct dev *spare)
{
	char user[DEV_USER_LEN];

	if (dev_live(spare)) {
		say_err("spare %s belongs to a set that is open: close it first, --force does not help",
			spare->path);
		return EXIT_BUSY;
	}
	if (!spare->seized)
		return 0;
	if (!dev_user(spare, user))
		snprintf(user, sizeof(user), "held by another program or device");
	say_warn("spare %s is in use: it is %s; writing to it nevertheless takes it away under that user, and it cannot be opened until released",
		 spare->path, user);
	return 0;
}

static bool has_magic(struct dev *spare, struct dmr_slot at, void *blk)
{
	return !dev_read(spare, blk, at.v * DMR_BLK_BYTES, DMR_BLK_BYTES) &&
	       !memcmp(blk, DMR_DISK_MAGIC, sizeof(((struct dmr_disk_header *)blk)->magic));
}

static int forget_at(struct dev *spare, struct dmr_slot at, u64 *byte)
{
	void *zero = say_alloc_blocks(1);
	int err;

	*byte = at.v * DMR_BLK_BYTES;
	err = dev_write(spare, zero, *byte, DMR_BLK_BYTES);
	free(zero);
	return err;
}

int fresh_forget(struct dev *spare, const struct dmr_slot *at, u32 n, u64 *byte)
{
	u64 slots = spare->sect / DMR_BLK_SECTS;
	struct dmr_layout lay;
	struct dmr_slot s;
	void *blk;
	int err = 0;
	u32 i;

	for (i = 0; i < n && !err; i++)
		err = forget_at(spare, at[i], byte);
	if (err || dmr_layout_compute(spare->sect, &lay))
		return err;
	for (i = 0; i < lay.copies && !err; i++)
		err = forget_at(spare, lay.copy_slot[i], byte);
	blk = say_alloc_blocks(1);
	for (i = 0; i < DMR_ALTERNATES && !err; i++) {
		s = dmr_layout_alternate(slots, i);
		if (!dmr_slot_is_none(s) && has_magic(spare, s, blk))
			err = forget_at(spare, s, byte);
	}
	free(blk);
	return err;
}
