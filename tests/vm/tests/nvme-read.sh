# nvme-read: NVMe media errors (status MEDIUM, reads): only the bad sector is pending, a rewrite heals
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap nvme
# disk: nvme 32 nvme-read.rules
# disk: virtio 16
. "$VM/lib.sh"

main=$(disk 0)
spare=$(disk 1)
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 4088 24 1

expect_fail ENODATA read_sectors "$dev" 4096 8
expect_dmesg 'critical medium error'
get_status d0
assert_eq "$st_pending_sect" 1
assert_eq "$st_slots_used" 0
verify_pattern "$dev" 4097 7 1 bs=1
verify_pattern "$dev" 4088 8 1

# the sector is noted: its rewrite lands in the slot, though main would take it
fill_pattern "$dev" 4096 1 2 bs=1
verify_pattern "$dev" 4096 1 2 bs=1
verify_pattern "$dev" 4097 7 1 bs=1
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 4096 8 1,2
get_status d0
assert_eq "$st_slots_used" 1
assert_eq "$st_pending_sect" 0
