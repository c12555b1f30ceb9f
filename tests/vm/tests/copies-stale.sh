# copies-stale: a copy that missed commits and is the only one that can be read is refused; --force opens read-only
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 256 1
copies_of d0

# Copy 4 takes no more writes, nor does any other place, and is left behind by this remap.
no_alternates
break_copy 4 write
bad fmain 80 8 write ioerr
fill_pattern "$dev" 72 16 2 bs=16
assert_status d0 copies_expelled 1
copies_of d0
assert_eq "${copy_state[4]}" expelled
assert_status d0 mode rw
fill_pattern "$dev" 160 8 2
expect_dmesg 'no place on the spare for metadata copy 4'
remap_close d0

# It is readable, all others are not: what it says must not be believed.
good fspare all
for i in 0 1 2 3; do
	break_copy $i read
done
expect_fail 'left behind' dmremap open d0 "$main" "$spare"
expect_fail . dmsetup create d0 --table "0 $(sectors "$main") remap $main $spare"
expect_dmesg 'left behind'
dmsetup remove d0 2>/dev/null || true
expect_status 4 dmremap check "$spare"
remap_open d0 "$main" "$spare" --force
assert_status d0 mode readonly
expect_fail . fill_pattern "$dev" 160 8 3
remap_close d0

# Two of the others back, and each vouches for the other.
good fspare "${copy_at[2]}" "$copy_len"
good fspare "${copy_at[3]}" "$copy_len"
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 72 16 2 bs=16
remap_close d0
good fspare all
remap_open d0 "$main" "$spare"
all_in_sync d0
verify_pattern "$dev" 72 16 2 bs=16
