# io-polled: polled and NOWAIT I/O is as through dm-linear, and in slots never an EAGAIN of ours
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# needs: dm-flakey
# timeout: 240
. "$VM/lib.sh"

# one_disk NAME plain|polled|sleeper: prints its path. A sleeper has no NOWAIT.
one_disk() {
	local disk queues=0
	[ "$2" != polled ] || queues=1
	disk=$(make_disk "$1" 16 poll_queues=$queues)
	# null_blk must not allocate while it is polled
	fill_pattern "$disk" 0 256 1 bs=256
	if [ "$2" = sleeper ]; then
		dmsetup create "z$1" --table "0 32768 flakey $disk 0 60 0"
		disk=/dev/mapper/z$1
	fi
	echo "$disk"
}

# answers DEV: what DEV says of itself, what each I/O came to, and what main saw of it
answers() {
	local how
	queue_attr "$1" io_poll
	log_start fmain
	for how in "iomix poll write $1 0 24" "iomix poll read $1 0 24 keep-going" \
		"iopat write $1 128 24 2 nowait" "iopat read $1 128 24 nowait keep-going" \
		"iopat write $1 128 24 3 nowait uring" "iopat verify $1 128 24 1,3"; do
		echo "${how/"$1"/DEV}: $(command $how 2>&1) $?"
	done
	log_stop fmain
	log_lines 'key == "main"' | cut -d ' ' -f 3-
}

# Blocks 10 and 12 go bad; what there is then in slots.
slots() {
	local kinds=$1 nowait=nowait
	fill_pattern "$dev" 64 64 4
	bad fmain 80 8 both ioerr
	fill_pattern "$dev" 72 16 5 bs=16
	log_start fspare
	case $kinds in
	'polled '*)
		bad fmain 96 8 write ioerr
		iomix poll write "$dev" 96 8
		iomix poll write "$dev" 80 8
		iomix poll read "$dev" 72 32
		assert_eq "$(list_pattern "$dev" 72 32)" \
			"72+8 5"$'\n'"80+8 bad"$'\n'"88+8 4"$'\n'"96+8 bad" "what was polled"
		# a worker answers what NOWAIT would not wait for
		bad fmain 112 1 read medium
		expect_fail ENODATA read_sectors "$dev" 112 8
		expect_fail ENODATA iomix poll read "$dev" 112 8
		get_status d0
		# shellcheck disable=SC2154 # set by get_status
		assert_eq "$st_slots_used $st_slots_pending" "2 1"
		fill_pattern "$dev" 72 16 5 bs=16
		;;
	esac
	case $kinds in
	'sleeper '*) nowait= ;; # is refused above the map
	*' sleeper')
		expect_fail EAGAIN read_sectors "$dev" 80 8 nowait
		expect_fail EAGAIN fill_pattern "$dev" 80 8 6 nowait
		nowait=
		;;
	esac
	# shellcheck disable=SC2086 # none, or a word
	fill_pattern "$dev" 80 8 7 $nowait
	# shellcheck disable=SC2086
	verify_pattern "$dev" 72 16 5,7 $nowait
	log_stop fspare
	assert_eq "$(log_lines 'key == "spare" && flags ~ /polled/')" "" "polled in slots"
	assert_ge "$(log_count 'key == "spare" && sector % 8 == 0')" 2 "I/O to slots"
}

for kinds in 'polled plain' 'plain polled' 'polled sleeper' 'sleeper plain'; do
	main=$(faulty fmain "$(one_disk dmain "${kinds% *}")" main)
	spare=$(faulty fspare "$(one_disk dspare "${kinds#* }")" spare)
	dmsetup create lin --table "0 32768 linear $main 0"
	wanted=$(answers /dev/mapper/lin)
	printf '%s:\n%s\n' "$kinds" "$wanted"
	dmsetup remove lin
	remap_create d0 "$main" "$spare"
	assert_eq "$(answers "$dev")" "$wanted" "main $kinds spare"
	# that it is not the same for want of both
	case $kinds in
	'sleeper '*) assert_match "$wanted" 'EOPNOTSUPP|EAGAIN' ;;
	*) assert_match "$wanted" 'main W 128 8 [a-z,]*nowait' ;;
	esac
	case $kinds in
	'polled '*) assert_match "$wanted" '^1.*main R 0 8 [a-z,]*polled' ;;
	*) [ "${wanted:0:1}" = 0 ] ;;
	esac
	slots "$kinds"
	remap_close d0
	dmsetup remove fmain fspare
	for disk in dmain dspare; do
		[ ! -e "/dev/mapper/z$disk" ] || dmsetup remove "z$disk"
		remove_disk "$disk"
	done
done
