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

static int forget_at(struct dev *spare, struct dmr_slot at, u64 *byte)
{
	void *zero = say_alloc_blocks(1);
	int err;

	*byte = at.v * DMR_BLK_BYTES;
	err = dev_write(spare, zero, *byte, DMR_BLK_BYTES);
	free(zero);
	return err;
}

/* The same where a block of the format is that belongs there: else it may be somebody's data */
static int forget_ours(struct dev *spare, struct dmr_slot at, u64 *byte)
{
	struct dmr_disk_header *h;
	bool ours;

	if (dmr_slot_is_none(at) || at.v >= spare->sect / DMR_BLK_SECTS)
		return 0;
	h = say_alloc_blocks(1);
	ours = !dev_read_slots(spare, h, at, 1) &&
	       !memcmp(h->magic, DMR_DISK_MAGIC, sizeof(h->magic)) && le64_to_cpu(h->slot) == at.v;
	free(h);
	return ours ? forget_at(spare, at, byte) : 0;
}

/* All that a loader may look at on a spare of this size */
static int forget_size(struct dev *spare, u64 slots, u64 *byte)
{
	struct dmr_layout lay;
	int err = 0;
	u32 i;

	if (dmr_layout_compute(slots * DMR_BLK_SECTS, &lay))
		return 0;
	for (i = 0; i < lay.copies && !err; i++)
		err = forget_ours(spare, lay.copy_slot[i], byte);
	for (i = 0; i < DMR_ALTERNATES && !err; i++)
		err = forget_ours(spare, dmr_layout_alternate(slots, i), byte);
	return err;
}

int fresh_forget(struct dev *spare, const struct dmr_slot *at, u32 n, u64 slots, u64 *byte)
{
	const u64 now = spare->sect / DMR_BLK_SECTS;
	int err = 0;
	u32 i;

	for (i = 0; i < n && !err; i++)
		err = at[i].v < now ? forget_at(spare, at[i], byte) : 0;
	if (!err)
		err = forget_size(spare, now, byte);
	if (!err && slots != now)
		err = forget_size(spare, slots, byte);
	return err;
}
