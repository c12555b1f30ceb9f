# copies-history: what a crashed activation left in copies that could not be read does not win when they can again
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 16 16
create_cached 512

# The power goes after round 1 of a commit: copies 0 and 1 have the change.
bad fmain 80 8 write ioerr
tell fmain cut-at 2 flush all
expect_fail EIO fill_pattern "$dev" 72 16 2 bs=16
quick_cut all
good fmain all

# Nobody can read them; life goes on without.
break_copy 0 all
break_copy 1 all
quick_open
copies_of d0
assert_status d0 mode rw
assert_match "${copy_state[*]}" 'insync insync insync$'
verify_pattern "$dev" 80 8 1
fill_pattern "$dev" 80 8 5 flush
bad fmain 160 8 write ioerr
fill_pattern "$dev" 152 16 6 bs=16 flush
quick_cut none

good fspare all
quick_open
all_in_sync d0
verify_pattern "$dev" 80 8 5
verify_pattern "$dev" 152 16 6 bs=16
assert_status d0 slots_used 1
