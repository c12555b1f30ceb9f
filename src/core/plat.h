/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform: all that the core takes from the world around it.
 *
 * This is the only core file with an #ifdef __KERNEL__. The core uses fixed
 * width integers, little-endian conversion, memcpy and friends, snprintf,
 * errno values and crc32c, and nothing else: no I/O, no locks, no allocation.
 */
#ifndef DMR_PLAT_H
#define DMR_PLAT_H

#ifdef __KERNEL__

#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/crc32c.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

static inline u32 dmr_plat_crc32c(u32 seed, const void *p, size_t len)
{
	return crc32c(seed, p, len);
}

static inline int dmr_plat_parse_u64(const char *s, u64 *out)
{
	return kstrtou64(s, 10, out);
}

static inline unsigned int dmr_plat_ctz64(u64 x)
{
	return (unsigned int)__ffs64(x);
}

#else /* userspace: tools, unit tests, simulator, fuzzers */

#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#ifdef __CHECKER__
#define __bitwise __attribute__((bitwise))
#define __force __attribute__((force))
#else
#define __bitwise
#define __force
#endif

typedef u16 __bitwise __le16;
typedef u32 __bitwise __le32;
typedef u64 __bitwise __le64;

#define cpu_to_le16(x) ((__force __le16)htole16(x))
#define cpu_to_le32(x) ((__force __le32)htole32(x))
#define cpu_to_le64(x) ((__force __le64)htole64(x))
#define le16_to_cpu(x) le16toh((__force u16)(x))
#define le32_to_cpu(x) le32toh((__force u32)(x))
#define le64_to_cpu(x) le64toh((__force u64)(x))

#define __packed __attribute__((packed))
#define __printf(a, b) __attribute__((format(printf, a, b)))
#define fallthrough __attribute__((fallthrough))
#define static_assert _Static_assert
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n) (1ul << (n))
#define BIT_ULL(n) (1ull << (n))
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define hweight32(x) ((unsigned int)__builtin_popcount(x))
#define hweight64(x) ((unsigned int)__builtin_popcountll(x))

/* The kernel's own: write at most size bytes, return what was written. */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* tools/plat_user.c; same convention as the kernel's crc32c(): no final xor */
u32 dmr_plat_crc32c(u32 seed, const void *p, size_t len);

/* tools/plat_user.c; 0, -EINVAL or -ERANGE like kstrtou64(): digits only */
int dmr_plat_parse_u64(const char *s, u64 *out);

/* number of zero bits below the lowest one; x is not 0 */
static inline unsigned int dmr_plat_ctz64(u64 x)
{
	return (unsigned int)__builtin_ctzll(x);
}

#endif /* __KERNEL__ */

#endif
