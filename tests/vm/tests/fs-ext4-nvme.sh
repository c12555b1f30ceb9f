# fs-ext4-nvme: ext4 with fio verify over NVMe media errors, of writes and reads, then fsck is clean
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap ext4 fio nvme
# disk: nvme 32 nvme-scatter.rules
# disk: virtio 16
. "$VM/lib.sh"
. "$VM/tests/fs-disk.inc"

main=$(disk 0)
spare=$(disk 1)
remap_create d0 "$main" "$spare"

# One is found by somebody who reads, all others by the writes.
expect_fail ENODATA read_sectors /dev/mapper/d0 4096 8
assert_status d0 pending_sect 1 "sectors pending"

fs_mounted() {
	expect_dmesg 'critical medium error'
}

# All its tables are written by mkfs: what was never written cannot be read.
fs_on_disk ext4 4 -E lazy_itable_init=0,lazy_journal_init=0
