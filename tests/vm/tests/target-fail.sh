# target-fail: whole-device faults, counted ones, and each status by its errno
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16

for pair in ioerr:EIO medium:ENODATA target:EREMOTEIO protection:EILSEQ \
	transport:ENOLINK timeout:ETIMEDOUT offline:ENODEV nospc:ENOSPC nexus:EBADE \
	notsupp:EOPNOTSUPP resource:ENOMEM; do
	tell fmain fail read "${pair%:*}" 1
	expect_fail ": ${pair#*:}" read_sectors "$main" 0 8
	read_sectors "$main" 0 8
done

# The third write from now, once; then from the second on.
tell fmain fail-nth 3 write ioerr
out=$(fill_pattern "$main" 0 40 1 keep-going 2>&1) || true
assert_eq "$out" "iopat: write 16+8: EIO"
fill_pattern "$main" 0 40 1
tell fmain fail-from 2 write timeout
fill_pattern "$main" 0 8 1
expect_fail ETIMEDOUT fill_pattern "$main" 0 8 1
expect_fail ETIMEDOUT fill_pattern "$main" 64 8 1
read_sectors "$main" 0 8
tell fmain fail none
fill_pattern "$main" 64 8 1

# Flush and FUA are classes of their own.
tell fmain fail flush ioerr 1
expect_fail 'flush: EIO' flush_dev "$main"
flush_dev "$main"
tell fmain fail fua medium 1
fill_pattern "$main" 0 8 1
expect_fail ENODATA fill_pattern "$main" 0 8 1 fua

# A message that is not understood is refused, and changes nothing.
expect_fail 'Invalid argument' tell fmain fail write nonsense
expect_fail 'Invalid argument' tell fmain bad 0 0 read ioerr
expect_fail 'Invalid argument' tell fmain bad 18446744073709551615 2 read ioerr
expect_fail 'Invalid argument' tell fmain nonsense
fill_pattern "$main" 0 64 1
