# target-nvme: an NVMe disk with real media errors, by QEMU's blkdebug
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: nvme
# disk: nvme 32 nvme-2048.rules
. "$VM/lib.sh"

dev=$(disk 0)
expect_fail ENODATA fill_pattern "$dev" 2048 1 1
fill_pattern "$dev" 2056 8 1
verify_pattern "$dev" 2056 8 1
