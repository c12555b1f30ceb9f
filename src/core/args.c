// SPDX-License-Identifier: GPL-2.0-only
/*
 * Args: the words of the table line and of messages.
 *
 * Decisions: the words are exact (no abbreviations, no case folding, no signs
 * before numbers), and a feature may be given once: what a line says is then
 * what status prints. Parsing works on a copy, so a bad line changes nothing.
 */
#include "args.h"
#include "format.h"

static const char *const policy_name[] = {
	[DMR_POLICY_REMAP] = "remap",
	[DMR_POLICY_RECORD] = "record",
	[DMR_POLICY_OFF] = "off",
};

const char *dmr_args_policy_name(enum dmr_policy p)
{
	return (unsigned int)p < ARRAY_SIZE(policy_name) ? policy_name[p] : "unknown";
}

int dmr_args_policy_parse(const char *word, enum dmr_policy *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(policy_name); i++) {
		if (!strcmp(word, policy_name[i])) {
			*p = (enum dmr_policy)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Digits only: what kstrtou64() also takes (a sign, a newline) is not a number here. */
static int parse_long(const char *word, u64 min, u64 max, u64 *out)
{
	const char *c;
	u64 v;

	for (c = word; *c; c++)
		if (*c < '0' || *c > '9')
			return -EINVAL;
	if (dmr_plat_parse_u64(word, &v) || v < min || v > max)
		return -EINVAL;
	*out = v;
	return 0;
}

static int parse_number(const char *word, u32 min, u32 max, u32 *out)
{
	u64 v;

	if (parse_long(word, min, max, &v))
		return -EINVAL;
	*out = (u32)v;
	return 0;
}

void dmr_args_init(struct dmr_args *a)
{
	memset(a, 0, sizeof(*a));
	a->policy = DMR_POLICY_REMAP;
	a->allowance = DMR_ALLOWANCE_DEFAULT;
	a->hold_s = DMR_HOLD_DEFAULT_S;
	a->low_pct = DMR_LOW_DEFAULT_PCT;
	a->critical_pct = DMR_CRITICAL_DEFAULT_PCT;
	a->slow_ms = DMR_SLOW_DEFAULT_MS;
}

/* ---- features: one row each ---- */

static int set_policy(struct dmr_args *a, const char *value)
{
	return dmr_args_policy_parse(value, &a->policy);
}

static int set_allowance(struct dmr_args *a, const char *value)
{
	return parse_number(value, 0, DMR_ALLOWANCE_MAX, &a->allowance);
}

static int set_hold(struct dmr_args *a, const char *value)
{
	return parse_number(value, 1, DMR_HOLD_MAX_S, &a->hold_s);
}

static int set_low(struct dmr_args *a, const char *value)
{
	return parse_number(value, 0, DMR_LOW_MAX_PCT, &a->low_pct);
}

static int set_critical(struct dmr_args *a, const char *value)
{
	return parse_number(value, 0, DMR_LOW_MAX_PCT, &a->critical_pct);
}

static int set_slow(struct dmr_args *a, const char *value)
{
	return parse_number(value, 0, DMR_SLOW_MAX_MS, &a->slow_ms);
}

static int set_force_readonly(struct dmr_args *a, const char *value)
{
	if (*value)
		return -EINVAL;
	a->force_readonly = true;
	return 0;
}

/* A name that ends in ':' takes a value. */
static const struct {
	const char *name;
	int (*set)(struct dmr_args *a, const char *value);
	const char *bad;
} features[] = {
	{ "policy:", set_policy, "Feature policy must be policy:remap, :record or :off" },
	{ "allowance:", set_allowance, "Feature allowance must be allowance:<n>, 0 to 65536" },
	{ "hold:", set_hold, "Feature hold must be hold:<seconds>, 1 to 600" },
	{ "low:", set_low, "Feature low must be low:<percent>, 0 to 99" },
	{ "critical:", set_critical, "Feature critical must be critical:<percent>, 0 to 99" },
	{ "slow:", set_slow, "Feature slow must be slow:<ms>, 0 to 600000" },
	{ "force_readonly", set_force_readonly, "Feature force_readonly takes no value" },
};

static int parse_feature(struct dmr_args *a, const char *word, u32 *seen, const char **err)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const size_t len = strlen(features[i].name);

		if (strncmp(word, features[i].name, len))
			continue;
		*err = "Feature given twice: give each feature once";
		if (*seen >> i & 1)
			return -EINVAL;
		*seen |= 1u << i;
		*err = features[i].bad;
		return features[i].set(a, word + len);
	}
	*err =
	    "Unknown feature: policy:, allowance:, hold:, low:, critical:, slow:, force_readonly";
	return -EINVAL;
}

