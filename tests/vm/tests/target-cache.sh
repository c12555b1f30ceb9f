# target-cache: the volatile cache loses only what was not flushed, and tears
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16

# A write-back cache with FUA, whatever lies below.
assert_eq "$(queue_attr "$main" write_cache)" "write back"
assert_eq "$(queue_attr "$main" fua)" 1

tell fmain cache on
fill_pattern "$main" 0 256 1
assert_eq "$(faulty_field fmain dirty)" 256
verify_pattern "$main_disk" 0 256 0
verify_pattern "$main" 0 256 1
flush_dev "$main"
assert_eq "$(faulty_field fmain dirty)" 0
verify_pattern "$main_disk" 0 256 1

# FUA is durable by itself: the flush that the block device's write adds to it
# is made to fail.
fill_pattern "$main" 256 64 2
tell fmain fail flush ioerr
expect_fail EIO fill_pattern "$main" 320 64 2 fua bs=8 keep-going
tell fmain fail none
verify_pattern "$main" 256 128 2
assert_eq "$(faulty_field fmain fua)" 8
verify_pattern "$main_disk" 320 64 2

# Nothing unflushed survives, all that was flushed does.
tell fmain powercut none
expect_fail EIO read_sectors "$main" 0 8
assert_eq "$(faulty_field fmain state)" dead
tell fmain revive
verify_pattern "$main" 0 256 1
verify_pattern "$main" 256 64 0
verify_pattern "$main" 320 64 2

# At random: each sector is of some version, both kinds occur, and the same
# seed gives the same again.
for try in 1 2; do
	fill_pattern "$main" 1024 512 1 flush
	fill_pattern "$main" 1024 512 2
	fill_pattern "$main" 1024 512 3
	tell fmain powercut 7
	tell fmain revive
	verify_pattern "$main" 1024 512 1,2,3
	list_pattern "$main" 1024 512 >/tmp/try$try
done
for seq in 1 2 3; do
	grep -q " $seq$" /tmp/try1
done
cmp /tmp/try1 /tmp/try2

# `all` keeps the newest. Turning the cache off writes it back.
fill_pattern "$main" 2048 64 4
tell fmain powercut all
tell fmain revive
verify_pattern "$main" 2048 64 4
fill_pattern "$main" 2048 64 5 vec
tell fmain cache off
verify_pattern "$main_disk" 2048 64 5
