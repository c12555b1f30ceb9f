// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations, and the sets they begin with. In all of them blocks 10 and 20
 * live in slots and sector 240 is noted as pending; in IMAGE_CRASHED block 12
 * lives in a slot too, and a commit was cut short in its first round.
 *
 * A write that finds a bad block begins in a good one: what main takes of it is
 * the evidence, and nobody has to wait for any.
 */
#include <err.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "faults.h"

#define SECT(block)	((u64)(block) * BLOCK)

static u64 slot_of_10, next_slot;

static void bad_main(u64 sect, u32 nr, const char *class)
{
	tell("fmain bad %ju %u %s ioerr", (uintmax_t)sect, nr, class);
}

static void bad_slot(u64 slot, const char *class)
{
	tell("fspare bad %ju %u %s medium", (uintmax_t)slot * BLOCK, BLOCK, class);
}

/* ---- occasions ---- */

static void set_nothing(void)
{
}

static void set_bad_14(void)
{
	bad_main(SECT(14), BLOCK, "write");
}

static void set_bad_16_17(void)
{
	bad_main(SECT(16), 2 * BLOCK, "write");
}

static void set_unreadable_40(void)
{
	bad_main(SECT(40), BLOCK, "read");
}

/* a hint that is not on disk yet */
static void set_noted_40(void)
{
	set_unreadable_40();
	if (model_read(SECT(40), BLOCK))
		wrong("a bad sector was read");
}

static void set_slot_empty(void)
{
	set_bad_14();
	bad_slot(next_slot, "write");
}

/* The table of the last copy cannot be written. */
static void set_copy_moves(void)
{
	set_bad_14();
	bad_slot(image_copy[image_copies - 1] + 1, "write");
}

/* Nor can its superblock, nor can anything in the first place that it could go to. */
static void set_copy_moves_far(void)
{
	set_bad_14();
	bad_slot(image_copy[image_copies - 1], "write");
	bad_slot(image_copy[image_copies - 1] + 1, "write");
	bad_slot(image_alternate(0) + 1, "write");
}

static void set_slot_used(void)
{
	bad_slot(slot_of_10, "write");
}

/* Table blocks of the copies from @first on refuse a commit. */
static void refuse_commit(u32 first)
{
	u32 c;

	for (c = first; c < image_copies; c++)
		bad_slot(image_copy[c] + 1, "write");
	set_bad_14();
	model_write(SECT(13), 2 * BLOCK);
	fault_settle();
	tell("fspare good all");
}

/* Nowhere to go for a copy that is left behind: it waits for the thaw. */
static void set_expelled(void)
{
	u32 k;

	for (k = 0; k < ALTERNATES; k++)
		if (image_alternate(k))
			bad_slot(image_alternate(k) + 1, "write");
	refuse_commit(image_copies - 1);
	if (device_number("copies_expelled") != 1)
		wrong("setup: no copy was expelled");
	/* so that the mode changes, and an event says when it is over */
	device_message("freeze");
}

static void set_doubt(void)
{
	refuse_commit(1);
	if (device_number("doubt_blk") != 1)
		wrong("setup: no commit is in doubt");
}

/* one copy of a table block cannot be read until it is written */
static void set_damaged(void)
{
	tell("fspare pending %ju %u", (uintmax_t)(image_copy[0] + 1) * BLOCK, BLOCK);
}

static void set_frozen(void)
{
	device_message("freeze");
}

/* ---- operations ---- */

static void run_open(void)
{
	device_open();
}

/* All that a close writes is written then. */
static void run_close(void)
{
	device_suspend();
}

static void run_write_bad(void)
{
	model_write(SECT(13), 2 * BLOCK);
}

/* The commit leaves a copy behind, which is built anew elsewhere, as far as it comes. */
static void run_copy_moves(void)
{
	u32 i;

	run_write_bad();
	for (i = 0; i < 100 && !device_number("copies_moved"); i++)
		usleep(2000);
}

static void run_write_two(void)
{
	model_write(SECT(15), 3 * BLOCK);
}

static void run_partial(void)
{
	/* the last sector of block 13 and the first of block 14 */
	model_write(SECT(14) - 1, 2);
}

static void run_read_error(void)
{
	model_read(SECT(40), BLOCK);
}

static void run_read_slots(void)
{
	model_read(SECT(9), 2 * BLOCK);
	model_read(SECT(20), BLOCK);
}

static void run_rewrite_pending(void)
{
	model_write(SECT(30), BLOCK);
}

static void run_write_slot(void)
{
	model_write(SECT(10), BLOCK);
}

static void run_slot_used(void)
{
	/* half of it: the other half is carried over */
	model_write(SECT(10), BLOCK / 2);
}

