// SPDX-License-Identifier: GPL-2.0-only
/* Room: the list of blocks with a free slot against a plain array. */
#include "test.h"
#include "room.h"

/* A queue the slow way: who has room, in order of arrival. */
struct queue {
	u32 blk[8000];
	u32 n;
};

static bool queue_drop(struct queue *q, u32 blk)
{
	u32 i, k = 0;

	for (i = 0; i < q->n; i++)
		if (q->blk[i] != blk)
			q->blk[k++] = q->blk[i];
	if (k == q->n)
		return false;
	q->n = k;
	return true;
}

/* Half as many blocks again, as when the mark is raised; the list stays. */
static void *moved_to_more(struct dmr_room *r, u32 *blks, void *mem)
{
	const u32 more = *blks + (*blks + 1) / 2;
	void *to = malloc(dmr_room_words(more) * sizeof(u64));

	assert_non_null(to);
	memset(to, 0xff, dmr_room_words(more) * sizeof(u64));
	dmr_room_grow(r, more, to);
	free(mem);
	*blks = more;
	return to;
}

static void against_a_queue(u32 blks, unsigned int steps)
{
	void *mem = malloc(dmr_room_words(blks) * sizeof(u64));
	struct queue q = { .n = 0 };
	struct dmr_room r;
	u64 rnd = blks;
	unsigned int i;

	assert_non_null(mem);
	memset(mem, 0xff, dmr_room_words(blks) * sizeof(u64));
	dmr_room_init(&r, blks, mem);
	assert_true(dmr_room_in_use(&r));
	assert_int_equal(dmr_room_first(&r), DMR_ROOM_NONE);
	for (i = 0; i < steps; i++) {
		u32 blk;

		if (i == steps / 2)
			mem = moved_to_more(&r, &blks, mem);
		blk = (u32)test_rnd_below(&rnd, blks);
		if (q.n && test_rnd_below(&rnd, 2))
			blk = q.blk[0];
		/* mostly taken away at first, mostly given later */
		if (test_rnd_below(&rnd, steps) < i) {
			const bool was_in = queue_drop(&q, blk);

			/* giving twice changes nothing: put it back where it was */
			if (was_in) {
				dmr_room_clear(&r, blk);
				dmr_room_set(&r, blk);
			}
			q.blk[q.n++] = blk;
			dmr_room_set(&r, blk);
			dmr_room_set(&r, blk);
		} else {
			queue_drop(&q, blk);
			dmr_room_clear(&r, blk);
			dmr_room_clear(&r, blk);
		}
		assert_int_equal(dmr_room_first(&r), q.n ? q.blk[0] : DMR_ROOM_NONE);
	}
	/* and the rest comes out in order */
	for (i = 0; i < q.n; i++) {
		assert_int_equal(dmr_room_first(&r), q.blk[i]);
		dmr_room_clear(&r, q.blk[i]);
	}
	assert_int_equal(dmr_room_first(&r), DMR_ROOM_NONE);
	free(mem);
}

static void small_and_large(void **state)
{
	static const u32 sizes[] = { 1, 2, 3, 8, 64, 1000, 5000 };
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		against_a_queue(sizes[i], 10000);
}

static void memory(void **state)
{
	(void)state;
	assert_true(dmr_room_words(1) == 2);
	assert_true(dmr_room_words(~0u) == 1ull << 32);
}

static void not_in_use(void **state)
{
	struct dmr_room r;

	(void)state;
	memset(&r, 0, sizeof(r));
	assert_false(dmr_room_in_use(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_and_large),
		cmocka_unit_test(memory),
		cmocka_unit_test(not_in_use),
	};

	return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
