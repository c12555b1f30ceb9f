# slot-fails: a slot that fails its first write is retired; one that holds data is moved, and what cannot be read is lost
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 512 1

# the first free slot is 11: copy 0 has a superblock, 9 table blocks and an auxiliary block
log_start fspare
bad fmain 80 8 both ioerr
fill_pattern "$dev" 80 8 2
log_stop fspare
read -r _ _ _ _ first _ < <(log_lines 'key == "spare" && op == "W"')
assert_eq $((first % 8)) 0 "sector of the slot"

# empty slots that fail: another is taken
bad fspare $((first + 8)) 16 both medium
bad fmain 160 8 both ioerr
fill_pattern "$dev" 160 8 2
verify_pattern "$dev" 160 8 2
assert_status d0 slots_retired 2
assert_status d0 mode rw

# a slot that holds data: moved; one of its sectors cannot be read and is lost
bad fspare "$first" 8 write medium
bad fspare $((first + 5)) 1 read medium
fill_pattern "$dev" 81 1 3 bs=1
assert_status d0 slots_moved 1
assert_status d0 lost_sect 1
verify_pattern "$dev" 80 1 2 bs=1
verify_pattern "$dev" 81 1 3 bs=1
verify_pattern "$dev" 82 3 2 bs=1
expect_fail ENODATA read_sectors "$dev" 85 1 bs=1
verify_pattern "$dev" 86 2 2 bs=1

remap_close d0
remap_open d0 "$main" "$spare"
assert_status d0 slots_bad 3
verify_pattern "$dev" 160 8 2
verify_pattern "$dev" 82 3 2 bs=1
expect_fail ENODATA read_sectors "$dev" 85 1 bs=1
# a lost sector has no place on main: as long as nothing can be moved it stays lost
dmsetup message d0 0 freeze
expect_fail . fill_pattern "$dev" 85 1 4 bs=1
expect_fail ENODATA read_sectors "$dev" 85 1 bs=1
dmremap thaw d0
fill_pattern "$dev" 85 1 4 bs=1
verify_pattern "$dev" 85 1 4 bs=1
assert_status d0 lost_sect 0
