# flush-fails: a failed flush of the spare starts the commit again from the data; a second one in a row is fail mode
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 256 1 flush
bad fmain 80 8 write ioerr
fill_pattern "$dev" 72 16 2 bs=16

# Once, whichever flush of the commit it is: acknowledged, and really there.
at=160
for k in 1 2 3; do
	bad fmain $at 8 write ioerr
	tell fspare fail-nth $k flush ioerr
	log_start fspare
	fill_pattern "$dev" $((at - 8)) 16 2 bs=16
	log_stop fspare
	# the slot's data was written again after the flush that failed
	log_lines 'key == "spare" && (op == "F" || op == "W")' >/tmp/log
	slot=$(awk '$4 == "W" { print $5; exit }' /tmp/log)
	awk -v slot="$slot" '$4 == "F" && $8 != "ok" { void = 1 }
		void && $4 == "W" && $5 == slot { again = 1 }
		END { exit !again }' /tmp/log ||
		fail "k $k: slot $slot not written again: $(cat /tmp/log)"
	assert_status d0 mode rw
	assert_status d0 flush_failures $k
	verify_pattern "$dev" $((at - 8)) 16 2 bs=16
	at=$((at + 16))
done

# Twice in a row: fail mode; what is on main goes on, remapped blocks are read.
bad fmain 240 8 write ioerr
tell fspare fail flush ioerr
expect_fail EIO fill_pattern "$dev" 232 16 2 bs=16
assert_status d0 mode fail
assert_status d0 why flush
fill_pattern "$dev" 0 64 3 flush
verify_pattern "$dev" 72 16 2 bs=16
expect_fail EIO fill_pattern "$dev" 80 8 3
expect_fail 'still fail' dmremap thaw d0

tell fspare fail none
dmremap thaw d0
assert_status d0 mode rw
fill_pattern "$dev" 232 16 4 bs=16
verify_pattern "$dev" 232 16 4 bs=16
fill_pattern "$dev" 80 8 4
verify_pattern "$dev" 80 8 4
