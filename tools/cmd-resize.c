// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command resize: the set takes the sizes that its devices have now, or the spare
 * one that it is about to have. Of an open set: suspend, which closes it in order;
 * resize.h; a new table; resume. Nothing may be needed from a disk in between,
 * which could be this one: the program is locked into memory, and what it has to
 * say waits. Nor may it be ended by a signal.
 *
 * Before resize_write() has begun, the old table is resumed as if nothing had been.
 * After that only a new one may be: the old one knows nothing of what is there now.
 * Nor does this program when it finds the device suspended: then it is a new one, too.
 */
#include <signal.h>
#include <sys/mman.h>

#include "cmd.h"
#include "ident.h"
#include "live.h"
#include "resize.h"
#include "say.h"
#include "spare.h"

/**
 * struct order - what is to be done
 * @name: of an open set; NULL: the spare is closed
 * @main_dev: its size counts; NULL: as it was
 * @now_main_sect: what the spare says by now
 * @begun: it may be another set than the table knows
 * @half: and one that only a resize can finish
 */
struct order {
	const struct cmd_opts *o;
	const char *name;
	struct dev *main_dev;
	struct dev *d;
	struct dev *in;
	u64 now_main_sect;
	bool begun;
	bool half;
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
	if (w->judge || !w->sb) {
		say_err("spare %s %s: dmremap check says more", r->d->path,
			walk_judge_text(w->judge ? w->judge : -ENOSPC));
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
	return resize_plan(z, r->main_dev ? r->main_dev->sect : sb->main_sect,
			   r->o->spare_bytes ? r->o->spare_bytes / DMR_SECT_BYTES : r->d->sect);
}

/* What is there now, as a loader sees it */
static int check_written(struct order *r)
{
	struct walk w;
	int code;

	dev_uncache(r->d);
	walk_begin(&w, dev_read_slots, r->in, r->in->sect, NULL, NULL);
	if (!w.judge)
		walk_table(&w);
	code = w.judge || !w.sb || w.losts || resize_unfinished(&w) ? EXIT_DEVICE : 0;
	if (!code)
		r->now_main_sect = w.sb->main_sect;
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
	r->half = z.begun && z.places;
	if (!code && z.places)
		code = resize_finish(r->d, r->in);
	resize_free(&z);
	if (!code)
		code = check_written(r);
	r->half &= code != 0;
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
		r->half = code != 0;
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

static int new_table(struct order *r, const struct live *l, const char *params)
{
	return dm_reload(r->name, r->now_main_sect ? r->now_main_sect : l->sect, params);
}

/* Suspended: nothing of this program may have to be read from a disk that waits for us */
static int while_suspended(struct order *r, const struct live *l, const char *params)
{
	int code = resize_closed(r);
	bool fresh = r->begun || l->dm.suspended;
	int err = 0;

	dev_uncache(r->d);	/* all writes were direct: nothing of ours comes later */
	/* half a new set: only the one who finishes it may go on */
	if (r->half)
		err = code;
	if (!err && fresh)
		err = new_table(r, l, params);
	if (!err)
		err = dm_resume(r->name);
	if (!err)
		return code;
	say_err("%s stays suspended, so that nothing is written past what is on the spare now: when the spare is well, dmremap resize %s goes on",
		r->name, r->name);
	return err;
}

/* Not to be ended, swapped out or held up from here on */
static int brace(sigset_t *old)
{
	sigset_t all;

	if (mlockall(MCL_CURRENT | MCL_FUTURE)) {
		say_err("the program cannot be locked into memory: %s; raise the limit for locked memory",
			strerror(errno));
		return EXIT_MEMORY;
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, old);
	say_hold(true);
	return 0;
}

static void relax(const sigset_t *old)
{
	say_hold(false);
	sigprocmask(SIG_SETMASK, old, NULL);
	munlockall();
}

static int resize_open(struct order *r, const struct live *l)
{
	sigset_t old;
	char *params;
	int code;

	if (dm_line(r->name, true, &params, NULL)) {
		say_err("device %s: the kernel does not say its table; dmesg may say more",
			r->name);
		return EXIT_DEVICE;
	}
	code = brace(&old);
	if (!code) {
		if (!l->dm.suspended)
			code = dm_suspend(r->name);
		if (!code)
			code = while_suspended(r, l, params);
		relax(&old);
	}
	free(params);
	return code;
}

/* ---- the command ---- */

/* What would be done, from what is there now; for an open set that is a snapshot */
static int preview(struct order *r, const struct live *l, bool *nothing)
{
	struct resize z = {};
	struct walk w;
	int code = spare_walk(r->in, &w);

	*nothing = false;
	z.w = &w;
	if (!code && r->main_dev)
		code = ident_compare(r->main_dev, w.sb, false);
	if (!code && resize_unfinished(&w)) {
		say_info("a resize that was cut short is finished first");
	} else if (!code) {
		code = l ? 0 : check_spare(r, &w);
		if (!code)
			code = plan(r, &z);
		/* a table of before may have been left behind, or one that stopped half way */
		*nothing = !code && resize_same(&z) &&
			   !(l && (l->dm.suspended || l->sect < w.sb->main_sect));
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
	int code = preview(r, l, &nothing);

	/* what cannot be seen from here is seen when nobody writes */
	if (code && !(l && l->dm.suspended))
		return code;
	if (nothing) {
		say_info("%s has the sizes of its devices", r->name ? r->name : r->d->path);
		return 0;
	}
	if (r->o->dry_run)
		return code;
	if (!confirmed(r))
		return EXIT_ARGS;
	code = l ? resize_open(r, l) : resize_closed(r);
	if (!code)
		say_info("%s: done", r->name ? r->name : r->d->path);
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
		dev_write_direct(&d);
		code = resize(r, l);
		r->in = NULL;
		dev_close(&in);
	}
	r->d = NULL;
	dev_close(&d);
	return code;
}

static int with_main(struct order *r, const char *main_path, const char *path,
		     const struct live *l)
{
	struct dev main_dev;
	int code;

	if (!main_path)
		return with_devices(r, path, l);
	code = dev_open(&main_dev, main_path, "main", DEV_PEEK);
	if (code)
		return code;
	r->main_dev = &main_dev;
	code = with_devices(r, path, l);
	r->main_dev = NULL;
	dev_close(&main_dev);
	return code;
}

int cmd_resize(const struct cmd_opts *o, int argc, char **argv)
{
	struct order r = { .o = o };
	struct dev d;
	struct live l;
	int code = spare_open(argv[0], &d, &l, &r.name);

	(void)argc;
	if (code)
		return code;
	dev_close(&d);
	if (!r.name)
		return with_main(&r, o->main_path, argv[0], NULL);
	if (o->main_path) {
		say_err("%s is open: its main is %s, no other one can be named", r.name,
			l.main_path);
		return EXIT_ARGS;
	}
	code = check_live(&l);
	return code ? code : with_main(&r, l.main_path, l.spare_path, &l);
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
		dev_write_direct(&d);
		code = resize_finish(&d, &in);
		dev_close(&in);
	}
	dev_close(&d);
	return code;
}
