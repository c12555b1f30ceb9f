# remap-powercut: power goes right after the acknowledgement: a remapped write is there
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
tell fmain cache on
tell fspare cache on
fill_pattern "$dev" 0 512 1 flush
bad fmain 80 8 both ioerr
bad fmain 163 1 both ioerr

for seed in none 1 2; do
	fill_pattern "$dev" 0 8 2
	fill_pattern "$dev" 72 16 3 bs=16
	fill_pattern "$dev" 160 4 3 bs=4
	fill_pattern "$dev" 80 8 4
	# A partial write that adds to a slot, and one over what is there.
	fill_pattern "$dev" 164 1 5 bs=1
	fill_pattern "$dev" 160 1 5 bs=1
	fill_pattern "$dev" 240 8 6 flush
	tell fmain powercut-all $seed
	dmsetup remove d0
	tell fmain revive-all
	dmremap check "$spare" || [ $? = 4 ] # fixable: the open repairs it
	remap_open d0 "$main" "$spare"
	verify_pattern "$dev" 0 8 1,2
	verify_pattern "$dev" 80 8 4
	verify_pattern "$dev" 160 1 5 bs=1
	verify_pattern "$dev" 161 3 3 bs=3
	verify_pattern "$dev" 164 1 5 bs=1
	verify_pattern "$dev" 165 3 1 bs=3
	verify_pattern "$dev" 240 8 6
	get_status d0
	assert_eq "$st_slots_used $st_mode" "2 rw"
done
