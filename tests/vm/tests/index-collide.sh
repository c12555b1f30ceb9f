# index-collide: moved blocks whose places in the index are the same are each found, before and after reopening
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

# The hash is Fibonacci's: blocks in arithmetic progression never meet, unless the
# step is itself such a number. With this one neighbours are 2.5e-5 of the cells apart:
# they share one as long as there are fewer than 40,000.
step=$((17711 * 8))
n=30
faulty_pair 2100 16
remap_create d0 "$main" "$spare"
tell fmain scatter 0 $step $n 8 write ioerr
for ((i = 0; i < n; i++)); do
	fill_pattern "$dev" $((i * step)) 16 1 bs=16
done
get_status d0
assert_eq "$st_slots_used" $n
for round in 1 2; do
	for ((i = 0; i < n; i++)); do
		verify_pattern "$dev" $((i * step)) 16 1 bs=8
	done
	[ $round -eq 2 ] || remap_close d0
	[ $round -eq 2 ] || remap_open d0 "$main" "$spare"
done
