# c-allowed: the same complaint, expected
# SPDX-License-Identifier: GPL-2.0-only
# dmesg-ok: made/up
. "$VM/lib.sh"
echo "WARNING: CPU: 0 PID: 1 at made/up.c" >/dev/kmsg
