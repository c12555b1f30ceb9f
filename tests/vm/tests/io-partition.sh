# io-partition: partitions as main and spare; their neighbours are not touched
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

disk=$(make_disk dmain 32)
other=$(make_disk dspare 32)
for d in "$disk" "$other"; do
	partition "$d" 2048 16384 18432 16384
done
main=$(part "$disk" 1)
spare=$(part "$other" 2)
assert_eq "$(sectors "$main")" 16384
fill_pattern "$(part "$disk" 2)" 0 1024 7
fill_pattern "$(part "$other" 1)" 15360 1024 7

remap_create d0 "$main" "$spare"
assert_eq "$(blockdev --getsz "$dev")" 16384 "size, not the disk's"
fill_pattern "$dev" 0 1024 1
fill_pattern "$dev" 16128 256 1

# Sectors of the disk: 80 to 87 of the partition, and its last block.
echo +2128-2135 >/sys/kernel/config/nullb/dmain/badblocks
echo +18424-18431 >/sys/kernel/config/nullb/dmain/badblocks
fill_pattern "$dev" 72 24 2 bs=24
fill_pattern "$dev" 16368 16 2 bs=16
verify_pattern "$dev" 72 24 2 bs=24
verify_pattern "$dev" 16368 16 2 bs=16
get_status d0
assert_eq "$st_slots_used" 2
expect_fail 'write 16384' fill_pattern "$dev" 16384 8 2

remap_close d0
dmremap check "$spare"
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 80 8 2
verify_pattern "$dev" 16376 8 2
verify_pattern "$dev" 0 72 1
verify_pattern "$(part "$disk" 2)" 0 1024 7
verify_pattern "$(part "$other" 1)" 15360 1024 7
remap_close d0

# Both on one disk: allowed, and warned of.
out=$(dmremap create d1 "$(part "$other" 1)" "$spare" --yes --force 2>&1)
assert_match "$out" "on the same disk"
fill_pattern /dev/mapper/d1 0 64 3
