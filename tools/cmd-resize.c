// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command resize: the set takes the sizes that its devices have now, or the spare
 * one that it is about to have. Of an open set: suspend, which closes it in order;
 * resize.h; a new table; resume. Nothing may be needed from a disk in between,
 * which could be this one: the program is locked into memory.
 *
 * Before resize_write() has begun, the old table is resumed as if nothing had been.
 * After that only a new one may be: the old one knows nothing of what is there now.
 */
#include <sys/mman.h>

#include "cmd.h"
#include "live.h"
#include "resize.h"
#include "say.h"
#include "spare.h"

/**
 * struct order - what is to be done
 * @name: of an open set; NULL: the spare is closed
 * @main_sect: 0: as it was
 */
struct order {
	const struct cmd_opts *o;
	const char *name;
	u64 main_sect;
	struct dev *d;
	struct dev *in;
	u64 old_main_sect;
	bool begun;
};

/* ---- what to say ---- */

static void tell_plan(const struct resize *z)
{
	const struct dmr_super *was = z->w->sb, *sb = &z->to.sb;
	char a[SAY_SIZE_LEN], b[SAY_SIZE_LEN];

	if (sb->main_sect != was->main_sect)
		say_info("main: from %ju to %ju sectors, %s to %s", was->main_sect, sb->main_sect,
			 say_size(was->main_sect * DMR_SECT_BYTES, a),
			 say_size(sb->main_sect * DMR_SECT_BYTES, b));
	if (sb->spare_sect != was->spare_sect)
		say_info("spare: from %ju to %ju sectors, %s to %s, blocks in the way: %ju",
			 was->spare_sect, sb->spare_sect,
			 say_size(was->spare_sect * DMR_SECT_BYTES, a),
			 say_size(sb->spare_sect * DMR_SECT_BYTES, b), z->moves);
	if (sb->spare_sect < was->spare_sect)
		say_info("the spare may be made smaller when this is done, not before");
}

static bool confirmed(const struct order *r)
{
	if (r->o->yes)
		return true;
	fflush(stdout);
	fprintf(stderr, "This writes all metadata on %s anew%s.\n", r->d->path,
		r->name ? ", while I/O to the device waits" : "");
	return say_ask();
}

/* ---- the spare ---- */

static int check_spare(const struct order *r, const struct walk *w)
{
	if (w->judge) {
		say_err("spare %s %s: dmremap check says more", r->d->path,
			walk_judge_text(w->judge));
		return EXIT_DEVICE;
	}
	if (w->sb->ro_compat)
		return spare_may_write(r->d, w);
	if (w->sb->activity == DMR_ACTIVITY_CLEAN && !w->losts && w->worst < DMR_SEV_FIXABLE)
		return spare_may_write(r->d, w);
	say_err("spare %s was not closed in order, or something of it is damaged: %s", r->d->path,
		r->name ? "dmremap status says in which mode it is, dmremap thaw repairs it" :
		"open it and close it once, or see dmremap check");
	return EXIT_DEVICE;
}

static int plan(const struct order *r, struct resize *z)
{
	const struct dmr_super *sb = z->w->sb;

	z->d = r->d;
	z->in = r->in;
	return resize_plan(z, r->main_sect ? r->main_sect : sb->main_sect,
			   r->o->spare_bytes ? r->o->spare_bytes / DMR_SECT_BYTES : r->d->sect);
}

/* What is there now, as a loader sees it */
static int check_written(const struct order *r)
{
	struct walk w;
	int code;

	dev_uncache(r->d);
	walk_begin(&w, dev_read_slots, r->in, r->in->sect, NULL, NULL);
	if (!w.judge)
		walk_table(&w);
	code = w.judge || w.losts || resize_unfinished(&w) ? EXIT_DEVICE : 0;
	walk_end(&w);
	if (code)
		say_err("spare %s does not keep what is written to it: dmremap check says more",
			r->d->path);
	return code;
}

static int write_sizes(struct order *r, const struct walk *w)
{
	struct resize z = { .w = w };
	int code = check_spare(r, w);

	if (!code)
		code = plan(r, &z);
	if (!code && !resize_same(&z))
		code = resize_write(&z);
	r->begun |= z.begun;
	if (!code && z.places)
		code = resize_finish(r->d, r->in);
	if (!code && z.begun)
		code = check_written(r);
	resize_free(&z);
	return code;
}

/* A resize that was cut short comes first: it may have been for another size */
static int finish_old(struct order *r, bool *was)
{
	struct walk w;
	int code = 0;

	dev_uncache(r->d);
	walk_begin(&w, dev_read_slots, r->in, r->in->sect, NULL, NULL);
	*was = resize_unfinished(&w);
	walk_end(&w);
	if (*was) {
		r->begun = true;
		code = resize_finish(r->d, r->in);
	}
	return code;
}

/* The spare is closed, or its device suspended */
static int resize_closed(struct order *r)
{
	struct walk w;
	bool was;
	int code = finish_old(r, &was);

	if (code)
		return code;
	walk_begin(&w, dev_read_slots, r->in, r->in->sect, NULL, NULL);
	if (!w.judge)
		walk_table(&w);
	code = write_sizes(r, &w);
	walk_end(&w);
	return code;
}

/* ---- an open set ---- */

