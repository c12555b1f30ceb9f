# job-list: a job of many ranges: bad places, bad slots, a full spare, a suspend, a cancel, writers; the data is right after each
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
# timeout: 400
. "$VM/lib.sh"
. "$VM/tests/job.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 32768 1 bs=256 flush

# ranges FIRST END STEP NR: $list has NR blocks from every STEP-th one on.
ranges() {
	local i
	list=()
	for ((i = $1; i < $2; i += $3)); do
		list+=("$i" "$4")
	done
}

# next_slot: of the spare, to be taken by the next block that moves.
next_slot() {
	awk '$1 == "next_slot" { print $2 }' /sys/kernel/debug/dm-remap/"$disk"/reservation_stats
}

[ -d /sys/kernel/debug/dm-remap ] || mount -t debugfs debugfs /sys/kernel/debug
disk=dm-$(dmsetup info -c --noheadings -o minor d0)

# Scattered ones: main is not asked any more, and moving them again is nothing to do. Back.
ranges 1 4000 8 1
run_job 'remap done 500 500 0' remap "${list[@]}"
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_slots_used $st_moved_out $st_mode" "500 500 rw"
assert_le "$st_commits" 100 "commits for 500 blocks"
fill_pattern "$main_disk" 8 8 9
verify_pattern "$dev" 0 32768 1 bs=256
run_job 'remap done 500 500 0' remap "${list[@]}"
assert_eq "$(status_field d0 commits) $(status_field d0 moved_out)" "$st_commits 500"
run_job 'unmap done 500 500 0' unmap "${list[@]}"
assert_status d0 slots_used 0
verify_pattern "$main_disk" 0 32768 1 bs=256

# Some cannot be read: they become pending, all others move.
bad fmain 80 8 read medium
bad fmain 170 1 read medium
run_job 'remap failed 7 7 1' remap 9 3 20 3 40 1
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_pending_sect $st_slots_used $st_slots_pending" "9 6 1"
expect_fail ENODATA read_sectors "$dev" 80 1 bs=1
expect_fail ENODATA read_sectors "$dev" 170 1 bs=1
good fmain all
for at in 72 88 160 176 320; do
	fill_pattern "$main_disk" $at 8 9
	verify_pattern "$dev" $at 8 1
done
fill_pattern "$main_disk" 168 8 9
verify_pattern "$dev" 168 2 1 bs=1
verify_pattern "$dev" 171 5 1 bs=1
fill_pattern "$dev" 80 8 1
fill_pattern "$dev" 170 1 1 bs=1
run_job 'unmap done 4096 4096 0' unmap 0 4096

# Of the slots that it takes one fails, and one fails once.
slot=$(next_slot)
bad fspare $((8 * slot + 24)) 8 write ioerr
bad fspare $((8 * slot + 40)) 8 write ioerr 1
ranges 50 1000 50 2
run_job 'remap done 38 38 0' remap "${list[@]}"
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_slots_bad $st_slots_used $st_mode" "1 38 rw"
fill_pattern "$main_disk" 400 16 9
verify_pattern "$dev" 0 32768 1 bs=256
run_job 'unmap done 38 38 0' unmap "${list[@]}"

# Ten bad slots in a row: a block that finds eight of them stays where it is, the others go on.
slot=$(next_slot)
bad fspare $((8 * slot)) 80 write ioerr
run_job 'remap failed 3 3 1' remap 7 1 30 1 31 1
get_status d0
assert_eq "$st_slots_bad $st_slots_used $st_mode" "11 2 rw"
run_job 'unmap done 3 3 0' unmap 7 1 30 1 31 1
good fspare all

# The spare is gone: that is found out once, and no block has moved.
ranges 50 1000 50 2
bad fspare 0 32768 write transport
start_job remap "${list[@]}"
wait_until 30 job_over
assert_match "$(job_line)" '^remap failed [0-9]+ 38 [0-9]+$'
get_status d0
assert_eq "$st_mode $st_slots_used" "fail 0"
verify_pattern "$dev" 0 32768 1 bs=256
good fspare all
dmremap thaw d0
assert_status d0 mode rw

# Nothing is committed while one of them is still being written.
slot=$(next_slot)
tell fspare hold $((8 * slot + 40)) 8 write
log_start fspare
start_job remap "${list[@]}"
wait_held fspare 1
read -rt 0.5 -u "$nothing" || true
assert_eq "$(log_count 'op == "F"')" 0 "flushes"
! job_over || fail "over, and a slot has not been written"
tell fspare release
wait_until 30 job_over
log_stop fspare
assert_eq "$(job_line)" 'remap done 38 38 0'
run_job 'unmap done 38 38 0' unmap "${list[@]}"

# A suspend in the middle, then a cancel: what is said to be done is, and the rest can be done.
ranges 2 4000 8 1
tell fmain delay 100 0 32768
start_job remap "${list[@]}"
dmsetup suspend d0
assert_match "$(job_line)" '^remap queued '
dmsetup resume d0
dmsetup message d0 0 cancel "$job"
wait_until 20 job_over
tell fmain delay none
read -r _ state did _ _ < <(job_line)
assert_eq "$state" cancelled
[ "$did" -lt 500 ] || fail "too fast to be seen: $did"
assert_status d0 slots_used "$did"
verify_pattern "$dev" 0 32768 1 bs=256
run_job 'remap done 500 500 0' remap "${list[@]}"
assert_status d0 slots_used 500
run_job 'unmap done 500 500 0' unmap "${list[@]}"

# Readers and writers all over what moves to and fro.
iomix fill /tmp/model "$dev" 8192
iomix run /tmp/model "$dev" 1 600 1 & mixing=$!
ranges 0 1000 7 3
run_job 'remap done 429 429 0' remap "${list[@]}"
run_job 'unmap done 429 429 0' unmap "${list[@]}"
run_job 'remap done 429 429 0' remap "${list[@]}"
wait $mixing
iomix verify /tmp/model "$dev" 1
assert_status d0 refused 0
run_job 'unmap done 429 429 0' unmap "${list[@]}"
fill_pattern "$dev" 0 8192 1 bs=256

# Too many: of ranges, of jobs.
ranges 0 4096 2 1
list+=(4097 1)
expect_fail . dmsetup message d0 0 remap "${list[@]}"
expect_dmesg 'Too many ranges of blocks in one message: at most 2048'
expect_fail . dmsetup message d0 0 remap 5 1 5 1
tell fmain hold 0 8 read
for ((i = 0; i < 16; i++)); do
	start_job remap 0 1 $((10 + i)) 1
done
expect_fail . dmsetup message d0 0 remap 0
expect_dmesg '16 jobs wait'
wait_held fmain 1
tell fmain release
wait_until 30 job_over
assert_status d0 slots_used 17

# More than there are slots: as many as there are, and that is said.
get_status d0
# shellcheck disable=SC2154 # set by get_status
room=$((st_slots_free + 17))
ranges 0 4096 2 2
run_job "remap failed $room 4096 0" remap "${list[@]}"
assert_eq "$(status_field d0 slots_free) $(status_field d0 mode)" "0 rw"
verify_pattern "$dev" 0 32768 1 bs=256
