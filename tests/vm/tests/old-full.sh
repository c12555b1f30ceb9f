# old-full: the smallest spare, filled: hints give way, then bad blocks fail, all else goes on
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

main=$(faulty fmain "$(make_disk dmain 16)" main)
dmsetup create fspare --table "0 72 remap-test $(make_disk dspare 16) spare"
spare=/dev/mapper/fspare
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 1024 1
get_status d0
assert_eq "$st_slots_free $st_slots_meta" "3 6"

# Hints take what is free, and give it back to those who need it.
bad fmain 500 1 read medium
bad fmain 600 1 read medium
expect_fail ENODATA read_sectors "$dev" 496 8
expect_fail ENODATA read_sectors "$dev" 600 8
get_status d0
assert_eq "$st_slots_pending" 2

tell fmain scatter 80 80 4 8 both ioerr
for first in 72 152 232; do
	fill_pattern "$dev" $first 16 2 bs=16
done
get_status d0
assert_eq "$st_slots_used $st_slots_free" "3 0"
assert_eq "$st_hints_reclaimed" 2
expect_fail EIO fill_pattern "$dev" 312 16 3 bs=16
get_status d0
assert_ge "$st_no_slot" 1
verify_pattern "$dev" 312 8 1,3
expect_fail ENODATA read_sectors "$dev" 600 8
get_status d0
assert_eq "$st_slots_pending" 0

# The rest is as if nothing had happened; no slot of it was metadata.
fill_pattern "$dev" 80 8 4
for _ in 1 2; do
	verify_pattern "$dev" 80 8 4
	verify_pattern "$dev" 152 16 2
	verify_pattern "$dev" 232 16 2
	fill_pattern "$dev" 700 100 5
	get_status d0
	assert_eq "$st_mode" rw
	remap_close d0
	dmremap check "$spare"
	remap_open d0 "$main" "$spare"
done
get_status d0
assert_eq "$st_slots_used $st_refused" "3 0"
assert_eq "$(dmremap list d0 | awk '/ used / { print $3 }' | sort -n | tr '\n' ' ')" "3 4 5 "
