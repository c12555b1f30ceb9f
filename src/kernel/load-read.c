// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load-read: large reads of the table, see load-read.h.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "load-read.h"
#include "mem.h"

struct remap_chunk *remap_chunk_alloc(u32 copies, u32 blks)
{
	struct remap_chunk *k = remap_mem(kvzalloc(sizeof(*k), GFP_NOIO));
	u32 c, i;

	for (c = 0; k && c < copies; c++) {
		for (i = 0; i < blks; i++) {
			k->page[c][i] = remap_mem(alloc_page(GFP_NOIO));
			if (!k->page[c][i])
				goto fail;
		}
	}
	return k;
fail:
	remap_chunk_free(k);
	return NULL;
}

void remap_chunk_free(struct remap_chunk *k)
{
	u32 c, i;

	if (!k)
		return;
	remap_chunk_wait(k);
	for (c = 0; c < DMR_COPIES_MAX; c++)
		for (i = 0; i < REMAP_CHUNK_BLK && k->page[c][i]; i++)
			__free_page(k->page[c][i]);
	kvfree(k);
}

void remap_chunk_submit(struct remap *r, struct remap_chunk *k, u32 first, u32 n)
{
	u32 c;

	k->first = first;
	k->n = n;
	k->pending = n;
	if (!n)
		return;
	remap_batch_init(&k->batch);
	for (c = 0; c < r->sb.copies; c++) {
		k->child[c] = (struct remap_child){
			.nr_sect = n * DMR_BLK_SECTS,
			.to_spare = true,
			.dest_sect = dmr_slot_sect(dmr_layout_table_slot(&r->sb, c, first)),
			.opf = REMAP_META_READ,
			.pages = k->page[c],
			.vecs = k->vec[c],
		};
		remap_child_submit(r, NULL, &k->child[c], &k->batch);
	}
}

void remap_chunk_wait(struct remap_chunk *k)
{
	if (k->pending)
		remap_batch_wait(&k->batch);
	k->pending = false;
}

const void *remap_chunk_block(struct remap *r, struct remap_chunk *k, u32 c, u32 i)
{
	struct dmr_slot s = dmr_layout_table_slot(&r->sb, c, k->first + i);

	if (k->child[c].status && remap_meta_read(r, s, k->page[c][i]))
		return NULL;
	return page_address(k->page[c][i]);
}
