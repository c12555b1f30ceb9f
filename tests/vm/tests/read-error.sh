# read-error: only the bad sectors become pending, neighbours read, a rewrite heals, still after reopening
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0

fill_pattern "$dev" 0 512 1
bad fmain 83 2 read medium

expect_fail 'ENODATA' read_sectors "$dev" 80 8
assert_status d0 pending_sect 2
assert_status d0 slots_pending 1
verify_pattern "$dev" 80 3 1 bs=1
verify_pattern "$dev" 85 3 1 bs=1
verify_pattern "$dev" 72 8 1
expect_fail 'ENODATA' read_sectors "$dev" 83 1 bs=1
assert_status d0 pending_sect 2

# the hint survives a reopening
remap_close d0
remap_open d0 "$main" "$spare"
assert_status d0 pending_sect 2
expect_fail 'ENODATA' read_sectors "$dev" 84 1 bs=1

# a rewrite of one sector lands in the slot, the other stays an error
fill_pattern "$dev" 83 1 2 bs=1
verify_pattern "$dev" 83 1 2 bs=1
expect_fail 'ENODATA' read_sectors "$dev" 84 1 bs=1
assert_status d0 pending_sect 1
assert_status d0 slots_used 1
verify_pattern "$dev" 85 3 1 bs=1

fill_pattern "$dev" 80 8 3
verify_pattern "$dev" 80 8 3
assert_status d0 pending_sect 0
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 80 8 3
verify_pattern "$dev" 88 8 1

# a disk that heals by itself: the pending sector is tried again and cleared
bad fmain 160 1 read medium
expect_fail 'ENODATA' read_sectors "$dev" 160 8
assert_status d0 pending_sect 1
good fmain 160 1
wait_until 5 verify_pattern "$dev" 160 8 1
assert_status d0 pending_sect 0
assert_status d0 slots_pending 0