static int check_live(const struct live *l)
{
	if (l->dm.read_only || l->st.forced || l->st.mode == DMR_MODE_READONLY)
		say_err("%s is open read-only: open it for writing first", l->dm.name);
	else if (!l->dm.suspended && l->st.mode != DMR_MODE_RW)
		say_err("%s is in mode %s (%s): dmremap thaw %s first", l->dm.name,
			dmr_status_mode_name(l->st.mode), dmr_status_why_name(l->st.why),
			l->dm.name);
	else
		return 0;
	return EXIT_DEVICE;
}

static int new_table(const struct order *r, const struct live *l, const char *params)
{
	u64 sect = l->sect;

	/* one that shows a part of main goes on doing so */
	if (sect == r->old_main_sect && r->main_sect)
		sect = r->main_sect;
	return dm_reload(r->name, sect, params);
}

/* Suspended: nothing of this program may have to be read from a disk that waits for us */
static int while_suspended(struct order *r, const struct live *l, const char *params)
{
	int code = resize_closed(r);

	if (!r->begun || !code) {
		int err = r->begun ? new_table(r, l, params) : 0;

		if (!err)
			err = dm_resume(r->name);
		if (!err)
			return code;
		code = err;
	}
	say_err("%s stays suspended, so that nothing is written past what is on the spare now: when the spare is well, dmremap resize %s goes on",
		r->name, r->name);
	return code;
}

static int resize_open(struct order *r, const struct live *l)
{
	char *params;
	int code = 0;

	if (dm_line(r->name, true, &params, NULL)) {
		say_err("device %s: the kernel does not say its table; dmesg may say more",
			r->name);
		return EXIT_DEVICE;
	}
	if (mlockall(MCL_CURRENT | MCL_FUTURE)) {
		say_err("the program cannot be locked into memory: %s; raise the limit for locked memory",
			strerror(errno));
		code = EXIT_MEMORY;
	}
	if (!code && !l->dm.suspended)
		code = dm_suspend(r->name);
	if (!code)
		code = while_suspended(r, l, params);
	munlockall();
	free(params);
	return code;
}

/* ---- the command ---- */

/* What would be done, from what is there now; for an open set that is a snapshot */
static int preview(struct order *r, bool *nothing)
{
	struct resize z = {};
	struct walk w;
	int code = spare_walk(r->in, &w);

	*nothing = false;
	z.w = &w;
	if (!code && resize_unfinished(&w)) {
		say_info("a resize that was cut short is finished first");
	} else if (!code) {
		r->old_main_sect = w.sb->main_sect;
		code = r->name ? 0 : check_spare(r, &w);
		if (!code)
			code = plan(r, &z);
		*nothing = !code && resize_same(&z);
		if (!code)
			tell_plan(&z);
	}
	resize_free(&z);
	walk_end(&w);
	return code;
}

static int resize(struct order *r, const struct live *l)
{
	bool nothing;
	int code = preview(r, &nothing);

	if (code)
		return code;
	if (nothing && !(r->name && l->dm.suspended)) {
		say_info("%s has the sizes of its devices", r->name ? r->name : r->d->path);
		return 0;
	}
	if (r->o->dry_run)
		return 0;
	if (!confirmed(r))
		return EXIT_ARGS;
	code = r->name ? resize_open(r, l) : resize_closed(r);
	if (!code)
		say_info("%s: done", r->name ? r->name : r->d->path);
	return code;
}

static int main_size(struct order *r, const char *path)
{
	struct dev main_dev;
	int code = path ? dev_open(&main_dev, path, "main", DEV_PEEK) : 0;

	if (path && !code) {
		r->main_sect = main_dev.sect;
		dev_close(&main_dev);
	}
	return code;
}

static int with_devices(struct order *r, const char *path, const struct live *l)
{
	struct dev d, in;
	enum dev_use use = r->o->dry_run ? DEV_PEEK : r->name ? DEV_SEIZE : DEV_WRITE;
	int code = dev_open(&d, path, "spare", use);

	if (code)
		return code;
	code = dev_open(&in, path, "spare", DEV_PEEK);
	if (!code) {
		r->d = &d;
		r->in = &in;
		code = resize(r, l);
		r->in = NULL;
		dev_close(&in);
	}
	r->d = NULL;
	dev_close(&d);
	return code;
}

int cmd_resize(const struct cmd_opts *o, int argc, char **argv)
{
	struct order r = { .o = o };
	struct dev d;
	struct live l;
	int code = spare_open(argv[0], &d, &l, &r.name);
	char path[SYSFS_NAME_LEN];

	(void)argc;
	if (code)
		return code;
	dev_close(&d);
	if (!r.name) {
		code = main_size(&r, o->main_path);
		return code ? code : with_devices(&r, argv[0], NULL);
	}
	if (o->main_path) {
		say_err("%s is open: its main is %s, no other one can be named", r.name,
			l.main_path);
		return EXIT_ARGS;
	}
	code = check_live(&l);
	if (!code)
		code = main_size(&r, l.main_path);
	snprintf(path, sizeof(path), "%s", l.spare_path);
	return code ? code : with_devices(&r, path, &l);
}

int cmd_resize_finish(const char *spare_path)
{
	struct dev d, in;
	int code = dev_open(&d, spare_path, "spare", DEV_WRITE);

	if (code)
		return code;
	code = dev_open(&in, spare_path, "spare", DEV_PEEK);
	if (!code) {
		say_warn("spare %s: a resize was cut short, it is finished now", spare_path);
		code = resize_finish(&d, &in);
		dev_close(&in);
	}
	dev_close(&d);
	return code;
}
