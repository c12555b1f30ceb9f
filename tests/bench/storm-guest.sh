# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A storm: REMAPS writes to blocks that main refuses, WRITERS at a time, beside a
# writer to a good one. The test target counts what reaches the spare.

mount -t debugfs debugfs /sys/kernel/debug
insmod /vm/modules/dm-remap-test.ko
below=$(null_disk spare 128 memory_backed=1)
main=$(null_disk main 1024 memory_backed=1)
dmsetup create spare --table "0 $(blockdev --getsz "$below") remap-test $below spare"
spare=/dev/mapper/spare
dmremap create --yes --force bench "$main" $spare
bad_blocks main "$REMAPS"

tell log on
tell log clear
remap /dev/mapper/bench "$REMAPS" "$WRITERS"
tell log off

status=$(dmsetup status bench)
echo "status $status"
counts=$(written "$status" $spare)
echo "storm $counts"
dmremap close bench
