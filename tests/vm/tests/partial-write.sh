# partial-write: a 512-byte write to a bad block moves just that sector
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0

fill_pattern "$dev" 0 512 1
bad fmain 80 8 write ioerr
fill_pattern "$dev" 82 1 2 bs=1
assert_status d0 remaps 1
verify_pattern "$dev" 80 2 1 bs=1
verify_pattern "$dev" 82 1 2 bs=1
verify_pattern "$dev" 83 5 1 bs=1

# one bio over main and slot: cut at the boundaries
verify_pattern "$dev" 72 24 1,2 bs=24
# another sector of the block joins it in the slot
fill_pattern "$dev" 86 1 3 bs=1
assert_status d0 partial 1
assert_status d0 slots_used 1
fill_pattern "$dev" 82 1 4 bs=1
verify_pattern "$dev" 82 1 4 bs=1
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 80 2 1 bs=1
verify_pattern "$dev" 82 1 4 bs=1
verify_pattern "$dev" 83 3 1 bs=1
verify_pattern "$dev" 86 1 3 bs=1
verify_pattern "$dev" 87 1 1 bs=1
