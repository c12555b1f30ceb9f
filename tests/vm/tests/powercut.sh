# powercut: power cut after writes over bad blocks: what was FUA, flushed or remapped is there after reopening
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"
. "$VM/tests/powercut.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 1024 1 bs=128 flush
tell fmain cache on
tell fspare cache on
bad fmain 80 8 both ioerr
bad fmain 168 8 both medium

write_kinds
for seed in none 1 2; do
	io_powercut $seed
	dmsetup remove d0
	remap_open d0 "$main" "$spare"
	verify_kinds
	verify_pattern "$dev" 72 8 1,2
	verify_pattern "$dev" 400 64 1,5
	# a write to a slot while nothing else is going on
	fill_pattern "$dev" 82 1 2 bs=1
done
assert_status d0 slots_used 2
