# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The same I/O on null_blk, on dm-linear and on dm-remap over it, with nothing remapped and
# with REMAPS blocks. What it measures is printed as
# "<what> <device> <median> <least> <most> <mean>".

# measure WHAT DEVICE-KIND OPERATION WINDOWS PATH [PLACES COLUMN]
measure() {
	local what=$1 kind=$2
	shift 2
	echo "$what $kind $(hotpath "$@")"
}

# windows OPERATION: what is the same each time needs few
windows() {
	case $1 in
	large | across) echo $((WINDOWS / 10 + 1)) ;;
	*) echo "$WINDOWS" ;;
	esac
}

# linear NAME DISK: dm-linear comes and goes, because main has to be dm-remap's alone
linear() {
	dmsetup create "$1" --table "0 $(blockdev --getsz "$2") linear $2 0"
}

# compare MAIN OPERATION...: nothing is remapped
compare() {
	local main=$1 op
	shift
	linear linear "$main"
	for op; do
		measure "$op" null "$op" "$(windows "$op")" "$main"
		measure "$op" linear "$op" "$(windows "$op")" /dev/mapper/linear
	done
	dmsetup remove linear
	dmremap create bench "$main" "$spare" --yes --force
	for op; do
		measure "$op" remap "$op" "$(windows "$op")" /dev/mapper/bench
	done
	echo "status $(dmsetup status bench)"
	dmremap close bench
}

# scattered MAIN REMAPS: I/O elsewhere, and to blocks that live on the spare
scattered() {
	local main=$1 spare places=$VM/tables/$2/places op
	spare=$(null_disk many "$SPARE_MB" memory_backed=1)
	with_table "$2" "$spare"
	# what lives on the spare is compared with dm-linear on the same disk
	linear slots "$spare"
	measure remapped null read "$WINDOWS" "$spare" "$places" 2
	measure remapped linear read "$WINDOWS" /dev/mapper/slots "$places" 2
	dmsetup remove slots
	dmsetup create bench --table "0 $(blockdev --getsz "$main") remap $main $spare"
	measure large-scattered remap large "$WINDOWS" /dev/mapper/bench
	echo "slots $(dmsetup status bench | sed 's/.* slot_reads=\([0-9]*\).*/\1/')"
	for op in read write; do
		measure "$op-scattered" remap $op "$WINDOWS" /dev/mapper/bench
	done
	measure remapped remap read "$WINDOWS" /dev/mapper/bench "$places" 1
	echo "scattered $(dmsetup status bench)"
	dmremap close bench
}

spare=$(null_disk spare 64 memory_backed=1)
main=$(null_disk main $((MAIN_GB * 1024)))
# Only a disk with a write cache is sent flushes, and that has to have memory.
cached=$(null_disk cached 256 memory_backed=1 cache_size=16)
compare "$main" read write large across
compare "$cached" flush
scattered "$main" "$REMAPS"
linear linear "$main"
measure read linear-again read "$WINDOWS" /dev/mapper/linear
dmsetup remove linear
