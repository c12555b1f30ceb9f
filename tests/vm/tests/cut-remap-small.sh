# cut-remap-small: the same with the two copies of a minimal spare: a commit never overwrites its only whole copy
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/cut.inc"

small_pair 448
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 2048 1 bs=128 flush
copies_of d0
tell fmain cache on
tell fspare cache on
cut_everywhere 2
