// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live: both lines of a device in one struct. The kernel's words are parsed
 * by the same core file that prints them there.
 */
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "dev.h"
#include "live.h"
#include "say.h"

#define TABLE_WORDS_MAX	16

const char *live_name(const char *arg)
{
	static const char dir[] = "/dev/mapper/";

	return strncmp(arg, dir, sizeof(dir) - 1) ? arg : arg + sizeof(dir) - 1;
}

static int parse_dev(const char *word, dev_t *dev)
{
	char *end;
	unsigned long maj, min;

	maj = strtoul(word, &end, 10);
	if (end == word || *end != ':')
		return -EINVAL;
	word = end + 1;
	min = strtoul(word, &end, 10);
	if (end == word || *end)
		return -EINVAL;
	*dev = makedev(maj, min);
	return 0;
}

/* "M:m M:m [features]"; cuts up @line */
static int parse_table(char *line, struct live *l)
{
	char *word[TABLE_WORDS_MAX], *save, *p;
	const char *err;
	unsigned int n = 0;

	for (p = strtok_r(line, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
		if (n == TABLE_WORDS_MAX)
			return -EPROTO;
		word[n++] = p;
	}
	if (n < 2 || parse_dev(word[0], &l->main_dev) || parse_dev(word[1], &l->spare_dev))
		return -EPROTO;
	sysfs_devpath(l->main_dev, l->main_path);
	sysfs_devpath(l->spare_dev, l->spare_path);
	return dmr_args_parse(n - 2, word + 2, &l->args, &err) ? -EPROTO : 0;
}

static int not_found(const char *name, int err)
{
	switch (-err) {
	case ENXIO:
		say_err("there is no device %s: dmremap status lists those that are open", name);
		break;
	case ENODEV:
		say_err("device %s is no dm-remap device: dmremap status lists those that are",
			name);
		break;
	case EPROTO:
	case EINVAL:
		say_err("device %s: its status or table line is not understood; module and tool are of different versions, update the older one",
			name);
		break;
	default:
		say_err("device %s: the kernel does not answer: %s; dmesg may say more",
			name, strerror(-err));
	}
	return EXIT_DEVICE;
}

int live_get(const char *name, struct live *l)
{
	char *table = NULL, *status = NULL;
	int code = dm_ready();
	int err;

	if (code)
		return code;
	memset(l, 0, sizeof(*l));
	err = dm_find(name, &l->dm);
	if (!err)
		err = dm_line(name, true, &table, &l->sect);
	if (!err)
		err = dm_line(name, false, &status, NULL);
	if (!err)
		err = parse_table(table, l);
	if (!err)
		err = dmr_status_parse(status, &l->st);
	free(table);
	free(status);
	return err ? not_found(name, err) : 0;
}

int live_send(const char *name, const char *text)
{
	struct live l;
	int code = live_get(name, &l);

	return code ? code : dm_message(name, text);
}

int live_tell_mode(const char *name)
{
	struct live l;
	int code = live_get(name, &l);

	if (code)
		return code;
	printf("%s: mode %s, policy %s, allowance %u\n", name, dmr_status_mode_name(l.st.mode),
	       dmr_args_policy_name(l.st.policy), l.st.allowance_left);
	live_warn(&l);
	return 0;
}

u32 live_copies_insync(const struct dmr_status *st)
{
	u32 i, n = 0;

	for (i = 0; i < st->copies; i++)
		n += st->copy_state[i] == DMR_COPY_INSYNC;
	return n;
}

static void warn_users(const struct live *l)
{
	char user[DEV_USER_LEN];

	if (dev_other_user(l->main_dev, l->dm.dev, user))
		say_warn("%s: its main %s is %s besides: what is written there goes past the map and is lost, or read as old data. Release it",
			 l->dm.name, l->main_path, user);
	if (dev_other_user(l->spare_dev, l->dm.dev, user))
		say_warn("%s: its spare %s is %s besides: whoever writes there destroys the set. Release it",
			 l->dm.name, l->spare_path, user);
}

void live_warn(const struct live *l)
{
	const struct dmr_status *st = &l->st;
	const char *name = l->dm.name;

	warn_users(l);
	if (st->forced)
		say_warn("%s is up read-only by force, over metadata that is not whole: what it reads may be old. Copy off what you need and check it",
			 name);
	if (st->mode == DMR_MODE_FROZEN)
		say_warn("%s is frozen (%s): blocks that fail are not remapped. When the cause is gone: dmremap thaw %s",
			 name, dmr_status_why_name(st->why), name);
	if (st->mode == DMR_MODE_MAP_RO)
		say_warn("%s takes no new remaps (%s). When the spare is well again: dmremap thaw %s",
			 name, dmr_status_why_name(st->why), name);
	if (st->mode == DMR_MODE_FAIL)
		say_warn("%s has lost its spare %s (%s): blocks that live there fail. When it is back: dmremap thaw %s",
			 name, l->spare_path, dmr_status_why_name(st->why), name);
	if (st->mode != DMR_MODE_INACTIVE && st->copies && live_copies_insync(st) < 2)
		say_warn("%s has only %u copy of its metadata in sync: what is mapped works, nothing new is mapped until another one is rewritten (dmremap thaw %s, or close and open)",
			 name, live_copies_insync(st), name);
	if (st->room == DMR_LEVEL_LOW || st->room == DMR_LEVEL_CRITICAL)
		say_warn("%s has only %ju free slots left on its spare: move to a larger spare, or replace the disk, while there is time",
			 name, (uintmax_t)st->slots_free);
	if (st->mode != DMR_MODE_INACTIVE && !st->slots_free)
		say_warn("%s has no free slot left: the next block that fails cannot be moved. Replace the disk",
			 name);
}
