# target-hold: parked I/O goes when it is released, in the order a test wants
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16

log_start fmain
tell fmain hold 0 8 write
tell fmain hold 64 8 write
fill_pattern "$main" 0 8 1 & one=$!
wait_held fmain 1
fill_pattern "$main" 64 8 1 & two=$!
wait_held fmain 2
fill_pattern "$main" 8 8 1
verify_pattern "$main" 0 8 0
tell fmain release 64 8
wait $two
held_is fmain 1
tell fmain release 0 8
wait $one
verify_pattern "$main" 0 8 1
log_stop fmain
# Submitted 0, 64, 8; completed 8, 64, 0.
assert_eq "$(log_lines 'op == "W"' | awk '{ printf "%s ", $5 }')" "0 64 8 "
assert_eq "$(log_lines 'op == "W"' | sort -n -k 2 | awk '{ printf "%s ", $5 }')" "8 64 0 "

# Done, but not told yet.
tell fmain hold-end 0 8 write
fill_pattern "$main" 0 8 2 & one=$!
wait_held fmain 1
verify_pattern "$main" 0 8 2
kill -0 $one
tell fmain release
wait $one

# A flush is held by its class.
tell fmain hold 0 1 flush
flush_dev "$main" & one=$!
wait_held fmain 1
tell fmain release
wait $one

# Delays by address.
tell fmain delay 400 100 8
start=$(date +%s%N)
read_sectors "$main" 96 16 bs=16
assert_ge $((($(date +%s%N) - start) / 1000000)) 400 "milliseconds"
read_sectors "$main" 100 1 uring nowait || true
tell fmain delay none

# Removing a device lets go what is parked.
tell fmain hold 0 8 read
read_sectors "$main" 0 8 & one=$!
wait_held fmain 1
dmsetup suspend --noflush fmain
wait $one
dmsetup resume fmain
