# job-inflight: a write on its way to main while its block is moved is found in the slot; other I/O goes on
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"
. "$VM/tests/job.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 2048 1 bs=128 flush

# Parked before main has seen it: the copy is made without it.
tell fmain hold 400 8 write
fill_pattern "$dev" 400 8 2 & late=$!
wait_held fmain 1
run_job 'remap done 1 1 0' remap 50
fill_pattern "$dev" 800 8 2
tell fmain release
wait $late
verify_pattern "$dev" 400 8 2

# Parked after main has done it, and one over several blocks of which one moves.
tell fmain hold-end 480 24 write
fill_pattern "$dev" 480 24 3 bs=24 & late=$!
wait_held fmain 1
run_job 'remap done 1 1 0' remap 61
tell fmain release
wait $late
verify_pattern "$dev" 480 24 3 bs=24
tell fmain hold 1600 8 write+zeroes
iomix zero "$dev" 1600 8 & late=$!
wait_held fmain 1
run_job 'remap done 1 1 0' remap 200
tell fmain release
wait $late
verify_pattern "$dev" 1600 8 0

# While a block is parked, I/O to it waits and all other goes on.
tell fspare hold 0 1 flush
start_job remap 100
wait_held fspare 1
fill_pattern "$dev" 800 8 4 & late=$!
read -rt 0.3 -u "$nothing" || true
kill -0 $late || fail "a write did not wait for the move"
fill_pattern "$dev" 808 8 4
verify_pattern "$dev" 808 8 4
tell fspare release
wait $late
wait_until 10 job_over
verify_pattern "$dev" 800 8 4

# A bio over two slots in a row, of which the second goes back: on its way when the
# move begins, it is waited for; sent later, its second half waits (A35).
run_job 'remap done 2 2 0' remap 150 2
read -r slot < <(dmremap list d0 | awk '$2 == 1200 { print $3 }')
tell fspare hold $((slot * 8)) 16 write
fill_pattern "$dev" 1200 16 5 bs=16 & late=$!
wait_held fspare 1
start_job unmap 151
read -rt 0.5 -u "$nothing" || true
! job_over || fail "a slot was given up under a write"
tell fspare release
wait $late
wait_until 10 job_over
verify_pattern "$dev" 1200 16 5 bs=16
run_job 'remap done 1 1 0' remap 151
tell fspare hold 0 1 flush
start_job unmap 151
wait_held fspare 1
fill_pattern "$dev" 1200 16 6 bs=16 & late=$!
read -rt 0.3 -u "$nothing" || true
kill -0 $late || fail "a write went into a slot that is being given up"
tell fspare release
wait $late
wait_until 10 job_over
verify_pattern "$dev" 1200 16 6 bs=16
assert_eq "$(job_line)" 'unmap done 1 1 0'
run_job 'unmap done 1 1 0' unmap 150

# A suspend waits for the blocks under way, and the job goes on after it; cancel ends it.
tell fmain delay 100 0 32768
start_job remap 1000 1000
dmsetup suspend d0
assert_match "$(job_line)" '^remap queued '
dmsetup resume d0
read -r _ _ did _ < <(job_line)
[ "$did" -lt 1000 ] || fail "too fast to be seen: $did"
start_job unmap 0 8
dmsetup message d0 0 cancel "$job"
dmsetup message d0 0 cancel $((job - 1))
tell fmain delay none
wait_until 10 job_over
assert_match "$(job_line)" '^unmap cancelled 0 8 0'
job=$((job - 1))
assert_match "$(job_line)" '^remap cancelled '
read -r _ _ did _ < <(job_line)
assert_status d0 slots_used $((did + 4))
verify_pattern "$dev" 8000 $((did * 8)) 0 bs=8

# Readers and writers all over what moves to and fro.
iomix fill /tmp/model "$dev" 8192
iomix run /tmp/model "$dev" 1 1000 1 & mixing=$!
for i in 1 2; do
	run_job 'remap done 256 256 0' remap 256 256
	run_job 'unmap done 256 256 0' unmap 256 256
done
wait $mixing
iomix verify /tmp/model "$dev" 1
assert_status d0 refused 0
