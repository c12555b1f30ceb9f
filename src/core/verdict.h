/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdict: what an error means, and when to stop believing verdicts.
 *
 * No status code is a verdict (R7). A status only makes a block a candidate;
 * the verdict is: it fails by itself, then something else on the device,
 * submitted after that, succeeds, then it fails once more by itself.
 *
 * Context: the caller's lock.
 */
#ifndef DMR_VERDICT_H
#define DMR_VERDICT_H

#include "plat.h"

/** enum dmr_sts - block status of an I/O as the core knows it; any other is DMR_STS_OTHER */
enum dmr_sts {
	DMR_STS_OK,
	DMR_STS_MEDIUM,
	DMR_STS_IOERR,
	DMR_STS_TARGET,
	DMR_STS_PROTECTION,
	DMR_STS_TRANSPORT,
	DMR_STS_TIMEOUT,
	DMR_STS_OFFLINE,
	DMR_STS_AGAIN,
	DMR_STS_OTHER,
};

/**
 * enum dmr_class - what to do with an error
 * @DMR_CLASS_PASS: up, unchanged
 * @DMR_CLASS_PATH: up, unchanged, and it counts towards the breaker
 * @DMR_CLASS_CANDIDATE: narrow it, gather evidence
 */
enum dmr_class {
	DMR_CLASS_PASS,
	DMR_CLASS_PATH,
	DMR_CLASS_CANDIDATE,
};

/**
 * dmr_verdict_classify() - class of a failed I/O
 * @rw: it was a READ or WRITE (anything else passes)
 * @may_fail: it was a readahead or failfast bio (passes; it was allowed to fail)
 * @slow: it took as long as the queue's timeout (a timeout, whatever its status, B6)
 */
enum dmr_class dmr_verdict_classify(enum dmr_sts sts, bool rw, bool may_fail, bool slow);

#define DMR_ALLOWANCE_DEFAULT	16u
#define DMR_ALLOWANCE_MAX	65536u
#define DMR_BREAKER_PATH_MAX	64u	/* path errors in a row that freeze */
#define DMR_BREAKER_PROBE_MAX	3u	/* failed rounds of reference reads in a row that freeze */

/**
 * struct dmr_breaker - when to freeze
 * @allowance: verdicts that may stand without evidence, refilled by any success
 * @left: of them
 * @path_row: transport, offline, timeout errors without a success between
 * @probe_row: failed rounds of reference reads without a good one between
 */
struct dmr_breaker {
	u32 allowance;
	u32 left;
	u32 path_row;
	u32 probe_row;
};

/** dmr_breaker_init() - nothing counted yet, all of @allowance left (at most DMR_ALLOWANCE_MAX) */
void dmr_breaker_init(struct dmr_breaker *b, u32 allowance);

/** dmr_breaker_write_ok() - a write to main succeeded: refills the allowance, clears path_row */
void dmr_breaker_write_ok(struct dmr_breaker *b);

/** dmr_breaker_read_ok() - a read of main succeeded: clears path_row only */
void dmr_breaker_read_ok(struct dmr_breaker *b);

/** dmr_breaker_path() - one more path error; true: freeze now */
bool dmr_breaker_path(struct dmr_breaker *b);

/** dmr_breaker_probe() - a round of reference reads ended; true: freeze now */
bool dmr_breaker_probe(struct dmr_breaker *b, bool ok);

/** enum dmr_spend - answer to "may a verdict stand without evidence?" */
enum dmr_spend {
	DMR_SPEND_YES,
	DMR_SPEND_LAST,		/* yes, and the allowance is now spent: freeze after it */
	DMR_SPEND_NO,		/* none left: freeze */
};

/** dmr_breaker_spend() - take one from the allowance */
enum dmr_spend dmr_breaker_spend(struct dmr_breaker *b);

/**
 * dmr_breaker_thaw() - start anew
 * @grant: above 0: an allowance of that many for now, else the configured one
 */
void dmr_breaker_thaw(struct dmr_breaker *b, u32 grant);

#endif
