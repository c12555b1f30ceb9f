# index-collide: blocks with the same place in the index are found, and a slot that changed hands is its new block's alone
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"
. "$VM/tests/job.inc"

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
remap_close d0
declare_spare "$spare" 0
dmsetup remove fmain
dmsetup remove fspare
remove_disk dmain
remove_disk dspare

# Every slot is used. One block goes back to main, and the next takes its slot, the only one:
# the cell of the first still leads there, and says nothing about it any more.
faulty_pair 64 1
remap_create d0 "$main" "$spare" --yes --allowance 1000
get_status d0
# shellcheck disable=SC2154 # set by get_status
free=$st_slots_free
bad fmain 0 $((8 * free + 8)) write ioerr
fill_pattern "$dev" 0 $((8 * free)) 1 bs=128 uring qd=16
good fmain 0 8
start_job unmap 0 1
wait_until 20 job_over
assert_eq "$(status_field d0 slots_used) $(status_field d0 slots_free)" "$((free - 1)) 1"
fill_pattern "$dev" $((8 * free)) 8 2
get_status d0
assert_eq "$st_slots_used $st_slots_free" "$free 0"
verify_pattern "$dev" 0 $((8 * free)) 1
verify_pattern "$dev" $((8 * free)) 8 2
