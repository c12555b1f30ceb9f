# target-log: one sequence over two devices, with flags and statuses
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
log_start fmain

fill_pattern "$main" 8 8 1
fill_pattern "$spare" 16 8 1 fua
flush_dev "$main"
bad fspare 24 1 read medium
expect_fail ENODATA read_sectors "$spare" 24 8
tell fmain mark 42
log_stop fmain
read_sectors "$main" 0 8

log_lines
log_complete
assert_eq "$(log_count 'key == "main" && op == "W" && sector == 8 && nr == 8')" 1
assert_eq "$(log_count 'op == "W" && flags ~ /fua/ && key == "spare"')" 1 "FUA reached the device"
assert_eq "$(log_count 'op == "R"')" 1 "nothing after the end"
assert_eq "$(log_count 'op == "R" && status == "medium"')" 1
assert_ge "$(log_count 'op == "F" && key == "main"')" 1
assert_eq "$(log_count 'op == "M" && sector == 42')" 1

# Serial I/O: each is complete before the next is submitted.
log_lines | awk '$1 <= last { exit 1 } { last = $2 }'
# Of the two devices, main came first.
assert_eq "$(log_lines 'op == "W"' | awk '{ printf "%s ", $3 }')" "main spare "
