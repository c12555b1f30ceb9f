# health: each error and each slow I/O is in its region's record, in no other, and is still there after a reopening
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"
. "$VM/tests/memory.inc"

faulty_pair 256 16
dmremap format --yes "$main" "$spare"
open_it() {
	dmsetup create d0 --table "0 $(sectors "$main_disk") remap $main $spare 1 slow:300"
	dev=/dev/mapper/d0
}
open_it
assert_eq "$(health_head records)" 0
assert_eq "$(health_head region_sect)" 2048
assert_eq "$(health_head slow_ms)" 300

# three blocks that cannot be written in region 3, one in region 70; a sector of 9 that does
# not read
for s in 6144 6160 8184 143360; do
	bad fmain "$s" 8 write medium
	fill_pattern "$dev" "$s" 8 1
done
bad fmain 18435 1 read medium
expect_fail ENODATA read_sectors "$dev" 18432 8
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_remaps" 4
assert_eq "$(health_head write_errors)" "$st_write_errors"
assert_eq "$(health_head read_errors)" "$st_read_errors"
health_adds_up
assert_eq "$(health_head records)" 3
read -r _ score3 risk3 _ _ write3 _ < <(health_of 3)
read -r _ score70 _ _ _ write70 _ < <(health_of 70)
assert_ge "$write3" 6 "write errors of three blocks, each tried twice"
assert_ge "$write70" 2 "write errors of a block"
[ "$score3" -lt "$score70" ] || fail "three bad blocks score $score3, one $score70"
assert_match "$risk3" '^(medium|high|critical)$' "risk of three bad blocks"
assert_eq "$(dmsetup message d0 0 health 1 | tail -n 1 | cut -d' ' -f1)" 3 "the worst"

# errors of a cable say nothing of a region
bad fmain 200704 8 read transport 1
expect_fail 'ENOLINK|EIO' read_sectors "$dev" 200704 8
assert_eq "$(health_of 98)" "" "a region read over a bad cable"

# one read in a thousand is slow, and it is found
tell fmain delay 700 40960 8
read_sectors "$dev" 40960 8
read_sectors "$dev" 40968 8
tell fmain delay none
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_slow" 1
read -r _ _ risk _ re we rt sl avg _ < <(health_of 20)
assert_eq "$re $we $rt $sl" "0 0 0 1"
assert_eq "$risk" low "risk of one slow read"
assert_ge "$avg" 500000 "microseconds that it took"
health_adds_up
pools_add_up

# debugfs tells the same of every region
dir=/sys/kernel/debug/dm-remap/dm-$(dmsetup info -c --noheadings -o minor d0)
assert_eq "$(tail -n +2 "$dir/health_map" | cut -d' ' -f1 | sort -n | xargs)" "3 9 20 70"
assert_eq "$(sed 's/ .*//' "$dir/pools" | xargs)" "pools health context work buffer"

# a summary is kept: closed, it is the tool's to read; opened, it is as it was
before=$(dmsetup message d0 0 health | tail -n +2 | cut -d' ' -f1,5-)
remap_close d0
dmremap health "$spare" >/tmp/closed
grep -q 6144 /tmp/closed || fail "$(cat /tmp/closed)"
open_it
assert_eq "$(dmsetup message d0 0 health | tail -n +2 | cut -d' ' -f1,5-)" "$before"
dmremap health d0 --json >/tmp/json
assert_eq "$(grep -c '"score"' /tmp/json)" 4 "records in JSON"
dmremap status d0 --json >/tmp/json
grep -q '"pools"' /tmp/json || fail "$(cat /tmp/json)"
remap_close d0
