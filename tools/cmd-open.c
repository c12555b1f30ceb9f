// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command open: bring a set up. The spare is read and judged here first, with
 * the same core the kernel uses, so that a refusal is a sentence and nothing
 * has been touched. With --force whatever can be had comes up read-only.
 */
#include <sys/sysmacros.h>

#include "cmd.h"
#include "ident.h"
#include "live.h"
#include "pair.h"
#include "report.h"
#include "resize.h"
#include "say.h"
#include "sig.h"

#define PARAMS_LEN	256

static int open_pair(struct dev *main_dev, struct dev *spare, const char *main_path,
		     const char *spare_path)
{
	struct dmr_layout lay;
	int code = dev_open(main_dev, main_path, "main", DEV_HOLD);

	if (code)
		return code;
	code = dev_open(spare, spare_path, "spare", DEV_HOLD);
	if (code) {
		dev_close(main_dev);
		return code;
	}
	code = dev_block_only(main_dev);
	if (!code)
		code = dev_block_only(spare);
	if (!code)
		code = pair_check(main_dev, spare, &lay);
	if (!code)
		code = pair_check_free(main_dev);
	if (code) {
		dev_close(main_dev);
		dev_close(spare);
	}
	return code;
}

/* Before either is held: a part of main would be in use, by ourselves */
static int check_pair(const char *main_path, const char *spare_path)
{
	struct dev main_dev, spare;
	struct dmr_layout lay;
	int code = dev_open(&main_dev, main_path, "main", DEV_PEEK);

	if (code)
		return code;
	code = dev_open(&spare, spare_path, "spare", DEV_PEEK);
	if (!code) {
		code = pair_check(&main_dev, &spare, &lay);
		dev_close(&spare);
	}
	dev_close(&main_dev);
	return code;
}

int cmd_open_check(const char *name, const char *main_path, const char *spare_path)
{
	struct dev main_dev, spare;
	int code = dm_name_check(name);

	if (!code)
		code = dm_ready();
	if (code)
		return code;
	if (dm_exists(name)) {
		say_err("there is a device %s already: choose another name, or close that one",
			name);
		return EXIT_BUSY;
	}
	code = check_pair(main_path, spare_path);
	if (!code)
		code = open_pair(&main_dev, &spare, main_path, spare_path);
	if (code)
		return code;
	pair_warn(&main_dev, &spare);
	dev_close(&main_dev);
	dev_close(&spare);
	return 0;
}

/* ---- is the spare in order? ---- */

static void tell_older(void *ctx, const char *what, u64 byte)
{
	const struct dev *spare = ctx;

	say_err("found on spare %s: %s, at byte %ju", spare->path, what, byte);
}

static int refuse_judged(struct dev *spare, int judge)
{
	const char *advice = "dmremap check says more";

	if (judge == -ENODATA) {
		if (sig_find_older(spare, tell_older, spare))
			advice = "this version cannot read that; format makes it a new spare";
		else
			advice = "is it the right device? dmremap format makes it a spare";
	} else if (judge == -EPROTONOSUPPORT) {
		advice = "update this one, or open the set where it was last open";
	}
	say_err("spare %s %s: %s", spare->path, walk_judge_text(judge), advice);
	return EXIT_DEVICE;
}

/* What --force may try: metadata of one set and history, even if it was left behind */
static bool forcible(int judge)
{
	return judge == 0 || judge == -ESTALE;
}

static int judge_spare(const struct cmd_opts *o, struct dev *spare, struct walk *w)
{
	if (w->judge && !(o->force && forcible(w->judge)))
		return refuse_judged(spare, w->judge);
	if (w->sb)
		walk_table(w);
	if (o->force) {
		report_lost(w);
		return 0;
	}
	if (w->any && w->worst == DMR_SEV_FATAL) {
		say_err("spare %s has lost metadata (fatal findings: %ju): dmremap check %s says what, open --force reads what is left",
			spare->path, w->count[DMR_SEV_FATAL], spare->path);
		return EXIT_DEVICE;
	}
	if (w->count[DMR_SEV_FIXABLE])
		say_warn("spare %s is damaged, %s; findings: %ju, dmremap check %s names them",
			 spare->path, o->readonly ? "an open for writing tries to repair it" :
			 "this open tries to repair it", w->count[DMR_SEV_FIXABLE], spare->path);
	return 0;
}

/* ---- is main the right one, and untouched? ---- */

static int compare_main(const struct cmd_opts *o, struct dev *main_dev, const struct dmr_super *sb)
{
	u64 changed;
	int code = ident_compare(main_dev, sb, o->force);

	if (code || !ident_witness_changed(main_dev, sb, &changed))
		return code;
	say_err("main %s was written without dm-remap while the set was closed (sector %ju is not what it was): the blocks on the spare may be older than what is on main now",
		main_dev->path, changed);
	if (o->force)
		return 0;
	say_err("%s is not opened: open --force shows the old state read-only; if main is what counts, check its filesystem as it is and format the spare anew",
		main_dev->path);
	return EXIT_DEVICE;
}

