/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Say: sentences for people on stderr, the question before something is
 * destroyed, sizes in words, and memory that is there or ends the program.
 */
#ifndef DMREMAP_SAY_H
#define DMREMAP_SAY_H

#include <stdlib.h>

#include "base.h"
#include "../src/core/units.h"
#include "exit.h"

#define SAY_SIZE_LEN	48

/**
 * say_hold() - keep what is said in memory (true), or say it now (false)
 *
 * For the time in which a write to whatever stdout and stderr are may wait for
 * this very program: a log on a filesystem that is frozen.
 */
void say_hold(bool hold);

/** say_info() - a sentence of the answer, on stdout */
void say_info(const char *fmt, ...) __printf(1, 2);

/** say_err() - one sentence: what failed, on which device, what to do */
void say_err(const char *fmt, ...) __printf(1, 2);

/** say_warn() - something to know before it hurts */
void say_warn(const char *fmt, ...) __printf(1, 2);

/**
 * say_ask() - ask on the terminal
 * Return: true when the answer is "yes", whole. Without a terminal or input: false, and said.
 */
bool say_ask(void);

/** say_size() - "7.3 GiB"; @buf of SAY_SIZE_LEN */
const char *say_size(u64 bytes, char *buf);

/* what say_printable() makes of a string of @n bytes at most */
#define SAY_PRINTABLE_LEN(n)	(4 * (n) + 1)

/**
 * say_printable() - a string from a disk, fit for a terminal and for JSON
 * @buf: SAY_PRINTABLE_LEN(strlen(@s)): every byte that is no printable ASCII, and
 *	 the backslash, becomes \xNN, as udev does it
 */
const char *say_printable(const char *s, char *buf);

/** say_exit_memory() - exit code when memory runs out; check has its own */
void say_exit_memory(int code);

/** say_alloc() - zeroed memory for @n objects; does not return without */
void *say_alloc(size_t n, size_t size);

/** say_alloc_blocks() - @n zeroed blocks of 4 KiB, aligned to that, for direct reads */
void *say_alloc_blocks(size_t n);
void *say_realloc(void *p, size_t n, size_t size);
char *say_printf(const char *fmt, ...) __printf(1, 2);

#endif
