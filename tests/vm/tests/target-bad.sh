# target-bad: bad sectors fail with the status they were given, others do not
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16

fill_pattern "$main" 0 1024 1
bad fmain 100 1 read medium
bad fmain 200 8 write target
bad fmain 300 1 both ioerr 2

# The errno is what user space sees of each status.
expect_fail 'read 96\+8: ENODATA' read_sectors "$main" 96 8
expect_fail 'write 200\+8: EREMOTEIO' fill_pattern "$main" 200 8 2
read_sectors "$main" 200 8
read_sectors "$main" 101 8
fill_pattern "$main" 100 1 1

# A count heals.
expect_fail 'EIO' read_sectors "$main" 300 1
expect_fail 'EIO' fill_pattern "$main" 296 8 2
fill_pattern "$main" 296 8 1

# What failed moved no data.
good fmain 100 1
good fmain all
assert_eq "$(faulty_field fmain bad)" 0
verify_pattern "$main" 0 1024 1
assert_eq "$(faulty_field fmain failed)" 4 failed

# A hole in the middle of a range.
bad fmain 400 30 read medium
good fmain 410 10
read_sectors "$main" 410 10 bs=1
assert_eq "$(list_pattern "$main" 395 40 bs=1 | tr '\n' ' ')" \
	"395+5 1 400+10 error:ENODATA 410+10 1 420+10 error:ENODATA 430+5 1 "
good fmain all

# Pending sectors heal one by one.
tell fmain pending 512 4
expect_fail ENODATA read_sectors "$main" 512 8
fill_pattern "$main" 513 1 3
read_sectors "$main" 513 1
expect_fail ENODATA read_sectors "$main" 512 1
fill_pattern "$main" 512 8 3
verify_pattern "$main" 512 8 3

# Thousands.
tell fmain scatter 0 7 4000 1 read medium
assert_eq "$(faulty_field fmain bad)" 4000
expect_fail ENODATA read_sectors "$main" 700 1
read_sectors "$main" 701 6
