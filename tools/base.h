/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The core's platform header beside the kernel's user headers. Both
 * name the little-endian integers; here the kernel's win. Every header of the
 * tool includes this one before any of the core's.
 */
#ifndef DMREMAP_BASE_H
#define DMREMAP_BASE_H

#include <linux/types.h>

#define __le16 dmr_plat_le16
#define __le32 dmr_plat_le32
#define __le64 dmr_plat_le64
#include "../src/core/plat.h"
#undef __le16
#undef __le32
#undef __le64

#endif
