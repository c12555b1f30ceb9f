# failfast: failfast and readahead bios that fail use no slot and raise no verdict; an ordinary one to the same place is remapped
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 1024 1 bs=128
top=$(faulty top "$dev" top)
# it holds d0, so it has to go first
trap 'dmsetup remove --retry top' EXIT

# went OP: what was sent since log_start, where it went and how it ended.
went() {
	log_lines "op == \"$1\"" | awk '{
		print $3, $5 "+" $6, $7 ~ /failfast/ ? "failfast" : $7 ~ /ra/ ? "ra" : "plain", $8
	}'
}

# unjudged PASSED SLOTS: nothing has been counted but that errors were passed up.
unjudged() {
	get_status d0
	assert_eq "$st_passed" "$1" "errors passed up"
	assert_eq "$st_slots_used $st_slots_pending" "$2 0" "slots used and pending"
	assert_eq "$st_read_errors $st_path_errors $st_noted" "0 0 0" "errors, path errors, notes"
	assert_eq "$st_no_verdict $st_verdicts_allowance" "0 0" "verdicts"
	assert_eq "$st_mode $st_held" "rw 0" "mode and held"
}

# One attempt each, on main alone, and its own error.
at=64 slots=0 passed=0
while read -r flag status errno; do
	bad fmain $at 8 both "$status"
	tell top flag $at 8 both "$flag"
	log_start fmain
	expect_fail "write $at\+8: $errno" fill_pattern "$top" $at 8 2
	expect_fail "read $at\+8: $errno" read_sectors "$top" $at 8
	log_stop fmain
	for op in W R; do
		assert_eq "$(went $op)" "top $at+8 failfast $status
main $at+8 failfast $status" "what $flag sent"
	done
	((passed += 2))
	unjudged $passed $slots

	tell top flag none
	fill_pattern "$top" $((at - 8)) 16 3 bs=16
	verify_pattern "$top" $((at - 8)) 16 3 bs=16
	((++slots))
	unjudged $passed $slots
	((at += 64))
done <<'EOF'
failfast-dev medium ENODATA
failfast-transport ioerr EIO
failfast-driver protection EILSEQ
failfast-dev+failfast-transport+failfast-driver target EREMOTEIO
EOF

# Good and bad in one bio: it fails whole, and nothing of it is tried again.
bad fmain $at 8 write ioerr
tell top flag $((at - 8)) 24 write failfast-transport
log_start fmain
expect_fail EIO fill_pattern "$top" $((at - 8)) 24 4 bs=24
log_stop fmain
assert_eq "$(went W)" "top $((at - 8))+24 failfast ioerr
main $((at - 8))+24 failfast ioerr" "what was sent"
unjudged $((++passed)) $slots
tell top flag none
fill_pattern "$top" $((at - 8)) 24 5 bs=24
verify_pattern "$top" $((at - 8)) 24 5 bs=24
unjudged $passed $((++slots))

# A path that fails: none of them counts for the breaker, which 64 would trip.
tell fmain fail write transport
tell top flag 512 512 write failfast-transport
! fill_pattern "$top" 512 512 6 bs=4 keep-going 2>/tmp/said || fail "written"
assert_eq "$(grep -c ENOLINK /tmp/said)" 128 "writes that failed"
tell fmain fail none
((passed += 128))
unjudged $passed $slots

# Readahead, and then somebody who wants those sectors.
bad fmain 448 8 read medium
tell top flag 448 8 read ra
log_start fmain
expect_fail ENODATA read_sectors "$top" 448 8
log_stop fmain
assert_eq "$(went R)" "top 448+8 ra medium
main 448+8 ra medium" "what readahead sent"
unjudged $((++passed)) $slots
tell top flag none
commits=$(status_field d0 commits)
expect_fail ENODATA read_sectors "$top" 448 8
# what is noted becomes durable a second later: not while something else is to fail
noted() {
	[ "$(status_field d0 commits)" -gt "$commits" ]
}
wait_until 10 noted
get_status d0
assert_eq "$st_passed" $passed
assert_eq "$st_slots_pending $st_pending_sect" "1 8" "pending after an ordinary read"

# A slot that fails: the block is moved by an ordinary write, not by these.
tell fspare fail write ioerr 1
tell top flag 64 8 both failfast-dev
expect_fail EIO fill_pattern "$top" 64 8 7
tell fspare fail read ioerr 1
expect_fail EIO read_sectors "$top" 64 8
get_status d0
assert_eq "$st_slots_used $st_slot_errors $st_slots_moved $st_mode" "$slots 0 0 rw" \
	"slots used, errors, moves and mode"
tell top flag none
fill_pattern "$top" 64 8 8
verify_pattern "$top" 64 8 8
