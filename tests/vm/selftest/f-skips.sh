# f-skips: wants what nobody has
# SPDX-License-Identifier: GPL-2.0-only
# needs: unobtainium
. "$VM/lib.sh"
