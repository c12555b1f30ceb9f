/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Poolline: the answer to the message "pools", printed by the module and parsed
 * by the tool through the same table of fields.
 *
 *   answer := <head> <line for each pool>
 *   head   := "pools v1" memory=<ok or emergency> entries=<n>
 *   line   := <pool> <key>=<value> ...	  in the order of struct dmr_pool_stat
 *
 * A reader skips keys it does not know; a key once used keeps its meaning.
 */
#ifndef DMR_POOLLINE_H
#define DMR_POOLLINE_H

#include "plat.h"

/** enum dmr_memory - whether there is enough of it */
enum dmr_memory {
	DMR_MEMORY_OK,
	DMR_MEMORY_EMERGENCY,	/* reserves are kept for what must go on */
};

/** enum dmr_pool_kind - what is kept in pools */
enum dmr_pool_kind {
	DMR_POOL_HEALTH,	/* health records */
	DMR_POOL_CONTEXT,	/* recovery of a block */
	DMR_POOL_WORK,		/* work items */
	DMR_POOL_BUFFER,	/* 4 KiB each */
	DMR_POOLS,
};

/* Figures of a pool, one x-macro: name in the struct and on the line, what it says. All are u64. */
#define DMR_POOL_FIELDS(X)							\
	X(min,		"objects it keeps at least")				\
	X(max,		"objects it has at most")				\
	X(size,		"objects it has")					\
	X(idle,		"objects that nobody uses")				\
	X(reserve,	"objects kept for what must go on")			\
	X(allocs,	"objects handed out")					\
	X(frees,	"objects given back")					\
	X(hits,		"objects handed out that were idle")			\
	X(misses,	"objects that had to be allocated")			\
	X(emergency,	"objects handed out of the reserve")			\
	X(grows,	"times that it grew")					\
	X(shrinks,	"times that it shrank")					\
	X(in_use,	"objects in use")					\
	X(high_water,	"most objects in use at any time")			\
	X(failures,	"allocations that failed")				\
	X(refused,	"objects not taken back: not its own, or given back twice") \
	X(entries,	"times that it made memory short")

struct dmr_pool_stat {
#define DMR_POOL_FIELD(name, help) u64 name;
	DMR_POOL_FIELDS(DMR_POOL_FIELD)
#undef DMR_POOL_FIELD
};

/**
 * struct dmr_pool_head - what is said of all pools
 * @entries: how often memory ran short
 */
struct dmr_pool_head {
	enum dmr_memory memory;
	u64 entries;
};

/** dmr_pool_memory_words - ok emergency */
extern const char *const dmr_pool_memory_words[DMR_MEMORY_EMERGENCY + 1];

/** dmr_pool_memory_name() - ok emergency */
const char *dmr_pool_memory_name(enum dmr_memory m);

/** dmr_pool_name() - health context work buffer */
const char *dmr_pool_name(enum dmr_pool_kind k);

/** dmr_pool_head_format() - first line, without a newline. Return: length as scnprintf(). */
int dmr_pool_head_format(const struct dmr_pool_head *h, char *buf, size_t size);

/** dmr_pool_line_format() - line of a pool, without a newline. Return: length as scnprintf(). */
int dmr_pool_line_format(enum dmr_pool_kind k, const struct dmr_pool_stat *s, char *buf,
			 size_t size);

/**
 * dmr_pool_head_parse() - read the first line
 * @line: NUL-terminated, without a newline, not modified; never read past the NUL
 *
 * Return: 0; -EPROTO when it is not "pools v1"; -EINVAL on a malformed value, a
 * repeated or missing key. Unknown keys are skipped.
 */
int dmr_pool_head_parse(const char *line, struct dmr_pool_head *h);

/**
 * dmr_pool_line_parse() - read the line of a pool
 *
 * Return: 0; -EPROTO when it is of a pool that this version does not know; else as
 * dmr_pool_head_parse().
 */
int dmr_pool_line_parse(const char *line, enum dmr_pool_kind *k, struct dmr_pool_stat *s);

#endif
