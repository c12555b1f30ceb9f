# allowance: lone writes on an idle disk move on credit; spent, the map freezes; thaw adds
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
. "$VM/lib.sh"

faulty_pair 16 16
remap_format "$main" "$spare"
remap_open d0 "$main" "$spare" --allowance 2
bad fmain 80 800 write ioerr

# Nobody else writes: each stands on the allowance, the last one freezes.
fill_pattern "$dev" 80 8 1
get_status d0
assert_eq "$st_allowance_left $st_mode" "1 rw"
fill_pattern "$dev" 160 8 1
get_status d0
assert_eq "$st_allowance_left" 0
assert_eq "$st_mode $st_why" "frozen allowance"
expect_fail EIO fill_pattern "$dev" 240 8 1
get_status d0
assert_eq "$st_slots_used $st_verdicts_allowance" "2 2"

# What moved is served and can be written.
fill_pattern "$dev" 80 8 2
verify_pattern "$dev" 80 8 2
verify_pattern "$dev" 160 8 1

# thaw 1: one more. Any write that main takes refills it.
dmremap thaw d0 1
get_status d0
assert_eq "$st_allowance_left $st_mode" "1 rw"
fill_pattern "$dev" 240 8 3
get_status d0
assert_eq "$st_mode $st_slots_used" "frozen 3"
dmremap thaw d0
get_status d0
assert_eq "$st_allowance_left" 2
fill_pattern "$dev" 320 8 3
fill_pattern "$dev" 0 8 3
get_status d0
assert_eq "$st_allowance_left $st_mode" "2 rw" "after a good write"

# With pieces of the same write that succeed none is needed.
get_status d0
spent=$st_verdicts_allowance
fill_pattern "$dev" 872 16 4 bs=16
get_status d0
assert_eq "$st_verdicts_allowance" "$spent"
remap_close d0

# allowance:0: no verdict without evidence.
remap_open d0 "$main" "$spare" --allowance 0
get_status d0
used=$st_slots_used
expect_fail EIO fill_pattern "$dev" 400 8 5
get_status d0
assert_eq "$st_slots_used" "$used"
dmremap thaw d0
bad fmain 1000 8 both ioerr
fill_pattern "$dev" 992 16 6 bs=16
verify_pattern "$dev" 992 16 6 bs=16
get_status d0
assert_eq "$st_mode" rw
# Reference reads that fail: no verdict either, not even on credit.
dmremap thaw d0 5
tell fmain fail read ioerr
expect_fail EIO fill_pattern "$dev" 480 8 5
tell fmain fail none
get_status d0
assert_eq "$st_allowance_left" 5
