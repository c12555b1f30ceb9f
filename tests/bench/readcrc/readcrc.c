// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readcrc: read places of a disk and checksum them, while it is being loaded.
 *
 *   insmod readcrc.ko dev=/dev/x place=0,1000,5000 blocks=400 times=5
 *
 * The least that a load of the table can cost: 400 blocks of 4 KiB from each of the
 * three places on (in blocks), in bios of 1 MiB, and crc32c() of each block, the function
 * that the module uses. Says "readcrc: SUM BYTES NANOSECONDS" for each time.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/crc32c.h>
#include <linux/ktime.h>
#include <linux/module.h>

#define RC_BLK_BYTES	4096u
#define RC_PAGES	256u
#define RC_PLACES	5

static char *dev = "";
static ulong place[RC_PLACES];
static unsigned int places, blocks, times = 1;

module_param(dev, charp, 0444);
module_param_array(place, ulong, &places, 0444);
module_param(blocks, uint, 0444);
module_param(times, uint, 0444);

static struct page *pages[RC_PAGES];

static int rc_read(struct block_device *bdev, u64 blk, u32 n, u32 *sum)
{
	struct bio *bio = bio_alloc(bdev, n, REQ_OP_READ, GFP_KERNEL);
	u32 i;
	int err;

	bio->bi_iter.bi_sector = blk * (RC_BLK_BYTES >> SECTOR_SHIFT);
	for (i = 0; i < n; i++)
		__bio_add_page(bio, pages[i], RC_BLK_BYTES, 0);
	err = submit_bio_wait(bio);
	bio_put(bio);
	for (i = 0; i < n && !err; i++)
		*sum ^= crc32c(~0u, page_address(pages[i]), RC_BLK_BYTES);
	return err;
}

static int rc_once(struct block_device *bdev)
{
	u64 began = ktime_get_ns();
	u32 c, at, n, sum = 0;
	int err = 0;

	for (c = 0; c < places; c++)
		for (at = 0; at < blocks && !err; at += n) {
			n = min(blocks - at, RC_PAGES);
			err = rc_read(bdev, place[c] + at, n, &sum);
		}
	pr_info("readcrc: %08x %llu %llu\n", sum, (u64)places * blocks * RC_BLK_BYTES,
		ktime_get_ns() - began);
	return err;
}

static int __init rc_init(void)
{
	struct block_device *bdev = blkdev_get_by_path(dev, FMODE_READ, NULL);
	int err = -ENOMEM;
	u32 i, n;

	if (IS_ERR(bdev))
		return PTR_ERR(bdev);
	for (n = 0; n < RC_PAGES; n++) {
		pages[n] = alloc_page(GFP_KERNEL);
		if (!pages[n])
			goto out;
	}
	for (i = 0, err = 0; i < times && !err; i++)
		err = rc_once(bdev);
out:
	while (n)
		__free_page(pages[--n]);
	blkdev_put(bdev, FMODE_READ);
	return err;
}

static void __exit rc_exit(void)
{
}

module_init(rc_init);
module_exit(rc_exit);

MODULE_DESCRIPTION("what reading and checksumming costs");
MODULE_LICENSE("GPL");
