# cut-move: power cut at every write of a slot's move to one in another table block: old or new, nowhere else
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/job.inc"

# All slots that the first table block describes hold data: a slot that fails
# is replaced by one of the second. What is gained and what is lost must not be
# in one commit: each table block may be durable without the other (A6).
small_pair 3072
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
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

# cut_move AT K SEED: $more is 0 when the move had fewer than K writes
cut_move() {
	local at=$1 k=$2 result='cut'
	bad fspare $((slot_of[at] * 8)) 8 write medium
	tell fmain cut-at "$k" write "$3"
	if fill_pattern "$dev" "$at" 8 2 2>/dev/null; then
		result='ok'
	fi
	get_faulty fmain
	# shellcheck disable=SC2154 # set by get_faulty
	if [ "$faulty_state" != dead ]; then
		tell fmain cut-at none # or it comes in what follows
		more=0
		return
	fi
	[ $result = cut ] || fail "k $k: acknowledged without power"
	quick_cut 0
	quick_open
	verify_pattern "$dev" "$at" 8 1,2 bs=1
	verify_pattern "$dev" $((at - 160)) 160 1
	verify_pattern "$dev" $((at + 8)) 512 1
	list_pattern "$dev" "$at" 8 bs=1 >/tmp/seen
	quick_cut none
	destroy_others $((k % ${#copy_at[@]}))
	quick_open
	list_pattern "$dev" "$at" 8 bs=1 >/tmp/seen2
	cmp /tmp/seen /tmp/seen2 || fail "k $k: changed when a copy was lost"
}

# Which of the writes that were in the cache are lost, the seed decides.
more=1 at=160
for ((k = 1; more; k++)); do
	for seed in 1 2 3; do
		cut_move $at $k $((k * 4 + seed))
		[ $more -eq 1 ] || break
		at=$((at + 192))
	done
done
# the slot, the new slot, the table block of four copies
assert_ge "$k" 8 "writes of one move"
echo "up to $((k - 2)) writes"
assert_status d0 slots_moved 1
verify_pattern "$dev" $at 8 2

# The block goes back to main before its old slot, in another table block, is retired
# on disk: what that one holds must not come up again (A34).
at=$((at + 192))
bad fspare $((slot_of[at] * 8)) 8 write medium
fill_pattern "$dev" "$at" 8 2
good fmain all
run_job 'unmap done 1 1 0' unmap $((at / 8))
quick_cut 0
quick_open
verify_pattern "$dev" "$at" 8 2
