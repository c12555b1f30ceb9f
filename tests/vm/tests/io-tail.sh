# io-tail: main's size is no multiple of 4 KiB; its short last block is moved, read and kept
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

main_disk=$(make_disk dmain 16)
spare_disk=$(make_disk dspare 16)
dmsetup create fmain --table "0 16381 remap-test $main_disk main"
main=/dev/mapper/fmain
spare=$(faulty fspare "$spare_disk" spare)
remap_create d0 "$main" "$spare"
assert_eq "$(blockdev --getsz "$dev")" 16381

fill_pattern "$dev" 16000 381 1
bad fmain 16376 5 both ioerr
fill_pattern "$dev" 16368 13 2 bs=13
verify_pattern "$dev" 16368 13 2 bs=13
fill_pattern "$dev" 16380 1 3 bs=1
verify_pattern "$dev" 16376 4 2 bs=4
verify_pattern "$dev" 16380 1 3 bs=1
get_status d0
assert_eq "$st_slots_used" 1
assert_match "$(dmremap list d0)" ' sssss($|[^s])'

remap_close d0
dmremap check "$spare"
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 16000 376 1,2
verify_pattern "$dev" 16376 5 2,3 bs=5
remap_close d0

# Nothing but a partial write of it, and a sector of it that cannot be read.
dmremap format "$main" "$spare" --yes --force
good fmain all
fill_pattern "$main" 16368 13 4
bad fmain 16379 1 both medium
remap_open d0 "$main" "$spare"
expect_fail ENODATA read_sectors "$dev" 16376 5
get_status d0
assert_eq "$st_pending_sect" 1
verify_pattern "$dev" 16376 3 4 bs=3
verify_pattern "$dev" 16380 1 4 bs=1
fill_pattern "$dev" 16378 3 5 bs=3
verify_pattern "$dev" 16376 5 4,5 bs=5
get_status d0
assert_eq "$st_pending_sect" 0
