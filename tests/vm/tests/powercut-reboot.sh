# powercut-reboot: the same across a power cut of the whole machine, twice; the second time nothing was closed either
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# needs: dm-remap dmremap
# reboot: yes
# disk: virtio 16
# disk: virtio 16
. "$VM/lib.sh"

main=$(faulty fmain "$(disk 0)" main)
spare=$(faulty fspare "$(disk 1)" spare)

check_all() {
	verify_pattern "$dev" 80 4 2
	verify_pattern "$dev" 84 2 3
	verify_pattern "$dev" 86 2 2
	verify_pattern "$dev" 160 16 4 bs=16
	verify_pattern "$dev" 240 8 4
	verify_pattern "$dev" 320 8 4
	verify_pattern "$dev" 0 72 1
}

bad fmain 80 8 both ioerr
bad fmain 168 8 both medium
case $STAGE in
0)
	remap_create d0 "$main" "$spare" --yes
	dev=/dev/mapper/d0
	fill_pattern "$dev" 0 72 1 bs=72 flush
	tell fmain cache on
	tell fspare cache on
	fill_pattern "$dev" 72 16 2 bs=16
	fill_pattern "$dev" 84 2 3 bs=1
	fill_pattern "$dev" 160 16 4 bs=16 fua
	fill_pattern "$dev" 240 8 4 fua
	fill_pattern "$dev" 320 8 4 flush
	fill_pattern "$dev" 400 64 5
	check_all
	tell fmain powercut-all 7
	next_stage
	;;
1)
	declare_spare "$spare"
	dmremap check "$spare"
	remap_open d0 "$main" "$spare"
	check_all
	tell fmain cache on
	tell fspare cache on
	fill_pattern "$dev" 82 1 2 bs=1
	fill_pattern "$dev" 168 8 4
	tell fmain powercut-all none
	next_stage
	;;
2)
	declare_spare "$spare"
	remap_open d0 "$main" "$spare"
	check_all
	assert_eq "$(status_field d0 slots_used)" 2
	;;
esac
