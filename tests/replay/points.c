// SPDX-License-Identifier: GPL-2.0-only
/*
 * Points: a state that a power cut can leave is put on two disks and opened with
 * the real module. It must not refuse, must not be short of copies, and each
 * sector must read as promised. Closed, all copies of the metadata are alike. Now
 * and then what was closed is opened once more, sometimes with one copy alone: it
 * reads as before. The module writes its metadata, and nothing else.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../vm/helpers/dmdev.h"
#include "replay.h"

#define SHOW		8u		/* complaints */
#define CHUNK		512u		/* sectors of one read */
#define SEEN_MAX	0x40000u
#define AGAIN_EVERY	8u
#define AUDIT_EVERY	64u
#define MAX_RUN		64u		/* blocks of one write */

struct points points;

/**
 * struct copy - a disk that is replayed to
 * @want: what the cut leaves
 * @has: what is on it
 */
static struct copy {
	int fd;
	uint8_t *want;
	uint8_t *has;
} copies[NR_DEVS];

static uint64_t sects;		/* of the device */
static struct dmdev dm = { .name = "replay" };
static char params[256];
static int64_t *values;		/* read at the first opening */
static struct pattern *chunk;
static uint64_t seen[SEEN_MAX];
static uint32_t now;		/* event after which the power is cut */
static enum variant keeps;

static const char *const variant_names[NR_VARIANTS] = { "nothing", "everything", "some" };

static bool complain(void)
{
	if (points.wrong++ >= SHOW)
		return false;
	printf("cut after event %u (%ju), %s of the caches kept: ", now,
	       (uintmax_t)trace.event[now].seq, variant_names[keeps]);
	return true;
}

static void complain_end(void)
{
	printf("\n");
	if (points.wrong == 1)
		trace_print(now);
	fflush(stdout);
}

static void wrong_device(const char *what, int r)
{
	if (!complain())
		return;
	printf("%s%s%s", what, r ? ": " : "", r ? strerror(r) : "");
	complain_end();
}

static void wrong_sector(uint64_t s, int64_t got, const char *what)
{
	if (!complain())
		return;
	oracle_print(s);
	printf("; %s: ", what);
	if (got == VALUE_ERROR)
		printf("an error");
	else if (got < 0)
		printf("not data of this sector");
	else
		printf("%jd", (intmax_t)got);
	complain_end();
}

/* ---- the disks ---- */

static bool is_meta(enum dev dev, uint64_t block)
{
	return dev == DEV_SPARE && meta_may(block);
}

/* What differs; the metadata always, as the module has written to it since. */
static void put(enum dev dev)
{
	struct copy *c = &copies[dev];
	const uint64_t blocks = bench.size[dev] / BLOCK_BYTES;
	uint64_t b = 0;

	while (b < blocks) {
		const uint64_t at = b * BLOCK_BYTES;
		uint64_t n = 0;

		while (b + n < blocks && n < MAX_RUN &&
		       (is_meta(dev, b + n) ||
			memcmp(c->want + at + n * BLOCK_BYTES, c->has + at + n * BLOCK_BYTES,
			       BLOCK_BYTES)))
			n++;
		if (n) {
			disk_io(c->fd, c->want + at, n * BLOCK_BYTES, at, true);
			memcpy(c->has + at, c->want + at, n * BLOCK_BYTES);
		}
		b += n ? n : 1;
	}
}

/* Nothing but metadata was written. */
static void audit(enum dev dev)
{
	struct copy *c = &copies[dev];
	uint64_t b;

	disk_io(c->fd, c->want, bench.size[dev], 0, false);
	for (b = 0; b < bench.size[dev] / BLOCK_BYTES; b++)
		if (!is_meta(dev, b) &&
		    memcmp(c->want + b * BLOCK_BYTES, c->has + b * BLOCK_BYTES, BLOCK_BYTES)) {
			wrong_device(dev == DEV_MAIN ? "wrote to main" : "wrote to a slot", 0);
			return;
		}
}

/* ---- the device ---- */

static bool mode_is_rw(void)
{
	struct dmdev_buf b = {};

	return !dmdev_do(&dm, DM_TABLE_STATUS, &b, DM_NOFLUSH_FLAG) && strstr(b.text, "mode=rw ");
}

