# i-after: runs after all of that
# SPDX-License-Identifier: GPL-2.0-only
. "$VM/lib.sh"
[ ! -e /dev/mapper/top ]
skip "says it itself"
