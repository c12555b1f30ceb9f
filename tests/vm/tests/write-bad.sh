# write-bad: writes over bad blocks succeed, read back, and are there after close and open
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0

fill_pattern "$dev" 0 2048 1
bad fmain 80 8 both ioerr
bad fmain 803 1 both medium
bad fmain 1600 64 both ioerr

# a good writer beside it gives the evidence
fill_pattern "$dev" 80 8 2
fill_pattern "$dev" 800 8 2
fill_pattern "$dev" 1584 96 2 bs=96
verify_pattern "$dev" 80 8 2
verify_pattern "$dev" 800 8 2
verify_pattern "$dev" 1584 96 2 bs=96
verify_pattern "$dev" 0 80 1
assert_status d0 mode rw
dmsetup status d0

remap_close d0
dmremap check "$spare"
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 80 8 2
verify_pattern "$dev" 800 8 2
verify_pattern "$dev" 1584 96 2
verify_pattern "$dev" 0 80 1
dmsetup status d0
