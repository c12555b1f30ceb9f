/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kmsg: what the kernel logged about us since a moment, because device-mapper
 * returns a number and writes the sentence to its log.
 */
#ifndef DMREMAP_KMSG_H
#define DMREMAP_KMSG_H

#include <stddef.h>

/** kmsg_mark() - begin to listen. Return: a descriptor, -1 when the log cannot be read */
int kmsg_mark(void);

/**
 * kmsg_collect() - the target's sentences since the mark, joined by "; "; closes the descriptor
 * @buf: gets them, "" when there are none
 */
void kmsg_collect(int fd, char *buf, size_t size);

#endif
