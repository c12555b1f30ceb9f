# h-wedge: a device that stays open, so that nothing can remove it
# SPDX-License-Identifier: GPL-2.0-only
. "$VM/lib.sh"
lower=$(make_disk x 32)
dev=$(faulty fx "$lower" x)
setsid sleep 1000 <"$dev" &
