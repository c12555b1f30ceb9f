# copies-minimal: one of two copies fails: remaps are served and written, nothing new is mapped; thaw rewrites the copy
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

small_pair 448
create_moved write
copies_of d0

break_copy 1 write
bad fmain 160 8 write ioerr
expect_fail EIO fill_pattern "$dev" 152 16 2 bs=16
assert_status d0 mode map-ro
copies_of d0
assert_eq "${copy_state[*]}" "insync failed"
dmremap status d0 | grep -qi 'map-ro'

# What is remapped is served and written; what is not goes to main.
verify_pattern "$dev" 72 16 2 bs=16
fill_pattern "$dev" 72 16 3 bs=16
verify_pattern "$dev" 72 16 3 bs=16
fill_pattern "$dev" 0 64 3 flush
expect_fail EIO fill_pattern "$dev" 160 8 2
assert_status d0 slots_used 1

# Not yet: the copy is still bad.
expect_fail 'still map-ro' dmremap thaw d0
good fspare all
dmremap thaw d0
assert_status d0 mode rw
all_in_sync d0
fill_pattern "$dev" 152 16 4 bs=16
verify_pattern "$dev" 152 16 4 bs=16
remap_close d0

# The other one dies: the rewritten copy has it all.
destroy_copy 0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 72 16 3 bs=16
verify_pattern "$dev" 152 16 4 bs=16
remap_close d0

# Opened with one that cannot be written: the same again.
break_copy 0 write
remap_open d0 "$main" "$spare"
assert_status d0 mode map-ro
verify_pattern "$dev" 152 16 4 bs=16
fill_pattern "$dev" 160 8 5
verify_pattern "$dev" 160 8 5
good fspare all
dmremap thaw d0
all_in_sync d0
assert_status d0 mode rw
