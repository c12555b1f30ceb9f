/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Args: the words of the table line and of messages, parsed and printed by the
 * same file, used by the module and by the tool alike.
 *
 *   table    := <main device> <spare device> [<#feature args> <feature>...]
 *   feature  := policy:(remap|record|off) | allowance:<n> | hold:<seconds> |
 *		 low:<percent> | critical:<percent> | slow:<ms> | force_readonly
 *   message  := freeze | thaw [<n>] | policy (remap|record|off) |
 *		 remap <blocks> | unmap <blocks> | verify |
 *		 jobs | cancel <job> | health [<n>] | pools | stats | help
 *   blocks   := <block> | <block> <count> [<block> <count>]...
 *
 *   allowance: 0 to 65536, default 16. hold: 1 to 600, default 60.
 *   low, critical: 0 (never) to 99, default 20 and 5.
 *   slow: 0 (never) to 600000, default 1000.
 */
#ifndef DMR_ARGS_H
#define DMR_ARGS_H

#include "units.h"
#include "verdict.h"

enum dmr_policy {
	DMR_POLICY_REMAP,
	DMR_POLICY_RECORD,
	DMR_POLICY_OFF,
};

#define DMR_HOLD_DEFAULT_S	60u
#define DMR_HOLD_MAX_S		600u
#define DMR_LOW_DEFAULT_PCT	20u
#define DMR_CRITICAL_DEFAULT_PCT 5u
#define DMR_LOW_MAX_PCT		99u
#define DMR_SLOW_DEFAULT_MS	1000u
#define DMR_SLOW_MAX_MS		600000u
#define DMR_HEALTH_DEFAULT_N	64u
#define DMR_HEALTH_MAX_N	65536u
#define DMR_RANGES_MAX		2048u	/* in one message */

/**
 * struct dmr_args - the feature arguments of a table line
 * @low_pct, @critical_pct: marks of free slots, see lowwater.h; 0: none
 * @slow_ms: an I/O of main that takes longer is noted; 0: none is
 */
struct dmr_args {
	enum dmr_policy policy;
	u32 allowance;
	u32 hold_s;
	u32 low_pct;
	u32 critical_pct;
	u32 slow_ms;
	bool force_readonly;
};

/** dmr_args_init() - every feature at its default */
void dmr_args_init(struct dmr_args *a);

/**
 * dmr_args_parse() - the words after <main device> <spare device>
 * @argv: @argc words, the first (if any) is the number of the rest
 * @a: filled in; defaults where nothing is said
 * @err: a sentence with advice on failure
 *
 * Return: 0 or -EINVAL (wrong count, unknown or repeated feature, value out of range).
 */
int dmr_args_parse(unsigned int argc, char *const *argv, struct dmr_args *a, const char **err);

/**
 * dmr_args_format() - "<#feature args> <feature>..." with every feature that is
 * not at its default, or "" when all are. Return: length as scnprintf().
 */
int dmr_args_format(const struct dmr_args *a, char *buf, size_t size);

/** dmr_args_policy_name() - "remap", "record", "off" or "unknown" */
const char *dmr_args_policy_name(enum dmr_policy p);

/** dmr_args_policy_parse() - the policy of that name; -EINVAL leaves @p alone */
int dmr_args_policy_parse(const char *word, enum dmr_policy *p);

enum dmr_msg_verb {
	DMR_MSG_FREEZE,
	DMR_MSG_THAW,
	DMR_MSG_POLICY,
	DMR_MSG_REMAP,
	DMR_MSG_UNMAP,
	DMR_MSG_VERIFY,
	DMR_MSG_JOBS,
	DMR_MSG_CANCEL,
	DMR_MSG_HEALTH,
	DMR_MSG_POOLS,
	DMR_MSG_STATS,
	DMR_MSG_HELP,
};

/** struct dmr_range - blocks of main from @first on */
struct dmr_range {
	struct dmr_mblk first;
	u64 count;
};

/**
 * struct dmr_msg - a parsed message
 * @grant: thaw's <n>; 0: not given
 * @ranges: of remap and unmap: how many; dmr_args_range() has each
 * @end: the block after the last of them; whether main has so many is not known here
 * @count: blocks in all of them; health's <n>, or its default, too
 * @job: cancel's <job>
 */
struct dmr_msg {
	enum dmr_msg_verb verb;
	u32 grant;
	enum dmr_policy policy;
	u32 ranges;
	struct dmr_mblk end;
	u64 count;
	u32 job;
};

/** dmr_args_help() - the messages there are, a line each */
extern const char dmr_args_help[];

/** dmr_args_message() - parse a message; -EINVAL with a sentence in @err changes nothing */
int dmr_args_message(unsigned int argc, char *const *argv, struct dmr_msg *m, const char **err);

/** dmr_args_range() - range @i of a remap or unmap, of the words that dmr_args_message() took */
struct dmr_range dmr_args_range(unsigned int argc, char *const *argv, u32 i);

#endif
