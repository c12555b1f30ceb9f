# frozen: no new remaps; what moved is served; what main takes is acknowledged; reopening ends it
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 512 1
bad fmain 80 8 both ioerr
bad fmain 91 1 both medium
fill_pattern "$dev" 72 16 2 bs=16
fill_pattern "$dev" 90 4 2 bs=4 # in the slot: 90 to 93
bad fmain 160 1 read medium
expect_fail ENODATA read_sectors "$dev" 160 8
get_status d0
assert_eq "$st_slots_used $st_slots_pending" "2 1"

dmsetup message d0 0 freeze
verify_pattern "$dev" 80 8 2
fill_pattern "$dev" 80 8 3
verify_pattern "$dev" 80 8 3

# Sectors of a moved block that are not in its slot, and pending ones, go to main.
fill_pattern "$dev" 94 2 4 bs=2
verify_pattern "$main" 94 2 4 bs=2
fill_pattern "$dev" 88 8 5
verify_pattern "$dev" 88 8 5
good fmain 160 1
fill_pattern "$dev" 160 8 6
verify_pattern "$dev" 160 8 6
bad fmain 94 1 write ioerr
expect_fail EIO fill_pattern "$dev" 88 8 7
verify_pattern "$dev" 88 8 5,7

# Errors go up as they are, and note nothing.
bad fmain 240 8 both medium
expect_fail ENODATA fill_pattern "$dev" 232 16 7 bs=16
expect_fail ENODATA read_sectors "$dev" 240 8
get_status d0
assert_eq "$st_slots_used $st_partial $st_mode" "2 0 frozen"
assert_eq "$st_slots_pending $st_pending_sect" "0 0"

# Reopening ends it, and loses nothing of it.
remap_close d0
remap_open d0 "$main" "$spare"
get_status d0
assert_eq "$st_mode $st_slots_used" "rw 2"
verify_pattern "$dev" 80 8 3
verify_pattern "$dev" 88 8 5,7
verify_pattern "$dev" 160 8 6
fill_pattern "$dev" 232 16 8 bs=16
verify_pattern "$dev" 232 16 8
