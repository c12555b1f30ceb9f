# old-clock: a clock that is years behind or ahead makes no difference to what is on the spare
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

read -r up _ </proc/uptime
now=$(date +%s)

# The clock as it was, when all is over: the harness looks at it.
restore_clock() {
	local t
	read -r t _ </proc/uptime
	date -s "@$((now + ${t%.*} - ${up%.*}))" >/dev/null
}
trap restore_clock EXIT

faulty_pair 16 16
create_moved both
used=1
for year in 2000 2037; do
	# "Clock set to 2000, one activation: the remaps are gone for good."
	remap_close d0
	date -s "$year-01-01 00:00:00" >/dev/null
	dmremap check "$spare"
	remap_open d0 "$main" "$spare"
	get_status d0
	assert_eq "$st_slots_used" $used
	verify_pattern "$dev" 72 16 2 bs=16
	bad fmain $((160 * used)) 8 both ioerr
	fill_pattern "$dev" $((160 * used - 8)) 16 $((2 + used)) bs=16
	used=$((used + 1))
done
date -s "1980-01-01 00:00:00" >/dev/null
verify_pattern "$dev" 152 16 3 bs=16
restore_clock
remap_close d0
remap_open d0 "$main" "$spare"
get_status d0
assert_eq "$st_slots_used" 3
verify_pattern "$dev" 72 16 2 bs=16
verify_pattern "$dev" 312 16 4 bs=16
