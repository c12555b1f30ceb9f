# d-crash: the kernel panics
# SPDX-License-Identifier: GPL-2.0-only
. "$VM/lib.sh"
echo c >/proc/sysrq-trigger
sleep 100