static void run_flush(void)
{
	model_write(SECT(10), BLOCK);
	model_write(SECT(41), BLOCK);
	fsync(device_fd);
}

static void run_lazy(void)
{
	usleep(1200 * 1000);
}

static void run_freeze(void)
{
	device_message("freeze");
}

static void run_thaw(void)
{
	device_message("thaw");
}

static void run_suspend(void)
{
	device_suspend();
	device_resume();
}

/* a new table in place of the old one, as a resize makes it: both are there for a moment */
static void run_reload(void)
{
	device_suspend();
	device_load();
	device_resume();
}

static void run_status(void)
{
	device_table(false);
	device_table(true);
}

static void run_discard(void)
{
	/* slots keep what they hold */
	if (model_discard(SECT(8), 2 * BLOCK))
		model_discard(SECT(11), BLOCK);
}

static void run_discard_slot(void)
{
	u64 range[2] = { SECT(10) * 512, (u64)BLOCK * 512 };

	ioctl(device_fd, BLKDISCARD, range);
	model_discard(SECT(11), BLOCK);
}

static void run_zeroes(void)
{
	model_punch(SECT(8), 4 * BLOCK);
}

static bool word_is(const char *key, const char *word)
{
	return !strcmp(device_word(key), word);
}

/* A job, as far as it comes. With no memory at all it waits for some: not for ever here. */
static void run_job(const char *text)
{
	u32 i;

	if (device_message(text))
		return;
	for (i = 0; i < 50 || !word_is("memory", "emergency"); i++) {
		usleep(1000);
		if (!word_is("job_state", "queued") && !word_is("job_state", "running"))
			break;
	}
}

/* 41 and 42 from main, 30 with its pending sector */
static void run_job_remap(void)
{
	run_job("remap 41 2");
	run_job("remap 30");
}

/* 38, 41 and 42, 45 in one step; 30 with its pending sector */
static void run_job_list(void)
{
	run_job("remap 30 1 38 1 41 2 45 1");
}

static void run_job_unmap(void)
{
	run_job("unmap 10 11");
}

static void run_job_verify(void)
{
	run_job("verify");
}

void ops_write_on(bool well)
{
	bool ok = model_write(SECT(10), BLOCK);

	ok &= model_write(SECT(13), 2 * BLOCK);
	ok &= model_write(SECT(30), BLOCK);
	bad_main(SECT(22), BLOCK, "write");
	ok &= model_write(SECT(21), 2 * BLOCK);
	tell("fmain good all");
	if (well && !ok)
		wrong("thawed, it does not take writes");
}

const struct op ops[] = {
	{ "open-clean", IMAGE_CLEAN, false, set_nothing, run_open, 2 },
	{ "open-crashed", IMAGE_CRASHED, false, set_nothing, run_open, 2 },
	{ "open-behind", IMAGE_BEHIND, false, set_nothing, run_open, 2 },
	{ "write-bad", IMAGE_CLEAN, true, set_bad_14, run_write_bad, 2 },
	{ "write-two", IMAGE_CLEAN, true, set_bad_16_17, run_write_two, 2 },
	{ "write-partial", IMAGE_CLEAN, true, set_bad_14, run_partial, 2 },
	{ "write-slot", IMAGE_CLEAN, true, set_nothing, run_write_slot, 2 },
	{ "read-slots", IMAGE_CLEAN, true, set_nothing, run_read_slots, 2 },
	{ "read-error", IMAGE_CLEAN, true, set_unreadable_40, run_read_error, 2 },
	{ "rewrite-pending", IMAGE_CLEAN, true, set_nothing, run_rewrite_pending, 2 },
	{ "slot-fails-empty", IMAGE_CLEAN, true, set_slot_empty, run_write_bad, 2 },
	{ "slot-fails-used", IMAGE_CLEAN, true, set_slot_used, run_slot_used, 2 },
	{ "flush", IMAGE_CLEAN, true, set_nothing, run_flush, 2 },
	{ "lazy-commit", IMAGE_CLEAN, true, set_noted_40, run_lazy, 2 },
	{ "close", IMAGE_CLEAN, true, set_noted_40, run_close, 2 },
	{ "freeze", IMAGE_CLEAN, true, set_nothing, run_freeze, 2 },
	{ "thaw", IMAGE_CLEAN, true, set_frozen, run_thaw, 2 },
	{ "thaw-fill", IMAGE_CLEAN, true, set_expelled, run_thaw, 3 },
	{ "thaw-doubt", IMAGE_CLEAN, true, set_doubt, run_thaw, 2 },
	{ "copy-moves", IMAGE_CLEAN, true, set_copy_moves, run_copy_moves, 3 },
	{ "copy-moves-far", IMAGE_CLEAN, true, set_copy_moves_far, run_copy_moves, 3 },
	{ "suspend-resume", IMAGE_CLEAN, true, set_nothing, run_suspend, 2 },
	{ "reload", IMAGE_CLEAN, true, set_noted_40, run_reload, 2 },
	{ "discard", IMAGE_CLEAN, true, set_nothing, run_discard, 2 },
	{ "discard-slot", IMAGE_CLEAN, true, set_nothing, run_discard_slot, 2 },
	{ "write-zeroes", IMAGE_CLEAN, true, set_nothing, run_zeroes, 2 },
	{ "job-remap", IMAGE_CLEAN, true, set_nothing, run_job_remap, 2 },
	{ "job-list", IMAGE_CLEAN, true, set_nothing, run_job_list, 2 },
	{ "job-list-slot", IMAGE_CLEAN, true, set_slot_empty, run_job_list, 2 },
	{ "job-remap-slot", IMAGE_CLEAN, true, set_slot_empty, run_job_remap, 2 },
	{ "job-unmap", IMAGE_CLEAN, true, set_nothing, run_job_unmap, 2 },
	{ "job-verify", IMAGE_CLEAN, true, set_nothing, run_job_verify, 2 },
	{ "job-verify-repair", IMAGE_CLEAN, true, set_damaged, run_job_verify, 2 },
	{ "status", IMAGE_CLEAN, true, set_nothing, run_status, 2 },
	{ 0 },
};

