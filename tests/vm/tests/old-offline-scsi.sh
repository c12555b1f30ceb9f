# old-offline-scsi: a SCSI disk goes offline while it is written, and comes back: no slot is used
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap scsi_debug
. "$VM/lib.sh"
. "$VM/tests/scsi.inc"

scsi_main dev_size_mb=32 delay=0
state=/sys/block/${main##*/}/device/state
spare=$(faulty fspare "$(make_disk dspare 16)" spare)
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 4096 1 bs=256

# Offline, all I/O fails with IOERR, like a bad sector's.
touch /tmp/go
writer() {
	while [ -e /tmp/go ]; do
		fill_pattern "$dev" 1024 1024 2 bs=64 keep-going 2>/dev/null || true
	done
}
writer & one=$!
for _ in 1 2; do
	echo offline >"$state"
	read -rt 2 -u "$nothing" || true
	expect_fail . read_sectors "$dev" 0 8
	expect_fail . fill_pattern "$dev" 8 8 2
	echo running >"$state"
	read -rt 0.5 -u "$nothing" || true
	get_status d0
	assert_eq "$st_slots_used $st_slots_pending" "0 0"
	[ "$st_mode" = rw ] || dmremap thaw d0
done
rm /tmp/go
wait $one
get_status d0
assert_eq "$st_slots_used $st_slots_pending $st_mode" "0 0 rw"

# All is well again, before and after reopening.
fill_pattern "$dev" 1024 1024 3 bs=64
verify_pattern "$dev" 0 8 1
verify_pattern "$dev" 8 8 1,2
verify_pattern "$dev" 16 1008 1 bs=16
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 1024 1024 3 bs=64
verify_pattern "$dev" 2048 2048 1 bs=64
