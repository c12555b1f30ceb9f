# g-leftover: leaves devices, a mount and parked I/O behind
# SPDX-License-Identifier: GPL-2.0-only
# needs: ext4
. "$VM/lib.sh"
lower=$(make_disk x 32)
dev=$(faulty fx "$lower" x)
dmsetup create top --table "0 $(sectors "$dev") linear $dev 0"
mkfs.ext4 -q /dev/mapper/top
mkdir /tmp/m
mount /dev/mapper/top /tmp/m
loop_disk l 8
tell fx hold 0 8 read
read_sectors "$dev" 0 8 &
wait_held fx 1
