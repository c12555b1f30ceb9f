// SPDX-License-Identifier: GPL-2.0-only
/*
 * Oracle: what a user was promised, from what was sent to the device and what it
 * answered. It knows no slot, no copy and no table.
 *
 * Of each sector: the value that survives anything, and those written after it,
 * which may be there instead. A write survives anything that was answered
 *   - and was FUA; or before a flush was sent that succeeded; or
 *   - and main takes no write there: so it is on the spare (R1). Later writes of
 *     that sector go there, too.
 * A write that was answered with an error stays possible until a later one
 * survives anything.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "replay.h"

#define MAX_LATER 64u

struct later {
	uint32_t value;
	const struct io *io;
	bool acked;
};

/**
 * struct promise - of one sector
 * @refused: main takes no write of it
 * @in_slot: one was answered all the same
 * @losable: an error is an honest answer for what was sent before this; 0: it is not
 */
struct promise {
	uint32_t durable;
	uint32_t nr;
	struct later later[MAX_LATER];
	bool refused;
	bool in_slot;
	uint64_t losable;
};

static struct promise *promises;
static uint64_t nr_promises;

void oracle_begin(void)
{
	uint64_t s;

	nr_promises = bench.size[DEV_TOP] / SECTOR;
	promises = calloc(nr_promises, sizeof(*promises));
	if (!promises)
		errx(1, "out of memory");
	for (s = 0; s < nr_promises; s++)
		promises[s].durable = FIRST_VALUE;
}

static void make_durable(struct promise *p, uint32_t k)
{
	p->durable = p->later[k].value;
	if (p->later[k].io->submit > p->losable)
		p->losable = 0;
	p->nr -= k + 1;
	memmove(p->later, p->later + k + 1, p->nr * sizeof(p->later[0]));
}

static void submit_write(const struct io *io)
{
	uint32_t i;

	for (i = 0; i < io->nr; i++) {
		const struct pattern *data = (const struct pattern *)io->data + i;
		struct promise *p = &promises[io->first + i];

		if (p->nr == MAX_LATER)
			errx(1, "too many writes of one sector without a flush");
		p->later[p->nr++] = (struct later){ .value = (uint32_t)data->seq, .io = io };
	}
}

static void end_write(const struct io *io)
{
	uint32_t i, k;

	if (!io->ok)
		return;
	for (i = 0; i < io->nr; i++) {
		struct promise *p = &promises[io->first + i];

		for (k = 0; k < p->nr && p->later[k].io != io; k++)
			;
		/* a newer one is durable already: the two were under way together */
		if (k == p->nr)
			continue;
		p->later[k].acked = true;
		p->in_slot |= p->refused;
		if (io->fua || p->in_slot)
			make_durable(p, k);
	}
}

static void end_flush(const struct io *flush)
{
	uint64_t s;
	uint32_t k;

	if (!flush->ok)
		return;
	for (s = 0; s < nr_promises; s++) {
		struct promise *p = &promises[s];

		for (k = p->nr; k-- > 0;) {
			if (!p->later[k].acked || p->later[k].io->complete > flush->submit)
				continue;
			make_durable(p, k);
			break;
		}
	}
}

static void mark(const struct io *io)
{
	const uint64_t number = io->first;
	const enum mark what = (enum mark)(number >> 48);
	uint64_t s = number & 0xffffffff;
	const uint64_t end = s + (number >> 32 & 0xffff);

	for (; s < end; s++) {
		if (what == MARK_REFUSED)
			promises[s].refused = true;
		else
			promises[s].losable = io->submit;
	}
}

bool oracle_event(const struct event *e)
{
	const struct io *io = &trace.io[e->io];

	if (io->op == 'M')
		mark(io);
	if (io->dev != DEV_TOP)
		return false;
	if (io->op == 'W' && !e->end)
		submit_write(io);
	else if (io->op == 'W')
		end_write(io);
	else if (io->op == 'F' && e->end)
		end_flush(io);
	return e->end && io->ok && io->op != 'R';
}

bool oracle_allows(uint64_t sector, int64_t value)
{
	const struct promise *p = &promises[sector];
	uint32_t k;

	if (value == VALUE_ERROR)
		return p->losable;
	for (k = 0; k < p->nr; k++)
		if (p->later[k].value == value)
			return true;
	return p->durable == value;
}

void oracle_print(uint64_t sector)
{
	const struct promise *p = &promises[sector];
	uint32_t k;

	printf("sector %ju (block %ju): durable %u", (uintmax_t)sector, (uintmax_t)sector / BLOCK,
	       p->durable);
	for (k = 0; k < p->nr; k++)
		printf(", or %u%s", p->later[k].value, p->later[k].acked ? " (answered)" : "");
	printf("%s%s%s", p->refused ? ", main refuses it" : "", p->in_slot ? ", on the spare" : "",
	       p->losable ? ", may be lost" : "");
}

uint64_t oracle_hash(void)
{
	uint64_t s, h = 0;
	uint32_t k;

	for (s = 0; s < nr_promises; s++) {
		const struct promise *p = &promises[s];

		h = (h ^ (p->durable + ((uint64_t)!!p->losable << 40))) * 0x9e3779b97f4a7c15ULL;
		for (k = 0; k < p->nr; k++)
			h = (h ^ (p->later[k].value + ((uint64_t)(k + 1) << 32))) *
			    0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	return h;
}
