# policy: record notes, moves nothing, never fails fast; off serves what moved
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 512 1
bad fmain 80 8 both ioerr
fill_pattern "$dev" 72 16 2 bs=16
bad fmain 88 1 write ioerr
fill_pattern "$dev" 88 1 2 bs=1 # one sector of the next block
get_status d0
assert_eq "$st_slots_used" 2

dmremap policy d0 record
bad fmain 160 8 write ioerr
bad fmain 240 1 read medium
expect_fail EIO fill_pattern "$dev" 152 16 3 bs=16
expect_fail ENODATA read_sectors "$dev" 240 8
get_status d0
assert_eq "$st_slots_used $st_slots_pending" "2 2"
assert_eq "$st_remaps" 2
verify_pattern "$dev" 72 17 2 bs=1
# It asks main every time: nothing is failed fast, and what main takes is good.
log_start fmain
expect_fail EIO fill_pattern "$dev" 160 8 4
log_stop fmain
assert_ge "$(log_count 'key == "main" && op == "W"')" 1 "attempts on main"
good fmain 160 8
fill_pattern "$dev" 152 16 5 bs=16
verify_pattern "$dev" 152 16 5
good fmain 240 1
fill_pattern "$dev" 240 8 5
verify_pattern "$dev" 240 8 5
get_status d0
assert_eq "$st_slots_used" 2
assert_eq "$st_slots_pending" 0 "hints of what is well again"

# Off: the same, and no notes.
dmremap policy d0 off
bad fmain 320 8 both medium
expect_fail ENODATA fill_pattern "$dev" 320 8 6
expect_fail ENODATA read_sectors "$dev" 320 8
get_status d0
assert_eq "$st_slots_pending $st_slots_used" "0 2"
verify_pattern "$dev" 80 8 2
fill_pattern "$dev" 80 8 7
verify_pattern "$dev" 80 8 7
# A sector of a moved block that is not in its slot goes to main.
fill_pattern "$dev" 90 2 7 bs=2
verify_pattern "$dev" 88 1 2 bs=1
verify_pattern "$dev" 89 1 1 bs=1
verify_pattern "$dev" 90 2 7 bs=2
verify_pattern "$main" 90 2 7 bs=2
get_status d0
assert_eq "$st_partial" 0

# And back.
dmremap policy d0 remap
fill_pattern "$dev" 312 16 8 bs=16
verify_pattern "$dev" 312 16 8
get_status d0
assert_eq "$st_slots_used" 3
remap_close d0
remap_open d0 "$main" "$spare" --policy off
verify_pattern "$dev" 312 16 8
verify_pattern "$dev" 80 8 7
expect_fail . dmsetup message d0 0 policy Off
get_status d0
assert_eq "$st_policy" off
