// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sig: signatures. A foreign filesystem, RAID member or partition table is for
 * libblkid to know. dm-remap's own magic is looked for at every anchor and
 * alternate this size has; the formats of earlier programs of this name at the places where
 * those wrote them. A magic is enough: damaged metadata may still be wanted.
 */
#include <blkid/blkid.h>
#include <stdlib.h>

#include "say.h"
#include "sig.h"

#define WHAT_LEN	256
#define WIPE_MAX	256	/* signatures on one device; more means that wiping does not work */

/* Where the two programs that wrote "DMR4" put it: five blocks of 128 KiB, or five far places */
static const u64 dmr4_byte[] = { 0, 131072, 262144, 393216, 524288, 1048576, 2097152, 4194304 };
static const u8 dmr4_magic[4] = { 0x34, 0x52, 0x4d, 0x44 };
#define DMR4_SIZE_OFF	32	/* le32: size of the structure */
#define DMR4_COUNT_OFF	296	/* le32: remaps, when the structure is DMR4_KERNEL_SIZE long */
#define DMR4_KERNEL_SIZE 84288u
#define DMREMAP3_MAGIC	"DMREMAP3"

struct scan {
	struct dev *d;
	const struct dmr_layout *lay;
	sig_fn fn;
	void *ctx;
	u32 n;
	u8 *blk;
};

static void found(struct scan *s, const char *what, u64 byte)
{
	s->n++;
	if (s->fn)
		s->fn(s->ctx, what, byte);
}

static u32 le32_at(const u8 *p)
{
	__le32 v;

	memcpy(&v, p, sizeof(v));
	return le32_to_cpu(v);
}

/* ---- dm-remap, this format or a newer one ---- */

static void scan_own_at(struct scan *s, struct dmr_slot at, const char *place, u32 i)
{
	const struct dmr_disk_header *h = (const void *)s->blk;
	const u64 byte = at.v * DMR_BLK_BYTES;
	char what[WHAT_LEN];

	if (dmr_slot_is_none(at) || dev_read(s->d, s->blk, byte, DMR_BLK_BYTES) ||
	    memcmp(h->magic, DMR_DISK_MAGIC, sizeof(h->magic)) != 0)
		return;
	snprintf(what, sizeof(what), "dm-remap metadata (format %u, %s %u)",
		 le16_to_cpu(h->version), place, i);
	found(s, what, byte);
}

/* A copy that has moved may be all that is left */
static void scan_own(struct scan *s)
{
	u32 i;

	for (i = 0; i < s->lay->copies; i++)
		scan_own_at(s, s->lay->copy_slot[i], "place of copy", i);
	for (i = 0; i < DMR_ALTERNATES; i++)
		scan_own_at(s, dmr_layout_alternate(s->lay->slots, i), "alternate", i);
}

/* ---- programs of this name before 4.0 ---- */

static void scan_dmr4(struct scan *s, u64 byte)
{
	char what[WHAT_LEN];
	u32 size;

	if (memcmp(s->blk, dmr4_magic, sizeof(dmr4_magic)) != 0)
		return;
	size = le32_at(s->blk + DMR4_SIZE_OFF);
	if (size == DMR4_KERNEL_SIZE)
		snprintf(what, sizeof(what), "metadata of an earlier dm-remap (DMR4, %u remaps)",
			 le32_at(s->blk + DMR4_COUNT_OFF));
	else
		snprintf(what, sizeof(what), "metadata of an earlier dm-remap (DMR4)");
	found(s, what, byte);
}

static void scan_older(struct scan *s)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dmr4_byte); i++) {
		if (dmr4_byte[i] + DMR_BLK_BYTES > s->d->sect * DMR_SECT_BYTES ||
		    dev_read(s->d, s->blk, dmr4_byte[i], DMR_BLK_BYTES))
			continue;
		scan_dmr4(s, dmr4_byte[i]);
		if (i == 0 && !memcmp(s->blk, DMREMAP3_MAGIC, strlen(DMREMAP3_MAGIC)))
			found(s, "metadata of an earlier dm-remap (DMREMAP3)", 0);
	}
}

bool sig_find_older(struct dev *d, sig_fn fn, void *ctx)
{
	struct scan s = { .d = d, .fn = fn, .ctx = ctx, .blk = say_alloc_blocks(1) };

	scan_older(&s);
	free(s.blk);
	return s.n > 0;
}

