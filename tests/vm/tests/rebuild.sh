# rebuild: a copy whose place goes bad is expelled and built anew elsewhere, by itself, and found there whatever is lost
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 200
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
fill_pattern "$dev" 0 1024 1
copies_of d0
anchors=("${copy_at[@]}")
total=$(status_field d0 slots_total)
meta=$((5 * copy_len / 8))
assert_status d0 slots_meta $meta
at=0

# a block of main goes bad: writing 2 lands in a slot, with a commit
one_more() {
	bad fmain $at 8 write ioerr
	fill_pattern "$dev" $at 8 2 flush
	at=$((at + 8))
}

moves_are() {
	status_is d0 copies_moved "$1"
}

# moved COPY N SECTOR: after N moves in all, copy COPY begins at SECTOR; all add up
moved() {
	wait_until 20 moves_are "$2"
	all_in_sync d0
	assert_eq "${copy_at[$1]}" "$3" "place of copy $1"
	get_status d0
	# shellcheck disable=SC2154 # set by get_status
	assert_eq "$((st_slots_meta + st_slots_used + st_slots_pending + st_slots_bad + \
		st_slots_free))" "$total"
}

# same DEV: all that was written is there
same() {
	verify_pattern "$dev" 0 $at 2
	verify_pattern "$dev" $at $((1024 - at)) 1
}

last=$((total * 8 - copy_len))

# its table block cannot be written any more; its superblock can
one_more
bad fspare $((anchors[2] + 8)) 8 write medium
one_more
moved 2 1 $last
assert_status d0 slots_meta $((meta + copy_len / 8))
assert_status d0 copies_expelled 1
one_more
same
dmremap list d0 >/tmp/list

# a tombstone says where it is, and check has nothing to say
remap_close d0
dmremap check "$spare" >/tmp/check || fail "$(cat /tmp/check)"
remap_open d0 "$main" "$spare"
same
all_in_sync d0
assert_eq "${copy_at[2]}" $last
quick_cut none

# all others are lost: the one that moved has everything
destroy_others 2
quick_open
same
assert_status d0 slots_used $((at / 8))
all_in_sync d0
assert_eq "${copy_at[2]}" $last "not where it was"
one_more

# The map changes while a copy is on its way: it takes that commit, too.
way=/sys/kernel/debug/dm-remap/dm-$(dmsetup info -c --noheadings -o minor d0)/metadata_locations
half_way() {
	grep -q '^3 .* moving .* [0-3]/8$' "$way"
}
tell fspare delay 500 $((last - copy_len)) "$copy_len"
bad fspare $((anchors[3] + 8)) 8 write medium
one_more
wait_until 20 half_way
one_more
moved 3 1 $((last - copy_len))
tell fspare delay none
same
quick_cut none
destroy_others 3
quick_open
same
all_in_sync d0

# A flush fails while a copy is on its way: the drive may have dropped what was there of it by
# then, and the filling begins anew (A41). Each table block is written once, and followed once.
place=$((last - 2 * copy_len))
way_of_0() {
	grep -q '^0 .* moving .* [0-3]/8$' "$way"
}
way=/sys/kernel/debug/dm-remap/dm-$(dmsetup info -c --noheadings -o minor d0)/metadata_locations
tell fspare delay 500 $place "$copy_len"
log_start fspare
bad fspare 8 8 write medium
one_more
wait_until 20 way_of_0
tell fspare fail flush ioerr 1
one_more
moved 0 1 $place
log_stop fspare
tell fspare delay none
assert_status d0 flush_failures 1
assert_ge "$(log_count "op == \"W\" && \$5 == $((place + 8))")" 3 "writes of a table block"
assert_ge "$(log_count "op == \"W\" && \$5 == $((place + 16))")" 2 "writes of another one"
same
quick_cut none
destroy_others 0
quick_open
same
all_in_sync d0

# Its whole place goes bad, superblock and all, for writing: no tombstone can say so, and
# an old superblock stays. What is found of the one that moved counts (A4).
bad fspare "${anchors[1]}" "$copy_len" write medium
one_more
moved 1 1 $((last - 3 * copy_len))
expect_dmesg 'cannot say that metadata copy 1 has left it'
one_more
remap_close d0
dmremap check "$spare" | grep -q TOMBSTONE_MISSING || fail "check does not miss the tombstone"
remap_open d0 "$main" "$spare"
same
quick_cut none
destroy_others 1
remap_open d0 "$main" "$spare"
all_in_sync d0
same

# The place it moved to goes bad as well: it moves on, and leaves nothing reserved behind.
bad fspare $((copy_at[1] + 8)) 8 write medium
bad fspare $((last - 4 * copy_len + 16)) 8 write medium
one_more
moved 1 1 $((last - 5 * copy_len))
assert_status d0 slots_meta $((meta + 4 * copy_len / 8))
one_more
same
remap_close d0
dmremap check "$spare" >/tmp/check || fail "$(cat /tmp/check)"
grep -q 'UNSETTLED\|LEFT' /tmp/check && fail "$(cat /tmp/check)"
remap_open d0 "$main" "$spare"
same
remap_close d0
