# resize: an open set takes what its devices grew by, gives up what its spare is to lose, under writers
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 240
. "$VM/lib.sh"
. "$VM/tests/load.inc"
. "$VM/tests/job.inc"
. "$VM/tests/copies.inc"

# span NAME LOWER MIB [NEW]: /dev/mapper/NAME is the first MIB of LOWER, or is from now on.
span() {
	local table="0 $(($3 * 2048)) linear $2 0"
	if [ $# = 3 ]; then
		dmsetup create "$1" --table "$table"
	else
		dmsetup load "$1" --table "$table"
		dmsetup resume "$1"
	fi
}

# resized TOTAL: so many slots, all copies in sync, nothing lost.
resized() {
	get_status d0
	assert_eq "$st_slots_total $st_mode $st_slots_used" "$1 rw $used"
	all_in_sync d0
	verify_pattern "$dev" 4096 4096 1 bs=128
	verify_pattern "$dev" 8192 2400 1 bs=32
}

copy_has_moved() {
	status_is d0 copies_moved 1
}

faulty_pair 24 64
span m "$main" 16
remap_create d0 /dev/mapper/m "$spare"
fill_pattern "$dev" 0 32768 1 bs=256 flush

# Smaller first: so there is something to grow.
dmremap resize d0 --spare-size 8M --dry-run >/tmp/said
assert_match "$(</tmp/said)" 'blocks in the way: 0'
dmremap resize d0 --spare-size 8M --yes
assert_status d0 slots_total 2048
used=300
run_job 'remap done 300 300 0' remap 1024 300
load_start
breathe 0.5
resized 2048

# Larger: all blocks from the first slot on are in the way of a longer copy.
dmremap resize d0 --spare-size 40M --yes >/tmp/said
assert_match "$(</tmp/said)" 'from 16384 to 81920 sectors'
resized 10240
breathe 0.5

# Main grows: so does the device.
span m "$main" 24 new
dmremap resize d0 --spare-size 40M --yes >/tmp/said
assert_match "$(</tmp/said)" 'main: from 32768 to 49152 sectors'
assert_eq "$(blockdev --getsz "$dev")" 49152
fill_pattern "$dev" 40960 4096 7 bs=64
verify_pattern "$dev" 40960 4096 7 bs=64
resized 10240
bad fmain 48000 8 both ioerr
fill_pattern "$dev" 47992 24 7 bs=24
verify_pattern "$dev" 47992 24 7 bs=8
used=301
dmremap resize d0 --spare-size 6M --yes
resized 1536
expect_fail 'frozen' sh -c 'dmremap freeze d0 && dmremap resize d0 --yes'
dmremap thaw d0
expect_fail 'cannot become smaller' sh -c "
	dmsetup suspend d0
	dmsetup load m --table '0 32768 linear $main 0'; dmsetup resume m
	dmremap resize d0 --yes"
span m "$main" 24 new
dmsetup resume d0
load_stop

# One of the new places is bad: that copy moves on by itself. All are: the device stays
# suspended until the spare is well, and then goes on.
bad fspare $((2560 * 8)) 64 write medium
dmremap resize d0 --spare-size 40M --yes >/tmp/said 2>&1
assert_match "$(</tmp/said)" 'copy 3 of the metadata stays behind'
bad fmain 96 8 write ioerr
used=302
fill_pattern "$dev" 96 16 3 bs=16
wait_until 20 copy_has_moved
resized 10240
good fspare all
for slot in 0 256 512 1024 2048; do
	bad fspare $((slot * 8 + 8)) 8 write medium
done
expect_fail 'stays suspended' dmremap resize d0 --spare-size 16M --yes
assert_eq "$(dmsetup info -c --noheadings -o suspended d0)" Suspended
expect_fail 'stays suspended' dmremap resize d0 --spare-size 16M --yes
good fspare all
dmremap resize d0 --spare-size 16M --yes >/tmp/said
assert_match "$(</tmp/said)" 'finished first'
resized 4096

# The power goes in the middle: read-only to the kernel, finished by an open.
for slot in 0 640 1280 2560 5120; do
	bad fspare $((slot * 8 + 8)) 8 write medium
done
expect_fail 'stays suspended' dmremap resize d0 --spare-size 40M --yes
table=$(table_of d0)
expect_fail . dmsetup resume d0
expect_dmesg 'written by somebody else while suspended'
assert_eq "$(dmsetup info -c --noheadings -o suspended d0)" Suspended

# With the spare away it cannot be seen that it is another set: nothing is read from it, and
# a thaw looks first.
tell fspare fail all ioerr
dmsetup resume d0
tell fspare fail none
assert_status d0 mode fail
expect_fail EIO read_sectors "$dev" 8192 8
verify_pattern "$dev" 5120 3072 1 bs=128
dmremap thaw d0 >/dev/null 2>&1 || true
assert_status d0 mode fail
expect_fail EIO read_sectors "$dev" 8192 8
dmsetup remove --retry d0
good fspare all
dmsetup create d0 --table "$table"
assert_status d0 mode readonly
expect_dmesg 'a resize of the spare was cut short'
verify_pattern "$dev" 4096 4096 1 bs=128
dmsetup remove --retry d0
remap_open d0 /dev/mapper/m "$spare" 2>/tmp/said
assert_match "$(</tmp/said)" 'it is finished now'
used=302
resized 10240
remap_close d0
