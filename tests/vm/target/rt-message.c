// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: one row per verb. The grammar is in rt.h.
 */
#include "rt.h"

/* bad <first> <nr> <class> <status> [<count>] */
static int rt_msg_bad(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_range range = { .left = RT_FOREVER };

	if (rt_parse_range(argv, &range.first, &range.last) ||
	    rt_parse_classes(argv[2], &range.ops) ||
	    rt_parse_status(argv[3], &range.status))
		return -EINVAL;
	if (argc > 4 && (kstrtou64(argv[4], 0, &range.left) || !range.left))
		return -EINVAL;
	return rt_range_add(&dev->bad, &range);
}

/* pending <first> <nr> [<status>] */
static int rt_msg_pending(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_range range = {
		.ops = RT_READ,
		.status = BLK_STS_MEDIUM,
		.heals = true,
		.left = RT_FOREVER,
	};
	sector_t first;
	sector_t last;
	int r = 0;

	if (rt_parse_range(argv, &first, &last))
		return -EINVAL;
	if (argc > 2 && rt_parse_status(argv[2], &range.status))
		return -EINVAL;
	/* One range each, so that healing one splits nothing. */
	for (; first <= last && !r; first++) {
		range.first = first;
		range.last = first;
		r = rt_range_add(&dev->bad, &range);
	}
	return r;
}

/* scatter <first> <step> <n> <nr> <class> <status> */
static int rt_msg_scatter(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_range range = { .left = RT_FOREVER };
	u64 first;
	u64 step;
	u64 nr;
	u64 n;
	int r = 0;

	if (kstrtou64(argv[0], 0, &first) || kstrtou64(argv[1], 0, &step) ||
	    kstrtou64(argv[2], 0, &n) || kstrtou64(argv[3], 0, &nr) || !nr ||
	    rt_parse_classes(argv[4], &range.ops) ||
	    rt_parse_status(argv[5], &range.status))
		return -EINVAL;
	for (; n && !r; n--, first += step) {
		range.first = first;
		range.last = first + nr - 1;
		r = rt_range_add(&dev->bad, &range);
		cond_resched();
	}
	return r;
}

/* good <first> <nr> | good all */
static int rt_msg_good(struct rt_dev *dev, unsigned int argc, char **argv)
{
	sector_t first = 0;
	sector_t last = (sector_t)-1;

	if (argc == 1 && strcmp(argv[0], "all"))
		return -EINVAL;
	if (argc == 2 && rt_parse_range(argv, &first, &last))
		return -EINVAL;
	return rt_range_remove(&dev->bad, first, last);
}

/* fail <class> <status> [<count>] | fail none */
static int rt_msg_fail(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_rule rule = { .left = RT_FOREVER };

	if (argc == 1) {
		if (strcmp(argv[0], "none"))
			return -EINVAL;
		rt_rule_clear(dev);
		return 0;
	}
	if (rt_parse_classes(argv[0], &rule.ops) ||
	    rt_parse_status(argv[1], &rule.status))
		return -EINVAL;
	if (argc > 2 && (kstrtou64(argv[2], 0, &rule.left) || !rule.left))
		return -EINVAL;
	return rt_rule_add(dev, &rule);
}

/* <k> <class> <status> */
static int rt_msg_fail_kth(struct rt_dev *dev, char **argv, u64 times)
{
	struct rt_rule rule = { .left = times };

	if (kstrtou64(argv[0], 0, &rule.skip) || !rule.skip ||
	    rt_parse_classes(argv[1], &rule.ops) ||
	    rt_parse_status(argv[2], &rule.status))
		return -EINVAL;
	rule.skip--;
	return rt_rule_add(dev, &rule);
}

static int rt_msg_fail_nth(struct rt_dev *dev, unsigned int argc, char **argv)
{
	return rt_msg_fail_kth(dev, argv, 1);
}

static int rt_msg_fail_from(struct rt_dev *dev, unsigned int argc, char **argv)
{
	return rt_msg_fail_kth(dev, argv, RT_FOREVER);
}

