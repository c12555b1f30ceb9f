# cut-remap-small: the same with the two copies of a minimal spare: a commit never overwrites its only whole copy
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/cut.inc"

small_pair 448
create_cached 2048
cut_everywhere 2
