# readonly-scsi: a SCSI disk that becomes write-protected: nothing is remapped; opened again it is read-only
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap scsi_debug
. "$VM/lib.sh"

"$VM/guest-modprobe" sd_mod
"$VM/guest-modprobe" scsi_debug dev_size_mb=16 delay=0
scsi_disk() {
	local d model
	for d in /sys/block/sd*; do
		[ -e "$d/device/model" ] || continue
		read -r model <"$d/device/model"
		[ "$model" != scsi_debug ] || main=/dev/${d##*/}
	done
	[ -b "${main-}" ]
}
wait_until 20 scsi_disk

# protect 0|1
protect() {
	echo "$1" >/sys/module/scsi_debug/parameters/wp
}

protected() {
	echo 1 >"/sys/block/${main##*/}/device/rescan"
	[ "$(blockdev --getro "$main")" = "$1" ]
}

spare=$(make_disk dspare 16)
remap_create d0 "$main" "$spare" --allowance 4
fill_pattern "$dev" 0 1024 1 bs=128

# Nobody has told the kernel yet: the disk reads well and fails every write.
protect 1
expect_fail . fill_pattern "$dev" 0 128 2 keep-going
get_status d0
assert_le "$st_slots_used" 4 "slots used: at most the allowance"
assert_eq "$st_mode" frozen
verify_pattern "$dev" 256 768 1 bs=128
remap_close d0

# Now it knows.
wait_until 10 protected 1
out=$(dmremap open d0 "$main" "$spare" 2>&1)
assert_match "$out" "main $main is read-only"
get_status d0
assert_eq "$st_mode $st_why" "readonly readonly"
assert_eq "$(blockdev --getro "$dev")" 1
expect_fail . fill_pattern "$dev" 512 8 3
verify_pattern "$dev" 256 768 1 bs=128
remap_close d0

protect 0
wait_until 10 protected 0
remap_open d0 "$main" "$spare"
get_status d0
assert_eq "$st_mode" rw
fill_pattern "$dev" 0 1024 4 bs=128
verify_pattern "$dev" 0 1024 4 bs=128
remap_close d0
