# cut-move: power cut at every write of a slot's move to one in another table block: old or new, nowhere else
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

# All slots that the first table block describes hold data: a slot that fails
# is replaced by one of the second. What is gained and what is lost must not be
# in one commit: each table block may be durable without the other (A6).
faulty_pair 16 16
remap_create d0 "$main" "$spare"
copies_of d0
n=504
for at in "${copy_at[@]}"; do
	[ "$at" -ge $((504 * 8)) ] || n=$((n - copy_len / 8))
done
tell fmain scatter 0 16 $n 8 both ioerr
fill_pattern "$dev" 0 $((n * 16)) 1 bs=2048 flush
slot_of=()
while read -r at slot; do
	[ "$slot" -lt 504 ] || fail "slot $slot of the block at $at"
	slot_of[at]=$slot
done < <(dmremap list d0 | awk '/ used / { print $2, $3 }')
assert_eq ${#slot_of[@]} $n "slots in use"
tell fmain cache on
tell fspare cache on

for ((k = 1, at = 160; k < 60; k++, at += 16)); do
	slot=${slot_of[at]}
	bad fspare $((slot * 8)) 8 write medium
	tell fmain cut-at $k write $k
	if fill_pattern "$dev" $at 8 2 2>/dev/null; then
		i='ok'
	else
		i='cut'
	fi
	get_faulty fmain
	# shellcheck disable=SC2154 # set by get_faulty
	[ "$faulty_state" = dead ] || break
	[ $i = cut ] || fail "k $k: acknowledged without power"
	quick_cut 0
	quick_open
	all_in_sync d0
	verify_pattern "$dev" $at 8 1,2 bs=1
	verify_pattern "$dev" 0 160 1
	verify_pattern "$dev" $((at + 8)) 512 1
	list_pattern "$dev" $at 8 bs=1 >/tmp/seen
	quick_cut none
	destroy_others $((k % ${#copy_at[@]}))
	quick_open
	list_pattern "$dev" $at 8 bs=1 >/tmp/seen2
	cmp /tmp/seen /tmp/seen2 || fail "k $k: changed when copies were lost"
done
# a write to the slot, zeros as evidence, the new slot, each copy's table block
assert_ge "$k" $((${#copy_at[@]} + 3)) "writes of one move"
echo "$((k - 1)) cuts"
assert_eq "$(status_field d0 slots_moved)" 1
verify_pattern "$dev" $at 8 2
