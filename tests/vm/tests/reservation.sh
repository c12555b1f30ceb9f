# reservation: remaps by the thousand, to exhaustion and back, copies moved and the power cut in between: no collision, nothing lost
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/job.inc"

# MiB of large spares and rounds of 2000 remaps on each; KiB of small ones and how often each
# is filled and emptied. tests/vm/reservation.sh asks for more.
large="12:1" small="44:2 640:1" each=2000
[ ! -e "$VM/tests/reservation-params" ] || . "$VM/tests/reservation-params"

judged=0 remaps=0

# pair SPARE_KB MAIN_MB
pair() {
	main=$(faulty fmain "$(make_disk dmain "$2")" main)
	spare_disk=$(make_disk dspare $(($1 / 1024 + 1)))
	dmsetup create fspare --table "0 $(($1 * 2)) remap-test $spare_disk spare"
	spare=/dev/mapper/fspare
	remap_format "$main" "$spare" --force >/dev/null
	tell fspare judge on $(($1 / 4))
	remap_open d0 "$main" "$spare" >/dev/null
	copies_of d0
}

no_collision() {
	get_faulty fspare
	# shellcheck disable=SC2154 # set by get_faulty
	[ "$faulty_collisions" -eq 0 ] || fail "$faulty_collisions collisions"
}

# over: the set is closed and whole
over() {
	get_status d0
	# shellcheck disable=SC2154 # set by get_status
	assert_eq "$st_refused" 0 "refused by the guard"
	remap_close d0
	dmremap check "$spare" >/tmp/check || fail "$(cat /tmp/check)"
	no_collision
}

gone() {
	judged=$((judged + faulty_judged))
	dmsetup remove fmain
	dmsetup remove fspare
	remove_disk dmain
	remove_disk dspare
}

# cut SEED: the power goes and comes back, the set is opened again
cut() {
	tell fmain cache on
	tell fspare cache on
	fill_pattern "$dev" "$good" 64 7
	io_powercut "$1"
	dmsetup remove d0
	tell fmain cache off
	tell fspare cache off
	remap_open d0 "$main" "$spare" >/dev/null
}

# copy_goes N: copy N cannot be written where it is; the next commit leaves it behind, it moves
copy_goes() {
	copies_of d0
	bad fspare $((copy_at[$1] + 8)) 8 write medium
}

all_moved() {
	copies_of d0
	[ "$(printf '%s\n' "${copy_state[@]}" | sort -u)" = insync ]
}

# Others at work beside it, until $going is no more.
going=/tmp/going
beside() {
	while [ -e $going ]; do
		fill_pattern "$dev" "$good" 2048 7 bs=128
		verify_pattern "$dev" "$good" 2048 7 bs=128
	done
}

# --- large spares: storms ---

# large MIB ROUNDS
large() {
	local round at=0 n=$((each * 8)) pid
	pair $(($1 * 1024)) $((each * $2 * 4 / 1024 + 8))
	good=$((n * $2))
	for ((round = 0; round < $2; round++, at += n)); do
		bad fmain $at $n write ioerr
		[ $round -eq 0 ] || copy_goes $((round % 5))
		touch $going
		beside &
		pid=$!
		fill_pattern "$dev" $at $n 2 bs=8 uring qd=128
		rm $going
		wait $pid || fail "what was written beside it is not there"
		verify_pattern "$dev" 0 $((at + n)) 2 bs=128
		wait_until 60 all_moved
		no_collision
		cut $round
		verify_pattern "$dev" 0 $((at + n)) 2 bs=128
	done
	get_status d0
	# shellcheck disable=SC2154 # set by get_status
	assert_eq "$st_slots_used" $((each * $2)) "slots used"
	remaps=$((remaps + st_slots_used))
	over
	gone
}

# --- small spares: full and empty ---

# small KIB TIMES
small() {
	local i free n
	pair "$1" 12
	good=16384
	for ((i = 0; i < $2; i++)); do
		get_status d0
		# shellcheck disable=SC2154 # set by get_status
		free=$st_slots_free n=$((st_slots_free * 8))
		bad fmain 0 $((n + 8)) write ioerr
		# what main takes of each bio is the evidence
		fill_pattern "$dev" 0 $n $((i + 2)) bs=8 uring qd=32 &
		while kill -0 $! 2>/dev/null; do
			fill_pattern "$dev" $good 64 7
		done
		wait $! || fail "not all of $free blocks were taken"
		expect_fail . fill_pattern "$dev" $n 8 1
		get_status d0
		assert_eq "$st_slots_used $st_slots_free" "$free 0" "full"
		remaps=$((remaps + free))
		verify_pattern "$dev" 0 $n $((i + 2)) bs=8
		[ $((i % 3)) -ne 1 ] || cut $i
		verify_pattern "$dev" 0 $n $((i + 2)) bs=8
		good fmain all
		run_job "unmap done $free $free 0" unmap 0 "$free"
		get_status d0
		assert_eq "$st_slots_used $st_slots_free" "0 $free" "empty"
		verify_pattern "$dev" 0 $n $((i + 2)) bs=8
		# with room again, a copy of several moves
		if [ $((i % 4)) -eq 2 ] && [ "$1" -ge 512 ] && [ ${#copy_at[@]} -gt 2 ]; then
			copy_goes $((i / 4 % 4))
			bad fmain 0 8 write ioerr
			fill_pattern "$dev" 0 16 $((i + 2)) bs=16
			wait_until 60 all_moved
			good fmain all
			# a place that was left and is no anchor: its slots are for data again
			good fspare all
			run_job "unmap done 1 1 0" unmap 0
		fi
		over
		remap_open d0 "$main" "$spare" >/dev/null
	done
	over
	gone
}

for one in $large; do
	large "${one%:*}" "${one#*:}"
	echo "spare of ${one%:*} MiB: no collision"
done
for one in $small; do
	small "${one%:*}" "${one#*:}"
	echo "spare of ${one%:*} KiB, filled ${one#*:} times: no collision"
done
echo "$remaps remaps, $judged sectors written to spares judged: 0 collisions, 0 lost"
