# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How long a set takes to come up, beside reading and checksumming the bytes of its table
# (readcrc/), in turns, TRIES times. $POINTS has a line for each set, whose image is on
# the host: NAME MB FILE, table blocks below the mark, length of a copy in blocks, and where
# the copies begin. Only they are copied to the disk in memory: the rest is empty.

load_image() {
	local at
	for at in ${places//,/ }; do
		dd if="$file" of="$spare" bs=1M iflag=skip_bytes,count_bytes oflag=seek_bytes \
			skip=$((at * 4096)) seek=$((at * 4096)) count=$((length * 4096)) \
			conv=notrunc,fsync status=none
	done
}

baseline() {
	insmod "$VM/modules/readcrc.ko" "dev=$spare" "place=$places" "blocks=$mark"
	dmesg | sed -n 's/.*\(readcrc: .*\)/\1/p' | tail -n 1
	rmmod readcrc
}

main=$(null_disk main $((MAIN_BLOCKS / 256 + 1)) memory_backed=1)
while read -r name mb file mark length places; do
	echo "point $name"
	# by requests: a disk driven by bios counts nothing
	spare=$(null_disk "spare$name" "$mb" memory_backed=1 queue_mode=2)
	load_image
	for ((i = 0; i < TRIES; i++)); do
		baseline
		assembly "$main" $((MAIN_BLOCKS * 8)) "$spare"
	done
	echo 0 >"/sys/kernel/config/nullb/spare$name/power"
	rmdir "/sys/kernel/config/nullb/spare$name"
done <"$POINTS"