/* The whole of [s, s + n), or each half of it, down to single sectors. */
static void read_range(int fd, uint64_t s, uint64_t n, struct pattern *p)
{
	uint64_t i;

	if (pread(fd, p, n * SECTOR, (off_t)s * SECTOR) == (ssize_t)(n * SECTOR)) {
		for (i = 0; i < n; i++)
			values[s + i] = pattern_seq(&p[i], s + i);
	} else if (n == 1) {
		values[s] = VALUE_ERROR;
	} else {
		read_range(fd, s, n / 2, p);
		read_range(fd, s + n / 2, n - n / 2, p + n / 2);
	}
}

static void read_all(void)
{
	const int fd = open(dm.node, O_RDONLY | O_DIRECT | O_CLOEXEC);
	uint64_t s;

	if (fd < 0)
		err(1, "%s", dm.node);
	for (s = 0; s < sects; s += CHUNK)
		read_range(fd, s, sects - s < CHUNK ? sects - s : CHUNK, chunk);
	close(fd);
}

static bool come_up(const char *what)
{
	const int r = dmdev_create(&dm, sects, "remap", params);

	if (r) {
		wrong_device(what, r);
		return false;
	}
	if (!mode_is_rw())
		wrong_device("is not in mode rw", 0);
	read_all();
	return true;
}

static void go_down(void)
{
	const int r = dmdev_remove(&dm);

	if (r)
		errx(1, "remove: %s", strerror(r));
}

/* What the module has left in the metadata, into @has. */
static void get_meta(void)
{
	const struct copy *c = &copies[DEV_SPARE];
	uint64_t block;

	for (block = 0; block < bench.size[DEV_SPARE] / BLOCK_BYTES; block++)
		if (meta_may(block))
			disk_io(c->fd, c->has + block * BLOCK_BYTES, BLOCK_BYTES,
				block * BLOCK_BYTES, false);
}

/* All copies but one are gone. */
static void destroy_others(uint32_t left)
{
	const int fd = copies[DEV_SPARE].fd;
	uint32_t i, slots;

	for (i = 0; i < meta_copies(); i++) {
		const uint64_t first = meta_copy(i, &slots);
		uint8_t *zero = blocks_alloc(slots * BLOCK_BYTES);

		if (i != left)
			disk_io(fd, zero, slots * BLOCK_BYTES, first * BLOCK_BYTES, true);
		free(zero);
	}
}

static void open_once_more(void)
{
	int64_t *was = malloc(sects * sizeof(*was));
	uint64_t s;

	if (!was)
		errx(1, "out of memory");
	memcpy(was, values, sects * sizeof(*was));
	points.again++;
	if (points.again % 2)
		destroy_others((uint32_t)(points.again / 2 % meta_copies()));
	if (come_up("closed, and not opened again")) {
		for (s = 0; s < sects; s++)
			if (values[s] != was[s])
				wrong_sector(s, values[s], "closed and opened, it has become");
		go_down();
	}
	free(was);
}

static void open_state(void)
{
	const uint64_t wrong = points.wrong;
	uint64_t s;

	points.opened++;
	put(DEV_MAIN);
	put(DEV_SPARE);
	if (!come_up("not opened"))
		return;
	for (s = 0; s < sects; s++)
		if (!oracle_allows(s, values[s]))
			wrong_sector(s, values[s], "it has");
	go_down();
	get_meta();
	if (!meta_alike(copies[DEV_SPARE].has))
		wrong_device("closed, its copies are not alike", 0);
	if (points.opened % AGAIN_EVERY == 0 && points.wrong == wrong)
		open_once_more();
	if (points.opened % AUDIT_EVERY == 0) {
		audit(DEV_MAIN);
		audit(DEV_SPARE);
	}
}

/* ---- which states ---- */

