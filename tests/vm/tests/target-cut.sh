# target-cut: the k-th write takes the power of all devices with it
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
tell fmain cache on
tell fspare cache on

for k in 1 3 8; do
	fill_pattern "$main" 0 64 1 flush
	fill_pattern "$spare" 0 64 1 flush
	tell fmain cut-at $k write 99
	log_start fmain
	fill_pattern "$main" 0 32 2 || true
	fill_pattern "$spare" 0 32 2 || true
	assert_eq "$(faulty_field fmain state)" dead
	assert_eq "$(faulty_field fspare state)" dead
	assert_eq "$(log_count 'op == "W" && status == "ok"')" $((k - 1))
	tell fmain revive-all
	verify_pattern "$main" 0 64 1,2
	verify_pattern "$spare" 0 64 1,2
	log_stop fmain
done

# The torn one too, without a cache: some of its sectors may be new.
tell fmain cache off
fill_pattern "$main" 0 64 1
tell fmain cut-at 1 write 5
expect_fail EIO fill_pattern "$main" 0 64 2 bs=64
tell fmain revive-all
list_pattern "$main" 0 64
verify_pattern "$main" 0 64 1,2
list_pattern "$main" 0 64 | grep -q ' 2$'
list_pattern "$main" 0 64 | grep -q ' 1$'

# A cut lets parked I/O die.
tell fmain hold 0 64 both
read_sectors "$main" 0 8 &
reader=$!
wait_held fmain 1
io_powercut 1
expect_status 2 wait $reader
