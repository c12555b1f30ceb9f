# fence-commit: while a block's remap is being committed, a write to it waits for that, though main takes it now
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 256 1 bs=64 flush

# the first table block of copy 0 is on its way, and stays there
tell fspare hold 8 8 write
bad fmain 80 8 write ioerr
fill_pattern "$dev" 80 8 2 &
first=$!
wait_held fspare 1

# R13: had it gone to main, the remap would hide it as soon as it is published
good fmain all
fill_pattern "$dev" 80 8 3 &
second=$!
fill_pattern "$dev" 96 8 3
sleep 1
kill -0 $second || fail "a write passed the fence"
tell fspare release
wait $first
wait $second
verify_pattern "$dev" 80 8 3
verify_pattern "$dev" 96 8 3
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_mode $st_slots_used" "rw 1"
remap_close d0