int dmr_args_parse(unsigned int argc, char *const *argv, struct dmr_args *a, const char **err)
{
	struct dmr_args tmp;
	unsigned int i;
	u32 seen = 0;
	u32 n;

	dmr_args_init(&tmp);
	if (argc && (parse_number(argv[0], 0, ~0u, &n) || n != argc - 1)) {
		*err = "Number of feature arguments does not fit: it counts the words after it";
		return -EINVAL;
	}
	for (i = 1; i < argc; i++)
		if (parse_feature(&tmp, argv[i], &seen, err))
			return -EINVAL;
	*a = tmp;
	return 0;
}

int dmr_args_format(const struct dmr_args *a, char *buf, size_t size)
{
	const bool policy = a->policy != DMR_POLICY_REMAP;
	const bool allowance = a->allowance != DMR_ALLOWANCE_DEFAULT;
	const bool hold = a->hold_s != DMR_HOLD_DEFAULT_S;
	const bool low = a->low_pct != DMR_LOW_DEFAULT_PCT;
	const bool critical = a->critical_pct != DMR_CRITICAL_DEFAULT_PCT;
	const bool slow = a->slow_ms != DMR_SLOW_DEFAULT_MS;
	const int n = policy + allowance + hold + low + critical + slow + a->force_readonly;
	int len;

	if (!n)
		return scnprintf(buf, size, "%s", "");
	len = scnprintf(buf, size, "%d", n);
	if (policy)
		len += scnprintf(buf + len, size - len, " policy:%s",
				 dmr_args_policy_name(a->policy));
	if (allowance)
		len += scnprintf(buf + len, size - len, " allowance:%u", a->allowance);
	if (hold)
		len += scnprintf(buf + len, size - len, " hold:%u", a->hold_s);
	if (low)
		len += scnprintf(buf + len, size - len, " low:%u", a->low_pct);
	if (critical)
		len += scnprintf(buf + len, size - len, " critical:%u", a->critical_pct);
	if (slow)
		len += scnprintf(buf + len, size - len, " slow:%u", a->slow_ms);
	if (a->force_readonly)
		len += scnprintf(buf + len, size - len, " force_readonly");
	return len;
}

/* ---- messages ---- */

static int thaw_message(unsigned int argc, char *const *argv, struct dmr_msg *m, const char **err)
{
	if (argc == 1)
		return 0;
	*err = "Message thaw takes one number at most, from 1 to 65536";
	return argc == 2 ? parse_number(argv[1], 1, DMR_ALLOWANCE_MAX, &m->grant) : -EINVAL;
}

static int policy_message(unsigned int argc, char *const *argv, struct dmr_msg *m,
			  const char **err)
{
	*err = "Message policy takes one word: remap, record or off";
	return argc == 2 ? dmr_args_policy_parse(argv[1], &m->policy) : -EINVAL;
}

/* Blocks of main: an entry has 40 bits for their numbers. */
static int parse_range(unsigned int argc, char *const *argv, u32 i, struct dmr_range *range)
{
	const u64 most = 1ull << DMR_ENTRY_MBLK_BITS;

	range->count = 1;
	if (parse_long(argv[1 + 2 * i], 0, most - 1, &range->first.v))
		return -EINVAL;
	return argc == 2 ? 0 : parse_long(argv[2 + 2 * i], 1, most - range->first.v,
					  &range->count);
}

struct dmr_range dmr_args_range(unsigned int argc, char *const *argv, u32 i)
{
	struct dmr_range range = { { 0 }, 0 };

	parse_range(argc, argv, i, &range);
	return range;
}