static uint64_t hash(uint64_t h, const uint8_t *data, uint64_t size)
{
	uint64_t lane[4] = { h, ~h, h << 1, h >> 1 };
	uint64_t i, k, word;

	for (i = 0; i < size; i += 32) {
		for (k = 0; k < 4; k++) {
			memcpy(&word, data + i + 8 * k, 8);
			lane[k] = (lane[k] ^ word) * 0x9e3779b97f4a7c15ULL;
			lane[k] ^= lane[k] >> 32;
		}
	}
	return pattern_mix(lane[0]) ^ pattern_mix(lane[1] + 1) ^ pattern_mix(lane[2] + 2) ^
	       pattern_mix(lane[3] + 3);
}

/* True: this state has not been there before. */
static bool remember(uint64_t h)
{
	uint64_t at = h % SEEN_MAX;

	if (points.states > SEEN_MAX / 2)
		errx(1, "too many states");
	for (; seen[at]; at = (at + 1) % SEEN_MAX)
		if (seen[at] == h)
			return false;
	seen[at] = h;
	points.states++;
	return true;
}

/* True: a state that was not there before. */
static bool cut(enum variant v)
{
	uint64_t h = oracle_hash();
	enum dev d;

	for (d = DEV_MAIN; d < NR_DEVS; d++) {
		disks_image(d, v, copies[d].want);
		h = hash(h, copies[d].want, bench.size[d]);
	}
	if (!remember(h))
		return false;
	keeps = v;
	open_state();
	return true;
}

/* Some, or all, of the states that are possible now. */
static void cut_here(enum cuts cuts, uint64_t pick)
{
	static uint64_t dice;
	enum variant v;
	uint32_t i;

	dice = pattern_mix(dice + bench.seed);
	v = dice % NR_VARIANTS;
	for (i = 0; i < NR_VARIANTS; i++, v = (v + 1) % NR_VARIANTS) {
		if (cuts == CUT_SOME) {
			dice = pattern_mix(dice + bench.seed);
			if (dice >> 32 >= pick)
				continue;
		}
		if (cut(v) && cuts == CUT_EACH)
			return;
	}
}

/* Events after which another state is possible, about. */
static uint64_t count_prefixes(void)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < trace.nr_events; i++) {
		const struct io *io = &trace.io[trace.event[i].io];
		const bool end = trace.event[i].end;

		if (io->dev == DEV_TOP)
			n += end && io->ok && io->op != 'R';
		else if (io->op == 'W')
			n += !end || (io->fua && io->ok);
		else
			n += end && io->op == 'F';
	}
	return n;
}

static void setup(const uint8_t *main_image, const uint8_t *spare_image)
{
	enum dev d;

	for (d = DEV_MAIN; d < NR_DEVS; d++) {
		struct copy *c = &copies[d];

		c->fd = open(bench.again[d], O_RDWR | O_DIRECT | O_CLOEXEC);
		if (c->fd < 0)
			err(1, "%s", bench.again[d]);
		if (lseek(c->fd, 0, SEEK_END) != (off_t)bench.size[d])
			errx(1, "%s is of another size", bench.again[d]);
		c->want = blocks_alloc(bench.size[d]);
		c->has = blocks_alloc(bench.size[d]);
		memcpy(c->has, d == DEV_MAIN ? main_image : spare_image, bench.size[d]);
		disk_io(c->fd, c->has, bench.size[d], 0, true);
	}
	sects = bench.size[DEV_TOP] / SECTOR;
	snprintf(params, sizeof(params), "%s %s", bench.again[DEV_MAIN], bench.again[DEV_SPARE]);
	values = calloc(sects, sizeof(*values));
	chunk = blocks_alloc(CHUNK * SECTOR);
	if (!values)
		errx(1, "out of memory");
}

void points_run(const uint8_t *main_image, const uint8_t *spare_image, enum cuts cuts,
		uint64_t wanted)
{
	const uint64_t all = count_prefixes() * NR_VARIANTS;
	const uint64_t pick = wanted < all ? (wanted << 32) / all : 1ull << 32;

	setup(main_image, spare_image);
	for (now = 0; now < trace.nr_events; now++) {
		const struct event *e = &trace.event[now];
		const bool disks_changed = disks_event(e);
		const bool promises_changed = oracle_event(e);

		if (!disks_changed && !promises_changed)
			continue;
		points.prefixes++;
		cut_here(cuts, pick);
	}
}
