# fs-xfs-scsi: XFS with fio verify over SCSI medium errors found by reading, then fsck is clean
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap xfs fio scsi_debug
. "$VM/lib.sh"
. "$VM/tests/fs-disk.inc"

# scsi_debug fails reads only. So sectors go bad where nothing was written yet,
# and somebody reads them (a scan does) before the filesystem writes there.
params=/sys/module/scsi_debug/parameters
"$VM/guest-modprobe" sd_mod
"$VM/guest-modprobe" scsi_debug dev_size_mb=320 delay=0 \
	medium_error_start=2048 medium_error_count=64 opts=2
scsi_disk() {
	local d model
	for d in /sys/block/sd*; do
		[ -e "$d/device/model" ] || continue
		read -r model <"$d/device/model"
		[ "$model" != scsi_debug ] || main=/dev/${d##*/}
	done
	[ -b "${main-}" ]
}
wait_until 20 scsi_disk
spare=$(make_disk dspare 16)
remap_create d0 "$main" "$spare"

# scan FIRST NR: all of them are found to be pending.
scan() {
	get_status d0
	local before=$st_pending_sect
	! read_sectors "$dev" "$1" "$2" keep-going 2>/tmp/scan || fail "sectors $1+$2 are good"
	assert_eq "$(grep -c ENODATA /tmp/scan)" $(($2 / 8)) "reads that failed"
	get_status d0
	assert_eq "$st_pending_sect" $((before + $2)) "sectors pending"
}

fs_mounted() {
	echo 6144 >$params/medium_error_start
	scan 6144 64
}

scan 2048 64
# mkfs looks for old signatures, meets bad sectors, and wants to be told
fs_on_disk xfs 16 -f
assert_status d0 pending_sect 0 "sectors pending"
