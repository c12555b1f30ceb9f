// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the load path calls: memory, the spare, modes. In place of bio.c,
 * evidence.c, fence.c, mode.c and relocate.c.
 */
#include "../../src/kernel/evidence.h"
#include "../../src/kernel/job.h"
#include "../../src/kernel/mode.h"
#include "../../src/kernel/summary.h"
#include "fake-load.h"

static struct fake_load *now;

void fake_load_begin(struct fake_load *f)
{
	now = f;
}

void fake_unexpected(const char *what)
{
	fprintf(stderr, "the load path must not come here: %s\n", what);
	abort();
}

u32 get_random_u32(void)
{
	return now->random += 0x9e3779b9u;
}

/* ---- memory ---- */

void *fake_alloc(size_t n, size_t size)
{
	void *p;

	now->allocs++;
	if (now->fail_alloc && now->allocs >= now->fail_alloc)
		return NULL;
	/* a set within a small device never has a reason to ask for this much */
	FUZZ_MUST(!size || n <= (16u << 20) / size);
	if (!n || !size)
		return ZERO_SIZE_PTR;
	p = calloc(n, size);
	FUZZ_MUST(p);
	now->live++;
	return p;
}

void fake_free(const void *p)
{
	if (!p || p == ZERO_SIZE_PTR)
		return;
	now->live--;
	free((void *)p);
}

/* Pools do not fail: who asks them waits. */
void *remap_pool_take(struct remap_pool *p, enum remap_pool_how how)
{
	struct fake_paged {
		struct remap_paged b;
		struct page page;
	} *paged = calloc(1, sizeof(*paged));

	(void)p;
	FUZZ_MUST(how == REMAP_POOL_WAIT && paged);
	now->live++;
	paged->b.page = &paged->page;
	paged->page.private = (unsigned long)&paged->b;
	return &paged->b;
}

void remap_pool_give(struct remap_pool *p, void *object)
{
	(void)p;
	fake_free(object);
}

/* ---- the spare, and main ---- */

void remap_batch_init(struct remap_batch *b)
{
	atomic_set(&b->left, 1);
}

void remap_batch_wait(struct remap_batch *b)
{
	/* whatever was submitted has ended: nothing here takes time */
	FUZZ_MUST(atomic_read(&b->left) == 1);
}

/* A large read fails as a whole, wherever in it; what could be read is there. */
static int spare_read_large(const struct remap_child *c, u64 slot)
{
	int err = 0;
	u32 i;

	FUZZ_MUST(!(c->opf & REQ_OP_WRITE) && !(c->nr_sect % DMR_BLK_SECTS));
	for (i = 0; i < c->nr_sect / DMR_BLK_SECTS; i++)
		if (fake_disk_read(now->disk, slot + i, page_address(c->pages[i])))
			err = -EIO;
	return err;
}

static int spare_io(const struct remap_child *c)
{
	const u64 slot = c->dest_sect / DMR_BLK_SECTS;

	if (c->pages)
		return spare_read_large(c, slot);
	FUZZ_MUST(c->page && !c->page_off && c->nr_sect == DMR_BLK_SECTS &&
		  !(c->dest_sect % DMR_BLK_SECTS));
	if (c->opf & REQ_OP_WRITE)
		return fake_disk_write(now->disk, slot, page_address(c->page));
	return fake_disk_read(now->disk, slot, page_address(c->page));
}

static int main_io(const struct remap_child *c)
{
	u32 i;

	FUZZ_MUST(!(c->opf & REQ_OP_WRITE) && c->nr_sect <= DMR_BLK_SECTS);
	FUZZ_MUST(c->dest_sect + c->nr_sect <= now->main_sect);
	for (i = 0; i < c->nr_sect * DMR_SECT_BYTES; i++)
		c->page->byte[i] = image_main_byte(c->dest_sect * DMR_SECT_BYTES + i);
	return 0;
}

