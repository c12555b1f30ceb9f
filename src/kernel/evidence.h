/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evidence: does the device work, apart from the block that failed?
 */
#ifndef REMAP_EVIDENCE_H
#define REMAP_EVIDENCE_H

#include "error.h"

/** remap_watch_update() - recompute whether end_io() should report successes. Context: r->lock. */
void remap_watch_update(struct remap *r);

/**
 * remap_evidence_success() - something on main succeeded
 * @began: jiffies when it was submitted
 * Context: any.
 */
void remap_evidence_success(struct remap *r, bool write, unsigned long began);

/** remap_evidence_path_error() - a path error of main: counts towards the breaker */
void remap_evidence_path_error(struct remap *r);

/** enum remap_evidence - what a verdict may stand on */
enum remap_evidence {
	REMAP_EVIDENCE_NONE,
	REMAP_EVIDENCE_SEEN,		/* something else succeeded after the failure */
	REMAP_EVIDENCE_ALLOWANCE,	/* reference reads did; each verdict costs one */
};

/**
 * remap_evidence_write() - a write submitted after @failed_at that succeeded on main?
 *
 * Own pieces of the bio first, then a bounded wait for anybody's (a second;
 * none once suspending), then three reference reads for the allowance.
 * Context: may sleep.
 */
enum remap_evidence remap_evidence_write(struct remap *r, struct remap_io *io,
					 struct remap_group *g, unsigned long failed_at);

/** remap_evidence_read() - do reference reads at random places of main succeed? May sleep. */
enum remap_evidence remap_evidence_read(struct remap *r);

/**
 * remap_evidence_spare() - does a write elsewhere on the spare succeed (A21)?
 *
 * Made, not awaited: zeros to a free slot anywhere below the mark, three tries; when none is
 * free, an auxiliary block written again. Context: may sleep.
 */
bool remap_evidence_spare(struct remap *r);

/**
 * remap_evidence_spend() - a verdict on the allowance: may it stand?
 *
 * The caller freezes on LAST and NO, once what may stand is relocated.
 */
enum dmr_spend remap_evidence_spend(struct remap *r);

#endif
