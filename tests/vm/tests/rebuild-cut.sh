# rebuild-cut: power cut at every second write while a copy moves: it is in one place or the other, whole, and nothing leaks
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

# four copies; the table has two blocks, both below the mark
small_pair 3072
create_cached 1024
total=$(status_field d0 slots_total)
meta=$((4 * copy_len / 8))
at=80

over() {
	get_faulty fmain
	# shellcheck disable=SC2154 # set by get_faulty
	[ "$faulty_state" = dead ] || status_is d0 copies_moved 1
}

# Every slot is accounted for: a copy has its anchor and at most one place beside it.
nothing_leaks() {
	get_status d0
	# shellcheck disable=SC2154 # set by get_status
	assert_eq "$((st_slots_meta + st_slots_used + st_slots_free))" "$total"
	assert_le "$st_slots_meta" $((2 * meta))
	assert_eq $((st_slots_meta % (copy_len / 8))) 0
}

# cut_rebuild K: a copy cannot be written where it is; the power goes at the K-th write
cut_rebuild() {
	local k=$1 c=$(($1 / 2 % 4)) result='cut'
	bad fspare $((copy_at[c] + 8)) $((copy_len - 16)) write medium
	bad fmain $at 8 write ioerr
	tell fmain cut-at "$k" write "$k"
	if fill_pattern "$dev" $((at - 8)) 16 2 bs=16 2>/dev/null; then
		result='ok'
	fi
	wait_until 20 over
	if [ "$faulty_state" != dead ]; then
		[ $result = ok ] || fail "k $k: the write failed"
		tell fmain cut-at none
		more=0
	fi
	quick_cut 0
	tell fmain good all
	tell fspare good all
	quick_open
	all_in_sync d0
	nothing_leaks
	if [ $result = ok ]; then
		verify_pattern "$dev" $at 8 2
	else
		verify_pattern "$dev" $at 8 1,2 bs=1
	fi
	list_pattern "$dev" 0 1024 bs=1 >/tmp/seen
	quick_cut none
	destroy_others $c
	quick_open
	list_pattern "$dev" 0 1024 bs=1 >/tmp/seen2
	cmp /tmp/seen /tmp/seen2 || fail "k $k: changed when copies were lost"
	all_in_sync d0
	verify_pattern "$dev" 0 72 1
	verify_pattern "$dev" $((at + 8)) 64 1
}

# every second write; the crash engine has each one
more=1
for ((k = 1; more; k += 2, at += 16)); do
	cut_rebuild $k
done
# a slot, three table blocks, the expulsion (3 and 1 superblocks), the new copy (2 table
# blocks, auxiliary block), a tombstone, superblocks
assert_ge "$k" 14 "writes of one move"
echo "up to write $((k - 2))"
