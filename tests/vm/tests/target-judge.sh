# target-judge: writes that the table on the spare speaks against are counted, and only those
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 64 16
remap_format "$main" "$spare"
tell fspare judge on 4096
remap_open d0 "$main" "$spare"
bad fmain 80 16 both ioerr
log_start fspare
fill_pattern "$dev" 72 24 2 bs=24
log_stop fspare
read -r _ _ _ _ slot _ < <(log_lines 'key == "spare" && op == "W"')
fill_pattern "$dev" 80 16 3
remap_close d0

# collisions N
collisions() {
	get_faulty fspare
	# shellcheck disable=SC2154 # set by get_faulty
	assert_eq "$faulty_collisions" "$1" "collisions"
}

get_faulty fspare
# shellcheck disable=SC2154 # set by get_faulty
assert_ge "$faulty_judged" 20
collisions 0
dd if="$spare" of=/tmp/spare bs=1M status=none

# into metadata, a free slot, and behind the part of the table that is there: 8, 0, 8
fill_pattern "$spare" 0 8 9
collisions 8
fill_pattern "$spare" $((slot + 800)) 8 9
collisions 8
# a block's slot: its own sectors, another block's, and metadata
dd if=/tmp/spare of="$spare" bs=4096 skip=$((slot / 8)) seek=$((slot / 8)) count=1 \
	conv=notrunc oflag=direct status=none
collisions 8
dd if=/tmp/spare of="$spare" bs=4096 skip=$((slot / 8)) seek=$((slot / 8 + 1)) count=1 \
	conv=notrunc oflag=direct status=none
collisions 16
dd if=/tmp/spare of="$spare" bs=4096 skip=1 seek=$((slot / 8)) count=1 \
	conv=notrunc oflag=direct status=none
collisions 17
# metadata in its place (the ninth table block is above the mark); and after a power cut
# nothing is known until it is read
dd if=/tmp/spare of="$spare" bs=4096 count=9 conv=notrunc oflag=direct status=none
collisions 17
io_powercut 1
fill_pattern "$spare" $((slot + 800)) 8 9
collisions 25
dmremap check "$spare" >/dev/null || true
fill_pattern "$spare" $((slot + 800)) 8 9
collisions 25
dd if=/tmp/spare of="$spare" bs=1M oflag=direct status=none
tell fspare judge off
collisions 0
dmremap check "$spare" >/dev/null
