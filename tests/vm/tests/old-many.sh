# old-many: thousands of moved blocks are all there after closing and opening, twice
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
# timeout: 240
. "$VM/lib.sh"

# "10,000 added, 2,048 after re-create, the rest silently gone."
if [ "$GUEST" = uml ]; then n=2500; else n=10000; fi
faulty_pair 128 64
remap_create d0 "$main" "$spare"
tell fmain scatter 0 16 $n 8 both medium
fill_pattern "$dev" 0 $((n * 16)) 1 bs=2048 uring qd=8
get_status d0
assert_eq "$st_slots_used" $n
verify_pattern "$dev" 0 $((n * 16)) 1 bs=512
for round in 1 2; do
	remap_close d0
	remap_open d0 "$main" "$spare"
	get_status d0
	assert_eq "$st_slots_used" $n "round $round"
	verify_pattern "$dev" 0 $((n * 16)) 1 bs=512
done

# And what comes after them does not take their slots.
bad fmain $((n * 16 + 8)) 8 both medium
fill_pattern "$dev" $((n * 16)) 16 2 bs=16
verify_pattern "$dev" 0 $((n * 16)) 1 bs=2048
verify_pattern "$dev" $((n * 16)) 16 2 bs=16
assert_eq "$(dmremap list d0 | grep -c ' used ')" $((n + 1))
