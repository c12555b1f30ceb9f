# b-warn: passes, but the kernel complained meanwhile
# SPDX-License-Identifier: GPL-2.0-only
. "$VM/lib.sh"
echo "WARNING: CPU: 0 PID: 1 at made/up.c" >/dev/kmsg
