# old-offline: main or spare do not answer: nothing moves, no slot is spent, whatever the status
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 1024 1
bad fmain 80 8 both ioerr
fill_pattern "$dev" 72 16 2 bs=16
good fmain all # the disk changes its mind: what moved stays moved

# "Offline: 5 reads, 5 healthy sectors remapped, in use after re-create."
for status in ioerr medium target offline timeout transport; do
	tell fmain fail all $status
	for first in 128 256 384; do
		expect_fail . read_sectors "$dev" $first 8
	done
	expect_fail . fill_pattern "$dev" 512 8 3
	tell fmain fail none
	get_status d0
	assert_eq "$st_slots_used $st_slots_pending" "1 0" "$status"
	dmremap thaw d0 >/dev/null
done

# "A failing replacement is skipped by a counter: one offline event burns every spare."
bad fmain 160 8 both ioerr
for i in 1 2 3; do
	tell fspare fail all ioerr
	expect_fail EIO fill_pattern "$dev" 152 16 4 bs=16
	tell fspare fail none
	dmremap thaw d0 >/dev/null
done
get_status d0
assert_eq "$st_slots_retired $st_slots_bad" "0 0"
fill_pattern "$dev" 152 16 5 bs=16

remap_close d0
remap_open d0 "$main" "$spare"
get_status d0
assert_eq "$st_slots_used $st_slots_pending" "2 0"
verify_pattern "$dev" 72 16 2 bs=16
verify_pattern "$dev" 152 16 5 bs=16
verify_pattern "$dev" 168 344 1 bs=344
verify_pattern "$dev" 520 504 1 bs=504
