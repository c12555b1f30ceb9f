# debugfs: the map of the slots covers each one once and adds up to the status line; copies are where status says
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dir=/sys/kernel/debug/dm-remap/dm-$(dmsetup info -c --noheadings -o minor d0)

# adds_up: runs follow each other, no two of one kind, and their sums are those of the status line
adds_up() {
	awk '$1 != at + 0 || $2 < 1 || $3 == kind || NF != 3 { print "bad: " $0; exit 1 }
		{ at = $1 + $2; kind = $3; sum[kind] += $2 }
		END { print "total", at; for (k in sum) print k, sum[k] }' \
		"$dir/allocation_map" >/tmp/sums || fail "$(cat /tmp/sums)"
	get_status d0
	local pair
	# shellcheck disable=SC2154 # set by get_status
	for pair in total=$st_slots_total free=$st_slots_free metadata=$st_slots_meta \
			used=$st_slots_used pending=$st_slots_pending bad=$st_slots_bad; do
		assert_eq "$(awk -v k="${pair%=*}" '$1 == k { n = $2 } END { print n + 0 }' \
			/tmp/sums)" "${pair#*=}" "slots ${pair%=*}"
		assert_eq "$(awk -v k="slots_${pair%=*}" '$1 == k { print $2 }' \
			"$dir/reservation_stats")" "${pair#*=}" "stats ${pair%=*}"
	done
	copies_of d0
	assert_eq "$(awk '{ print $2 * 8 }' "$dir/metadata_locations")" \
		"$(printf '%s\n' "${copy_at[@]}")" "places of the copies"
	assert_eq "$(awk '{ print $5 }' "$dir/metadata_locations")" \
		"$(printf '%s\n' "${copy_state[@]}")" "states of the copies"
}

adds_up
assert_eq "$(wc -l <"$dir/allocation_map")" 10 "five copies and what is between them"

# used, pending and bad slots
log_start fspare
bad fmain 80 8 both ioerr
fill_pattern "$dev" 80 8 2
log_stop fspare
read -r _ _ _ _ first _ < <(log_lines 'key == "spare" && op == "W"')
bad fspare $((first + 8)) 8 write medium
bad fmain 160 8 both ioerr
fill_pattern "$dev" 160 8 2
bad fmain 320 8 read medium
expect_fail ENODATA read_sectors "$dev" 320 8 bs=8
adds_up
grep -q "^$((first / 8)) 1 used$" "$dir/allocation_map" || fail "$(cat "$dir/allocation_map")"
grep -q "^$((first / 8 + 1)) 1 bad$" "$dir/allocation_map" || fail "$(cat "$dir/allocation_map")"
grep -q ' 1 pending$' "$dir/allocation_map" || fail "$(cat "$dir/allocation_map")"

# a copy that lives somewhere else
bad fspare $((copy_at[3] + 8)) 8 write medium
bad fmain 480 8 write ioerr
fill_pattern "$dev" 480 8 2
moved() {
	status_is d0 copies_moved 1
}
wait_until 20 moved
adds_up
assert_eq "$(awk '$2 != $3 { print $1 }' "$dir/metadata_locations")" 3

# in small pieces it reads the same
dd if="$dir/allocation_map" bs=7 of=/tmp/map status=none
cmp /tmp/map "$dir/allocation_map"

# a new table: the files are those of the instance in use; closed, there are none
dmsetup reload d0 --table "0 $(sectors "$main_disk") remap $main $spare"
dmsetup suspend d0
[ ! -e "$dir" ] || fail "files of a device that is suspended"
dmsetup resume d0
adds_up
remap_close d0
[ ! -e "$dir" ] || fail "files of a device that is gone"
