/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mode: rw, frozen, map-ro, readonly, fail; one setter, one log line, one event.
 * Room: how many slots are left, likewise.
 */
#ifndef REMAP_MODE_H
#define REMAP_MODE_H

#include "target.h"

/** remap_mode_worsen() - to @mode, unless already there or worse. Context: any. */
void remap_mode_worsen(struct remap *r, enum dmr_mode mode, enum dmr_why why);

/** remap_mode_set() - to @mode, better or worse (activation, thaw). Context: any. */
void remap_mode_set(struct remap *r, enum dmr_mode mode, enum dmr_why why);

/**
 * remap_mode_event() - raise a dm event from a separate work (takes a mutex, B17)
 *
 * Context: any.
 */
void remap_mode_event(struct remap *r);

/**
 * remap_mode_room() - say so, once, when slots run low (core/lowwater.h)
 *
 * Context: may sleep, takes map_lock.
 */
void remap_mode_room(struct remap *r);

/** remap_mode_memory() - emergency mode (memory.h) begins or ends: say so, let jobs go on */
void remap_mode_memory(struct remap_memory *m, bool scarce);

void remap_mode_event_work(struct work_struct *work);

#endif