/* delay <ms> <first> <nr> | delay <ms> all | delay none */
static int rt_msg_delay(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_range range = { .last = (sector_t)-1, .ops = RT_ALL };

	if (argc == 1) {
		if (strcmp(argv[0], "none"))
			return -EINVAL;
		return rt_range_remove(&dev->slow, 0, (sector_t)-1);
	}
	if (kstrtouint(argv[0], 0, &range.ms))
		return -EINVAL;
	if (argc == 2)
		return strcmp(argv[1], "all") ? -EINVAL :
		       rt_range_add(&dev->slow, &range);
	/* A flush has no address. */
	range.ops &= ~RT_FLUSH;
	if (rt_parse_range(argv + 1, &range.first, &range.last))
		return -EINVAL;
	return rt_range_add(&dev->slow, &range);
}

/* <first> <nr> <class> */
static int rt_msg_hold_in(struct rb_root_cached *tree, char **argv)
{
	struct rt_range range = {};

	if (rt_parse_range(argv, &range.first, &range.last) ||
	    rt_parse_classes(argv[2], &range.ops))
		return -EINVAL;
	return rt_range_add(tree, &range);
}

static int rt_msg_hold(struct rt_dev *dev, unsigned int argc, char **argv)
{
	return rt_msg_hold_in(&dev->holds, argv);
}

static int rt_msg_hold_end(struct rt_dev *dev, unsigned int argc, char **argv)
{
	return rt_msg_hold_in(&dev->end_holds, argv);
}

/* release [<first> <nr>] */
static int rt_msg_release(struct rt_dev *dev, unsigned int argc, char **argv)
{
	sector_t first = 0;
	sector_t last = (sector_t)-1;

	if (argc == 1 || (argc && rt_parse_range(argv, &first, &last)))
		return -EINVAL;
	rt_hold_release(dev, first, last);
	return 0;
}

/* flag <first> <nr> <class> <flags> | flag none */
static int rt_msg_flag(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_range range = {};

	if (argc == 1 && !strcmp(argv[0], "none"))
		return rt_range_remove(&dev->flags, 0, (sector_t)-1);
	if (argc != 4 || rt_parse_range(argv, &range.first, &range.last) ||
	    rt_parse_classes(argv[2], &range.ops) ||
	    rt_parse_flags(argv[3], &range.opf))
		return -EINVAL;
	return rt_range_add(&dev->flags, &range);
}

static int rt_msg_cache(struct rt_dev *dev, unsigned int argc, char **argv)
{
	if (dev->nocache)
		return -EINVAL;
	if (!strcmp(argv[0], "on"))
		return rt_cache_set(dev, true);
	if (!strcmp(argv[0], "off"))
		return rt_cache_set(dev, false);
	return -EINVAL;
}

static int rt_msg_powercut(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_cut cut;

	if (rt_parse_cut(argv[0], &cut))
		return -EINVAL;
	rt_power_cut(dev, &cut);
	return 0;
}

static int rt_msg_powercut_all(struct rt_dev *dev, unsigned int argc,
			       char **argv)
{
	return rt_msg_powercut(NULL, argc, argv);
}

/* cut-at <k> <class> <seed> | cut-at none */
static int rt_msg_cut_at(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_cut cut = {};
	unsigned int ops = 0;
	u64 k = 0;

	if (argc == 1) {
		if (strcmp(argv[0], "none"))
			return -EINVAL;
	} else if (argc != 3 || kstrtou64(argv[0], 0, &k) || !k ||
		   rt_parse_classes(argv[1], &ops) ||
		   rt_parse_cut(argv[2], &cut)) {
		return -EINVAL;
	}
	rt_power_arm(k, ops, &cut);
	return 0;
}

static int rt_msg_revive(struct rt_dev *dev, unsigned int argc, char **argv)
{
	rt_power_revive(dev);
	return 0;
}

static int rt_msg_revive_all(struct rt_dev *dev, unsigned int argc, char **argv)
{
	rt_power_revive(NULL);
	return 0;
}

static int rt_msg_log(struct rt_dev *dev, unsigned int argc, char **argv)
{
	bool data = !strcmp(argv[0], "data");

	if (data || !strcmp(argv[0], "on")) {
		rt_log_data_set(data);
		return rt_log_on();
	}
	if (!strcmp(argv[0], "off"))
		rt_log_off();
	else if (!strcmp(argv[0], "clear"))
		rt_log_clear();
	else
		return -EINVAL;
	return 0;
}

static int rt_msg_mark(struct rt_dev *dev, unsigned int argc, char **argv)
{
	u64 number;

	if (kstrtou64(argv[0], 0, &number))
		return -EINVAL;
	rt_log_mark(dev, number);
	return 0;
}

