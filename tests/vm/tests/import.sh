# import: lists of badblocks, ddrescue and smartctl: their blocks move to the spare; what lies elsewhere changes nothing
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

main=$(make_disk dmain 16)
spare=$(make_disk dspare 16)
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 4096 1 bs=256 flush
list=/tmp/list

# nothing_done: as it was.
nothing_done() {
	assert_eq "$(status_field d0 slots_used) $(status_field d0 job)" "0 0"
}

# Numbers of 1 KiB; 40 and 43 are one block of 4 KiB. Twice the same is said, and no harm.
printf '%s\n' 40 43 100 40 >$list
dmremap import d0 $list --dry-run >/tmp/said 2>&1
assert_match "$(cat /tmp/said)" 'list of badblocks; bad places .*: 2, blocks of 4 KiB: 2'
assert_match "$(cat /tmp/said)" ':4: sector 80 was named before, in line 1'
nothing_done
dmremap import d0 $list </dev/null && fail "it did not ask"
nothing_done
dmremap import d0 $list --yes
assert_status d0 slots_used 2
fill_pattern "$main" 80 8 9
fill_pattern "$main" 200 8 9
verify_pattern "$dev" 0 4096 1 bs=8

# A line beyond the end: named, and nothing is done with the others.
dmremap unmap d0 0 4096
used=$(status_field d0 slots_used)
job=$(status_field d0 job)
printf '%s\n' 40 16384 >$list
expect_fail ':2: sectors 32768 to 32769 are not on' dmremap import d0 $list --yes
printf '%s\n' 40 x >$list
expect_fail ':2: not a block number' dmremap import d0 $list --yes
printf '%s\n' 40 >$list
expect_fail ':1: ' dmremap import d0 $list --yes --block-size 1048576
assert_eq "$(status_field d0 slots_used) $(status_field d0 job)" "$used $job"

# Other sizes, standard input.
echo 3 | dmremap import d0 - --yes --block-size 4096
assert_eq "$(dmremap list d0 --json | grep -c '"main_block": 3[,}]')" 1

# ddrescue: what is bad, and what failed and was not looked at closely.
cat >$list <<-EOF
	# Mapfile. Created by GNU ddrescue version 1.27
	0x00002000     -               1
	0x00000000  0x00100000  +
	0x00100000  0x00000200  -
	0x00100200  0x00000E00  /
	0x00101000  0x00002000  *
	0x00103000  0x00EFD000  ?
EOF
before=$(status_field d0 slots_used)
dmremap import d0 $list --yes
assert_status d0 slots_used $((before + 3))

# smartctl: sectors of the disk, which main is.
cat >$list <<-'EOF'
	{"smartctl": {"version": [7, 3]}, "logical_block_size": 4096, "ata_pending_defects_log":
	{"count": 2, "table": [{"lba": 512}, {"lba": 514}]}}
EOF
dmremap import d0 $list --yes
assert_status d0 slots_used $((before + 5))
verify_pattern "$dev" 0 4096 1 bs=8

# More than there is room for: refused as a whole.
seq 0 16383 >$list
expect_fail 'free slots' dmremap import d0 $list --yes
assert_status d0 slots_used $((before + 5))

# Cut short and done again: there is no room for all of it twice, and none is needed.
seq 0 2999 | awk '$1 % 6' >$list
dmremap import d0 $list --yes --block-size 4096
dmremap unmap d0 24 8
get_status d0
# shellcheck disable=SC2154 # set by get_status
moved=$st_moved_out
[ "$st_slots_free" -lt 2500 ] || fail "there is room for it twice"
assert_match "$(dmremap import d0 $list --yes --block-size 4096)" 'on the spare now: 2500;'
assert_status d0 moved_out $((moved + 1)) "the one that had gone back"
verify_pattern "$dev" 0 4096 1 bs=8

# Frozen: it stops, and says so.
dmsetup message d0 0 freeze
echo 900 >$list
expect_fail 'remap failed after 0 of 1' dmremap import d0 $list --yes
dmremap thaw d0

# A main that is no disk: whose sectors does smartctl name?
remap_close d0
dmsetup create over --table "0 32768 linear $main 0"
dmremap create d1 /dev/mapper/over "$spare" --yes --force
printf '{"smartctl": {}, "ata_pending_defects_log": {"table": [{"lba": 1}]}}' >$list
expect_fail 'not a disk or a partition' dmremap import d1 $list --yes
dmremap close d1
dmsetup remove over
