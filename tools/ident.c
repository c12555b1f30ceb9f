// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ident: the identity of main. Each name has one source, so that format and
 * open, on whatever machine, get the same answer or none: WWID and serial from
 * sysfs, PARTUUID from the partition table.
 */
#include <blkid/blkid.h>
#include <ctype.h>
#include <stdlib.h>

#include "ident.h"
#include "say.h"
#include "sysfs.h"

#define WITNESS_SECT	DMR_BLK_SECTS

/* Printable, no blanks at the ends, blanks inside squeezed: as udev writes serials */
static void clean(char *s)
{
	char *to = s, *from;

	for (from = s; *from; from++) {
		if (!isgraph((unsigned char)*from)) {
			if (to > s && to[-1] != ' ')
				*to++ = ' ';
			continue;
		}
		*to++ = *from;
	}
	if (to > s && to[-1] == ' ')
		to--;
	*to = '\0';
}

static void read_wwid(dev_t disk, char *buf, size_t size)
{
	static const char * const attr[] = { "wwid", "device/wwid", "dm/uuid", "md/uuid" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attr); i++) {
		if (!sysfs_attr(disk, attr[i], buf, size)) {
			clean(buf);
			if (*buf)
				return;
		}
	}
	*buf = '\0';
}

static void read_serial(dev_t disk, char *buf, size_t size)
{
	static const char * const attr[] = { "serial", "device/serial" };
	char page[256];
	unsigned int i;
	int n;

	for (i = 0; i < ARRAY_SIZE(attr); i++) {
		if (!sysfs_attr(disk, attr[i], buf, size)) {
			clean(buf);
			if (*buf)
				return;
		}
	}
	*buf = '\0';
	n = sysfs_raw(disk, "device/vpd_pg80", page, sizeof(page) - 1);
	if (n <= 4)
		return;
	page[n] = '\0';
	clean(page + 4);	/* SCSI: four bytes of header, then the serial */
	snprintf(buf, size, "%.*s", (int)size - 1, page + 4);
}

static void read_partuuid(dev_t part, char *buf, size_t size)
{
	char path[SYSFS_NAME_LEN];
	blkid_partition entry;
	blkid_partlist list;
	const char *uuid;
	blkid_probe pr;

	*buf = '\0';
	if (!sysfs_is_part(part))
		return;
	pr = blkid_new_probe_from_filename(sysfs_devpath(sysfs_disk(part), path));
	if (!pr)
		return;
	blkid_probe_enable_partitions(pr, 1);
	list = blkid_probe_get_partitions(pr);
	entry = list ? blkid_partlist_devno_to_partition(list, part) : NULL;
	uuid = entry ? blkid_partition_get_uuid(entry) : NULL;
	if (uuid)
		snprintf(buf, size, "%s", uuid);
	blkid_free_probe(pr);
}

void ident_read(const struct dev *main_dev, struct dmr_super *sb)
{
	if (main_dev->file)
		return;
	read_wwid(sysfs_disk(main_dev->rdev), sb->main_wwid, sizeof(sb->main_wwid));
	read_serial(sysfs_disk(main_dev->rdev), sb->main_serial, sizeof(sb->main_serial));
	read_partuuid(main_dev->rdev, sb->main_partuuid, sizeof(sb->main_partuuid));
}

#define IDENT_LEN	sizeof(((struct dmr_super *)0)->main_wwid)	/* the longest */

static int compare_name(const struct dev *d, const char *what, const char *want, const char *have,
			bool force)
{
	char want_text[SAY_PRINTABLE_LEN(IDENT_LEN)], have_text[SAY_PRINTABLE_LEN(IDENT_LEN)];

	if (!*want || !*have || !strcmp(want, have))
		return 0;
	want = say_printable(want, want_text);
	have = say_printable(have, have_text);
	if (force) {
		say_warn("main %s seems to be another disk than the one this spare belongs to: its %s is \"%s\", the spare remembers \"%s\"",
			 d->path, what, have, want);
		return 0;
	}
	say_err("main %s is another disk than the one this spare belongs to: its %s is \"%s\", the spare remembers \"%s\"; open it with its own main. If it is that disk and only its adapter changed, open --force reads it",
		d->path, what, have, want);
	return EXIT_DEVICE;
}

