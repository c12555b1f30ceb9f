# placement: around each threshold of the spare's size the copies lie where they must, and every other slot holds data
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 400
. "$VM/lib.sh"

main_disk=$(make_disk dmain 17)
spare_disk=$(make_disk dspare 5)
main=$(faulty fmain "$main_disk" main)
size=$(sectors "$main_disk")

# layout SECTORS: what doc/format.md, section 2, says, by its words and not by the code:
# $slots $strategy $number (as on disk) $table (blocks of it) $places $len $meta $data (slots)
layout() {
	slots=$(($1 / 8))
	table=$(((slots + 503) / 504))
	len=$((table + 2))
	if [ $slots -lt 128 ]; then
		strategy=minimal number=1 places=(0 $((slots - len)))
	elif [ $slots -lt 1024 ]; then
		strategy=linear number=2
		places=(0 $((slots / 4)) $((slots * 2 / 4)) $((slots * 3 / 4)))
	else
		strategy=geometric number=3
		places=(0 $((slots / 16)) $((slots / 8)) $((slots / 4)) $((slots / 2)))
	fi
	copies=${#places[@]}
	meta=$((copies * len))
	data=$((slots - meta))
	printf -v insync ',%s:insync' "${places[@]}"
}

# counts USED: the kernel finds the copies there, and every slot is accounted for.
counts() {
	get_status d0
	assert_eq "$st_copies" "${insync#,}" "copies on $slots slots"
	assert_eq "$st_mode $st_slots_total $st_slots_meta $st_slots_used" \
		"rw $slots $meta $1" "mode, slots, metadata and used of $slots"
	assert_eq "$st_slots_pending $st_slots_bad $st_slots_free" "0 0 $((data - $1))"
}

# superblock COPY: its bytes, where it must lie. Number n of od is at byte 4 * n.
superblock() {
	local at=${places[$1]} i
	local -a w
	read -ra w < <(od -An -v -w4096 -tu4 -j $((at * 4096)) -N 4096 "$spare")
	assert_eq "${w[0]} ${w[1]}" "1915579748 1885433189" "magic in slot $at" # dm-r emap
	assert_eq "${w[8]} ${w[15]}" "$at $1" "slot and index"
	assert_eq "${w[28]} ${w[30]} ${w[31]}" "$slots $table $table" "slots, table, mark"
	assert_eq "${w[32]} ${w[34]}" "$copies $number" "copies and strategy"
	for ((i = 0; i < copies; i++)); do
		assert_eq "${w[36 + 2 * i]}" "${places[i]}" "place of copy $i"
	done
}

# checked: what the tool finds is clean, and in the same places.
checked() {
	local said i
	said=$(dmremap check "$spare")
	assert_match "$said" ': clean, 0 fatal, 0 fixable, 0 notes$'
	assert_match "$said" "Placement +$strategy"$'\n'
	assert_match "$said" "Slots +$slots"$'\n'
	for ((i = 0; i < copies; i++)); do
		assert_match "$said" $'\n'" +$i +${places[i]} +$((places[i] * 4096)) +insync "
	done
}

# all_slots_used: each slot holds a block, but for those of the copies.
all_slots_used() {
	dmremap list "$spare" | awk -v slots=$slots -v len=$len -v places="${places[*]}" '
		BEGIN { n = split(places, place) }
		$5 == "used" { used[$3]++ }
		END {
			for (s = 0; s < slots; s++) {
				want = 1
				for (i = 1; i <= n; i++)
					if (s >= place[i] && s < place[i] + len)
						want = 0
				if (used[s] + 0 != want) {
					print "slot " s " is used by " used[s] + 0 " blocks"
					bad = 1
				}
			}
			exit bad
		}'
}

# all_written: as placed() left it, in slots and on main.
all_written() {
	verify_pattern "$dev" 0 $((data * 16 - 16)) 1 bs=2048
	verify_pattern "$dev" $((data * 16 - 16)) 16 3
}

# placed SECTORS: a spare of that size, filled to its last slot.
placed() {
	layout "$1"
	dmsetup create fspare --table "0 $1 remap-test $spare_disk spare"
	spare=/dev/mapper/fspare
	# a slot that is not whole is not touched
	[ $(($1 % 8)) -eq 0 ] || fill_pattern "$spare_disk" $((slots * 8)) 8 7
	remap_create d0 "$main" "$spare" --force
	counts 0

	# Every other block of main is bad. One too many for the slots: it fails, all else goes on.
	tell fmain scatter 0 16 $((data + 1)) 8 both ioerr
	fill_pattern "$dev" 0 $((data * 16)) 1 bs=2048 flush
	expect_fail EIO fill_pattern "$dev" $((data * 16)) 16 2 bs=16
	fill_pattern "$dev" $((data * 16 - 16)) 16 3
	all_written
	counts $data
	assert_eq "$st_no_slot" 1
	dmsetup remove d0

	dmsetup create d0 --table "0 $size remap $main $spare"
	counts $data
	all_written
	remap_close d0
	checked
	superblock $((copies - 1))
	all_slots_used
	[ $(($1 % 8)) -eq 0 ] || verify_pattern "$spare_disk" $((slots * 8)) 8 7
	good fmain all
	dmsetup remove fspare
	echo "$1 sectors: $slots slots, $strategy, $meta metadata, $data data: after $SECONDS s"
}

# refused SECTORS: too small, says the tool, and the kernel of what has been formatted larger.
refused() {
	dmsetup create fspare --table "0 72 remap-test $spare_disk spare"
	dmremap format "$main" /dev/mapper/fspare --yes --force
	dmsetup load fspare --table "0 $1 remap-test $spare_disk spare"
	dmsetup resume fspare
	expect_fail 'too small.*36 KiB' dmremap format "$main" /dev/mapper/fspare --yes --force
	! dmsetup create d0 --table "0 $size remap $main /dev/mapper/fspare" 2>/dev/null ||
		fail "taken: a spare of $1 sectors"
	dmsetup remove fspare
}

# The smallest, and what is smaller by a slot, by a sector.
refused 64
refused 71
assert_eq "$(ctr_errors | sort | uniq -c | xargs)" \
	'2 Spare is too small; it needs at least 36 KiB'
placed 72
placed 79
placed 80

# Each threshold: a slot below, a sector below, at it, a slot above.
for threshold in 128 1024; do
	placed $((threshold * 8 - 8))
	placed $((threshold * 8 - 1))
	placed $((threshold * 8))
	placed $((threshold * 8 + 8))
done
