# cut-remap: power cut at every write of one remap: old or new, never garbage, whichever copies are lost later
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/cut.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 2048 1 bs=128 flush
copies_of d0
tell fmain cache on
tell fspare cache on
cut_everywhere 5
