# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The same I/O on null_blk, on dm-linear and on dm-remap over it. What it measures
# is printed as "<operation> <device> <median> <least> <most>".

# measure DEVICE-KIND PATH OPERATION...
measure() {
	local kind=$1 path=$2 op
	shift 2
	for op; do
		hotpath "$op" "$WINDOWS" "$path" | while read -r _ values; do
			echo "$op $kind $values"
		done
	done
}

# compare MAIN OPERATION...: dm-linear comes and goes, because main has to be
# dm-remap's alone.
compare() {
	local main=$1
	shift
	measure null "$main" "$@"
	dmsetup create linear --table "0 $(blockdev --getsz "$main") linear $main 0"
	measure linear /dev/mapper/linear "$@"
	dmsetup remove linear
	dmremap create bench "$main" "$spare" --yes --force
	measure remap /dev/mapper/bench "$@"
	echo "status $(dmsetup status bench)"
	dmremap close bench
	dmsetup create linear --table "0 $(blockdev --getsz "$main") linear $main 0"
	measure linear-again /dev/mapper/linear "$@"
	dmsetup remove linear
}

spare=$(null_disk spare 64 memory_backed=1)
main=$(null_disk main $((MAIN_GB * 1024)))
# Only a disk with a write cache is sent flushes, and that has to have memory.
cached=$(null_disk cached 256 memory_backed=1 cache_size=16)
compare "$main" read write
compare "$cached" flush
