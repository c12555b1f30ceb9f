# fs-xfs: xfs with fio verify on two jobs while blocks go bad underneath, then fsck is clean
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap xfs fio
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/fs.inc"

fs_verify xfs
