// SPDX-License-Identifier: GPL-2.0-only
/*
 * Field sweep: every field of every metadata block, changed in every way, in
 * each copy, in all but one and in all, with and without a right checksum: the
 * tool survives, and no wrong map comes of it. What is right is in expect.h.
 *
 *	sweep [full] [seed=N]
 *
 * Each spare is loaded with the core (load.c), and shown to `dmremap check` and
 * `dmremap list`, with ASan and UBSan. Without "full" one of each run of equal
 * entries is changed, and the tool sees each change in one copy or two sets of
 * them only. As many processes as there are processors share the work.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"
#include "tool.h"

#define WORKERS_MAX	16
#define SHOW		10

/**
 * struct worker - one process, and what it tells the others
 * @shown: cases that the tool has seen
 * @now: the case it is in, for the one that finds it dead
 */
struct worker {
	u64 tried;
	u64 shown;
	u64 refused;
	u64 wrong;
	char now[160];
};

/* A spare in a file, as this worker changes it. */
struct bench {
	struct worker *w;
	u32 nr;
	u32 workers;
	const char *path;
	u8 *image;
	struct load l;
};

static u64 seed = 1;
static bool full;

/* One copy takes its turn for the tool, and all of them where nothing contradicts the change. */
static bool for_tool(const struct sweep_case *c)
{
	const u32 n = c->g->sb.copies;

	return full || c->copies == 1u << (c->f.off + c->f.shift + c->mut + c->sealed) % n ||
	       (c->sealed && c->copies == (1u << n) - 1);
}

static void judge(void *ctx, const struct sweep_case *c)
{
	struct bench *b = ctx;
	const char *wrong;

	if (c->nr % b->workers != b->nr)
		return;
	cases_text(c, b->w->now, sizeof(b->w->now));
	cases_apply(c, b->image);
	load_image(&b->l, c->g, b->image);
	wrong = expect_check(c, b->image, &b->l);
	if (!wrong && for_tool(c)) {
		wrong = tool_wrong(b->path, &b->l, !c->sealed);
		b->w->shown++;
	}
	if (wrong && b->w->wrong++ < SHOW)
		printf("# %s: %s (error %d; right: %s)\n", b->w->now, wrong, b->l.err,
		       expect_name(expect_of(c, b->image)));
	b->w->tried++;
	b->w->refused += !!b->l.err;
	cases_undo(c, b->image);
}

/* A file of the golden image in memory, mapped. */
static u8 *make_file(const struct golden *g, char *path)
{
	const int fd = mkstemp(path);
	u8 *image;

	if (fd < 0 || ftruncate(fd, (off_t)g->size))
		abort();
	image = mmap(NULL, g->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (image == MAP_FAILED)
		abort();
	memcpy(image, g->bytes, g->size);
	return image;
}

static void work(const struct golden *g, struct worker *w, u32 nr, u32 workers)
{
	char path[] = "/dev/shm/dm-remap-sweep-XXXXXX";
	struct bench *b = calloc(1, sizeof(*b));
	const char *wrong;

	if (!b)
		abort();
	*b = (struct bench){ .w = w, .nr = nr, .workers = workers, .path = path };
	b->image = make_file(g, path);
	/* untouched, it is what it is meant to be */
	load_image(&b->l, g, b->image);
	wrong = b->l.err ? "not opened" : tool_wrong(path, &b->l, false);
	if (wrong) {
		printf("# %s: %s\n", g->name, wrong);
		w->wrong++;
	}
	cases_each(g, seed, full, judge, b);
	munmap(b->image, g->size);
	unlink(path);
	free(b);
	fflush(stdout);
}

/* Return: cases that went wrong, workers that died among them. */
static u64 sweep(const struct golden *g, struct worker *w, u32 workers)
{
	u64 wrong = 0;
	pid_t pid[WORKERS_MAX];
	int status;
	u32 i;

	memset(w, 0, workers * sizeof(*w));
	fflush(stdout);
	for (i = 0; i < workers; i++) {
		pid[i] = fork();
		if (pid[i] < 0)
			abort();
		if (!pid[i]) {
			work(g, &w[i], i, workers);
			exit(0);
		}
	}
	for (i = 0; i < workers; i++) {
		waitpid(pid[i], &status, 0);
		if (status) {
			printf("# died in %s\n", w[i].now);
			w[i].wrong++;
		}
		wrong += w[i].wrong;
	}
	return wrong;
}

/* One golden image; false when something went wrong. */
static bool sweep_image(u32 i, struct worker *w, u32 workers, struct worker *sum)
{
	struct golden g;
	u64 wrong, tried = 0, refused = 0, shown = 0;
	u32 k;

	golden_make(&g, i);
	wrong = sweep(&g, w, workers);
	for (k = 0; k < workers; k++) {
		tried += w[k].tried;
		refused += w[k].refused;
		shown += w[k].shown;
	}
	printf("%s %u - sweep-%s # %ju cases, %ju for the tool too, %ju refused, %ju wrong\n",
	       wrong || !tried ? "not ok" : "ok", i + 1, g.name, (uintmax_t)tried,
	       (uintmax_t)shown, (uintmax_t)refused, (uintmax_t)wrong);
	sum->tried += tried;
	sum->shown += shown;
	golden_free(&g);
	return !wrong && tried;
}

static bool fields_whole(void)
{
	u32 i;

	for (i = 0; i < BLOCK_KINDS; i++) {
		const u32 gap = fields_gap((enum block_kind)i);

		if (gap == DMR_BLK_BYTES)
			continue;
		printf("# fields.def: byte %u of a block is in no field, or in two\n", gap);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const u32 workers = cpus < 1 ? 1 : cpus > WORKERS_MAX ? WORKERS_MAX : (u32)cpus;
	struct worker *w = mmap(NULL, workers * sizeof(*w), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct worker sum = { 0 };
	u32 failed = 0;
	u32 i;

	for (; argc > 1; argc--, argv++) {
		full |= !strcmp(argv[1], "full");
		if (!strncmp(argv[1], "seed=", 5))
			seed = strtoull(argv[1] + 5, NULL, 0);
	}
	if (w == MAP_FAILED || !fields_whole())
		return 1;
	printf("1..%u\n", golden_count());
	for (i = 0; i < golden_count(); i++)
		failed += !sweep_image(i, w, workers, &sum);
	printf("field sweep: %ju cases, %ju of them shown to the tool, seed %ju\n",
	       (uintmax_t)sum.tried, (uintmax_t)sum.shown, (uintmax_t)seed);
	return failed ? 1 : 0;
}
