# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# 4 KiB reads through dm-linear and through dm-remap, in turns, by one thread and by one on each
# processor. Printed as "smp <threads> <reads a second of dm-linear> <of dm-remap>".

one=$(null_disk one $((MAIN_GB * 1024)))
two=$(null_disk two $((MAIN_GB * 1024)))
spare=$(null_disk spare 64 memory_backed=1)
dmsetup create linear --table "0 $(blockdev --getsz "$one") linear $one 0"
dmremap create bench "$two" "$spare" --yes --force
for threads in 1 "$(nproc)"; do
	smp "$threads" "$MILLISECONDS" "$TURNS" /dev/mapper/linear /dev/mapper/bench |
		sed "s/^/smp $threads /"
done
dmremap close bench
