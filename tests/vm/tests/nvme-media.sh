# nvme-media: NVMe media errors (status MEDIUM, writes): write over bad, read back, reopen, power cut
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap nvme
# reboot: yes
# disk: nvme 32 nvme-2048.rules
# disk: virtio 16
. "$VM/lib.sh"

main=$(disk 0)
spare=$(disk 1)
case $STAGE in
0)
	remap_create d0 "$main" "$spare" --yes
	dev=/dev/mapper/d0
	fill_pattern "$dev" 1024 1024 1 bs=128
	fill_pattern "$dev" 2056 64 1
	# one bio over good and bad
	fill_pattern "$dev" 2040 24 2 bs=24
	verify_pattern "$dev" 2040 24 2 bs=24
	assert_status d0 slots_used 1
	remap_close d0
	remap_open d0 "$main" "$spare"
	verify_pattern "$dev" 2040 24 2 bs=24
	fill_pattern "$dev" 2048 8 3
	fill_pattern "$dev" 2064 8 3 flush
	next_stage
	;;
1)
	declare_spare "$spare"
	remap_open d0 "$main" "$spare"
	verify_pattern "$dev" 2048 8 3
	verify_pattern "$dev" 2064 8 3
	verify_pattern "$dev" 2056 8 2
	verify_pattern "$dev" 2040 8 2
	assert_status d0 slots_used 1
	;;
esac
