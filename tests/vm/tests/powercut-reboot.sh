# powercut-reboot: the same across a power cut of the whole machine, twice; the second time nothing was closed either
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# needs: dm-remap dmremap
# reboot: yes
# disk: virtio 16
# disk: virtio 16
. "$VM/lib.sh"
. "$VM/tests/powercut.inc"

main=$(faulty fmain "$(disk 0)" main)
spare=$(faulty fspare "$(disk 1)" spare)

bad fmain 80 8 both ioerr
bad fmain 168 8 both medium
case $STAGE in
0)
	remap_create d0 "$main" "$spare" --yes
	dev=/dev/mapper/d0
	fill_pattern "$dev" 0 72 1 bs=72 flush
	tell fmain cache on
	tell fspare cache on
	write_kinds
	verify_kinds
	tell fmain powercut-all 7
	next_stage
	;;
1)
	declare_spare "$spare"
	dmremap check "$spare"
	remap_open d0 "$main" "$spare"
	verify_kinds
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
	verify_kinds
	assert_status d0 slots_used 2
	;;
esac
