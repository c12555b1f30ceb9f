# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The work of the guest of `tests/vm/smp.sh FLAVOUR io`: two processors write and verify
# on one dm-remap device, while blocks go bad and come back, jobs run, it is asked for its
# status, and suspended; then it is closed and opened. ROUNDS= of that.

set -eu

# null_disk NAME MB: a RAM disk, and a faulty disk of that name on it
null_disk() {
	local disk
	mkdir "/sys/kernel/config/nullb/$1"
	echo "$2" >"/sys/kernel/config/nullb/$1/size"
	echo 1 >"/sys/kernel/config/nullb/$1/memory_backed"
	echo 1 >"/sys/kernel/config/nullb/$1/power"
	disk=/dev/nullb$(cat "/sys/kernel/config/nullb/$1/index")
	[ -b "$disk" ] || disk=/dev/$1 # newer kernels
	dmsetup create "$1" --table "0 $(($2 * 2048)) remap-test $disk $1"
}

tell() {
	echo "$*" >/sys/kernel/debug/dm-remap-test/message
}

# halves: a device for each processor, on the one that is tried
halves() {
	local half
	for half in 0 1; do
		dmsetup create half$half --table "0 $half_sect linear /dev/mapper/d0 \
			$((half * half_sect))"
	done
}

# mix PROCESSOR ROUND: random I/O, checked against a model
mix() {
	taskset -c "$1" iomix run "/run/model$1" "/dev/mapper/half$1" $((2 * $2 + $1)) 60 1
}

# meddle ROUND: what else a device is asked to do
meddle() {
	local i
	for i in 1 2 3; do
		tell main scatter $((1000 * i + 96 * $1)) 200 60 8 write ioerr
		dmsetup status d0 >/dev/null
		cat /sys/kernel/debug/dm-remap/*/allocation_map >/dev/null
		dmsetup message d0 0 verify || true
		dmsetup suspend --nolockfs d0
		dmsetup resume d0
		dmsetup suspend --noflush --nolockfs d0
		dmsetup resume d0
		dmremap list d0 >/dev/null
	done
}

half_sect=8192
null_disk main 8
null_disk spare 16
dmremap create d0 /dev/mapper/main /dev/mapper/spare --yes --allowance 1000 >/dev/null
halves
for half in 0 1; do
	iomix fill /run/model$half /dev/mapper/half$half $half_sect
done
round=0
while [ $round -lt "${ROUNDS:-4}" ]; do
	round=$((round + 1))
	mix 0 $round &
	first=$!
	mix 1 $round &
	second=$!
	meddle $round
	wait $first
	wait $second
	dmsetup remove half0 half1
	dmremap close d0
	dmremap check /dev/mapper/spare >/dev/null
	dmremap open d0 /dev/mapper/main /dev/mapper/spare --allowance 1000 >/dev/null
	halves
	iomix verify /run/model0 /dev/mapper/half0 1
	iomix verify /run/model1 /dev/mapper/half1 1
	echo "smp: round $round: $(dmsetup status d0)"
done
dmsetup remove half0 half1
dmremap close d0
dmsetup remove main spare
for disk in main spare; do
	echo 0 >/sys/kernel/config/nullb/$disk/power
	rmdir /sys/kernel/config/nullb/$disk
done
