// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole images: what the module and the tool make of a spare, see image.c for
 * the input and image-load.c for what a load must leave behind.
 *
 * What must hold beside that:
 *   - check and open are of one opinion: fatal is refused, all else is opened
 *   - a writable load gives the same words as a read-only one
 *   - a load that failed, whatever failed in it, costs nothing: once the spare
 *     takes writes again, the next one gives those words too
 *   - after it check finds nothing that an open repairs
 */
#include "check.h"
#include "image.h"

static void check_same(const struct image_view *a, const struct image_view *b)
{
	FUZZ_MUST(a->slots == b->slots);
	FUZZ_MUST(!memcmp(a->word, b->word, sizeof(a->word)));
}

/* Not opened for writing, and not written to. A set that is sealed comes up read-only. */
static void check_refused(struct image *im)
{
	static struct image_view v;

	image_load(im, 0, 0, &v);
	FUZZ_MUST((v.err || (v.sealed && v.readonly)) && !im->disk.writes);
}

/* Without faults of the spare; returns what a read-only open sees. */
static bool check_opinions(const struct image *from, struct image_view *v)
{
	static struct image im;
	int judge, worst;

	image_copy(&im, from);
	worst = image_walk(&im, &judge);
	image_load(&im, IMAGE_READONLY, 0, v);
	FUZZ_MUST(!im.disk.writes && !im.disk.flushes);
	if (worst == DMR_SEV_FATAL)
		check_refused(&im);
	/* what concerns the devices, or main's content, is no finding about the spare */
	if (v->err && v->err != -EINVAL && v->err != -ESTALE)
		FUZZ_MUST(worst == DMR_SEV_FATAL);
	image_free(&im);
	return worst == DMR_SEV_FATAL;
}

static void check_writable(const struct image *from, const struct image_view *seen)
{
	static struct image_view v;
	static struct image im;
	int judge;

	image_copy(&im, from);
	im.disk.fail_write = from->plan.fail_write;
	im.disk.fail_flush = from->plan.fail_flush;
	im.disk.fail_on = from->plan.flags & IMAGE_FAIL_ON;
	image_load(&im, from->plan.flags & IMAGE_THAW, from->plan.fail_alloc, &v);
	if (!v.err)
		check_same(seen, &v);
	else
		FUZZ_MUST(v.err == -ENOMEM || im.disk.faults);
	fake_disk_heal(&im.disk);
	image_load(&im, 0, 0, &v);
	FUZZ_MUST(!v.err && v.readonly == v.sealed);
	check_same(seen, &v);
	FUZZ_MUST(v.sealed || image_walk(&im, &judge) < DMR_SEV_FIXABLE);
	image_free(&im);
}

static void check_forced(const struct image *from)
{
	static struct image_view v;
	static struct image im;

	image_copy(&im, from);
	image_load(&im, IMAGE_FORCE, from->plan.fail_alloc, &v);
	FUZZ_MUST(!im.disk.writes && !im.disk.flushes);
	image_free(&im);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	static struct image_view seen;
	static struct image im;
	bool fatal;

	image_make(&im, &in);
	fatal = check_opinions(&im, &seen);
	if (seen.err) {
		fuzz_refused(strerror(-seen.err));
	} else if (fatal) {
		fuzz_refused("not for writing");
	} else {
		check_writable(&im, &seen);
		fuzz_accepted();
	}
	if (im.plan.flags & IMAGE_FORCE)
		check_forced(&im);
	image_free(&im);
	return 0;
}
