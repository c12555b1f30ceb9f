# job-move: blocks are moved to the spare and back on request; what cannot be moved stays where it is
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"
. "$VM/tests/job.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 2048 1 bs=128 flush

# Out: main is not asked any more. Back: main has it, and the slots are free.
run_job 'remap done 40 40 0' remap 10 40
get_status d0
assert_eq "$st_slots_used $st_moved_out $st_remaps" "40 40 0"
fill_pattern "$main_disk" 80 320 9 bs=8
verify_pattern "$dev" 0 2048 1 bs=128
run_job 'remap done 40 40 0' remap 10 40
assert_status d0 moved_out 40 "what is there already moves no more"
fill_pattern "$dev" 80 8 2
run_job 'unmap done 50 50 0' unmap 5 50
get_status d0
assert_eq "$st_slots_used $st_moved_back" "0 40"
verify_pattern "$main_disk" 80 8 2
verify_pattern "$main_disk" 88 312 1 bs=8
verify_pattern "$dev" 88 1960 1 bs=8

# The last block of a main that ends in its middle, and a block that has some sectors in its slot.
bad fmain 800 8 write ioerr
fill_pattern "$dev" 802 2 3 bs=2
good fmain all
run_job 'remap done 1 1 0' remap 100
fill_pattern "$main_disk" 800 8 9
verify_pattern "$dev" 800 2 1 bs=2
verify_pattern "$dev" 802 2 3 bs=2
verify_pattern "$dev" 804 4 1 bs=4
run_job 'remap done 1 1 0' remap 4095
run_job 'unmap done 1 1 0' unmap 4095

# A slot that fails is retired, and the next one taken; one that fails once is not.
log_start fspare
run_job 'remap done 1 1 0' remap 240
log_stop fspare
slot=$(log_lines 'key == "spare" && op == "W"' | awk 'NR == 1 { print $5 / 8 }')
bad fspare $((8 * slot + 8)) 8 write ioerr
bad fspare $((8 * slot + 16)) 8 write ioerr 1
run_job 'remap done 1 1 0' remap 241
get_status d0
assert_eq "$st_slots_bad $st_mode" "1 rw"
verify_pattern "$dev" 1920 16 1 bs=16
run_job 'unmap done 2 2 0' unmap 240 2

# A sector that is still on main, of a block that has others in its slot: noted like any.
bad fmain 1984 8 write ioerr
fill_pattern "$dev" 1986 2 1 bs=2
good fmain all
bad fmain 1985 1 read medium
expect_fail ENODATA read_sectors "$dev" 1984 8 bs=8
assert_status d0 pending_sect 1
good fmain all
fill_pattern "$dev" 1985 1 1 bs=1
assert_status d0 pending_sect 0
run_job 'unmap done 1 1 0' unmap 248

# A sector that cannot be read becomes pending; it keeps its block from going back.
bad fmain 1600 1 read medium
run_job 'remap done 2 2 0' remap 200 2
get_status d0
assert_eq "$st_pending_sect $st_slots_used" "1 3"
expect_fail ENODATA read_sectors "$dev" 1600 1 bs=1
verify_pattern "$dev" 1601 15 1 bs=1
run_job 'unmap failed 2 2 1' unmap 200 2
verify_pattern "$dev" 1601 15 1 bs=1
good fmain all
run_job 'unmap done 2 2 0' unmap 200 2
verify_pattern "$dev" 1600 16 1 bs=16
assert_status d0 pending_sect 0

# A block of which nothing can be read stays, and is counted.
bad fmain 1680 8 read medium
run_job 'remap failed 1 1 1' remap 210
good fmain all
run_job 'unmap done 1 1 0' unmap 210

# Main takes the write no better than before: refused, and nothing is lost.
bad fmain 1608 8 write ioerr
fill_pattern "$dev" 1608 8 4
run_job 'unmap failed 1 1 1' unmap 201
verify_pattern "$dev" 1608 8 4
good fmain all
tell fmain fail flush ioerr 1
run_job 'unmap failed 1 1 1' unmap 201
verify_pattern "$dev" 1608 8 4

# Closed and opened in between: the same.
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 1608 8 4
verify_pattern "$dev" 802 2 3 bs=2
run_job 'unmap done 2048 2048 0' unmap 0 2048
assert_status d0 slots_used 0
assert_status d0 slots_bad 1 "bad slots are bad for ever"
verify_pattern "$main_disk" 1608 8 4
verify_pattern "$main_disk" 802 2 3 bs=2

# Refused, and nothing changed.
for m in 'remap' 'remap x' 'remap 1 0' 'remap 4096' 'remap 4095 2' 'unmap 0 4097' 'verify 1' \
	'cancel 0' 'cancel 999' 'jobs 1' 'help me' 'stats all' 'remap -1' \
	'remap 18446744073709551615'; do
	# shellcheck disable=SC2086 # words
	expect_fail . dmsetup message d0 0 $m
done
dmsetup message d0 0 freeze
run_job 'remap failed 0 8 0' remap 0 8
dmremap thaw d0
dmsetup message d0 0 help | grep -q '^unmap <block>'
assert_eq "$(dmsetup message d0 0 stats | awk '$1 == "moved_back" { print $2 }')" \
	"$(status_field d0 moved_back)" "stats"
assert_status d0 slots_used 0
