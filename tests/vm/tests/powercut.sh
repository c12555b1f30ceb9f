# powercut: power cut after writes over bad blocks: what was FUA, flushed or remapped is there after reopening
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 1024 1 bs=128 flush
tell fmain cache on
tell fspare cache on
bad fmain 80 8 both ioerr
bad fmain 168 8 both medium

# Remapped, never flushed. Beside it, on main, neither FUA nor flushed.
fill_pattern "$dev" 72 16 2 bs=16
# Again, now to its slot.
fill_pattern "$dev" 84 2 3 bs=1
# FUA over a bad block; FUA on main; flushed on main.
fill_pattern "$dev" 160 16 4 bs=16 fua
fill_pattern "$dev" 240 8 4 fua
fill_pattern "$dev" 320 8 4 flush
fill_pattern "$dev" 400 64 5

for seed in none 1 2; do
	io_powercut $seed
	dmsetup remove d0
	remap_open d0 "$main" "$spare"
	verify_pattern "$dev" 80 4 2
	verify_pattern "$dev" 84 2 3
	verify_pattern "$dev" 86 2 2
	verify_pattern "$dev" 160 16 4 bs=16
	verify_pattern "$dev" 240 8 4
	verify_pattern "$dev" 320 8 4
	verify_pattern "$dev" 72 8 1,2
	verify_pattern "$dev" 400 64 1,5
	verify_pattern "$dev" 0 72 1
	# a write to a slot while nothing else is going on
	fill_pattern "$dev" 82 1 2 bs=1
done
assert_eq "$(status_field d0 slots_used)" 2
