# a-hang: a task that cannot be killed, on I/O that a delay holds back
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 5
. "$VM/lib.sh"
lower=$(make_disk x 16)
dev=$(faulty fx "$lower" x)
tell fx hold 0 8 read
read_sectors "$dev" 0 8
