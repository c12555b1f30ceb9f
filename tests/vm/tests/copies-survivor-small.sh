# copies-survivor-small: the same with the four copies of a linear spare and the two of a minimal one
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 200
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

for kb in 2048 448; do
	small_pair $kb
	create_moved write
	copies_of d0
	assert_eq ${#copy_at[@]} $((kb == 448 ? 2 : 4))
	dmsetup remove d0

	for i in "${!copy_at[@]}"; do
		destroy_others "$i"
		quick_open
		all_in_sync d0
		verify_pattern "$dev" 72 16 2 bs=16
		assert_status d0 mode rw
		dmsetup remove d0
	done
	dmremap check "$spare"
	dmsetup remove fmain fspare
	remove_disk dmain
	remove_disk dspare
done
