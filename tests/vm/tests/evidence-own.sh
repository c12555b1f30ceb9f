# evidence-own: what succeeds of a large write is evidence for what fails of it, wherever it lies
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

# Nobody else writes, and no verdict may stand without evidence.
faulty_pair 16 16
remap_create d0 "$main" "$spare" --allowance 0

# Few bad blocks, at the front, in the middle, at the back.
bad fmain 128 8 both medium
bad fmain 200 1 both medium
bad fmain 248 8 both medium
fill_pattern "$dev" 128 128 1 bs=128
verify_pattern "$dev" 128 128 1
get_status d0
assert_eq "$st_mode $st_slots_used $st_verdicts_allowance" "rw 3 0"

# Many, in one piece, before and behind what is good.
bad fmain 1024 160 both medium
fill_pattern "$dev" 1024 320 1 bs=320
verify_pattern "$dev" 1024 320 1 bs=320
bad fmain 2208 160 both medium
fill_pattern "$dev" 2048 320 1 bs=320
verify_pattern "$dev" 2048 320 1 bs=320
get_status d0
assert_eq "$st_mode $st_slots_used $st_verdicts_allowance" "rw 43 0"
