# hold-budget: a held bio ends in time: what is proven is settled, the rest fails, children first
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
. "$VM/lib.sh"

faulty_pair 16 16
remap_format "$main" "$spare"
remap_open d0 "$main" "$spare" --hold 1
fill_pattern "$dev" 0 1024 1

# 32 bad blocks among good ones, 0.4 s for every answer: 13 s, one by one.
tell fmain scatter 128 16 32 8 write ioerr
tell fmain delay 400 128 512
start=${EPOCHREALTIME/./}
expect_fail EIO fill_pattern "$dev" 120 520 2 bs=520
took=$(((${EPOCHREALTIME/./} - start) / 1000))
get_faulty fmain
# shellcheck disable=SC2154 # of get_faulty
assert_eq "$faulty_in_flight" 0 "children in flight after the end of their bio"
assert_le "$took" 8000 "milliseconds"
get_status d0
assert_ge "$st_timed_out" 1
tell fmain delay none
verify_pattern "$dev" 0 1024 1,2
get_status d0
assert_eq "$st_mode" rw

# A second try of what is left.
wait_until 30 fill_pattern "$dev" 120 520 3 bs=520
verify_pattern "$dev" 120 520 3
get_status d0
assert_eq "$st_slots_used" 32

# A child that outlives the budget: its bio waits for it.
good fmain all
tell fmain delay 1500 800 16
bad fmain 800 8 write ioerr 1
start=${EPOCHREALTIME/./}
fill_pattern "$dev" 800 16 4 bs=16
assert_ge $(((${EPOCHREALTIME/./} - start) / 1000)) 2900 "milliseconds"
get_faulty fmain
assert_eq "$faulty_in_flight" 0
tell fmain delay none
verify_pattern "$main" 800 16 4

# Reads: the same.
bad fmain 16 64 read medium
tell fmain delay 300 16 64
start=${EPOCHREALTIME/./}
expect_fail ENODATA read_sectors "$dev" 16 64 bs=64
assert_le $(((${EPOCHREALTIME/./} - start) / 1000)) 8000 "milliseconds"
tell fmain delay none
