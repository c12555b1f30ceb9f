// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of messages: statuses, classes, flags, cuts and ranges. All of the
 * parsers give 0 or -EINVAL. The grammar is in rt.h.
 */
#include "rt.h"

static const struct {
	blk_status_t status;
	const char *name;
} rt_statuses[] = {
	{ BLK_STS_OK, "ok" },
	{ BLK_STS_IOERR, "ioerr" },
	{ BLK_STS_MEDIUM, "medium" },
	{ BLK_STS_TARGET, "target" },
	{ BLK_STS_PROTECTION, "protection" },
	{ BLK_STS_TRANSPORT, "transport" },
	{ BLK_STS_TIMEOUT, "timeout" },
	{ BLK_STS_OFFLINE, "offline" },
	{ BLK_STS_NOSPC, "nospc" },
	{ RT_STS_RESV, "nexus" },
	{ BLK_STS_NOTSUPP, "notsupp" },
	{ BLK_STS_RESOURCE, "resource" },
	{ BLK_STS_DEV_RESOURCE, "devresource" },
	{ BLK_STS_AGAIN, "again" },
};

static const struct {
	unsigned int ops;
	const char *name;
} rt_classes[] = {
	{ RT_READ, "read" },
	{ RT_WRITE, "write" },
	{ RT_FLUSH, "flush" },
	{ RT_DISCARD, "discard" },
	{ RT_ZEROES, "zeroes" },
	{ RT_FUA, "fua" },
	{ RT_META, "meta" },
	{ RT_READ | RT_WRITE, "both" },
	{ RT_ALL, "all" },
};

static const struct {
	blk_opf_t opf;
	const char *name;
} rt_flags[] = {
	{ REQ_RAHEAD, "ra" },
	{ REQ_FAILFAST_DEV, "failfast-dev" },
	{ REQ_FAILFAST_TRANSPORT, "failfast-transport" },
	{ REQ_FAILFAST_DRIVER, "failfast-driver" },
};

const char *rt_status_name(blk_status_t status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rt_statuses); i++)
		if (rt_statuses[i].status == status)
			return rt_statuses[i].name;
	return "other";
}

int rt_parse_status(const char *word, blk_status_t *status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rt_statuses); i++) {
		if (strcmp(rt_statuses[i].name, word))
			continue;
		*status = rt_statuses[i].status;
		return 0;
	}
	return -EINVAL;
}

static unsigned int rt_parse_class(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rt_classes); i++)
		if (!strcmp(rt_classes[i].name, word))
			return rt_classes[i].ops;
	return 0;
}

/* Cuts @words apart at the plus signs. */
int rt_parse_classes(char *words, unsigned int *ops)
{
	char *word;

	*ops = 0;
	while ((word = strsep(&words, "+"))) {
		unsigned int one = rt_parse_class(word);

		if (!one)
			return -EINVAL;
		*ops |= one;
	}
	return 0;
}

static blk_opf_t rt_parse_flag(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rt_flags); i++)
		if (!strcmp(rt_flags[i].name, word))
			return rt_flags[i].opf;
	return 0;
}

/* Cuts @words apart at the plus signs. */
int rt_parse_flags(char *words, blk_opf_t *opf)
{
	char *word;

	*opf = 0;
	while ((word = strsep(&words, "+"))) {
		blk_opf_t one = rt_parse_flag(word);

		if (!one)
			return -EINVAL;
		*opf |= one;
	}
	return 0;
}

int rt_parse_cut(const char *word, struct rt_cut *cut)
{
	cut->seed = 0;
	cut->how = RT_CUT_RANDOM;
	if (!strcmp(word, "none"))
		cut->how = RT_CUT_NONE;
	else if (!strcmp(word, "all"))
		cut->how = RT_CUT_ALL;
	else
		return kstrtou64(word, 0, &cut->seed);
	return 0;
}

/* <first> <nr> into a closed interval, within what a sector_t can say. */
int rt_parse_range(char **argv, sector_t *first, sector_t *last)
{
	u64 start;
	u64 nr;

	if (kstrtou64(argv[0], 0, &start) || kstrtou64(argv[1], 0, &nr))
		return -EINVAL;
	if (!nr || start + nr < start)
		return -EINVAL;
	*first = start;
	*last = start + nr - 1;
	return 0;
}