/* ---- what libblkid knows ---- */

static const char *value(blkid_probe pr, const char *name)
{
	const char *v;

	return blkid_probe_lookup_value(pr, name, &v, NULL) ? NULL : v;
}

static blkid_probe probe_new(const struct dev *d)
{
	blkid_probe pr = blkid_new_probe();

	if (!pr)
		return NULL;
	if (blkid_probe_set_device(pr, d->fd, 0, 0)) {
		blkid_free_probe(pr);
		return NULL;
	}
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_TYPE |
					  BLKID_SUBLKS_LABEL | BLKID_SUBLKS_BADCSUM);
	blkid_probe_enable_partitions(pr, 1);
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
	return pr;
}

static void scan_one_foreign(struct scan *s, blkid_probe pr)
{
	const char *type = value(pr, "TYPE"), *pt = value(pr, "PTTYPE");
	const char *label = value(pr, "LABEL"), *off;
	char what[WHAT_LEN];

	off = value(pr, type ? "SBMAGIC_OFFSET" : "PTMAGIC_OFFSET");
	if (type)
		snprintf(what, sizeof(what), label ? "%.64s superblock, label \"%.128s\"" :
			 "%.64s superblock", type, label);
	else if (pt)
		snprintf(what, sizeof(what), "%.64s partition table", pt);
	else
		return;
	found(s, what, off ? strtoull(off, NULL, 10) : 0);
}

static int scan_foreign(struct scan *s)
{
	blkid_probe pr = probe_new(s->d);
	int r;

	if (!pr) {
		say_err("%s %s cannot be probed for what is on it: %s",
			s->d->role, s->d->path, strerror(errno));
		return EXIT_DEVICE;
	}
	while ((r = blkid_do_probe(pr)) == 0)
		scan_one_foreign(s, pr);
	blkid_free_probe(pr);
	if (r < 0) {
		say_err("%s %s cannot be read to see what is on it: check the device and its cable",
			s->d->role, s->d->path);
		return EXIT_DEVICE;
	}
	return 0;
}

int sig_scan(struct dev *d, const struct dmr_layout *lay, sig_fn fn, void *ctx, u32 *n)
{
	struct scan s = { .d = d, .lay = lay, .fn = fn, .ctx = ctx, .blk = say_alloc_blocks(1) };
	int code = scan_foreign(&s);

	if (!code) {
		scan_own(&s);
		scan_older(&s);
	}
	free(s.blk);
	*n = s.n;
	return code;
}

/* ---- wiping ---- */

static int wipe_failed(const struct dev *d, u64 byte, int err)
{
	say_err("spare %s cannot be written at byte %ju: %s; use another spare",
		d->path, byte, strerror(err));
	return EXIT_DEVICE;
}

static void collect(void *ctx, const char *what, u64 byte)
{
	u64 **next = ctx;

	(void)what;
	*(*next)++ = byte;
}

static int wipe_older(struct dev *d)
{
	u64 at[2 * ARRAY_SIZE(dmr4_byte)], *end = at, *p;
	void *zero = say_alloc_blocks(1);
	int err = 0;

	sig_find_older(d, collect, &end);
	for (p = at; p < end && !err; p++)
		err = dev_write(d, zero, *p, DMR_BLK_BYTES);
	free(zero);
	return err ? wipe_failed(d, p[-1], -err) : 0;
}

int sig_wipe(struct dev *d, const struct dmr_layout *lay)
{
	void *zero = say_alloc_blocks(1);
	blkid_probe pr = probe_new(d);
	u32 i, tries = 0;
	int err = 0;

	while (pr && !err && blkid_do_probe(pr) == 0)
		err = blkid_do_wipe(pr, 0) || ++tries > WIPE_MAX ? -EIO : 0;
	if (pr)
		blkid_free_probe(pr);
	if (err) {
		free(zero);
		return wipe_failed(d, 0, -err);
	}
	for (i = 0; i < lay->copies && !err; i++)
		err = dev_write(d, zero, lay->copy_slot[i].v * DMR_BLK_BYTES, DMR_BLK_BYTES);
	free(zero);
	return err ? wipe_failed(d, lay->copy_slot[i - 1].v * DMR_BLK_BYTES, -err) : wipe_older(d);
}
