# scsi-medium: SCSI medium errors on reads: pending, neighbours read; a rewrite heals, also after reopening
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap scsi_debug
. "$VM/lib.sh"
. "$VM/tests/scsi.inc"

scsi_main dev_size_mb=16 delay=0 \
	medium_error_start=2049 medium_error_count=1 opts=0
spare=$(make_disk dspare 16)
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 1024 2048 1 bs=128
echo 2 >/sys/bus/pseudo/drivers/scsi_debug/opts

expect_fail ENODATA read_sectors "$dev" 2048 8
assert_status d0 pending_sect 1
verify_pattern "$dev" 2048 1 1 bs=1
verify_pattern "$dev" 2050 6 1 bs=1
fill_pattern "$dev" 2048 8 2
verify_pattern "$dev" 2048 8 2
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 2048 8 2
assert_status d0 pending_sect 0
remap_close d0
