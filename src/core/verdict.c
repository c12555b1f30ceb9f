// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdict: classes of errors, and the breaker.
 *
 * Decisions: a status not known is passed up and counts for nothing: a new
 * kernel's new status must not remap anything. A duration outranks the status,
 * since timeouts arrive under several names.
 */
#include "verdict.h"

enum dmr_class dmr_verdict_classify(enum dmr_sts sts, bool rw, bool may_fail, bool slow)
{
	if (sts == DMR_STS_OK || sts == DMR_STS_AGAIN || !rw || may_fail)
		return DMR_CLASS_PASS;
	if (slow)
		return DMR_CLASS_PATH;

	switch (sts) {
	case DMR_STS_MEDIUM:
	case DMR_STS_IOERR:
	case DMR_STS_TARGET:
	case DMR_STS_PROTECTION:
		return DMR_CLASS_CANDIDATE;
	case DMR_STS_TRANSPORT:
	case DMR_STS_TIMEOUT:
	case DMR_STS_OFFLINE:
		return DMR_CLASS_PATH;
	default:
		return DMR_CLASS_PASS;
	}
}

void dmr_breaker_init(struct dmr_breaker *b, u32 allowance)
{
	b->allowance = allowance < DMR_ALLOWANCE_MAX ? allowance : DMR_ALLOWANCE_MAX;
	dmr_breaker_thaw(b, 0);
}

void dmr_breaker_write_ok(struct dmr_breaker *b)
{
	/* A larger grant stands until it is used. */
	if (b->left < b->allowance)
		b->left = b->allowance;
	b->path_row = 0;
}

void dmr_breaker_read_ok(struct dmr_breaker *b)
{
	b->path_row = 0;
}

/* One more in a row of @max that freeze; stays there, so that it cannot wrap. */
static bool row_full(u32 *row, u32 max)
{
	if (*row < max)
		++*row;
	return *row >= max;
}

bool dmr_breaker_path(struct dmr_breaker *b)
{
	return row_full(&b->path_row, DMR_BREAKER_PATH_MAX);
}

bool dmr_breaker_probe(struct dmr_breaker *b, bool ok)
{
	if (!ok)
		return row_full(&b->probe_row, DMR_BREAKER_PROBE_MAX);
	b->probe_row = 0;
	return false;
}

enum dmr_spend dmr_breaker_spend(struct dmr_breaker *b)
{
	if (!b->left)
		return DMR_SPEND_NO;
	return --b->left ? DMR_SPEND_YES : DMR_SPEND_LAST;
}

void dmr_breaker_thaw(struct dmr_breaker *b, u32 grant)
{
	if (grant > DMR_ALLOWANCE_MAX)
		grant = DMR_ALLOWANCE_MAX;
	b->left = grant ? grant : b->allowance;
	b->path_row = 0;
	b->probe_row = 0;
}
