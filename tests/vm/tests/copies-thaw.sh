# copies-thaw: opened with one copy of two, thaw fills the other one whole before it counts
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

small_pair 448
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 256 1
bad fmain 72 16 write ioerr
fill_pattern "$dev" 72 16 2 bs=16
copies_of d0
remap_close d0

# Copy 0 is garbage and cannot be written: nothing can come back from it.
destroy_copy 0
break_copy 0 write
remap_open d0 "$main" "$spare"
assert_status d0 mode map-ro
fill_pattern "$dev" 72 16 3 bs=16

# It can be written again. What thaw calls in sync must have all of it (A23).
good fspare all
dmremap thaw d0
assert_status d0 mode rw
all_in_sync d0
remap_close d0
destroy_copy 1
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 72 16 3 bs=16
remap_close d0

# Closed while a copy named in sync is not: never called clean (A24).
break_copy 1 write
remap_open d0 "$main" "$spare"
assert_status d0 mode map-ro
remap_close d0
expect_status 4 dmremap check "$spare" >/tmp/check
grep -q NOT_CLEAN /tmp/check
good fspare all
remap_open d0 "$main" "$spare"
all_in_sync d0
verify_pattern "$dev" 72 16 3 bs=16
remap_close d0
