# commit-doubt: a commit cut short is in doubt: its block fails until thaw settles it; no slot of it is used for another
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
# timeout: 200
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 16 16
create_cached 2048

# doubt AT K: the write to AT (bad on main) errors, the spare is gone from its K-th write on.
doubt() {
	bad fmain "$1" 8 write ioerr
	tell fspare fail-from "$2" write+flush ioerr
	expect_fail EIO fill_pattern "$dev" $(($1 - 8)) 16 2 bs=16
	assert_status d0 mode fail
	assert_status d0 doubt_blk 1
	# R13: even when main would take it now
	good fmain "$1" 8
	expect_fail EIO fill_pattern "$dev" "$1" 8 9
	verify_pattern "$dev" "$1" 8 1
}

# 1 data, 2 flush, 3 and 4 table, 5 flush, 6 to 8 table, 9 flush
at=80
for k in 4 5 7 9; do
	doubt $at $k
	expect_fail 'still fail' dmremap thaw d0
	tell fspare fail none
	dmremap thaw d0
	assert_status d0 mode rw
	assert_status d0 doubt_blk 0
	all_in_sync d0
	# rolled back, and main takes a new write (A1 ii)
	verify_pattern "$dev" $at 8 1
	fill_pattern "$dev" $at 8 5 flush
	# its slot is free for another block now (A1 i)
	bad fmain $((at + 16)) 8 write ioerr
	fill_pattern "$dev" $((at + 8)) 16 6 bs=16 flush
	io_powercut $k
	dmsetup remove d0
	quick_open
	verify_pattern "$dev" $at 8 5
	verify_pattern "$dev" $((at + 8)) 16 6 bs=16
	good fmain all
	at=$((at + 64))
done

# The power goes while it is in doubt: old or new, and for good.
for k in 4 5 7 9; do
	doubt $at $k
	tell fspare fail none
	quick_cut $k
	quick_open
	all_in_sync d0
	verify_pattern "$dev" $at 8 1,2
	list_pattern "$dev" $at 8 >/tmp/seen
	quick_cut none
	destroy_others $((k % 5))
	quick_open
	list_pattern "$dev" $at 8 | cmp - /tmp/seen
	fill_pattern "$dev" $at 8 7 fua
	verify_pattern "$dev" $at 8 7
	at=$((at + 64))
done
