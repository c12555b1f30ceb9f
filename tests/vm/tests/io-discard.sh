# io-discard: a discard goes to main whole, remapped data is kept, its errors go up and move nothing
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16 discard=1
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 256 1
bad fmain 80 8 write ioerr
bad fmain 100 1 both ioerr
fill_pattern "$dev" 72 16 2 bs=16
fill_pattern "$dev" 100 4 2 bs=4
get_status d0
assert_eq "$st_slots_used" 2

log_start fmain
blkdiscard -o $((64 * 512)) -l $((64 * 512)) "$dev"
log_stop fmain
assert_eq "$(log_count 'op == "D" && key == "main" && sector == 64 && nr == 64')" 1
assert_eq "$(log_count 'op != "R"')" 1
verify_pattern "$dev" 80 8 2
verify_pattern "$dev" 100 4 2 bs=4
verify_pattern "$dev" 64 16 0
verify_pattern "$dev" 104 24 0 bs=24
verify_pattern "$dev" 128 128 1

bad fmain 136 8 discard medium
expect_fail . blkdiscard -o $((128 * 512)) -l $((64 * 512)) "$dev"
tell fmain fail discard ioerr 1
expect_fail . blkdiscard -o $((128 * 512)) -l $((64 * 512)) "$dev"
verify_pattern "$dev" 128 128 1
get_status d0
assert_eq "$st_slots_used $st_slots_pending" "2 0"
assert_eq "$st_mode" rw

remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 80 8 2
verify_pattern "$dev" 100 4 2 bs=4
