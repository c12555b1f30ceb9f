# retarget: a clone of main takes its place, with the list or without it; the old main is refused then
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
clone=$(make_disk dclone 16)
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 4096 1 bs=256 flush
bad fmain 80 8 both ioerr
bad fmain 160 8 both ioerr
fill_pattern "$dev" 72 16 2 bs=16
fill_pattern "$dev" 152 16 2 bs=16
expect_fail 'in use' dmremap retarget "$spare" "$clone" --yes
expect_fail 'd0 is open: close it' dmremap retarget d0 "$clone" --yes
remap_close d0

# The disk by itself, as far as it reads: another disk, until it is said.
dd if="$main_disk" of="$clone" bs=1M conv=fsync status=none
fill_pattern "$clone" 0 8 3
expect_fail . dmremap open d0 "$clone" "$spare"
dmremap retarget "$spare" "$clone" --yes
remap_open d0 "$clone" "$spare"
verify_pattern "$dev" 0 8 3
verify_pattern "$dev" 8 64 1 bs=8
verify_pattern "$dev" 72 16 2 bs=8
verify_pattern "$dev" 152 16 2 bs=8
verify_pattern "$dev" 168 3928 1 bs=8
get_status d0
assert_eq "$st_slots_used $st_mode" "2 rw"
remap_close d0

# The old one is another disk now: written since, as far as the set knows. (It has no name here.)
remap_open d0 "$clone" "$spare"
fill_pattern "$dev" 0 8 4
remap_close d0
good fmain all
expect_fail . dmremap open d0 "$main" "$spare"

# A copy of the open set has all blocks: nothing lives on the spare any more.
remap_open d0 "$clone" "$spare"
dd if="$dev" of="$main_disk" bs=1M conv=fsync status=none
remap_close d0
dmremap retarget "$spare" "$main" --yes --drop
remap_open d0 "$main" "$spare"
get_status d0
assert_eq "$st_slots_used $st_slots_pending $st_mode" "0 0 rw"
verify_pattern "$dev" 0 8 4
verify_pattern "$dev" 72 16 2 bs=8
verify_pattern "$dev" 152 16 2 bs=8
bad fmain 240 8 both ioerr
fill_pattern "$dev" 232 16 5 bs=16
verify_pattern "$dev" 232 16 5 bs=8
remap_close d0