static int rt_msg_judge(struct rt_dev *dev, unsigned int argc, char **argv)
{
	u64 slots;

	if (argc == 1)
		return strcmp(argv[0], "off") ? -EINVAL : rt_judge_set(dev, 0);
	if (strcmp(argv[0], "on") || kstrtou64(argv[1], 0, &slots) || !slots)
		return -EINVAL;
	return rt_judge_set(dev, slots);
}

static int rt_msg_stats(struct rt_dev *dev, unsigned int argc, char **argv)
{
	if (strcmp(argv[0], "clear"))
		return -EINVAL;
	spin_lock_irq(&rt_lock);
	memset(&dev->stats, 0, sizeof(dev->stats));
	spin_unlock_irq(&rt_lock);
	return 0;
}

static int rt_msg_calm_all(struct rt_dev *dev, unsigned int argc, char **argv)
{
	struct rt_cut none = {};
	struct rt_dev *d;
	int r = 0;

	rt_log_off();
	rt_power_arm(0, 0, &none);
	list_for_each_entry(d, &rt_devs, list) {
		rt_rule_clear(d);
		r = rt_range_remove(&d->bad, 0, (sector_t)-1);
		if (!r)
			r = rt_range_remove(&d->slow, 0, (sector_t)-1);
		if (!r)
			r = rt_range_remove(&d->flags, 0, (sector_t)-1);
		if (r)
			return r;
		rt_hold_release(d, 0, (sector_t)-1);
	}
	return 0;
}

static const struct {
	const char *verb;
	unsigned int min;
	unsigned int max;
	int (*fn)(struct rt_dev *dev, unsigned int argc, char **argv);
} rt_verbs[] = {
	{ "bad", 4, 5, rt_msg_bad },
	{ "pending", 2, 3, rt_msg_pending },
	{ "scatter", 6, 6, rt_msg_scatter },
	{ "good", 1, 2, rt_msg_good },
	{ "fail", 1, 3, rt_msg_fail },
	{ "fail-nth", 3, 3, rt_msg_fail_nth },
	{ "fail-from", 3, 3, rt_msg_fail_from },
	{ "delay", 1, 3, rt_msg_delay },
	{ "hold", 3, 3, rt_msg_hold },
	{ "hold-end", 3, 3, rt_msg_hold_end },
	{ "release", 0, 2, rt_msg_release },
	{ "flag", 1, 4, rt_msg_flag },
	{ "cache", 1, 1, rt_msg_cache },
	{ "powercut", 1, 1, rt_msg_powercut },
	{ "powercut-all", 1, 1, rt_msg_powercut_all },
	{ "cut-at", 1, 3, rt_msg_cut_at },
	{ "revive", 0, 0, rt_msg_revive },
	{ "revive-all", 0, 0, rt_msg_revive_all },
	{ "log", 1, 1, rt_msg_log },
	{ "mark", 1, 1, rt_msg_mark },
	{ "judge", 1, 2, rt_msg_judge },
	{ "stats", 1, 1, rt_msg_stats },
	{ "calm-all", 0, 0, rt_msg_calm_all },
};

/* Process context, under the devices' mutex. */
int rt_message_do(struct rt_dev *dev, unsigned int argc, char **argv)
{
	unsigned int i;
	int r;

	for (i = 0; i < ARRAY_SIZE(rt_verbs); i++)
		if (!strcmp(rt_verbs[i].verb, argv[0]))
			break;
	if (i == ARRAY_SIZE(rt_verbs)) {
		DMERR("%s: unknown message %s", dev->key, argv[0]);
		return -EINVAL;
	}
	argc--;
	argv++;
	if (argc < rt_verbs[i].min || argc > rt_verbs[i].max) {
		DMERR("%s: %s: wrong number of words", dev->key,
		      rt_verbs[i].verb);
		return -EINVAL;
	}
	r = rt_verbs[i].fn(dev, argc, argv);
	if (r)
		DMERR("%s: %s: error %d", dev->key, rt_verbs[i].verb, r);
	return r;
}

int rt_message(struct dm_target *ti, unsigned int argc, char **argv,
	       char *result, unsigned int maxlen)
{
	int r;

	mutex_lock(&rt_devs_mutex);
	r = rt_message_do(ti->private, argc, argv);
	mutex_unlock(&rt_devs_mutex);
	return r;
}
