# index-grow: the index grows while blocks are remapped and read, and every block is found all the time
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
# timeout: 240
. "$VM/lib.sh"

remaps=12000
[ "$GUEST" != uml ] || remaps=8000
faulty_pair 256 256
remap_create d0 "$main" "$spare" --yes --allowance 65000
stats=/sys/kernel/debug/dm-remap/dm-$(dmsetup info -c --noheadings -o minor d0)/index_stats
figure() {
	awk -v key="$1" '$1 == key { print $2 }' "$stats"
}
fill_pattern "$dev" 0 $((8 * remaps)) 1 bs=1024
room=$(figure table_blocks_room)
# three chunks beyond the mark, and a fifth
assert_eq "$(figure grown) $room" "0 $((8 + 24 + 8 / 5))" "before"

# in the debug guest building takes long: most blocks are published beside it
pause=/sys/module/dm_remap/parameters/grow_pause_ms
[ ! -e $pause ] || echo 200 >$pause
[ "$GUEST" != uml ] || [ -e $pause ]

# one reader of what has been moved already, as long as it lasts
bad fmain 0 $((8 * remaps)) write ioerr
going=/tmp/grow-going
touch $going
(
	while [ -e $going ]; do
		verify_pattern "$dev" 0 4096 1,2 bs=64 || touch /tmp/grow-wrong
	done
) &
reader=$!
fill_pattern "$dev" 0 $((8 * remaps)) 2 bs=128 uring qd=16
rm $going
wait $reader
[ ! -e $pause ] || echo 0 >$pause
[ ! -e /tmp/grow-wrong ] || fail "a block was not found"
verify_pattern "$dev" 0 $((8 * remaps)) 2 bs=1024
get_status d0
assert_eq "$st_mode $st_slots_used" "rw $remaps"
cat "$stats"
assert_ge "$(figure grown)" 1 "how often it grew"
assert_ge "$(figure table_blocks_room)" $((remaps / 504 + 16)) "room"
assert_eq "$(figure cells_filled)" $remaps "cells that are not empty"

# all of it, in an index that was built at once
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 0 $((8 * remaps)) 2 bs=1024
stats=/sys/kernel/debug/dm-remap/dm-$(dmsetup info -c --noheadings -o minor d0)/index_stats
assert_eq "$(figure grown) $(figure cells_filled)" "0 $remaps"
