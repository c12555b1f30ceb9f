# status-event: freeze, thaw, policy, and every change of mode make one event, and no other does
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
create_moved both

events() {
	dmsetup info -c --noheadings -o events d0
}

# changes MODE COMMAND...: the mode after it, with an event
changes() {
	local mode=$1 before now
	before=$(events)
	shift
	"$@"
	get_status d0
	assert_eq "$st_mode" "$mode" "mode after $*"
	more_than() { now=$(events); [ "$now" -gt "$before" ]; }
	wait_until 10 more_than
}

# A waiter is woken.
before=$(events)
dmsetup wait d0 "$before" & waiter=$!
changes frozen dmremap freeze d0
wait $waiter
get_status d0
assert_eq "$st_why" asked

# Nothing new: no event.
before=$(events)
dmremap freeze d0
assert_eq "$(events)" "$before" "events after a freeze of what is frozen"
changes rw dmremap thaw d0
changes rw dmsetup message d0 0 policy record
changes rw dmsetup message d0 0 policy remap
before=$(events)
fill_pattern "$dev" 0 64 3
status_field d0 mode >/dev/null
assert_eq "$(events)" "$before" "events after ordinary I/O"

# The path, the spare.
tell fmain fail read transport 64
path() { read_sectors "$dev" 128 64 bs=1 keep-going 2>/dev/null || true; }
changes frozen path
get_status d0
assert_eq "$st_why" path
tell fmain fail none
changes rw dmremap thaw d0
get_status d0
assert_eq "$st_slots_pending $st_slots_used" "0 1"

tell fspare fail all ioerr
bad fmain 160 8 both ioerr
gone() { expect_fail EIO fill_pattern "$dev" 152 16 3 bs=16; }
changes fail gone
tell fspare fail none
changes rw dmremap thaw d0
fill_pattern "$dev" 152 16 4 bs=16
verify_pattern "$dev" 152 16 4

# Messages that are none.
for m in freeze\ now thaw\ 0 thaw\ 1\ 2 thaw\ x policy policy\ none mount; do
	# shellcheck disable=SC2086 # words
	! dmsetup message d0 0 $m 2>/dev/null || fail "taken: $m"
done
expect_dmesg 'remap: d0: Message thaw takes one number at most|remap: .*Message thaw takes'
expect_dmesg 'This message takes no arguments'
expect_dmesg 'Message policy takes one word'
expect_dmesg 'Unknown message: the message help lists them'
get_status d0
assert_eq "$st_mode $st_policy" "rw remap"
