// SPDX-License-Identifier: GPL-2.0-only
/*
 * Oracle: what a user has been promised, from nothing but what was written and
 * what was answered. It knows no slot, no copy and no table.
 *
 * For each sector: the value that survives anything, and those written after it,
 * which may be there instead. A write that was answered with an error stays
 * possible until a later one is known to be durable.
 */
#include "sim.h"

void sim_oracle_init(struct sim_oracle *o)
{
	u32 b, i;

	memset(o, 0, sizeof(*o));
	for (b = 0; b < SIM_MAIN_BLKS; b++)
		for (i = 0; i < DMR_BLK_SECTS; i++)
			o->p[b][i].durable = 1 + b * DMR_BLK_SECTS + i;
}

bool sim_oracle_full(const struct sim_oracle *o, u32 b, u32 first, u32 n)
{
	u32 i;

	for (i = first; i < first + n; i++)
		if (o->p[b][i].nr_later == SIM_LATER)
			return true;
	return false;
}

void sim_oracle_submit(struct sim_oracle *o, u32 b, u32 first, u32 n, u32 value)
{
	u32 i;

	for (i = first; i < first + n; i++) {
		struct sim_promise *p = &o->p[b][i];

		p->later[p->nr_later++] = (struct sim_later){ .value = value };
	}
}

/* Value number @k of the later ones is durable: what came before it is history. */
static void promise_durable(struct sim_promise *p, u32 k)
{
	p->durable = p->later[k].value;
	p->nr_later -= (u8)(k + 1);
	memmove(&p->later[0], &p->later[k + 1], p->nr_later * sizeof(p->later[0]));
	p->err_ok &= p->err_after > k;
	p->err_after = p->err_ok ? p->err_after - (u8)(k + 1) : 0;
}

void sim_oracle_ack(struct sim_oracle *o, u32 b, u32 first, u32 n, bool durable)
{
	u32 i;

	for (i = first; i < first + n; i++) {
		struct sim_promise *p = &o->p[b][i];

		if (durable)
			promise_durable(p, p->nr_later - 1u);
		else
			p->later[p->nr_later - 1].acked = true;
	}
}

void sim_oracle_flushed(struct sim_oracle *o)
{
	u32 b, i, k;

	for (b = 0; b < SIM_MAIN_BLKS; b++) {
		for (i = 0; i < DMR_BLK_SECTS; i++) {
			struct sim_promise *p = &o->p[b][i];

			for (k = p->nr_later; k-- > 0;) {
				if (!p->later[k].acked)
					continue;
				promise_durable(p, k);
				break;
			}
		}
	}
}

void sim_oracle_unreadable(struct sim_oracle *o, u32 b, u32 i)
{
	o->p[b][i].err_ok = true;
	o->p[b][i].err_after = o->p[b][i].nr_later;
}

bool sim_oracle_allows(const struct sim_oracle *o, u32 b, u32 i, u32 value)
{
	const struct sim_promise *p = &o->p[b][i];
	u32 k;

	for (k = 0; k < p->nr_later; k++)
		if (p->later[k].value == value)
			return true;
	return value == p->durable;
}

bool sim_oracle_current(const struct sim_oracle *o, u32 b, u32 i, u32 value)
{
	const struct sim_promise *p = &o->p[b][i];
	u32 k = p->nr_later;

	while (k-- > 0) {
		if (p->later[k].value == value)
			return true;
		if (p->later[k].acked)
			return false;
	}
	return value == p->durable;
}

u64 sim_oracle_hash(const struct sim_oracle *o)
{
	u64 h = 0x5eed;
	u32 b, i, k;

	for (b = 0; b < SIM_MAIN_BLKS; b++) {
		for (i = 0; i < DMR_BLK_SECTS; i++) {
			const struct sim_promise *p = &o->p[b][i];

			h = (h ^ p->durable) * 0x100000001b3ull;
			h = (h ^ p->err_ok) * 0x100000001b3ull;
			h = (h ^ p->err_after) * 0x100000001b3ull;
			for (k = 0; k < p->nr_later; k++)
				h = (h ^ (p->later[k].value << 1 | p->later[k].acked)) *
				    0x100000001b3ull;
		}
	}
	return h ^ h >> 29;
}
