# spare-gone: the spare goes and comes back: remapped blocks fail meanwhile, all others go on, thaw settles
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 512 1
bad fmain 80 8 both ioerr
fill_pattern "$dev" 80 8 2
event=$(dmsetup info -c --noheadings -o events d0)

tell fspare fail all ioerr
expect_fail EIO read_sectors "$dev" 80 8
expect_fail EIO fill_pattern "$dev" 80 8 3
verify_pattern "$dev" 0 80 1
fill_pattern "$dev" 0 80 4 flush
bad fmain 160 8 both ioerr
expect_fail EIO fill_pattern "$dev" 160 8 3
assert_status d0 mode fail
assert_status d0 slots_retired 0
assert_status d0 copies_expelled 0
[ "$(dmsetup info -c --noheadings -o events d0)" -gt "$event" ] || fail "no event"

tell fspare fail none
dmremap thaw d0
assert_status d0 mode rw
verify_pattern "$dev" 80 8 2,3
fill_pattern "$dev" 160 8 5
verify_pattern "$dev" 160 8 5
assert_status d0 slots_used 2
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 160 8 5
verify_pattern "$dev" 0 80 4
