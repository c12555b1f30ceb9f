# resume-other: a table does not go on when its spare is nobody's or another set's by now, and does when it is its own again
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 64 16
other=$(make_disk dother 16)
create_moved write
dmremap format --yes --force "$main_disk" "$other"
mapfile -t slots < <(awk '{ print $2 }' /sys/kernel/debug/dm-remap/dm-*/metadata_locations)
assert_eq ${#slots[@]} 5

# write_supers DISK|FILE: what the copies' first blocks are to be
write_supers() {
	local slot
	for slot in "${slots[@]}"; do
		dd if="$1" of="$spare_disk" bs=4096 count=1 seek="$slot" skip="$slot" \
			oflag=direct status=none
	done
}
# the set itself, restored from a dump: one generation ahead
later=$(make_disk dlater 16)
for by in /dev/zero "$other" "$later"; do
	dmsetup suspend d0
	dd if="$spare_disk" of=/tmp/own bs=4096 iflag=direct status=none
	if [ "$by" = "$later" ]; then
		dd if=/tmp/own of="$later" bs=4096 oflag=direct status=none
		dmremap dump "$later" >/tmp/own.json
		dmremap restore --yes --force /tmp/own.json "$later"
	fi
	write_supers "$by"
	expect_fail . dmsetup resume d0
	expect_dmesg 'written by somebody else while suspended'
	assert_eq "$(dmsetup info -c --noheadings -o suspended d0)" Suspended
	write_supers /tmp/own
	dmsetup resume d0
	assert_status d0 mode rw
	verify_pattern "$dev" 72 16 2
done