const struct op raise_ops[] = {
	{ "raise", IMAGE_CLEAN, true, set_bad_14, run_write_bad, 2 },
	{ 0 },
};

/* ---- the sets ---- */

/* Slots that can be taken below the mark. */
static u64 left_below(void)
{
	return device_number("hwm_slots") - device_number("slots_meta") -
	       device_number("slots_used") - device_number("slots_pending") -
	       device_number("slots_bad");
}

#define RAISE_BELOW	2016u	/* slots left: half a chunk of table blocks */

/* Blocks behind the window, of which every 16th is good, until the mark is nearly due. */
static bool fill_table(void)
{
	static char *buf;
	u64 block = WINDOW / BLOCK;

	if (posix_memalign((void **)&buf, 4096, 16 * 4096))
		errx(1, "out of memory");
	memset(buf, 0x5a, 16 * 4096);
	for (; left_below() > RAISE_BELOW; block += 16) {
		const u64 more = left_below() - RAISE_BELOW;
		const u32 n = more < 15 ? (u32)more : 15;

		bad_main(SECT(block + 1), n * BLOCK, "write");
		if (pwrite(device_fd, buf, (n + 1) * 4096, (off_t)block * 4096) < 0)
			err(1, "filling the table, block %ju", (uintmax_t)block);
		tell("fmain good all");
	}
	return left_below() == RAISE_BELOW;
}

static void open_or_die(void)
{
	const int r = device_open();

	if (r)
		errx(1, "opening a set on which nothing failed: %s", strerror(r));
	if (strcmp(device_word("mode"), "rw"))
		errx(1, "opened in mode %s", device_word("mode"));
}

static void make_clean(void)
{
	open_or_die();
	image_places();
	bad_main(SECT(10), BLOCK, "write");
	bad_main(SECT(20), BLOCK, "write");
	bad_main(240, 2, "read");
	model_write(SECT(9), 2 * BLOCK);
	model_write(SECT(19), 2 * BLOCK);
	model_read(240, 1);
	fault_calm();
}

static void make_crashed(void)
{
	image_restore(IMAGE_CLEAN);
	open_or_die();
	bad_main(SECT(12), BLOCK, "write");
	model_write(SECT(11), 2 * BLOCK);
	set_bad_14();
	/* the data and one table block arrive */
	tell("fspare fail-from 3 write ioerr");
	model_write(SECT(13), 2 * BLOCK);
	fault_settle();
	image_keep(IMAGE_CRASHED);
	tell("fspare fail none");
	fault_calm();
	device_close();
}

/* Where would block 14 go? */
static void find_next_slot(void)
{
	image_restore(IMAGE_CLEAN);
	open_or_die();
	set_bad_14();
	run_write_bad();
	fault_calm();
	device_close();
	next_slot = image_slot_of(14);
}

bool ops_prepare(bool raise)
{
	bool ok;

	make_clean();
	ok = device_number("slots_used") == 2 && device_number("slots_pending") == 1;
	if (raise)
		ok &= fill_table();
	device_close();
	image_keep(IMAGE_CLEAN);
	slot_of_10 = image_slot_of(10);
	if (raise)
		return ok && slot_of_10;
	image_behind();
	make_crashed();
	find_next_slot();
	image_restore(IMAGE_CLEAN);
	return ok && slot_of_10 && next_slot;
}
