# target-reboot: what was flushed to a disk of the machine survives a power cut
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# reboot: yes
# disk: virtio 32
# disk: virtio 32
. "$VM/lib.sh"

case $STAGE in
0)
	assert_eq "$(sectors "$(disk 1)")" 65536
	main=$(faulty fmain "$(disk 0)" main)
	tell fmain cache on
	fill_pattern "$main" 0 64 1 flush
	fill_pattern "$main" 64 64 2
	save word "two words"
	tell fmain powercut none
	next_stage
	;;
1)
	assert_eq "${word-}" "two words"
	verify_pattern "$(disk 0)" 0 64 1
	verify_pattern "$(disk 0)" 64 64 0
	;;
esac
