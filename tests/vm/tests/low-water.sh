# low-water: each mark of free slots raises one event; a full spare fails new blocks and nothing else
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/job.inc"

small_pair 1024
remap_create d0 "$main" "$spare"
get_status d0
all=$((st_slots_total - st_slots_meta))
tell fmain scatter 0 16 $((all + 8)) 8 both ioerr

events() {
	dmsetup info -c --noheadings -o events d0
}

# used_up_to N: N slots in all are taken, with the flush that makes it so.
used_up_to() {
	fill_pattern "$dev" $(($(status_field d0 slots_used) * 16)) \
		$((($1 - $(status_field d0 slots_used)) * 16)) 1 bs=2048 flush
	assert_status d0 slots_used "$1"
}

is_room() {
	[ "$(status_field d0 room) $(events)" = "$1 $2" ]
}

# Below is less than a share, to the slot: at it nothing is said.
e=$(events)
used_up_to $((all - (all * 20 + 99) / 100))
assert_status d0 room ok
used_up_to $((all - (all * 20 + 99) / 100 + 1))
wait_until 5 is_room low $((e + 1))
used_up_to $((all - (all * 5 + 99) / 100))
assert_status d0 room low
used_up_to $((all - (all * 5 + 99) / 100 + 1))
wait_until 5 is_room critical $((e + 2))
dmremap status d0 >/dev/null 2>/tmp/warned
grep -q 'free slots left' /tmp/warned || fail "status does not warn"
used_up_to "$all"
wait_until 5 is_room full $((e + 3))
expect_dmesg 'room on the spare: full, 0 slots are free'

# No slot is left: the next bad block fails, what has a slot and what is good goes on.
expect_fail EIO fill_pattern "$dev" $((all * 16)) 8 2
fill_pattern "$dev" $((all * 16 + 8)) 8 2
fill_pattern "$dev" 0 8 2
verify_pattern "$dev" 0 8 2
verify_pattern "$dev" 16 $((all * 16 - 16)) 1 bs=2048
assert_eq "$(status_field d0 mode) $(status_field d0 no_slot)" "rw 1"
is_room full $((e + 3)) || fail "said again: $(events) events"
run_job 'remap failed 0 1 0' remap $((all * 2 + 3))

# Closed and opened: it is known at once. Marks are what the table says.
remap_close d0
remap_open d0 "$main" "$spare" --low 0 --critical 0
is_room full "$(events)" || fail "room is $(status_field d0 room)"
assert_match "$(dmsetup table d0)" ' 2 low:0 critical:0$'
remap_close d0
expect_fail 'low must be' dmremap open d0 "$main" "$spare" --low 100

# A mark that is off says nothing; the other does.
remap_create d0 "$main" "$spare" --force --critical 99 --low 0
used_up_to 2
assert_status d0 room ok
used_up_to 4
wait_until 5 is_room critical "$(events)"

# Room again: no event but the job's, nobody has to hurry.
e=$(events)
good fmain all
run_job 'unmap done 16 16 0' unmap 0 16
wait_until 5 is_room ok $((e + 1))
expect_dmesg 'room on the spare: ok'
