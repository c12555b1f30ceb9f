# io-flush: FUA stays FUA, a flush reaches main and only main, and its error goes up
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"

faulty_pair 16 16
create_moved both

# One FUA write of good sectors, one of moved ones, one over both.
log_start fmain
fill_pattern "$dev" 0 8 3 fua
fill_pattern "$dev" 80 8 3 fua
fill_pattern "$dev" 72 24 4 bs=24 fua
log_stop fmain
log_lines
assert_eq "$(log_count 'op == "W" && flags !~ /fua/')" 0 "writes without FUA"
places=$(log_lines 'op == "W" && key == "main"' | awk '{ printf "%d+%d ", $5, $6 }')
assert_eq "$places" "0+8 72+8 88+8 "
assert_eq "$(log_count 'op == "W" && key == "spare"')" 2

# A slot write is durable when it completes, asked or not.
log_start fmain
fill_pattern "$dev" 80 8 5
flush_dev "$dev"
log_stop fmain
assert_eq "$(log_count 'op == "W" && key == "spare" && flags ~ /fua/')" 1
assert_eq "$(log_count 'op == "F" && key == "main"')" 1
assert_eq "$(log_count 'op == "F" && key == "spare"')" 0 "flushes of the spare"

# Errors of main's flush go up, those of a spare's do not concern it.
tell fmain fail flush ioerr 1
expect_fail EIO flush_dev "$dev"
flush_dev "$dev"
tell fspare fail flush ioerr
flush_dev "$dev"
tell fspare fail none
tell fmain fail flush medium 1
expect_fail . fill_pattern "$dev" 0 8 6 flush
get_status d0
assert_eq "$st_mode $st_slots_used" "rw 1"

# A FUA write that fails and is moved is durable, like any other.
bad fmain 160 8 both ioerr
fill_pattern "$dev" 152 16 7 bs=16 fua
verify_pattern "$dev" 152 16 7
get_status d0
assert_eq "$st_slots_used" 2

# One that fails once and then works is durable too. The last attempt is a plain
# write, so there are two flushes: one makes it durable, one is the submitter's.
bad fmain 240 8 write ioerr 1
log_start fmain
fill_pattern "$dev" 240 8 8 fua
log_stop fmain
log_lines
assert_eq "$(log_count 'op == "W" && key == "main"')" 2 "attempts"
assert_eq "$(log_count 'op == "F" && key == "main"')" 2 "flushes"
get_status d0
assert_eq "$st_slots_used" 2

# A device that refuses FUA writes but not plain ones is not bad.
tell fmain fail fua target
fill_pattern "$dev" 200 8 8 fua
tell fmain fail none
verify_pattern "$main" 200 8 8
get_status d0
assert_eq "$st_slots_used" 2
