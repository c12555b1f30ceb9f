/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health: the records of main's regions; core/health.h says what one of them means.
 *
 * Readers take no lock and are not noticed; errors are noted where bios end, in
 * interrupts as well. Records come from the pool DMR_POOL_HEALTH and never beyond its
 * maximum: the healthiest makes room for a worse one. What has no record is counted in one
 * sum, so that no event is lost from the totals.
 */
#ifndef REMAP_HEALTH_H
#define REMAP_HEALTH_H

#include "../core/codec.h"
#include "../core/healthline.h"
#include "memory.h"

struct remap_health;

/**
 * remap_health_new() - an empty map
 * @memory: its pools are there, and outlive the map
 * @sect: sectors of main
 *
 * Context: may sleep. Return: NULL when there is no memory.
 */
struct remap_health *remap_health_new(struct remap_memory *memory, u64 sect);

/** remap_health_free() - nobody notes or reads any more. NULL is nothing. May sleep. */
void remap_health_free(struct remap_health *map);

/** remap_health_record_bytes() - size of an object of the pool DMR_POOL_HEALTH */
size_t remap_health_record_bytes(void);

/**
 * remap_health_note() - something happened to an I/O of main
 * @sect: where it began: that region's record has it
 * @began: jiffies when it was submitted
 *
 * Context: any. Never fails: what finds no record is among the others.
 */
void remap_health_note(struct remap_health *map, u64 sect, enum dmr_health_event e,
		       unsigned long began);

/** remap_health_find() - figures of region @index. Return: false when it has none. Context: any. */
bool remap_health_find(struct remap_health *map, u64 index, struct dmr_health *h);

/**
 * remap_health_worst() - up to @max regions, the worst first
 * Context: any. Return: how many.
 */
u32 remap_health_worst(struct remap_health *map, struct dmr_aux_rec *rec, u32 max);

/**
 * remap_health_walk() - call @each for every region in bucket number @bucket, in no order
 * Context: any; @each runs under RCU. There may be fewer buckets.
 */
void remap_health_walk(struct remap_health *map, u32 bucket,
		       void (*each)(void *arg, u64 index, const struct dmr_health *h), void *arg);

/** remap_health_buckets() - how many there are now. Context: any. */
u32 remap_health_buckets(struct remap_health *map);

/** remap_health_totals() - of the whole map; not slow_ms. Context: any. */
void remap_health_totals(struct remap_health *map, struct dmr_health_head *head);

/** remap_health_others() - events of regions that have no record. Context: any. */
u64 remap_health_others(struct remap_health *map);

/** remap_health_shift() - log2 of the sectors in a region */
u32 remap_health_shift(const struct remap_health *map);

/** remap_health_summary() - the worst, and the sums of those that were given up */
void remap_health_summary(struct remap_health *map, struct dmr_aux *aux);

/** remap_health_restore() - as it was when @aux was made; nobody uses the map yet */
void remap_health_restore(struct remap_health *map, const struct dmr_aux *aux);

/** remap_health_news() - did anything happen since this was last asked? */
bool remap_health_news(struct remap_health *map);

/** remap_health_again() - the answer got lost: next time say yes */
void remap_health_again(struct remap_health *map);

/** remap_health_trim() - to what the reserve can hold, when memory is short. May sleep. */
void remap_health_trim(struct remap_health *map);

#endif
