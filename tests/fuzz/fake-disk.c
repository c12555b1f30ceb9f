// SPDX-License-Identifier: GPL-2.0-only
/* The spare in memory; see image.h. */
#include "image.h"

u8 *fake_disk_blk(struct fake_disk *d, u64 slot)
{
	FUZZ_MUST(slot < IMAGE_SLOTS_MAX);
	if (!d->blk[slot])
		d->blk[slot] = calloc(1, DMR_BLK_BYTES);
	FUZZ_MUST(d->blk[slot]);
	return d->blk[slot];
}

int fake_disk_read(struct fake_disk *d, u64 slot, void *buf)
{
	if (slot >= d->slots || d->unread[slot])
		return -EIO;
	if (d->blk[slot])
		memcpy(buf, d->blk[slot], DMR_BLK_BYTES);
	else
		memset(buf, 0, DMR_BLK_BYTES);
	return 0;
}

static bool fails(u32 n, u32 when, bool on)
{
	return when && (n == when || (on && n > when));
}

int fake_disk_write(struct fake_disk *d, u64 slot, const void *buf)
{
	FUZZ_MUST(d->meta && slot < d->slots && dmr_layout_is_meta(d->meta, dmr_slot(slot)));
	d->writes++;
	if (d->unwritable[slot] || fails(d->writes, d->fail_write, d->fail_on)) {
		d->faults++;
		return -EIO;
	}
	memcpy(fake_disk_blk(d, slot), buf, DMR_BLK_BYTES);
	d->unread[slot] = false;
	d->unflushed[slot] = true;
	return 0;
}

int fake_disk_flush(struct fake_disk *d)
{
	FUZZ_MUST(d->meta);
	d->flushes++;
	if (fails(d->flushes, d->fail_flush, d->fail_on)) {
		d->faults++;
		return -EIO;
	}
	memset(d->unflushed, 0, sizeof(d->unflushed));
	return 0;
}

void fake_disk_heal(struct fake_disk *d)
{
	memset(d->unwritable, 0, sizeof(d->unwritable));
	d->fail_write = 0;
	d->fail_flush = 0;
	d->evidence = true;
}

void image_copy(struct image *to, const struct image *from)
{
	u32 i;

	*to = *from;
	for (i = 0; i < IMAGE_SLOTS_MAX; i++) {
		to->disk.blk[i] = NULL;
		if (from->disk.blk[i])
			memcpy(fake_disk_blk(&to->disk, i), from->disk.blk[i], DMR_BLK_BYTES);
	}
}

void image_free(struct image *im)
{
	u32 i;

	for (i = 0; i < IMAGE_SLOTS_MAX; i++)
		free(im->disk.blk[i]);
}
