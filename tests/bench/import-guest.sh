# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# An import of PLACES blocks scattered over 1 TiB, as badblocks lists them. The test
# target counts what reaches the spare, kprobes how often the module is asked
# something and how many grace periods there are. Then the same list once more, when
# all of it lives on the spare; and one of LISTED blocks, of which nothing is moved.

mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
insmod /vm/modules/dm-remap-test.ko
below=$(null_disk spare $((PLACES / 128)) memory_backed=1)
main=$(null_disk main 1048576)
dmsetup create spare --table "0 $(blockdev --getsz "$below") remap-test $below spare"
spare=/dev/mapper/spare
dmremap create --yes --force bench "$main" $spare

# list NR FILE: so many blocks, all over main
list() {
	awk -v n="$1" 'BEGIN {
		step = int(268435456 / n)
		for (i = 0; i < n; i++)
			print i * step + i % 97
	}' >"$2"
}
list "$PLACES" /run/list
list "$LISTED" /run/million

{
	echo p:asked remap_message
	echo p:grace synchronize_rcu
} >/sys/kernel/tracing/kprobe_events
echo 1 >/sys/kernel/tracing/events/kprobes/enable

# busy: hundredths of a second that the processor was, which are 10^7 instructions each
busy() {
	awk '{ printf "%d\n", 100 * $1 - 100 * $2 }' /proc/uptime
}

# hits NAME: of a kprobe
hits() {
	awk -v name="$1" '$1 == name { print $2 }' /sys/kernel/tracing/kprobe_profile
}

# measure NAME FILE [OPTION]: import, and what that took
measure() {
	local from asked grace
	from=$(busy)
	asked=$(hits asked)
	grace=$(hits grace)
	dmremap import bench "$2" --yes --block-size 4096 "${@:3}" >/run/said
	echo "$1" $(($(busy) - from)) $(($(hits asked) - asked)) $(($(hits grace) - grace))
}

tell log on
tell log clear
measure first /run/list
tell log off
status=$(dmsetup status bench)
echo "status $status"
counts=$(written "$status" $spare)
echo "import $counts"
measure again /run/list
measure dry /run/million --dry-run
dmremap close bench
