# old-reads: no fake data, no slot for each error, the right sector, no error forgotten
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 16384 1 bs=256
# What a slot may hold from another life: never to be seen.
fill_pattern "$spare" 88 512 9 bs=256

# "Reads the replacement sector and returns that as success": an error, again
# and again, and after reopening; and one slot, not one for each error.
bad fmain 8000 1 read medium
for i in 1 2 3 4 5; do
	expect_fail ENODATA read_sectors "$dev" 8000 1
done
get_status d0
assert_eq "$st_slots_pending $st_slots_used" "1 0"
remap_close d0
remap_open d0 "$main" "$spare"
expect_fail ENODATA read_sectors "$dev" 8000 1
get_status d0
assert_eq "$st_slots_pending" 1

# "64 KiB that fail at 8000 remap 7936": the sector itself, nothing else.
expect_fail ENODATA read_sectors "$dev" 7936 128 bs=128
get_status d0
assert_eq "$st_pending_sect" 1
assert_match "$(dmremap list d0)" ' pmmmmmmm'
verify_pattern "$dev" 7936 64 1 bs=64
verify_pattern "$dev" 8001 63 1 bs=63

# "532 distinct errors, 41 remaps": none is forgotten, however many at once.
tell fmain scatter 0 32 100 1 read medium
read_sectors "$dev" 0 3200 bs=8 uring qd=16 keep-going 2>/dev/null || true
get_status d0
assert_eq "$st_pending_sect" 101
tell fmain good 0 3200

# A rewrite makes them good; sectors beside them in the same slot stay main's.
fill_pattern "$dev" 8000 1 2
fill_pattern "$dev" 0 3200 2 bs=256
verify_pattern "$dev" 0 3200 2 bs=256
verify_pattern "$dev" 8000 1 2
verify_pattern "$dev" 8001 7 1 bs=7
verify_pattern "$dev" 3200 4800 1 bs=256
get_status d0
assert_eq "$st_pending_sect" 0
