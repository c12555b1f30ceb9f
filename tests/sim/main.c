// SPDX-License-Identifier: GPL-2.0-only
/*
 * All sequences of up to DEPTH operations, on every shape of spare, the power
 * cut at every event of each; then longer ones drawn at random.
 *
 *   crash [-d DEPTH] [-n ONE_IN] [-r RANDOM] [-l LENGTH] [-s SEED] [-g SPARE]
 *         [-i ONE_IN] [-t]
 *
 * -n: a recovery is itself cut in one of so many states. -i: of the sequences of
 * full length only one in so many is run. -t: no power is cut; print the different
 * runs of the protocol (steps.h).
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"
#include "trace.h"

const struct sim_op *sim_seq[SIM_SEQ_MAX];
u32 sim_seq_len;

static struct sim_op ops[SIM_OPS_MAX];
static u32 nr_ops;
static u64 nr_seq;

static struct {
	u32 depth;
	u32 nested;
	u32 random;
	u32 length;
	u32 one_in;
	u64 seed;
	const char *spare;
} opt = { .depth = 3, .nested = 64, .random = 2000, .length = 12, .one_in = 1, .seed = 1 };

static u64 next_random(void)
{
	static u64 state;

	if (!state)
		state = opt.seed * 0x9e3779b97f4a7c15ull + 1;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 20;
}

static struct sim *copy_of(const struct sim *s)
{
	struct sim *c = malloc(sizeof(*c));

	if (!c)
		abort();
	*c = *s;
	sim_dev_relink(&c->v);
	return c;
}

static void run_op(struct sim *s, const struct sim_op *op)
{
	sim_seq[sim_seq_len++] = op;
	if (s->v.open)
		op->run(s, op->arg);
	if (!sim_tracing)
		sim_check_rest(s);
	nr_seq++;
}

static void sequences(const struct sim *s, u32 left)
{
	u32 i;

	for (i = 0; i < nr_ops; i++) {
		struct sim_mark mark;
		struct sim *c;

		if (left == 1 && opt.depth > 1 && opt.one_in > 1 && next_random() % opt.one_in)
			continue;
		mark = sim_store_mark();
		c = copy_of(s);
		run_op(c, &ops[i]);
		if (left > 1 && c->v.open)
			sequences(c, left - 1);
		sim_seq_len--;
		free(c);
		sim_store_release(mark);
	}
}

/* The k-th I/O fails, for every k; then each of the other operations. */
static void every_io_fails(const struct sim *s)
{
	u32 k, i, n = 1;

	for (k = 1; k <= SIM_K_MAX; k++) {
		struct sim_op fails[8];

		n = sim_ops_each_k(fails, k);
		for (i = 0; i < n; i++) {
			struct sim_mark mark = sim_store_mark();
			struct sim *c = copy_of(s);

			run_op(c, &fails[i]);
			if (c->v.open && opt.depth > 1)
				sequences(c, 1);
			sim_seq_len--;
			free(c);
			sim_store_release(mark);
		}
	}
}

/* A copy or none fails, and a flush as well, now or never. */
static void copy_and_flush_fail(const struct sim *s)
{
	const u32 all = (sim_format_sb.copies + 1) * 8 * SIM_WHENS;
	u32 i, when;

	for (i = 0; i < all; i++) {
		struct sim_mark mark = sim_store_mark();
		struct sim *w = copy_of(s);

		when = i / 8 % SIM_WHENS;
		sim_trace_copy_fails(w, i / 8 / SIM_WHENS, i % 8, (enum sim_when)when);
		free(w);
		sim_store_release(mark);
	}
}

/* Any copies were left behind before, one after the other; then each of the operations. */
static void every_membership(const struct sim *s)
{
	u32 mask, c;

	for (mask = 0; mask < 1u << sim_format_sb.copies; mask++) {
		struct sim_mark mark = sim_store_mark();
		struct sim *w = copy_of(s);

		for (c = 0; c < sim_format_sb.copies; c++)
			if (mask & 1u << c)
				sim_trace_copy_fails(w, c, 0, SIM_WHEN_WRITE);
		copy_and_flush_fail(w);
		sequences(w, 1);
		free(w);
		sim_store_release(mark);
	}
}

static void random_sequences(const struct sim *s)
{
	u32 i, k;

	for (i = 0; i < opt.random; i++) {
		struct sim_mark mark = sim_store_mark();
		struct sim *c = copy_of(s);

		for (k = 0; k < opt.length && c->v.open; k++)
			run_op(c, &ops[next_random() % nr_ops]);
		sim_seq_len = 0;
		free(c);
		sim_store_release(mark);
	}
}

static void geometry_print(const struct sim_geometry *g, u64 states, clock_t ticks)
{
	printf("# %-9s %u copies: %8llu sequences of %u operations, %10llu crash states, %.1f s\n",
	       g->name, sim_format_sb.copies, (unsigned long long)nr_seq, nr_ops,
	       (unsigned long long)states, (double)ticks / CLOCKS_PER_SEC);
}

static void geometry(const struct sim_geometry *g)
{
	struct sim *s = malloc(sizeof(*s));
	u64 states = sim_crash_stats.states;
	struct sim_mark mark = sim_store_mark();
	clock_t began = clock();

	if (!s)
		abort();
	sim_format(s, g);
	nr_ops = sim_ops(ops, sim_format_sb.copies);
	nr_seq = 0;
	if (sim_load(s, true))
		sim_blame(s, "the fresh set does not open");
	sequences(s, opt.depth);
	every_io_fails(s);
	if (sim_tracing)
		every_membership(s);
	random_sequences(s);
	if (sim_tracing)
		sim_trace_print(sim_format_sb.copies);
	else
		geometry_print(g, sim_crash_stats.states - states, clock() - began);
	fflush(stdout);
	free(s);
	sim_store_release(mark);
}

static void options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "d:n:r:l:s:g:i:t")) != -1) {
		switch (c) {
		case 'd':
			opt.depth = (u32)atoi(optarg);
			break;
		case 'n':
			opt.nested = (u32)atoi(optarg);
			break;
		case 'r':
			opt.random = (u32)atoi(optarg);
			break;
		case 'l':
			opt.length = (u32)atoi(optarg);
			break;
		case 's':
			opt.seed = (u64)atoll(optarg);
			break;
		case 'g':
			opt.spare = optarg;
			break;
		case 'i':
			opt.one_in = (u32)atoi(optarg);
			break;
		case 't':
			sim_tracing = true;
			break;
		default:
			exit(2);
		}
	}
	if (!opt.depth || opt.length > SIM_SEQ_MAX || !opt.nested || !opt.one_in)
		exit(2);
}

int main(int argc, char **argv)
{
	const struct sim_geometry *g;

	options(argc, argv);
	sim_crash_setup(opt.seed, opt.nested);
	for (g = sim_geometries; g->name; g++)
		if (!opt.spare || !strcmp(opt.spare, g->name))
			geometry(g);
	if (sim_tracing)
		return 0;
	printf("# seed %llu: %llu power cuts, %llu distinct crash states (%llu of them in a recovery), %llu loads, %llu from one copy\n",
	       (unsigned long long)opt.seed, (unsigned long long)sim_crash_stats.points,
	       (unsigned long long)sim_crash_stats.states,
	       (unsigned long long)sim_crash_stats.nested,
	       (unsigned long long)sim_crash_stats.loads,
	       (unsigned long long)sim_crash_stats.survivors);
	return 0;
}
