# copies-block-gone: one table block gone in all copies is refused, check says which, --force opens read-only
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 16 16
create_moved write
copies_of d0
remap_close d0

# In all but one: repaired, and nobody notices.
for i in 0 1 2 4; do
	fill_pattern "$spare_disk" $((copy_at[i] + 8)) 8 666
done
remap_open d0 "$main" "$spare"
all_in_sync d0
verify_pattern "$dev" 72 16 2 bs=16
remap_close d0

for i in 0 1 2 3 4; do
	fill_pattern "$spare_disk" $((copy_at[i] + 8)) 8 666
done
expect_fail 'lost metadata' dmremap open d0 "$main" "$spare"
expect_status 4 dmremap check "$spare" >/tmp/check
cat /tmp/check
grep -qi 'table block 0' /tmp/check
expect_fail . dmsetup create d0 --table "0 $(sectors "$main") remap $main $spare"
expect_dmesg 'no copy of table block 0'
dmsetup remove d0 2>/dev/null || true
remap_open d0 "$main" "$spare" --force
assert_status d0 mode readonly
assert_status d0 forced 1
verify_pattern "$dev" 0 72 1
expect_fail . fill_pattern "$dev" 0 8 3
: >/run/vm/spares
