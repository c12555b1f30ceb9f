# io-uring: io_uring, NOWAIT and polled I/O are protected too; readahead errors use no slot
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
dmsetup create lin --table "0 32768 linear $main 0"
fill_pattern "$dev" 0 1024 1 uring

bad fmain 80 8 both ioerr
fill_pattern "$dev" 0 256 2 uring
verify_pattern "$dev" 0 256 2 uring
get_status d0
assert_eq "$st_slots_used" 1

# As through dm-linear: an ordinary bio, unless it says AGAIN.
read_sectors /dev/mapper/lin 512 8 nowait
read_sectors "$dev" 512 8 nowait
fill_pattern "$dev" 512 8 2 nowait
bad fmain 520 8 both ioerr
fill_pattern "$dev" 512 16 3 bs=16 nowait
verify_pattern "$dev" 512 16 3 nowait
get_status d0
assert_eq "$st_slots_used" 2
log_start fmain
fill_pattern "$dev" 528 8 3 uring
log_stop fmain
assert_eq "$(log_count 'op == "W" && key == "main" && flags ~ /nowait/')" 1 "NOWAIT of io_uring"
tell fmain fail write again 1
expect_fail EAGAIN fill_pattern "$dev" 528 8 4 nowait
get_status d0
assert_eq "$st_slots_used" 2

# A pending sector is read by a worker: not what a NOWAIT reader asked for.
bad fmain 600 1 read medium
expect_fail ENODATA read_sectors "$dev" 600 8 uring
expect_fail EAGAIN read_sectors "$dev" 600 1 nowait
expect_fail ENODATA read_sectors "$dev" 600 1 uring
get_status d0
assert_eq "$st_slots_pending" 1

# Readahead may fail: nobody has asked for those sectors yet. A first read of
# 4 KiB at the start reads 16 ahead.
bad fmain 16 8 read medium
drop_cache "$dev"
get_status d0
passed=$st_passed
read_sectors "$dev" 0 8 buffered
get_status d0
assert_ge "$st_passed" $((passed + 1)) "readahead errors passed up"
assert_eq "$st_slots_pending" 1
dmsetup remove lin
remap_close d0

# Polled, where the disk has a queue for it.
dmsetup remove fmain
remove_disk dmain
main=$(make_disk dmain 16 poll_queues=1) || skip "no poll queues"
dmremap format "$main" "$spare" --yes --force
remap_open d0 "$main" "$spare"
dmsetup create lin --table "0 32768 linear $main 0"
assert_eq "$(queue_attr "$dev" io_poll)" "$(queue_attr /dev/mapper/lin io_poll)" io_poll
fill_pattern "$dev" 0 256 1 # null_blk must not allocate while polled
iomix poll write "$dev" 0 256
echo +80-87 >/sys/kernel/config/nullb/dmain/badblocks
iomix poll write "$dev" 64 64
iomix poll read "$dev" 0 256
get_status d0
assert_eq "$st_slots_used" 1
