# null-bad: null_blk bad blocks (status IOERR): write over bad, read back, after close and open; a read error heals by a rewrite
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

main=$(make_disk dmain 16)
spare=$(make_disk dspare 16)
bad_list=/sys/kernel/config/nullb/dmain/badblocks
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 512 1 bs=128
echo "+80-87" >$bad_list
echo "+165-165" >$bad_list

fill_pattern "$dev" 72 24 2 bs=24
verify_pattern "$dev" 72 24 2 bs=24
assert_status d0 slots_used 1

expect_fail . read_sectors "$dev" 160 8
verify_pattern "$dev" 160 5 1 bs=1
verify_pattern "$dev" 166 2 1 bs=1
assert_status d0 pending_sect 1
fill_pattern "$dev" 152 16 2 bs=16
verify_pattern "$dev" 152 16 2 bs=16
assert_status d0 pending_sect 0

remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 72 24 2 bs=24
verify_pattern "$dev" 152 16 2 bs=16
assert_status d0 slots_used 2
