#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The base initramfs of the QEMU guests: busybox, bash, the tools tests use with
# their libraries, and the kernel's modules they may load. What changes
# with the tree (modules under test, tests, helpers) comes as a second cpio
# archive at each boot. Cached by what is in it; prints the archive's path.
#
#   scripts/guest-initramfs.sh [KVER [ROOT]]	ROOT/lib/modules/KVER: of a chroot, say

set -eu
. "$(dirname "$0")/guest-lib.sh"

kver=${1:-$(stock_kernel)}
from=${2-}

tools='bash dmsetup fio mkfs.ext4 e2fsck dumpe2fs mkfs.xfs xfs_repair mount umount
	blkid lsblk blockdev blkdiscard losetup wipefs sfdisk lsmod modprobe insmod
	rmmod dd cmp od sha256sum timeout setsid stat awk sed grep sort head tail tr
	cut wc seq date sleep sync dmesg mkdir rmdir find xargs tee
	mdadm pvcreate lvs vgcreate lvcreate cryptsetup mkfs.btrfs btrfs'
modules='dm-mod dm-flakey dm-delay dm-log-writes dm-snapshot dm-thin-pool dm-crypt
	dm-writecache dm-integrity raid1 null_blk brd loop scsi_debug sd_mod nvme
	virtio_blk virtio_pci ext4 xfs btrfs crc32c_generic crc32c-intel libcrc32c
	configfs'

need cpio modprobe busybox xz

# Every file of the archive, one path a line: tools with their libraries.
list_files() {
	local t path
	for t in $tools; do
		path=$(command -v "$t") || continue
		[ "${path#/}" != "$path" ] || continue
		echo "$path"
		ldd "$path" 2>/dev/null | grep -o '/[^ ]*' || true
	done | sort -u
}

# Modules that this kernel has, each after those it depends on.
list_modules() {
	local m
	for m in $modules; do
		modprobe -d "$from/" -S "$kver" --show-depends "$m" 2>/dev/null |
			awk '$1 == "insmod" { print $2 }'
	done | awk '!seen[$0]++'
}

mapfile -t files < <(list_files)
mapfile -t kos < <(list_modules)
[ ${#kos[@]} -gt 0 ] || die "no modules for $kver in $from/lib/modules"

key=$({
	echo "$kver"
	cat "$0"
	stat -L -c '%n %s %Y' "${files[@]}" "${kos[@]}" "$(command -v busybox)"
} | sha256sum | cut -c1-16)
out=$cache/initramfs-$key.cpio
if [ -e "$out" ]; then
	echo "$out"
	exit 0
fi

say "building the base initramfs for $kver"
mkdir -p "$cache"
root=$(mktemp -d "$cache/initramfs.XXXXXX")
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{etc,dev,proc,sys,tmp,run,mnt,root} "$root"/usr/{bin,sbin,lib,lib64}
for d in bin sbin lib lib64; do
	ln -s "usr/$d" "$root/$d"
done
cp "$(command -v busybox)" "$root/bin/busybox"
# Real tools overwrite busybox's of the same name.
for applet in $(busybox --list); do
	[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
for f in "${files[@]}"; do
	mkdir -p "$root${f%/*}"
	rm -f "$root/usr/bin/${f##*/}"
	cp -L "$f" "$root$f"
done
mkdir -p "$root/lib/modules/$kver"
for ko in "${kos[@]}"; do
	to=$root${ko#"$from"}
	mkdir -p "${to%/*}"
	# uncompressed, as the archive
	case $ko in
	*.xz) xz -dc "$ko" >"${to%.xz}" ;;
	*) cp "$ko" "$to" ;;
	esac
done
cp "$from/lib/modules/$kver"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$kver/"
depmod -b "$root" "$kver"
echo 'root:x:0:0:root:/root:/bin/bash' >"$root/etc/passwd"
: >"$root/etc/mtab"
ln -s /vm/guest-init "$root/init"
# Uncompressed: unpacking under emulation costs more than reading it.
(cd "$root" && find . -print0 | cpio -0 -o -H newc --quiet) >"$out.tmp"
mv "$out.tmp" "$out"
say "$(du -h "$out" | cut -f1) in $out"
echo "$out"
