# cable: all I/O of main fails for 2 seconds under load, then works: no slot is used, 20 times of 20
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
# timeout: 300
. "$VM/lib.sh"

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 2048 1

writer() {
	while [ -e /tmp/cable-run ]; do
		iopat write "$dev" $(($1 * 256)) 256 2 keep-going 2>/dev/null || true
	done
}

touch /tmp/cable-run
writer 0 &
one=$!
writer 1 &
two=$!
statuses=(ioerr transport timeout offline target medium)
# the bar is 20; under KASAN, where all is slow, the first few are enough
rounds=20
[ "$GUEST" != uml ] || rounds=5
for round in $(seq $rounds); do
	tell fmain fail all "${statuses[round % 6]}"
	read -rt 2 -u "$nothing" || true
	tell fmain fail none
	read -rt 0.1 -u "$nothing" || true
	get_status d0
	assert_eq "$st_slots_used" 0 "slots used in round $round"
	assert_eq "$st_slots_pending" 0 "slots held by hints in round $round"
	[ "$st_mode" = rw ] || dmsetup message d0 0 thaw
done
rm /tmp/cable-run
wait $one $two
fill_pattern "$dev" 0 2048 3
verify_pattern "$dev" 0 2048 3
get_status d0
assert_eq "$st_mode" rw
assert_eq "$st_slots_used" 0
echo "a failing cable: slots used in $rounds rounds: $st_slots_used (bar: 0)"
