# copies-survivor: all copies but any one destroyed: it opens, all are in sync again, data is right
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 200
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 16 16
create_moved write
copies_of d0
assert_eq ${#copy_at[@]} 5
remap_close d0

for i in 0 1 2 3 4; do
	destroy_others $i
	quick_open
	all_in_sync d0
	verify_pattern "$dev" 72 16 2 bs=16
	fill_pattern "$dev" 80 8 3
	verify_pattern "$dev" 80 8 3
	fill_pattern "$dev" 80 8 2
	dmsetup remove d0
done
# What the others were brought to serves alone, too.
destroy_others 0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 72 16 2 bs=16
assert_status d0 mode rw
