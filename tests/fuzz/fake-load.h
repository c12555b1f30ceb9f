/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the load path stands while it runs on the fake kernel. */
#ifndef DMR_FUZZ_FAKE_LOAD_H
#define DMR_FUZZ_FAKE_LOAD_H

#include "image.h"

/**
 * struct fake_load - one load
 * @allocs, @live: memory asked for, and not yet given back
 * @fail_alloc: from this one on there is none; 0: enough
 */
struct fake_load {
	struct fake_disk *disk;
	u64 main_sect;
	u32 allocs;
	s64 live;
	u32 fail_alloc;
	u32 random;
};

/** fake_load_begin() - from now on all that the load path does is @f's */
void fake_load_begin(struct fake_load *f);

#endif