static int compare_size(const struct dev *d, const struct dmr_super *sb)
{
	if (d->sect < sb->main_sect) {
		say_err("main %s has %ju sectors, fewer than the %ju the spare was formatted for: open the spare with its own main",
			d->path, d->sect, sb->main_sect);
		return EXIT_DEVICE;
	}
	if (d->lbs_bytes != sb->main_lbs_bytes) {
		say_err("main %s has logical blocks of %u bytes, it had %u when the spare was formatted: connect it as it was then (an adapter or bridge may change this)",
			d->path, d->lbs_bytes, sb->main_lbs_bytes);
		return EXIT_DEVICE;
	}
	return 0;
}

int ident_compare(const struct dev *main_dev, const struct dmr_super *sb, bool force)
{
	struct dmr_super now = { 0 };
	int code = compare_size(main_dev, sb);

	ident_read(main_dev, &now);
	if (!code)
		code = compare_name(main_dev, "WWID", sb->main_wwid, now.main_wwid, force);
	if (!code)
		code = compare_name(main_dev, "serial", sb->main_serial, now.main_serial, force);
	if (!code)
		code = compare_name(main_dev, "PARTUUID", sb->main_partuuid, now.main_partuuid,
				    force);
	return code;
}

/* ---- the witness ---- */

static void add_range(struct dmr_super *sb, u64 start_sect)
{
	u64 left;
	u32 i;

	if (start_sect >= sb->main_sect)
		return;
	left = sb->main_sect - start_sect;
	for (i = 0; i < DMR_WITNESS_MAX; i++) {
		if (!sb->witness[i].len_sect)
			break;
		if (sb->witness[i].start_sect == start_sect)
			return;
	}
	if (i == DMR_WITNESS_MAX)
		return;
	sb->witness[i].start_sect = start_sect;
	sb->witness[i].len_sect = left < WITNESS_SECT ? (u32)left : WITNESS_SECT;
}

static void add_value(struct dmr_super *sb, blkid_probe pr, const char *name)
{
	const char *v;

	if (!blkid_probe_lookup_value(pr, name, &v, NULL))
		add_range(sb, strtoull(v, NULL, 10) / DMR_BLK_BYTES * DMR_BLK_SECTS);
}

static void add_signatures(const struct dev *main_dev, struct dmr_super *sb)
{
	blkid_probe pr = blkid_new_probe_from_filename(main_dev->path);

	if (!pr)
		return;
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_MAGIC);
	blkid_probe_enable_partitions(pr, 1);
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_MAGIC);
	while (!blkid_do_probe(pr)) {
		add_value(sb, pr, "SBMAGIC_OFFSET");
		add_value(sb, pr, "PTMAGIC_OFFSET");
	}
	blkid_free_probe(pr);
}

void ident_choose_witness(const struct dev *main_dev, struct dmr_super *sb)
{
	u64 whole_blk = sb->main_sect / DMR_BLK_SECTS;

	add_range(sb, 0);
	add_range(sb, DMR_BLK_SECTS);
	add_range(sb, 65536 / DMR_SECT_BYTES);
	if (whole_blk)
		add_range(sb, (whole_blk - 1) * DMR_BLK_SECTS);
	add_signatures(main_dev, sb);
}

bool ident_witness_changed(struct dev *main_dev, const struct dmr_super *sb, u64 *changed_sect)
{
	const struct dmr_witness *w;
	bool changed = false;
	size_t len;
	void *buf;
	u32 i;
	int err;

	if (sb->activity != DMR_ACTIVITY_CLEAN)
		return false;
	buf = say_alloc_blocks(8);	/* a range has at most 64 sectors */
	for (i = 0; i < DMR_WITNESS_MAX && !changed; i++) {
		w = &sb->witness[i];
		len = (size_t)w->len_sect * DMR_SECT_BYTES;
		if (!w->valid || !len)
			continue;
		err = dev_read(main_dev, buf, w->start_sect * DMR_SECT_BYTES, len);
		if (err) {
			say_warn("main %s: sector %ju cannot be read (%s), so whether it changed while the set was closed is not known",
				 main_dev->path, w->start_sect, strerror(-err));
			continue;
		}
		changed = dmr_plat_crc32c(~0u, buf, len) != w->crc;
		*changed_sect = w->start_sect;
	}
	free(buf);
	return changed;
}
