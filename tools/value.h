/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Value: the values of options that are the tool's own; the others are features of
 * the table line, which core/args.c parses. Each says what is wrong, and what would be right.
 */
#ifndef DMREMAP_VALUE_H
#define DMREMAP_VALUE_H

#include "base.h"

/** value_block_bytes() - of --block-size: a power of two. Return: exit code */
int value_block_bytes(const char *text, u32 *bytes);

/** value_count() - of --count: 1 to DMR_HEALTH_MAX_N. Return: exit code */
int value_count(const char *text, u32 *count);

/** value_spare_bytes() - of --spare-size: bytes, or "64M". Return: exit code */
int value_spare_bytes(const char *text, u64 *bytes);

#endif
