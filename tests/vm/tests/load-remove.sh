# load-remove: remove while a bio is held and while a commit runs: refused, put off, or waited for; nothing is lost
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
# timeout: 240
. "$VM/lib.sh"
. "$VM/tests/load.inc"

# A device that is open is not removed. So a bio that is held when it goes is
# one of a process that was killed (the device goes when its bio ends), or the
# table is taken from under it (remove --force). A commit may run with nobody
# there: notes of unreadable sectors are written a second later.

# gone: d0, which opened has seen, is no more.
opened() {
	local minor
	minor=$(stat -L -c %T "$dev")
	disk=/sys/block/dm-$((16#$minor))
}

gone() {
	[ ! -e "$disk" ]
}

faulty_pair 16 16
remap_create d0 "$main" "$spare"
opened
fill_pattern "$dev" 0 1024 1 bs=128
slots=0 pending=0

# hold_bio AT: a write that the error worker holds: its first error is told, and
# nothing on main answers the reads that are to be its evidence.
hold_bio() {
	bad fmain "$1" 8 write ioerr
	tell fmain hold 0 32768 read
	command iopat write "$dev" "$1" 8 2 uring & writer=$!
	wait_held fmain 1
	get_status d0
	assert_eq "$st_held" 1 "held bios"
}

# hold_commit AT: a write whose commit has come to its first flush.
hold_commit() {
	bad fmain $(($1 + 8)) 8 write ioerr
	tell fspare hold 0 1 flush
	command iopat write "$dev" "$1" 16 2 bs=16 uring & writer=$!
	wait_held fspare 1
}

release() {
	tell fmain release
	tell fspare release
}

# kill_writer: the process goes, its bio stays.
kill_writer() {
	kill -9 $writer
	expect_status 137 wait $writer
	expect_fail 'busy' dmsetup remove d0
	expect_fail 'd0 is .*(open|in use)' dmremap close d0
}

# came_back FIRST NR SEQ: closed as it should be, and all is there.
came_back() {
	dmremap check "$spare" --json >/tmp/check
	grep -q '"activity": *"clean"' /tmp/check || fail "not marked clean: $(</tmp/check)"
	remap_open d0 "$main" "$spare"
	opened
	verify_pattern "$dev" "$1" "$2" "$3" bs="$2"
	get_status d0
	assert_eq "$st_slots_used $st_pending_sect $st_mode" "$slots $pending rw" \
		"slots used, sectors pending, mode"
}

# still_there PID: half a second on, it waits.
still_there() {
	breathe 0.5
	kill -0 "$1" || fail "it did not wait"
	! gone || fail "the device has gone"
}

for round in 1 2; do
	at=$((round * 256))

	# Put off until the bio of the dead process ends.
	hold_bio $at
	kill_writer
	dmsetup remove --deferred d0
	breathe 0.5
	! gone || fail "removed under a held bio"
	release
	wait_until 20 gone
	((++slots))
	came_back $at 8 2

	hold_commit $((at + 32))
	kill_writer
	dmsetup remove --deferred d0
	breathe 0.5
	! gone || fail "removed under a commit"
	release
	wait_until 20 gone
	((++slots))
	came_back $((at + 32)) 16 2

	# An error table in its place: the swap waits for both.
	hold_bio $((at + 64))
	dmsetup remove --force --retry d0 & remover=$!
	still_there $remover
	release
	wait $writer
	wait $remover
	gone || fail "not removed"
	((++slots))
	came_back $((at + 64)) 8 2

	hold_commit $((at + 96))
	dmsetup remove --force --retry d0 & remover=$!
	still_there $remover
	release
	wait $writer
	wait $remover
	gone || fail "not removed"
	((++slots))
	came_back $((at + 96)) 16 2

	# A commit that nobody waits for: the removal does.
	bad fmain $((at + 128)) 1 read medium
	tell fspare hold 0 1 flush
	expect_fail ENODATA read_sectors "$dev" $((at + 128)) 8
	wait_held fspare 1
	dmsetup remove d0 & remover=$!
	still_there $remover
	release
	wait $remover
	gone || fail "not removed"
	((++pending))
	came_back $((at + 129)) 7 1
done
