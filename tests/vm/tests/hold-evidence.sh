# hold-evidence: a held bio that finds no evidence ends in its time, with its first error; one with a child on its way waits for it
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_format "$main" "$spare"
remap_open d0 "$main" "$spare" --hold 1
fill_pattern "$dev" 0 512 1 bs=128

# outlived PID DEV: after three times the budget its bio is held still, and the
# child that somebody parked is still the only one.
outlived() {
	read -rt 3 -u "$nothing" || true
	kill -0 "$1" || fail "the bio ended before its child"
	get_status d0
	assert_eq "$st_held" 1 "held bios"
	get_faulty "$2"
	assert_eq "$faulty_held $faulty_in_flight" "1 1" "children parked and in flight on $2"
}

# A lone write, and nobody can read main: no evidence will come. The writer gets
# his own error, not that of the reads.
bad fmain 80 8 write protection
tell fmain fail read ioerr
start=${EPOCHREALTIME/./}
expect_fail 'write 80\+8: EILSEQ' fill_pattern "$dev" 80 8 2
took=$(((${EPOCHREALTIME/./} - start) / 1000))
echo "ended after $took ms"
assert_ge "$took" 450 "milliseconds"
assert_le "$took" 3000 "milliseconds"
tell fmain fail none
get_status d0
assert_eq "$st_slots_used $st_no_verdict $st_timed_out $st_mode" "0 1 0 rw" \
	"slots, no verdict, timed out, mode"
get_faulty fmain
assert_eq "$faulty_in_flight" 0 "children in flight"

# The evidence is on its way, and takes longer than the budget.
tell fmain hold 0 32768 read
log_start fmain
iopat write "$dev" 80 8 3 2>/tmp/said & writer=$!
wait_held fmain 1
outlived $writer fmain
tell fmain release
expect_status 2 wait $writer
log_stop fmain
assert_match "$(</tmp/said)" 'write 80\+8: EILSEQ' "what the writer got"
assert_eq "$(log_count 'key == "main" && op == "W"')" 1 "attempts to write"
get_status d0
assert_eq "$st_slots_used $st_timed_out $st_held" "0 1 0" "slots, timed out, held"

# A read: the same. What it proved is too late to be noted.
bad fmain 160 8 read protection
tell fmain hold 0 160 read
tell fmain hold 168 32600 read
iopat read "$dev" 160 8 2>/tmp/said & reader=$!
wait_held fmain 1
outlived $reader fmain
tell fmain release
expect_status 2 wait $reader
assert_match "$(</tmp/said)" 'read 160\+8: EILSEQ' "what the reader got"
get_status d0
assert_eq "$st_noted $st_slots_pending $st_held" "0 0 0" "notes, slots pending, held"

# A verdict in time, but its data is long on its way to the slot: it is settled.
bad fmain 240 8 write medium
tell fspare hold 0 32768 write
iopat write "$dev" 232 16 4 bs=16 & writer=$!
wait_held fspare 1
outlived $writer fspare
tell fspare release
wait $writer
verify_pattern "$dev" 232 16 4
get_status d0
assert_eq "$st_slots_used $st_held $st_mode" "1 0 rw" "slots, held, mode"

# Nothing of all this has written where it should not.
verify_pattern "$main" 80 8 1
good fmain all
verify_pattern "$main" 160 8 1
verify_pattern "$dev" 0 80 1