/* ---- the device ---- */

static void make_uuid(const struct dmr_super *sb, char *buf, size_t size)
{
	size_t used = (size_t)snprintf(buf, size, DEV_SET_UUID);
	u32 i;

	for (i = 0; i < DMR_UUID_BYTES; i++)
		used += (size_t)snprintf(buf + used, size - used, "%02x", sb->uuid[i]);
}

/* A set can be open only once; a second spare with its uuid is a clone */
static int check_closed(const struct dev *spare, const struct dmr_super *sb)
{
	char uuid[64], name[DM_NAME_MAX + 1];

	make_uuid(sb, uuid, sizeof(uuid));
	if (!dm_find_uuid(uuid, name))
		return 0;
	say_err("spare %s is a clone: its set is open already as %s; close that, or disconnect one of the two",
		spare->path, name);
	return EXIT_BUSY;
}

static int make_device(const struct cmd_opts *o, const char *name, const struct dev *main_dev,
		       const struct dev *spare, const struct dmr_super *sb)
{
	char params[PARAMS_LEN], uuid[64];
	struct dmr_args args = o->args;
	struct dm_new n = {
		.name = name, .uuid = uuid, .sect = sb->main_sect, .params = params,
		.read_only = o->readonly || o->force || sb->ro_compat,
	};
	int len;

	/* a resize that was cut short has been finished by now */
	if (sb->ro_compat && !o->readonly && !o->force)
		say_warn("%s comes up read-only: a newer dm-remap has left features on the spare that forbid writing; use that one to write",
			 name);

	args.force_readonly = o->force;
	make_uuid(sb, uuid, sizeof(uuid));
	len = snprintf(params, sizeof(params), "%u:%u %u:%u ", major(main_dev->rdev),
		       minor(main_dev->rdev), major(spare->rdev), minor(spare->rdev));
	dmr_args_format(&args, params + len, sizeof(params) - (size_t)len);
	return dm_create(&n);
}

static int tell_open(const char *name)
{
	char size[SAY_SIZE_LEN];
	struct live l;
	int code = live_get(name, &l);

	if (code)
		return code;
	say_info("/dev/mapper/%s is open: %s, mode %s, blocks on the spare: %ju, free slots: %ju",
		 name, say_size(l.sect * DMR_SECT_BYTES, size), dmr_status_mode_name(l.st.mode),
		 l.st.slots_used, l.st.slots_free);
	live_warn(&l);
	return 0;
}

/* A device that cannot be written makes the new one read-only: mount goes by that */
static void obey_read_only(struct cmd_opts *o, const char *name, const struct dev *d)
{
	if (!dev_read_only(d))
		return;
	if (!o->readonly && !o->force)
		say_warn("%s %s is read-only, so /dev/mapper/%s is opened read-only too: to write, unset that (blockdev --setrw) and open it again",
			 d->role, d->path, name);
	o->readonly = true;
}

/* A resize that was cut short: to the end, before anything else */
static int finish_resize(const struct cmd_opts *o, const char *spare_path)
{
	struct dev spare;
	struct walk w;
	bool unfinished;
	int code = dev_open(&spare, spare_path, "spare", DEV_HOLD);

	if (code)
		return code;
	walk_begin(&w, dev_read_slots, &spare, spare.sect, NULL, NULL);
	unfinished = resize_unfinished(&w);
	walk_end(&w);
	unfinished &= !o->readonly && !o->force && !dev_read_only(&spare);
	dev_close(&spare);
	return unfinished ? cmd_resize_finish(spare_path) : 0;
}

int cmd_open_set(const struct cmd_opts *o, const char *name, const char *main_path,
		 const char *spare_path)
{
	struct cmd_opts opts = *o;
	struct dev main_dev, spare;
	struct dmr_super sb;
	struct walk w;
	int code = finish_resize(o, spare_path);

	if (!code)
		code = open_pair(&main_dev, &spare, main_path, spare_path);
	if (code)
		return code;
	obey_read_only(&opts, name, &main_dev);
	obey_read_only(&opts, name, &spare);
	walk_begin(&w, dev_read_slots, &spare, spare.sect, NULL, NULL);
	code = judge_spare(&opts, &spare, &w);
	if (!code && !w.sb)	/* left behind, and nothing says what it was */
		code = refuse_judged(&spare, w.judge);
	if (!code)
		code = check_closed(&spare, w.sb);
	if (!code) {
		sb = *w.sb;
		code = compare_main(&opts, &main_dev, &sb);
	}
	walk_end(&w);
	dev_close(&main_dev);	/* the kernel claims both for itself */
	dev_close(&spare);
	if (!code)
		code = make_device(&opts, name, &main_dev, &spare, &sb);
	return code ? code : tell_open(name);
}

int cmd_open(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name = live_name(argv[0]);
	int code = cmd_open_check(name, argv[1], argv[2]);

	(void)argc;
	return code ? code : cmd_open_set(o, name, argv[1], argv[2]);
}
