# old-reload: tables loaded, cleared, swapped under load; devices removed that were never resumed
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"

# The epoch in the first superblock, as it is on the disk (doc/format.md).
epoch_on_disk() {
	dd if="$spare" bs=4096 count=1 iflag=direct status=none | od -An -tu8 -j40 -N8
}

faulty_pair 16 16
remap_create d0 "$main" "$spare"
table="0 32768 remap $main $spare"
fill_pattern "$dev" 0 512 1
bad fmain 80 8 both ioerr
fill_pattern "$dev" 72 16 2 bs=16

# "Load and clear, at most 7 times: panic." The live table is not disturbed.
for ((i = 0; i < 10; i++)); do
	dmsetup load d0 --table "$table"
	dmsetup clear d0
done
verify_pattern "$dev" 72 16 2 bs=16
bad fmain 160 8 both ioerr
fill_pattern "$dev" 152 16 2 bs=16

# "Reload on a live device: busy." A new table takes over what the old one knew,
# though its ctr ran before the old one's last change.
for i in 1 2 3; do
	dmsetup load d0 --table "$table"
	bad fmain $((160 + i * 80)) 8 both ioerr
	fill_pattern "$dev" $((152 + i * 80)) 16 3 bs=16
	before=$(epoch_on_disk)
	dmsetup resume d0
	verify_pattern "$dev" $((152 + i * 80)) 16 3 bs=16
	# The new table has written its epoch, and the old one nothing after it (A17).
	assert_ge "$(epoch_on_disk)" $((before + 1)) "epoch after reload $i"
done
get_status d0
assert_eq "$st_slots_used" 5

# Loaded, the old one revived, and gone with its inactive table.
dmsetup suspend d0
dmsetup load d0 --table "$table 1 policy:off"
dmsetup clear d0
dmsetup resume d0
verify_pattern "$dev" 72 16 2 bs=16
get_status d0
assert_eq "$st_policy" remap
dmsetup load d0 --table "$table"
dmsetup remove d0
dmremap check "$spare"

# Never resumed: nothing is written, status is not asked too much.
before=$(dd if="$spare" bs=4096 count=1 iflag=direct status=none | sha256sum)
dmsetup create d0 --notable
dmsetup load d0 --table "$table"
assert_match "$(dmsetup status --inactive d0)" 'mode=inactive'
dmsetup remove d0
assert_eq "$(dd if="$spare" bs=4096 count=1 iflag=direct status=none | sha256sum)" "$before"

# Under load: what is read is always what was written.
remap_open d0 "$main" "$spare"
tell fmain scatter 1024 48 60 8 both ioerr
iopat write "$dev" 1024 4096 5 bs=32 & writer=$!
for i in 1 2 3 4; do
	dmsetup load d0 --table "$table"
	dmsetup suspend d0
	dmsetup resume d0
done
wait $writer
verify_pattern "$dev" 1024 4096 5 bs=64
verify_pattern "$dev" 72 16 2 bs=16
