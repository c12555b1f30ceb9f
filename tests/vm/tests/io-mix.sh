# io-mix: random I/O, 512 bytes to 1 MiB, over good, moved, pending and lost sectors, both lbs
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# timeout: 240
. "$VM/lib.sh"

# A slot whose block had sector 85 in it, unreadable now.
lose_a_sector() {
	local slot
	bad fmain 80 8 both ioerr
	log_start fspare
	iomix write /tmp/model "$dev" 72 16
	log_stop fspare
	slot=$(log_lines 'key == "spare" && op == "W"' | awk '{ print $5; exit }')
	bad fspare "$slot" 8 write medium
	bad fspare $((slot + 5)) 1 read medium
	iomix write /tmp/model "$dev" 81 1
	iomix mark /tmp/model 85 1
	get_status d0
	assert_eq "$st_lost_sect" 1
}

# mix LBS SECTORS_OF_A_BLOCK SEED
mix() {
	local lbs=$1 n=$2 i
	faulty_pair 8 16 "lbs=$lbs"
	remap_create d0 "$main" "$spare"
	iomix fill /tmp/model "$dev" 8192
	[ "$n" != 1 ] || lose_a_sector

	# Sectors that can neither be read nor written, ...
	tell fmain scatter 1000 328 20 "$n" both medium
	iomix mark /tmp/model 1000 "$n" 328 20
	# ... that take no write, ...
	tell fmain scatter 1104 616 10 8 write ioerr
	# ... and that cannot be read until they are written.
	for ((i = 0; i < 10; i++)); do
		tell fmain pending $((1208 + i * 400)) $((2 * n))
	done
	iomix mark /tmp/model 1208 $((2 * n)) 400 10

	iomix run /tmp/model "$dev" "$3" 250 "$n"
	iomix verify /tmp/model "$dev" "$n"
	get_status d0
	assert_ge "$st_slots_used" 20
	assert_eq "$st_mode $st_refused" "rw 0"

	remap_close d0
	remap_open d0 "$main" "$spare"
	iomix verify /tmp/model "$dev" "$n"
	remap_close d0
	dmremap check "$spare"
	dmsetup remove fmain fspare
	remove_disk dmain
	remove_disk dspare
}

mix 512 1 1
mix 4096 8 2