static int blocks_message(unsigned int argc, char *const *argv, struct dmr_msg *m,
			  const char **err)
{
	struct dmr_range range;
	u32 i;

	*err = "This message takes a block of 4 KiB, or blocks and how many from each on";
	if (argc < 2 || (argc > 2 && argc % 2 == 0))
		return -EINVAL;
	m->ranges = argc / 2;
	*err = "Too many ranges of blocks in one message: at most 2048";
	if (m->ranges > DMR_RANGES_MAX)
		return -EINVAL;
	for (i = 0; i < m->ranges; i++) {
		*err = "Not a block of main and how many from it on, in decimal digits";
		if (parse_range(argc, argv, i, &range))
			return -EINVAL;
		*err = "Ranges of blocks must be in ascending order, and have no block twice";
		if (range.first.v < m->end.v)
			return -EINVAL;
		m->end.v = range.first.v + range.count;
		m->count += range.count;
	}
	return 0;
}

static int cancel_message(unsigned int argc, char *const *argv, struct dmr_msg *m,
			  const char **err)
{
	*err = "Message cancel takes the number of a job, as jobs shows it";
	return argc == 2 ? parse_number(argv[1], 1, ~0u, &m->job) : -EINVAL;
}

static int health_message(unsigned int argc, char *const *argv, struct dmr_msg *m,
			  const char **err)
{
	m->count = DMR_HEALTH_DEFAULT_N;
	if (argc == 1)
		return 0;
	*err = "Message health takes one number at most, of regions to show, from 1 to 65536";
	return argc == 2 ? parse_long(argv[1], 1, DMR_HEALTH_MAX_N, &m->count) : -EINVAL;
}

/* ---- messages: one row each; those without a parser are a word by themselves ---- */

static const struct {
	const char *name;
	enum dmr_msg_verb verb;
	int (*parse)(unsigned int argc, char *const *argv, struct dmr_msg *m, const char **err);
} messages[] = {
	{ "freeze", DMR_MSG_FREEZE, NULL },
	{ "thaw", DMR_MSG_THAW, thaw_message },
	{ "policy", DMR_MSG_POLICY, policy_message },
	{ "remap", DMR_MSG_REMAP, blocks_message },
	{ "unmap", DMR_MSG_UNMAP, blocks_message },
	{ "verify", DMR_MSG_VERIFY, NULL },
	{ "jobs", DMR_MSG_JOBS, NULL },
	{ "cancel", DMR_MSG_CANCEL, cancel_message },
	{ "health", DMR_MSG_HEALTH, health_message },
	{ "pools", DMR_MSG_POOLS, NULL },
	{ "stats", DMR_MSG_STATS, NULL },
	{ "help", DMR_MSG_HELP, NULL },
};

const char dmr_args_help[] =
	"freeze                   make no new remaps\n"
	"thaw [<n>]               make them again; n verdicts may stand without evidence\n"
	"policy remap|record|off  what to do with a bad block\n"
	"remap <block> [<count>]  move readable blocks of 4 KiB to the spare\n"
	"unmap <block> [<count>]  move blocks back to main, where it takes them\n"
	"                         both: <block> <count> again and again, ascending, 2048 at most\n"
	"verify                   compare all copies of the metadata, repair what differs\n"
	"jobs                     progress and outcome of remap, unmap and verify\n"
	"cancel <job>             stop one of them\n"
	"health [<n>]             the n regions of main that are worst, 64 if not said\n"
	"pools                    memory kept in reserve\n"
	"stats                    the counters\n"
	"help                     this list\n";

static int parse_message(unsigned int argc, char *const *argv, struct dmr_msg *m, const char **err)
{
	unsigned int i;

	*err = "Unknown message: the message help lists them";
	for (i = 0; argc && i < ARRAY_SIZE(messages); i++) {
		if (strcmp(argv[0], messages[i].name))
			continue;
		m->verb = messages[i].verb;
		if (messages[i].parse)
			return messages[i].parse(argc, argv, m, err);
		*err = "This message takes no arguments";
		return argc == 1 ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int dmr_args_message(unsigned int argc, char *const *argv, struct dmr_msg *m, const char **err)
{
	struct dmr_msg tmp;
	const char *why;

	memset(&tmp, 0, sizeof(tmp));
	if (parse_message(argc, argv, &tmp, &why)) {
		*err = why;
		return -EINVAL;
	}
	*m = tmp;
	return 0;
}
