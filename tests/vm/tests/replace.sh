# replace: what lives on a spare goes to another one; what its slots no longer give is lost, and says so
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
larger=$(make_disk dlarger 64)
# not remap_create: in the end it is no spare
dmremap create --yes d0 "$main" "$spare"
declare_spare "$spare" 8
dev=/dev/mapper/d0
fill_pattern "$dev" 0 4096 1 bs=256 flush
tell fmain scatter 80 80 20 8 both ioerr
log_start fspare
fill_pattern "$dev" 0 2048 2 bs=256
log_stop fspare
get_status d0
assert_eq "$st_slots_used" 20
slot=$(dmremap list d0 --json | tr -d ' \n' |
	grep -o '"main_block":10,"main_sector":80,"slot":[0-9]*' | grep -o '[0-9]*$')
expect_fail 'in use' dmremap replace "$spare" "$larger" --yes
expect_fail 'd0 is open: close it' dmremap replace d0 "$larger" --yes
expect_fail 'there is no device d1' dmremap replace d1 "$larger" --yes
remap_close d0

# Sector 82 can no longer be read: lost, by name. The others are there.
bad fspare $((8 * slot + 2)) 1 read medium
dmremap replace "$spare" "$larger" --yes >/tmp/said 2>&1
assert_match "$(cat /tmp/said)" 'sector 82 of main is lost'
assert_match "$(cat /tmp/said)" 'live on it: 20, sectors lost: 1'
good fspare all
declare_spare "$larger"
expect_fail 'not formatted' dmremap open d0 "$main" "$spare"

remap_open d0 "$main" "$larger"
get_status d0
assert_eq "$st_slots_used $st_lost_sect $st_mode" "20 1 rw"
verify_pattern "$dev" 0 82 2 bs=1
expect_fail ENODATA read_sectors "$dev" 82 1 bs=1
verify_pattern "$dev" 83 1965 2 bs=1
fill_pattern "$dev" 80 8 3
verify_pattern "$dev" 80 8 3
assert_status d0 lost_sect 0
remap_close d0
