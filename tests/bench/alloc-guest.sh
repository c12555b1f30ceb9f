# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a slot costs (alloc.c), and a whole remap: a 4 KiB write to a block of main
# that cannot be written, until it is answered (remap.c).

alloc
spare=$(null_disk spare 128 memory_backed=1)
main=$(null_disk main 1024 memory_backed=1)
dmremap create --yes --force --allowance 65536 bench "$main" "$spare"
bad_blocks main "$REMAPS"
remap /dev/mapper/bench "$REMAPS" 64
echo "status $(dmsetup status bench)"
dmremap close bench
