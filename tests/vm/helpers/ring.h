/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring without a library. One thread; any error of the ring itself ends the
 * program.
 */
#ifndef RING_H
#define RING_H

#include <err.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pattern.h"

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

/* One I/O of @nr sectors; @id comes back with its result. */
struct ring_io {
	bool write;
	int fd;
	void *buf;
	uint64_t first;
	unsigned long nr;
	int rw_flags;
	uint64_t id;
};

static inline void ring_open(struct ring *ring, unsigned int entries, unsigned int flags)
{
	struct io_uring_params p = { .flags = flags };
	char *sq, *cq;

	ring->fd = syscall(__NR_io_uring_setup, entries, &p);
	if (ring->fd < 0)
		err(1, "io_uring_setup");
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED,
		  ring->fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*ring->cqes),
		  PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, p.sq_entries * sizeof(*ring->sqes), PROT_READ | PROT_WRITE,
			  MAP_SHARED, ring->fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring->sqes == MAP_FAILED)
		err(1, "io_uring mmap");
	ring->sq_tail = (unsigned int *)(sq + p.sq_off.tail);
	ring->sq_mask = (unsigned int *)(sq + p.sq_off.ring_mask);
	ring->sq_array = (unsigned int *)(sq + p.sq_off.array);
	ring->cq_head = (unsigned int *)(cq + p.cq_off.head);
	ring->cq_tail = (unsigned int *)(cq + p.cq_off.tail);
	ring->cq_mask = (unsigned int *)(cq + p.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
}

static inline void ring_submit(struct ring *ring, const struct ring_io *io)
{
	unsigned int tail = *ring->sq_tail;
	unsigned int i = tail & *ring->sq_mask;
	struct io_uring_sqe *sqe = &ring->sqes[i];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = io->write ? IORING_OP_WRITE : IORING_OP_READ;
	sqe->fd = io->fd;
	sqe->addr = (uintptr_t)io->buf;
	sqe->len = io->nr * SECTOR;
	sqe->off = io->first * SECTOR;
	sqe->user_data = io->id;
	sqe->rw_flags = io->rw_flags;
	ring->sq_array[i] = i;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(__NR_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0) != 1)
		err(1, "io_uring_enter");
}

/* The id of an I/O that is done; its result, bytes or -errno, goes to *res. */
static inline uint64_t ring_wait(struct ring *ring, int *res)
{
	unsigned int head = *ring->cq_head;
	const struct io_uring_cqe *cqe;
	uint64_t id;

	while (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
		if (syscall(__NR_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL,
			    0) < 0 && errno != EINTR)
			err(1, "io_uring_enter");
	cqe = &ring->cqes[head & *ring->cq_mask];
	id = cqe->user_data;
	*res = cqe->res;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return id;
}

#endif