blk_status_t remap_child_run(struct remap *r, struct remap_io *io, struct remap_child *c)
{
	(void)r;
	FUZZ_MUST(!io);
	c->status = (c->to_spare ? spare_io(c) : main_io(c)) ? BLK_STS_MEDIUM : BLK_STS_OK;
	c->began = jiffies;
	return c->status;
}

void remap_child_submit(struct remap *r, struct remap_io *io, struct remap_child *c,
			struct remap_batch *b)
{
	c->batch = b;
	remap_child_run(r, io, c);
}

static int meta_io(struct remap *r, blk_opf_t opf, struct dmr_slot s, struct page *page)
{
	struct remap_child c = {
		.nr_sect = DMR_BLK_SECTS,
		.to_spare = true,
		.dest_sect = dmr_slot_sect(s),
		.opf = opf,
		.page = page,
	};

	return remap_child_run(r, NULL, &c) ? -EIO : 0;
}

int remap_meta_read(struct remap *r, struct dmr_slot s, struct page *page)
{
	return meta_io(r, REMAP_META_READ, s, page);
}

int remap_meta_write(struct remap *r, struct dmr_slot s, struct page *page)
{
	return meta_io(r, REMAP_META_WRITE, s, page);
}

int remap_spare_flush(struct remap *r)
{
	const int err = fake_disk_flush(now->disk);

	if (err)
		atomic_inc(&r->spare_void);
	return err;
}

enum dmr_class remap_spare_class(struct remap *r, blk_status_t status, unsigned long began)
{
	(void)r;
	(void)status;
	(void)began;
	return DMR_CLASS_CANDIDATE;
}

bool remap_evidence_spare(struct remap *r)
{
	(void)r;
	return now->disk->evidence;
}

/* ---- modes ---- */

void remap_mode_set(struct remap *r, enum dmr_mode mode, enum dmr_why why)
{
	r->mode = mode;
	r->why = why;
}

void remap_mode_worsen(struct remap *r, enum dmr_mode mode, enum dmr_why why)
{
	if (r->mode < mode)
		remap_mode_set(r, mode, why);
}

/* what is said of free slots, and jobs: nobody listens, nobody asks */
void remap_mode_room(struct remap *r)
{
	(void)r;
}

void remap_verify_run(struct remap *r)
{
	(void)r;
}

void remap_mode_event(struct remap *r)
{
	(void)r;
}

void remap_watch_update(struct remap *r)
{
	(void)r;
}

/* ---- main's health: nothing happens to it here ---- */

void remap_summary_seen(struct remap *r, const struct dmr_aux *seen)
{
	(void)r;
	FUZZ_MUST(seen->n <= DMR_AUX_RECS);
}

void remap_summary_restore(struct remap *r)
{
	(void)r;
}

void remap_summary_encode(struct remap *r, void *blk, const struct dmr_gen *gen, u32 copy,
			  struct dmr_slot at)
{
	dmr_codec_aux_encode(blk, r->sb.uuid, gen, copy, at, NULL);
}

/* ---- what only runs when there are bios ---- */

void remap_group_put(struct remap_group *g)
{
	(void)g;
	fake_unexpected("requests");
}

void remap_fence_mark_all(struct remap *r, struct remap_index *idx)
{
	(void)r;
	(void)idx;
}

void remap_fence_remove(struct remap *r, struct remap_fence *f)
{
	(void)r;
	(void)f;
	fake_unexpected("fence");
}

void remap_fence_change(struct remap *r, struct remap_fence *f, enum remap_fence_mode mode)
{
	(void)r;
	(void)f;
	(void)mode;
	fake_unexpected("fence");
}

void remap_gather_wait(struct remap *r)
{
	(void)r;
	fake_unexpected("requests");
}

void remap_error_over(struct remap *r, struct remap_group *g)
{
	(void)r;
	(void)g;
	fake_unexpected("requests");
}

int remap_relocate_rewrite(struct remap *r, struct remap_req *req)
{
	(void)r;
	(void)req;
	fake_unexpected("data of a slot");
}
