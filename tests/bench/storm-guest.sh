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

tell() {
	echo "spare $*" >/sys/kernel/debug/dm-remap-test/message
}
tell log on
tell log clear
remap /dev/mapper/bench "$REMAPS" "$WRITERS"
tell log off

status=$(dmsetup status bench)
echo "status $status"
copies=${status##* copies=}
copies=${copies%% *}
length=$((2 + ($(blockdev --getsz $spare) / 8 + 503) / 504))
awk -v firsts="${copies//:insync/}" -v length_slots=$length '
	BEGIN { n = split(firsts, first, ",") }
	/^# lost/ { print "the log was too small"; exit 1 }
	$4 == "F" { flushes++ }
	$4 == "W" {
		for (i = 1; i <= n; i++)
			if ($5 / 8 >= first[i] && $5 / 8 < first[i] + length_slots) {
				meta += $6 / 8
				next
			}
		data += $6 / 8
	}
	END {
		print "storm " n, meta + 0, data + 0, flushes + 0
	}' /sys/kernel/debug/dm-remap-test/log
dmremap close bench
