# cut-remap: power cut at every write of one remap: old or new, never garbage, whichever copies are lost later
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/cut.inc"

faulty_pair 16 16
create_cached 2048
cut_everywhere 5
