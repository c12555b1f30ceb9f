# old-multisector: one bio over moved and other blocks, all ways; no data on metadata
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

# "64 KiB written at a remapped sector: 60 KiB lost to others; a bio that covers
# it ignores the remap."
faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 2048 1 bs=256
for first in 512 640 1016; do
	bad fmain $first 8 both ioerr
done
fill_pattern "$dev" 512 512 2 bs=512
verify_pattern "$dev" 512 512 2 bs=512
verify_pattern "$dev" 512 512 2 bs=1 step=64
verify_pattern "$dev" 504 8 1
verify_pattern "$dev" 1024 8 1
fill_pattern "$dev" 512 128 3 bs=128
verify_pattern "$dev" 512 128 3 bs=8
fill_pattern "$dev" 448 128 4 bs=128
verify_pattern "$dev" 448 128 4 bs=8
verify_pattern "$dev" 576 64 3 bs=8
fill_pattern "$dev" 1000 24 5 bs=24
verify_pattern "$dev" 1000 24 5 bs=8
verify_pattern "$dev" 576 424 2,3 bs=424

# "Acked data came back as the metadata header": consecutive slots, none of them
# metadata, the same after each reopening, and never the same for two blocks.
for round in 1 2 3; do
	bad fmain $((1200 + round * 64)) 32 both ioerr
	fill_pattern "$dev" $((1192 + round * 64)) 48 $((5 + round)) bs=48
	remap_close d0
	remap_open d0 "$main" "$spare"
	for ((i = 1; i <= round; i++)); do
		verify_pattern "$dev" $((1192 + i * 64)) 48 $((5 + i)) bs=48
	done
done
verify_pattern "$dev" 576 64 3
get_status d0
assert_eq "$st_slots_used" 15
dmremap list d0 | awk '$3 ~ /^[0-9]+$/ { wrong += seen[$3]++ || $3 < 11; n++ }
	END { exit wrong || n != 15 }' ||
	fail "slots: $(dmremap list d0)"
get_status d0
assert_eq "$st_refused" 0
